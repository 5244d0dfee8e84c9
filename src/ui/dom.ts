/** The two things every panel does with the document: find its elements, and make small ones. */

/**
 * The element with this id.
 * @throws Error where the page has no such element, or one of another kind: the page and its script do not match.
 */
export function element<T extends Element>(id: string, kind: new () => T): T {
  const found = document.getElementById(id);
  if (found instanceof kind) return found;
  throw new Error(
    `The page has no ${kind.name} with the id "${id}". Load it again; an old copy may be in the cache.`,
  );
}

/** A new element with text and a class. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  text = '',
  className = '',
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  made.textContent = text;
  if (className) made.className = className;
  return made;
}

/**
 * Call it before `gone` goes, or once it is hidden: the keyboard focus that is in it goes to `next`, or to the main part
 * of the page, from where the next press of Tab goes on.
 */
export function passFocus(gone: Element, next?: HTMLElement | null): void {
  if (!gone.contains(document.activeElement)) return;
  const heir = next ?? document.querySelector<HTMLElement>('main:not([hidden])');
  heir?.focus({ preventScroll: true });
}

/** Writes text only where it changed, so that a live region and the layout rest when nothing did. */
export function setText(target: Element, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}

/** A new SVG element with attributes and text. */
export function makeSvg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string | number>>,
  text = '',
): SVGElementTagNameMap[K] {
  const made = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  if (text) made.textContent = text;
  return made;
}
