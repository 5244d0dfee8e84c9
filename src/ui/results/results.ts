/**
 * `<isobar-results>`: what can be taken away of a run, as files, in a dialog over whatever view is shown.
 *
 * Property: `source`, the run. `open()` shows it; Escape and the button close it. `openResults` does all that.
 */
import { html, nothing } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { coastPen } from '../../show/coast-path.ts';
import { type Figure, figureSvg } from '../../show/figure.ts';
import { bytes as byteText } from '../../show/format.ts';
import type { ReportPens } from '../../show/report-map.ts';
import { LightElement } from '../light-element.ts';
import { save } from '../timeline/save.ts';
import {
  configFile,
  curveFigures,
  mapsFigure,
  metricsFile,
  nameOfTitle,
  type ResultSource,
  reportFile,
  runName,
  scoresFile,
} from './files.ts';
import { figurePng, pngText } from './paint-figure.ts';
import { aboutWords, makingWords, savedWords, words } from './words.ts';

interface Made {
  readonly type: string;
  readonly content: string | Blob;
}

/** A file that is offered. */
interface Offer {
  /** Of the file, behind the run's. */
  readonly name: string;
  /** On its button. */
  readonly label: string;
  readonly make: () => Made | Promise<Made>;
}

export class Results extends LightElement {
  static override properties = {
    source: { attribute: false },
    said: { state: true },
    making: { state: true },
  };
  declare source: ResultSource | undefined;
  /** Of the file that was made last. */
  declare said: string;
  /** A file is being made. */
  declare making: boolean;

  constructor() {
    super();
    this.said = '';
    this.making = false;
  }

  open(): void {
    this.said = '';
    void this.updateComplete.then(() => this.querySelector('dialog')?.showModal());
  }

  protected override render() {
    const { source } = this;
    if (!source) return nothing;
    const isScored = source.scored.some(({ part }) => part === 'test');
    const curves = curveFigures(source);
    return html`<dialog class="results" data-testid="results" aria-labelledby="results-title">
      <header class="panel-head">
        <h2 id="results-title">${words.title}</h2>
        <button type="button" class="secondary small" data-testid="results-close" @click=${this.#close}>${words.close}</button>
      </header>
      <p class="caption">${aboutWords(source, source.isRecorded)}</p>
      <ul class="results-files">
        ${this.#row(
          words.report,
          isScored || source.isRecorded ? words.reportWords : `${words.reportWords} ${words.testFirst}`,
          [{ name: 'report.html', label: 'HTML', make: () => this.#report(source) }],
        )}
        ${this.#row(words.metrics, words.metricsWords, [{ name: 'metrics.csv', label: 'CSV', make: () => madeOf(metricsFile(source)) }])}
        ${this.#row(
          words.scores,
          words.scoresWords,
          source.scored.length > 0
            ? [{ name: 'scores.csv', label: 'CSV', make: () => madeOf(scoresFile(source)) }]
            : [],
        )}
        ${this.#row(words.settings, words.settingsWords, [{ name: 'config.json', label: 'JSON', make: () => madeOf(configFile(source)) }])}
        ${repeat(
          curves,
          ({ title }) => title,
          figure => this.#row(figure.title, '', figureOffers(figure)),
        )}
        ${source.maps() ? this.#row(words.maps, words.mapsWords, [{ name: 'maps.png', label: 'PNG', make: () => this.#maps(source) }]) : nothing}
      </ul>
      <p class="caption" role="status" data-testid="results-said">${this.said}</p>
    </dialog>`;
  }

  #row(title: string, about: string, offers: readonly Offer[]) {
    return html`<li>
      <div>
        <b>${title}</b>
        ${about ? html`<p class="caption">${about}</p>` : nothing}
      </div>
      <div class="buttons">
        ${
          offers.length === 0
            ? html`<span class="muted">${words.nothing}</span>`
            : offers.map(
                offer => html`<button
                  type="button"
                  class="secondary small"
                  data-file=${offer.name}
                  aria-label="${title}, ${offer.label}"
                  ?disabled=${this.making}
                  @click=${() => this.#take(offer)}
                >
                  ${offer.label}
                </button>`,
              )
        }
      </div>
    </li>`;
  }

  async #take({ name, make }: Offer): Promise<void> {
    const { source } = this;
    if (!source) return;
    const whole = `${runName(source.info)}-${name}`;
    this.making = true;
    this.said = makingWords(whole);
    try {
      const { type, content } = await make();
      save(content, type, whole);
      this.said = savedWords(whole, byteText(new Blob([content]).size));
    } catch (cause) {
      this.said = `${words.failed}: ${cause instanceof Error ? cause.message : String(cause)}`;
    } finally {
      this.making = false;
    }
  }

  async #report(source: ResultSource): Promise<Made> {
    return madeOf(await reportFile(source, await pens()));
  }

  async #maps(source: ResultSource): Promise<Made> {
    const figure = mapsFigure(source, (await pens()).coast);
    if (!figure) throw new Error('There are no maps any more. Close this and open it again.');
    return pngOf(figure);
  }

  readonly #close = () => this.querySelector('dialog')?.close();
}

/** Coastlines are files of their own. */
async function pens(): Promise<ReportPens> {
  const [{ topology }, fine] = await Promise.all([import('../land.ts'), import('../fine-land.ts')]);
  return { png: pngText, coast: coastPen(topology, fine.topology) };
}

const madeOf = ({ type, text }: { readonly type: string; readonly text: string }): Made => ({
  type,
  content: text,
});

const pngOf = async (figure: Figure): Promise<Made> => ({
  type: 'image/png',
  content: await figurePng(figure),
});

function figureOffers(figure: Figure): Offer[] {
  const name = nameOfTitle(figure.title);
  return [
    {
      name: `${name}.svg`,
      label: 'SVG',
      make: () => ({ type: 'image/svg+xml', content: figureSvg(figure, pngText) }),
    },
    { name: `${name}.png`, label: 'PNG', make: () => pngOf(figure) },
  ];
}

/** Shows the results of a run, over whatever view is shown. */
export function openResults(source: ResultSource): void {
  const before = document.querySelector('isobar-results');
  const dialog = before ?? new Results();
  if (!before) document.body.append(dialog);
  dialog.source = source;
  dialog.open();
}

customElements.define('isobar-results', Results);

declare global {
  interface HTMLElementTagNameMap {
    'isobar-results': Results;
  }
}
