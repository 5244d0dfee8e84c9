/** `<isobar-worksheet>`: makes a link that hides what is chosen, with the settings that the page has when it is made. */
import { html, nothing } from 'lit';
import { LightElement } from '../light-element.ts';
import { hashOf, home, type ViewName, viewNames } from '../shell/route.ts';
import { type HideName, hiddenIn, hideables, hideGroups, hideNames, withHidden } from './hidden.ts';
import { words } from './words.ts';

/** Those that a worksheet may begin with. */
const starts: readonly (readonly [ViewName, string])[] = [
  ['home', 'Overview'],
  ['board', 'Board'],
  ['timeline', 'Timeline'],
  ['step', 'Step'],
  ['lesson', 'Lessons'],
];

export class WorksheetMaker extends LightElement {
  static override properties = { chosen: { state: true }, start: { state: true }, said: { state: true } };
  /** What the link is to hide. */
  declare chosen: readonly HideName[];
  declare start: ViewName;
  declare said: string;

  constructor() {
    super();
    this.chosen = hiddenIn(location.search);
    this.start = 'home';
    this.said = words.copy;
  }

  protected override render() {
    const link = this.#link();
    return html`
      <p class="caption">${words.about}</p>
      ${hideGroups.map(
        group => html`<fieldset class="worksheet-group">
          <legend>${group}</legend>
          ${hideNames
            .filter(name => hideables[name].group === group)
            .map(
              name => html`<label class="check">
                <input
                  type="checkbox"
                  data-hide=${name}
                  .checked=${this.chosen.includes(name)}
                  @change=${(event: Event) => this.#choose(name, event)}
                />
                ${hideables[name].label}
              </label>`,
            )}
        </fieldset>`,
      )}
      <label class="field">
        <span>${words.opensAt}</span>
        <select @change=${this.#chooseStart}>
          ${starts.map(([view, label]) => html`<option value=${view} ?selected=${view === this.start}>${label}</option>`)}
        </select>
      </label>
      <label class="field">
        <span>${words.link}</span>
        <input type="text" readonly data-testid="worksheet-link" .value=${link} @focus=${this.#renew} />
      </label>
      ${this.chosen.length === 0 ? html`<p class="caption">${words.nothing}</p>` : nothing}
      <div class="buttons">
        <button type="button" class="secondary" data-testid="worksheet-copy" @click=${this.#copy}>${this.said}</button>
      </div>
    `;
  }

  #link(): string {
    const { origin, pathname, search } = location;
    return `${origin}${pathname}${withHidden(search, this.chosen)}${hashOf({ ...home, view: this.start })}`;
  }

  #choose(name: HideName, { target }: Event): void {
    if (!(target instanceof HTMLInputElement)) return;
    const others = this.chosen.filter(other => other !== name);
    this.chosen = target.checked ? [...others, name] : others;
    this.said = words.copy;
  }

  readonly #chooseStart = ({ target }: Event) => {
    const view = viewNames.find(name => target instanceof HTMLSelectElement && name === target.value);
    if (view) this.start = view;
    this.said = words.copy;
  };

  /** The settings may be others by now. */
  readonly #renew = () => this.requestUpdate();

  readonly #copy = async () => {
    this.requestUpdate();
    await this.updateComplete;
    const input = this.querySelector<HTMLInputElement>('[data-testid=worksheet-link]');
    if (!input) return;
    this.said = await navigator.clipboard.writeText(input.value).then(
      () => words.copied,
      () => {
        // Without leave to write there, the reader copies what is selected.
        input.select();
        return words.selected;
      },
    );
  };
}

customElements.define('isobar-worksheet', WorksheetMaker);

declare global {
  interface HTMLElementTagNameMap {
    'isobar-worksheet': WorksheetMaker;
  }
}
