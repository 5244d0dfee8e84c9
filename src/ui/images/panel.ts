/** A panel of the results that makes its own elements. */
import { make } from '../dom.ts';

export interface Panel {
  readonly section: HTMLElement;
  /** Beside the title. */
  readonly aside: HTMLParagraphElement;
}

/** @param id of the title; ids of what is in the panel begin with it */
export function makePanel(id: string, title: string): Panel {
  const section = make('section', '', 'panel');
  section.dataset.testid = `${id}-panel`;
  section.setAttribute('aria-labelledby', `${id}-title`);
  const heading = make('h2', title);
  heading.id = `${id}-title`;
  const aside = make('p', '', 'muted');
  aside.dataset.testid = `${id}-aside`;
  const head = make('header', '', 'panel-head');
  head.append(heading, aside);
  section.append(head);
  section.hidden = true;
  return { section, aside };
}
