/**
 * `<isobar-pupil>`: the line of a pupil's page that is about the class: a name and Join, then whether the page follows its
 * teacher; and the cover that the teacher puts over the page.
 *
 * Properties: `phase`; `isGuided`; `name`; `watches`, the page cannot train; `fault`, why it could not join; `notice`; `group`,
 * its part in a group, in words; `cover`, the teacher's words, undefined where the page is free. Sends `isobar-class-join`, a CustomEvent<string> with the name,
 * `isobar-class-guided`, a CustomEvent<boolean>, and `isobar-class-leave`.
 */
import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { passFocus } from '../dom.ts';
import { LightElement } from '../light-element.ts';
import { pupilWords } from './words.ts';

/** `over`: it left, or was refused. */
export type PupilPhase = 'invited' | 'joining' | 'asking' | 'unanswered' | 'here' | 'teacher-gone' | 'over';

const longestName = 40;

export class PupilBand extends LightElement {
  static override properties = {
    phase: { attribute: false },
    isGuided: { attribute: false },
    name: { attribute: false },
    watches: { attribute: false },
    fault: { attribute: false },
    notice: { attribute: false },
    group: { attribute: false },
    cover: { attribute: false },
  };
  declare phase: PupilPhase;
  declare isGuided: boolean;
  declare name: string;
  declare watches: boolean;
  declare fault: string;
  declare notice: string;
  declare group: string;
  declare cover: string | undefined;

  constructor() {
    super();
    this.phase = 'invited';
    this.isGuided = true;
    this.name = '';
    this.watches = false;
    this.fault = '';
    this.notice = '';
    this.group = '';
  }

  protected override willUpdate(changes: PropertyValues<this>): void {
    if (changes.has('phase')) passFocus(this);
  }

  protected override updated(): void {
    const dialog = this.querySelector('dialog');
    if (!dialog) return;
    if (this.cover === undefined) dialog.close();
    else if (!dialog.open) dialog.showModal();
  }

  protected override render(): TemplateResult {
    const { phase, watches } = this;
    return html`<section class="pupil-band" data-testid="pupil-band" data-phase=${phase} aria-labelledby="pupil-title">
        <h2 id="pupil-title" class="sr-only">${pupilWords.title}</h2>
        ${phase === 'invited' ? this.#form() : html`<p role="status" data-testid="pupil-words">${this.#line()}</p>`}
        ${watches && phase === 'here' ? html`<p class="caption">${pupilWords.watches}</p>` : nothing}
        ${this.group && phase === 'here' ? html`<p data-testid="pupil-group">${this.group}</p>` : nothing}
        ${this.notice ? html`<p class="caption" data-testid="pupil-notice">${this.notice}</p>` : nothing}
        <div class="buttons">${this.#buttons()}</div>
      </section>
      <dialog class="eyes-up" data-testid="cover" aria-labelledby="eyes-words" @cancel=${(event: Event) => event.preventDefault()}>
        <p id="eyes-words">${this.cover}</p>
        <button type="button" class="secondary" data-testid="cover-alone" @click=${() => this.#guide(false)}>${pupilWords.goAlone}</button>
      </dialog>`;
  }

  #form(): TemplateResult {
    return html`<form
      class="pupil-join"
      @submit=${(event: SubmitEvent) => {
        event.preventDefault();
        const field = this.querySelector<HTMLInputElement>('[data-testid=pupil-name]');
        const detail = field?.value.trim() ?? '';
        if (detail) this.#send('isobar-class-join', detail);
      }}
    >
      <p>${this.watches ? pupilWords.watches : pupilWords.invited}</p>
      <label class="field">
        <span>${pupilWords.name}</span>
        <input type="text" data-testid="pupil-name" maxlength=${longestName} required autocomplete="nickname" .value=${this.name} />
      </label>
      <button type="submit" class="primary" data-testid="pupil-join">${pupilWords.join}</button>
      <p class="problem" role="alert">${this.fault}</p>
    </form>`;
  }

  #line(): string {
    switch (this.phase) {
      case 'invited':
      case 'joining':
        return pupilWords.joining;
      case 'asking':
        return pupilWords.asking;
      case 'unanswered':
        return pupilWords.unanswered;
      case 'here':
        return `${pupilWords.here(this.name)} ${this.isGuided ? pupilWords.guided : pupilWords.alone}`;
      case 'teacher-gone':
        return pupilWords.gone;
      case 'over':
        return this.fault || pupilWords.left;
    }
  }

  #buttons(): TemplateResult {
    const { phase, isGuided } = this;
    if (phase === 'invited' || phase === 'joining') return html`${nothing}`;
    if (phase === 'over') {
      return html`<button type="button" class="secondary small" data-testid="pupil-again" @click=${() => this.#send('isobar-class-join', this.name)}>
          ${pupilWords.again}
        </button>
        <button type="button" class="secondary small" @click=${() => this.#send('isobar-class-close', undefined)}>${pupilWords.dismiss}</button>`;
    }
    return html`${
      phase === 'here'
        ? html`<button type="button" class="secondary small" data-testid="pupil-guided" aria-pressed=${isGuided} @click=${() => this.#guide(!isGuided)}>
              ${isGuided ? pupilWords.goAlone : pupilWords.follow}
            </button>`
        : nothing
    }
      <button type="button" class="secondary small" data-testid="pupil-leave" @click=${() => this.#send('isobar-class-leave', undefined)}>
        ${pupilWords.leave}
      </button>`;
  }

  #guide(isGuided: boolean): void {
    this.#send('isobar-class-guided', isGuided);
  }

  #send<Detail>(name: string, detail: Detail): void {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true }));
  }
}

customElements.define('isobar-pupil', PupilBand);

declare global {
  interface HTMLElementTagNameMap {
    'isobar-pupil': PupilBand;
  }
}
