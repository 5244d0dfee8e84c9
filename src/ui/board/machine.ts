/**
 * `<isobar-machine>`: the machine in short, for the one screen. Which mesh, what each rank reads and keeps, what that takes
 * and sends, and whether it pays.
 */
import { html, type TemplateResult } from 'lit';
import { BoardElement } from './board-element.ts';
import { hatches } from './drawing.ts';
import { paced } from './pace.ts';
import {
  factLines,
  legend,
  meshChips,
  payLine,
  reading,
  sampleFigure,
  turnLines,
  weightFigure,
} from './parts.ts';
import { exampleWeights } from './pieces.ts';
import { holderText, holdsText, optimizerText, words } from './words.ts';

const sampleSize = { width: 440, height: 84 };
const weightSize = { width: 120, height: 84 };

export class IsobarMachine extends BoardElement {
  protected override render(): TemplateResult {
    const { view } = this;
    return html`<section class="board-card machine" aria-labelledby="machine-title">
      <header class="machine-head">
        <h2 id="machine-title">${words.title}</h2>
        <p class="caption why" role="status">${this.said()}</p>
      </header>
      ${view && meshChips(view, offer => this.choose(offer))}
      ${this.#cut()}
    </section>`;
  }

  #cut(): TemplateResult {
    const { answer } = this.view ?? {};
    const { pace } = this;
    const prediction = paced(this.view?.prediction, pace);
    if (!answer) return html`<p class="caption board-waiting">${words.waiting}</p>`;
    if ('impossible' in answer) return html`<p class="board-waiting"></p>`;
    const { cuts } = answer;
    const look = this.look('machine-hatch');
    const { held, why, sends, copies } = factLines(cuts, prediction);
    const examples = exampleWeights(cuts.weights);
    const optimizerCopies = Math.round(cuts.undivided.optimizer / cuts.undivided.parameters);
    return html`${hatches(look.prefix, cuts.ranks.length)}
      ${sampleFigure(cuts, sampleSize, this.fields, look)}
      <div class="weights">
        ${examples.map(weight => weightFigure(weight, { most: weightSize }, look))}
        <p class="caption weights-note">${copies ? `${copies}. ` : ''}${optimizerText(optimizerCopies)}</p>
      </div>
      <div class="fact">
        ${holderText(cuts.ranks.length)} <b>${holdsText(held.total, cuts.undivided.total, prediction !== undefined)}</b> and ${sends}.
        <details class="why-held">
          <summary>${words.why}</summary>
          <p class="caption">${why}</p>
        </details>
      </div>
      ${payLine(cuts, prediction, pace)}
      ${turnLines(this.holders).map(line => html`<p class="caption turns">${line}</p>`)}
      ${legend(cuts.ranks.length, look)}
      <div class="sr-only"><p>${words.inWords}</p>${reading(cuts, look)}</div>`;
  }
}

customElements.define('isobar-machine', IsobarMachine);

declare global {
  interface HTMLElementTagNameMap {
    'isobar-machine': IsobarMachine;
  }
}
