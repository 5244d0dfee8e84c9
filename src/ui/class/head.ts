/**
 * `<isobar-class-head>`: how many are here, who is let in, and the link as text and as a code that fills a projector.
 *
 * Properties: `state` of the class, `now`, ms since 1970, `link`, `acts`, `doors`. It sends no events.
 */
import { html, nothing, type TemplateResult } from 'lit';
import { countStates } from '../../crew/class/roll.ts';
import type { ClassState } from '../../crew/class/teacher.ts';
import { LightElement } from '../light-element.ts';
import { qrCode } from '../qr-code.ts';
import type { ClassDoors, WallActs } from './acts.ts';
import { atTime, isChecked, textOf, timeOfDay } from './fields.ts';
import { headLine, words } from './words.ts';

/** The usual time for which everybody is let in. */
const admitMinutes = 15;

export class ClassHead extends LightElement {
  static override properties = {
    state: { attribute: false },
    now: { attribute: false },
    link: { attribute: false },
    acts: { attribute: false },
    doors: { attribute: false },
    copied: { state: true },
  };
  declare state: ClassState | undefined;
  declare now: number;
  declare link: string;
  declare acts: WallActs | undefined;
  declare doors: ClassDoors | undefined;
  declare copied: string;
  #code: { readonly link: string; readonly small: SVGSVGElement; readonly large: SVGSVGElement } | undefined;

  constructor() {
    super();
    this.now = 0;
    this.link = '';
    this.copied = words.copy;
  }

  protected override render(): TemplateResult {
    const { state, now } = this;
    if (!state) return html`${nothing}`;
    return html`<section class="class-head panel" aria-labelledby="class-title">
      <div class="class-who">
        <h2 id="class-title">${words.title}</h2>
        <p class="class-count" data-testid="class-count" role="status">${headLine(countStates(state.pupils, now))}</p>
        ${this.#admission(state)}
        <p class="caption" data-testid="class-notice" role="status">
          ${state.isOver ? `${words.overTitle}: ${state.notice}.` : state.notice}
        </p>
      </div>
      ${this.#invitation()}
    </section>`;
  }

  #admission({ pupils, admitsUntil }: ClassState): TemplateResult {
    const { acts, now } = this;
    const asking = pupils.filter(({ presence }) => presence === 'asking');
    const isOpen = admitsUntil !== undefined && admitsUntil > now;
    const until = isOpen ? admitsUntil : now + 60_000 * admitMinutes;
    return html`<div class="class-admit">
      ${
        asking.length > 0
          ? html`<button type="button" class="primary small" data-testid="admit-asking" @click=${() => {
              for (const { id } of asking) acts?.admit(id);
            }}>${words.admitAsking(asking.length)}</button>`
          : nothing
      }
      <label class="check">
        <input
          type="checkbox"
          data-testid="admit-until"
          .checked=${isOpen}
          @change=${(event: Event) => acts?.admitAll(isChecked(event) ? until : undefined)}
        />
        ${words.admitAll}
      </label>
      <input
        type="time"
        aria-label=${words.admitAll}
        .value=${timeOfDay(until)}
        @change=${(event: Event) => acts?.admitAll(atTime(textOf(event), now))}
      />
    </div>`;
  }

  #invitation(): TemplateResult {
    const { link } = this;
    if (this.#code?.link !== link) this.#code = { link, small: qrCode(link), large: qrCode(link) };
    return html`<div class="class-invitation">
      <div class="class-code">${this.#code.small}</div>
      <div class="class-link">
        <label class="field">
          <span>${words.link}</span>
          <input type="text" readonly data-testid="class-link" .value=${link} @focus=${(event: Event) => select(event)} />
        </label>
        <div class="buttons">
          <button type="button" class="secondary small" @click=${() => void this.#copy()}>${this.copied}</button>
          <button type="button" class="secondary small" data-testid="large-code" @click=${() => this.#large?.showModal()}>${words.large}</button>
          <button type="button" class="secondary small" data-testid="close-class" @click=${() => this.doors?.close()}>${words.closeClass}</button>
        </div>
      </div>
      <dialog class="class-large" aria-label=${words.link}>
        <p>${words.scan}</p>
        ${this.#code.large}
        <p class="class-large-link">${link}</p>
        <button type="button" class="secondary" @click=${() => this.#large?.close()}>${words.close}</button>
      </dialog>
    </div>`;
  }

  get #large(): HTMLDialogElement | null {
    return this.querySelector<HTMLDialogElement>('.class-large');
  }

  async #copy(): Promise<void> {
    const field = this.querySelector<HTMLInputElement>('[data-testid=class-link]');
    field?.select();
    // The link is selected, for browsers that do not allow it.
    this.copied = await navigator.clipboard.writeText(this.link).then(
      () => words.copied,
      () => words.selected,
    );
  }
}

const select = ({ target }: Event): void => {
  if (target instanceof HTMLInputElement) target.select();
};

customElements.define('isobar-class-head', ClassHead);

declare global {
  interface HTMLElementTagNameMap {
    'isobar-class-head': ClassHead;
  }
}
