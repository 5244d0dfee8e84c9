/**
 * `<isobar-kept-runs>`: the legend of the runs that are drawn beside the present one, and what keeps and takes away.
 *
 * Properties: `runs`, each with its name; `isKept`, whether the present run is to be kept; `canKeep`, whether there is one.
 * Sends `isobar-keep-present` (CustomEvent<boolean>), `isobar-keep-run` and `isobar-drop-run` (CustomEvent<string>, its id) and
 * `isobar-lay-file` (CustomEvent<File>).
 */
import { html, nothing } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { LightElement } from '../light-element.ts';
import { keptLook } from './look.ts';
import { keepWords, removeWords, words } from './words.ts';

export interface NamedRun {
  readonly id: string;
  readonly name: string;
  readonly slot: number;
  readonly isChosen: boolean;
}

export class KeptRunsElement extends LightElement {
  static override properties = {
    runs: { attribute: false },
    isKept: { attribute: false },
    canKeep: { attribute: false },
  };
  declare runs: readonly NamedRun[];
  declare isKept: boolean;
  declare canKeep: boolean;

  constructor() {
    super();
    this.runs = [];
    this.isKept = false;
    this.canKeep = false;
  }

  protected override render() {
    return html`
      <ul class="kept-runs" aria-label=${words.title} data-testid="kept-runs" ?hidden=${this.runs.length === 0}>
        ${repeat(
          this.runs,
          ({ id }) => id,
          run => this.#run(run),
        )}
      </ul>
      <div class="kept-acts">
        <label class="check" title=${words.keepHint}>
          <input
            type="checkbox"
            data-testid="keep-curve"
            .checked=${this.isKept}
            ?disabled=${!this.canKeep}
            @change=${this.#keepPresent}
          />
          ${words.keep}
        </label>
        <label class="kept-file" title=${words.fileHint}>
          ${words.file}
          <input type="file" data-testid="lay-file" accept=".csv,.gz" @change=${this.#layFile} />
        </label>
      </div>
    `;
  }

  #run({ id, name, slot, isChosen }: NamedRun) {
    const { colour, dash } = keptLook(slot);
    return html`<li data-testid="kept-run">
      <svg viewBox="0 0 22 6" width="22" height="6" aria-hidden="true">
        <path d="M0 3H22" stroke="var(${colour})" stroke-width="2.5" stroke-dasharray=${dash} />
      </svg>
      <span>${isChosen ? nothing : `${words.before}: `}${name}</span>
      ${
        isChosen
          ? nothing
          : html`<button type="button" class="link" aria-label=${keepWords(name)} @click=${() => this.#send('isobar-keep-run', id)}>
              ${words.keepBefore}
            </button>`
      }
      <button type="button" class="kept-drop" data-testid="drop-curve" aria-label=${removeWords(name)} @click=${() => this.#send('isobar-drop-run', id)}>
        ×
      </button>
    </li>`;
  }

  #send<T>(type: string, detail: T): void {
    this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true }));
  }

  readonly #keepPresent = ({ target }: Event) => {
    if (target instanceof HTMLInputElement) this.#send('isobar-keep-present', target.checked);
  };

  readonly #layFile = ({ target }: Event) => {
    if (!(target instanceof HTMLInputElement)) return;
    const file = target.files?.[0];
    target.value = '';
    if (file) this.#send('isobar-lay-file', file);
  };
}

customElements.define('isobar-kept-runs', KeptRunsElement);

declare global {
  interface HTMLElementTagNameMap {
    'isobar-kept-runs': KeptRunsElement;
  }
}
