/**
 * `<isobar-same-alone>`: at the end of a block, the same step on one device. The gradients of the block's parameters are what is
 * compared: all that the block does, forward and backward, goes into them.
 *
 * Properties: `compare`, asked when the reader wishes it; `layer` whose parameters are told of; `moment`, another whenever the run
 * has changed.
 */
import { html, nothing, type PropertyValues } from 'lit';
import type { GradientDifference } from '../../session/api/api.ts';
import { fieldNumber } from '../../show/format.ts';
import { LightElement } from '../light-element.ts';
import { sameWords } from './sum-words.ts';

export class SameAlone extends LightElement {
  static override readonly properties = {
    compare: { attribute: false },
    layer: { attribute: false },
    moment: { attribute: false },
    found: { state: true },
    busy: { state: true },
    why: { state: true },
  };

  declare compare: (() => Promise<readonly GradientDifference[]>) | undefined;
  declare layer: string;
  declare moment: string;
  declare found: readonly GradientDifference[] | undefined;
  declare busy: boolean;
  /** Why it cannot be, for people. */
  declare why: string | undefined;

  constructor() {
    super();
    this.layer = '';
    this.moment = '';
    this.busy = false;
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('moment')) return;
    this.found = undefined;
    this.why = undefined;
  }

  async #ask(): Promise<void> {
    const { compare, moment } = this;
    if (!compare || this.busy) return;
    this.busy = true;
    this.why = undefined;
    try {
      const found = await compare();
      if (moment === this.moment) this.found = found;
    } catch (cause) {
      this.why = cause instanceof Error ? cause.message : String(cause);
    } finally {
      this.busy = false;
    }
  }

  protected override render() {
    const own = this.found?.filter(({ layers }) => layers.includes(this.layer));
    return html`<section class="own-sum same-alone" aria-labelledby="same-alone-title">
      <h3 id="same-alone-title">${sameWords.title}</h3>
      <p>${sameWords.what}</p>
      ${
        own === undefined
          ? html`<button type="button" class="secondary" data-testid="same-alone" ?disabled=${this.busy || !this.compare} @click=${() => this.#ask()}>
              ${this.busy ? sameWords.busy : sameWords.ask}
            </button>`
          : nothing
      }
      <div role="status">${this.why ?? (own ? this.#told(own) : nothing)}</div>
    </section>`;
  }

  #told(own: readonly GradientDifference[]) {
    if (own.length === 0) return html`<p>${sameWords.none}</p>`;
    // Some gradients are zero but for rounding: what counts is how large that of the layer is.
    const whole = Math.hypot(...own.map(({ norm }) => norm));
    const share = ({ largest }: GradientDifference) => (whole > 0 ? largest / whole : 0);
    const most = own.reduce((worst, each) => (share(each) > share(worst) ? each : worst));
    return html`<p>${sameWords.found(share(most), most.name)}</p>
      <table class="same-alone-table">
        <thead>
          <tr><th scope="col">gradient of</th><th scope="col">norm</th><th scope="col">largest difference</th><th scope="col">of the layer's norm</th></tr>
        </thead>
        <tbody>
          ${own.map(
            each => html`<tr>
              <th scope="row" data-id="w:${each.name}">${each.name}</th>
              <td>${fieldNumber(each.norm)}</td>
              <td>${fieldNumber(each.largest, 2)}</td>
              <td data-share=${share(each)}>${fieldNumber(share(each), 2)}</td>
            </tr>`,
          )}
        </tbody>
      </table>`;
  }
}

customElements.define('isobar-same-alone', SameAlone);
