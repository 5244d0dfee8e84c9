/**
 * `<isobar-played-views>`: the ways to the views of a run that is not the page's own: one that was recorded, or that a host tells
 * of. Property `invitation`: the fragment that leads to the room of such a host, before that of a view; `lessons`,
 * whether they stand beside the views; `steps`, whether step mode does. It sends no events.
 */
import { html, nothing, type TemplateResult } from 'lit';
import { LightElement } from '../light-element.ts';
import { hashOf, home, routeOf, type ViewName } from '../shell/route.ts';
import { words } from './words.ts';

/** With what they are called. */
export const playedViews: readonly (readonly [ViewName, string])[] = [
  ['home', 'Overview'],
  ['board', 'Board'],
  ['timeline', 'Timeline'],
];

const stepView = ['step', 'Step'] as const;
const lessonView = ['lesson', 'Lessons'] as const;

export class PlayedViews extends LightElement {
  static override properties = {
    invitation: { attribute: false },
    lessons: { type: Boolean },
    steps: { type: Boolean },
  };
  declare invitation: string;
  declare lessons: boolean;
  declare steps: boolean;

  constructor() {
    super();
    this.invitation = '';
    this.lessons = false;
    this.steps = false;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    addEventListener('hashchange', this.#turned);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    removeEventListener('hashchange', this.#turned);
  }

  protected override render(): TemplateResult {
    const ways = [...playedViews, ...(this.steps ? [stepView] : []), ...(this.lessons ? [lessonView] : [])];
    return html`<nav class="views" aria-label=${words.views}>
      ${ways.map(
        ([view, label]) => html`<a
          href=${this.invitation + hashOf({ ...home, view })}
          data-view=${view}
          aria-current=${routeOf(location.hash).view === view ? 'page' : nothing}
          >${label}</a
        >`,
      )}
    </nav>`;
  }

  readonly #turned = () => this.requestUpdate();
}

customElements.define('isobar-played-views', PlayedViews);

declare global {
  interface HTMLElementTagNameMap {
    'isobar-played-views': PlayedViews;
  }
}
