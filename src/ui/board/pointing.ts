/**
 * Pointing at pieces with mouse, finger or keys. What is pointed at stands in `data-id`, and in `data-of` what it is a part
 * of; a group of pieces is one stop of the tab key, and arrows go on within it.
 */
import type { Cursor, ThingId } from '../cursor.ts';

const isThing = (text: string): text is ThingId => /^[wrxsl]:/.test(text);

function thingsAt(target: EventTarget | null): readonly ThingId[] {
  const found = target instanceof Element ? target.closest<HTMLElement | SVGElement>('[data-id]') : null;
  return [found?.dataset.id, found?.dataset.of].flatMap(id => (id !== undefined && isThing(id) ? [id] : []));
}

/** Moves the cursor with what happens in `root`. @returns a function that ends it */
export function followPointer(root: HTMLElement, cursor: () => Cursor | undefined): () => void {
  const ending = new AbortController();
  const { signal } = ending;
  const point = (target: EventTarget | null) => cursor()?.set({ hovered: thingsAt(target) });
  root.addEventListener(
    'pointerover',
    ({ target, pointerType }) => pointerType !== 'touch' && point(target),
    { signal },
  );
  root.addEventListener('pointerleave', ({ pointerType }) => pointerType !== 'touch' && point(null), {
    signal,
  });
  root.addEventListener('focusin', ({ target }) => point(target), { signal });
  root.addEventListener('focusout', ({ relatedTarget }) => point(relatedTarget), { signal });
  root.addEventListener('click', ({ target }) => point(target), { signal });
  root.addEventListener(
    'keydown',
    event => {
      if (event.key === 'Escape') point(null);
      else if (moveFocus(event)) event.preventDefault();
    },
    { signal },
  );
  return () => ending.abort();
}

const ways: Readonly<Record<string, number>> = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

/** To the next piece of the group, or the one before. */
function moveFocus({ key, target }: KeyboardEvent): boolean {
  const way = ways[key];
  if (way === undefined || !(target instanceof SVGElement)) return false;
  const pieces = [...(target.closest('[data-pieces]')?.querySelectorAll<SVGElement>('[data-id]') ?? [])];
  const at = pieces.indexOf(target);
  if (at < 0) return false;
  pieces[(at + way + pieces.length) % pieces.length].focus();
  return true;
}
