/**
 * `<isobar-board>`: the machine opened (`#/board`). The sample and every kind of weight in their true pieces, one rank's
 * luggage, what a step sends, whether it pays, and other ways to cut beside it.
 */
import { html, svg, type TemplateResult } from 'lit';
import type { Prediction } from '../../session/api/cut-prediction.ts';
import { trafficKinds } from '../../session/api/cut-traffic.ts';
import type { Cuts } from '../../session/api/cuts.ts';
import { bytes } from '../../show/format.ts';
import { BoardElement } from './board-element.ts';
import { compareTable } from './compare.ts';
import { hatches, type Look, swatch } from './drawing.ts';
import {
  factLines,
  indexLabels,
  legend,
  meshChips,
  payLine,
  reading,
  sampleFigure,
  turnLines,
  weightFigure,
} from './parts.ts';
import { kindsOf, lengthOf, ordinalsText } from './pieces.ts';
import { percent, rankName, samplesText, sampleWords, sendsText, stepTime, words } from './words.ts';

const sampleSize = { width: 440, height: 150 };
const weightSize = { width: 150, height: 110 };

const memoryKinds = ['parameters', 'gradients', 'optimizer', 'activations', 'inputs', 'exchange'] as const;

export class IsobarBoard extends BoardElement {
  protected override render(): TemplateResult {
    const { view } = this;
    const answer = view?.answer;
    return html`<div class="board">
      <header class="board-card board-head">
        ${view && meshChips(view, offer => this.choose(offer))}
        <p class="caption why" role="status">${this.said()}</p>
      </header>
      ${answer ? ('cuts' in answer ? this.#cut(answer.cuts) : '') : html`<p class="caption">${words.waiting}</p>`}
    </div>`;
  }

  #cut(cuts: Cuts): TemplateResult {
    const prediction = this.view?.prediction;
    const look = this.look('board-hatch');
    const kinds = kindsOf(cuts.weights);
    const matrices = kinds.filter(({ weight }) => weight.isMatrix);
    const vectors = kinds.filter(({ weight }) => !weight.isMatrix);
    const figure = ({ weight, count }: (typeof kinds)[number]) => html`<div class="weight-kind">
      ${weightFigure(weight, { most: weightSize, count }, look)} ${indexLabels(weight)}
    </div>`;
    return html`${hatches(look.prefix, cuts.ranks.length)}
      <section class="board-card" aria-labelledby="board-sample">
        <h2 id="board-sample">${words.sample}</h2>
        ${sampleFigure(cuts, sampleSize, this.fields, look)} ${linkLines(cuts)} ${legend(cuts.ranks.length, look)}
        ${turnLines(this.holders).map(line => html`<p class="caption turns">${line}</p>`)}
      </section>
      <section class="board-card board-luggage" aria-labelledby="board-luggage">
        <h2 id="board-luggage">${words.luggage}</h2>
        ${luggage(cuts, prediction, look)}
      </section>
      <section class="board-card board-weights" aria-labelledby="board-weights">
        <h2 id="board-weights">${words.weights}</h2>
        <div class="weights">${matrices.map(figure)}</div>
        <details>
          <summary>${words.vectors} (${vectors.length})</summary>
          <div class="weights">${vectors.map(figure)}</div>
        </details>
      </section>
      <section class="board-card board-wide" aria-labelledby="board-sends">
        <h2 id="board-sends">${words.sends}</h2>
        ${trafficBars(cuts)} ${payLine(cuts, prediction)} ${payBars(prediction)}
        <p class="caption">${words.assumed}</p>
      </section>
      <section class="board-card board-wide" aria-labelledby="board-compare">
        <h2 id="board-compare">${words.compare}</h2>
        ${compareTable(this.view?.ways ?? [], cuts)}
      </section>
      <details class="board-card board-wide">
        <summary>${words.inWords}</summary>
        ${reading(cuts, look)}
      </details>`;
  }
}

/** Who exchanges with whom within a copy, and between copies. */
function linkLines({ mesh: { rows, columns, replicas }, ranks }: Cuts): TemplateResult {
  const first = ranks.filter(({ replica }) => replica === 0);
  const groups = [
    { name: 'row', members: first.filter(({ row }) => row === 0), isThere: columns > 1 },
    { name: 'column', members: first.filter(({ column }) => column === 0), isThere: rows > 1 },
    {
      name: 'copies',
      members: ranks.filter(({ row, column }) => row === 0 && column === 0),
      isThere: replicas > 1,
    },
  ].filter(({ isThere }) => isThere);
  if (groups.length === 0) return html`<p class="caption">No links: nothing travels.</p>`;
  const text = groups.map(({ name, members }) => `${members.map(({ rank }) => rank).join('⇄')} ${name}`);
  return html`<p class="caption">Links ${text.join(' · ')}${groups.length > 0 && first.length > 2 ? ', and so on' : ''}</p>`;
}

/** All that the rank pointed at holds; of the first where none is. */
function luggage(cuts: Cuts, prediction: Prediction | undefined, look: Look): TemplateResult {
  const [lit = 0] = look.lit;
  const { rank, samples, block, elements, memory } = cuts.ranks[lit] ?? cuts.ranks[0];
  const { undivided, sample, parameters, batch } = cuts;
  const held = prediction?.memory ?? memory;
  const { channels, rows } = sampleWords(sample.name);
  const { why } = factLines(cuts, prediction);
  const widest = Math.max(...memoryKinds.map(kind => undivided[kind]), 1);
  return html`<h3>${swatch(rank, look.prefix)} ${rankName(rank, look.names.get(rank))}</h3>
    <dl class="luggage">
      <dt>sample</dt>
      <dd>
        ${samplesText(samples[0], samples[1], batch)}: ${lengthOf(block[1])} ${rows}, ${channels}
        ${ordinalsText(block[0])}
      </dd>
      <dt>weights</dt>
      <dd>${elements.toLocaleString('en-GB')} of ${parameters.toLocaleString('en-GB')}, ${percent(elements / parameters)}</dd>
    </dl>
    <table class="bars">
      <caption class="sr-only">
        ${words.luggage}
      </caption>
      <thead class="sr-only">
        <tr><th scope="col">what</th><th scope="col">share</th><th scope="col">this rank</th><th scope="col">undivided</th></tr>
      </thead>
      <tbody>
        ${memoryKinds.map(
          kind => html`<tr>
            <th scope="row">${words.memoryKinds[kind]}</th>
            <td class="bar-cell">${bar(held[kind] / widest, kind, undivided[kind] / widest)}</td>
            <td>${bytes(held[kind])}</td>
            <td class="muted">${undivided[kind] > 0 ? `of ${bytes(undivided[kind])}` : ''}</td>
          </tr>`,
        )}
        <tr class="sum">
          <th scope="row">all</th>
          <td class="bar-cell">${percent(held.total / undivided.total)}</td>
          <td>${bytes(held.total)}</td>
          <td class="muted">of ${bytes(undivided.total)}</td>
        </tr>
      </tbody>
    </table>
    <p class="caption">${why}</p>`;
}

function trafficBars({ ranks }: Cuts): TemplateResult {
  const [{ traffic }] = ranks;
  const widest = Math.max(...Object.values(traffic.bytes), 1);
  if (traffic.totalExchanges === 0) return html`<p>${sendsText(0, 0)}</p>`;
  return html`<p>${sendsText(traffic.totalBytes, traffic.totalExchanges)}.</p>
    <table class="bars">
      <caption class="sr-only">
        ${words.sends}
      </caption>
      <thead class="sr-only">
        <tr><th scope="col">what</th><th scope="col">share</th><th scope="col">bytes</th><th scope="col">exchanges</th></tr>
      </thead>
      <tbody>
        ${trafficKinds.map(
          kind => html`<tr>
            <th scope="row">${words.trafficKinds[kind]}</th>
            <td class="bar-cell">${bar(traffic.bytes[kind] / widest, 'exchange')}</td>
            <td>${bytes(traffic.bytes[kind])}</td>
            <td class="muted">${traffic.exchanges[kind]}x</td>
          </tr>`,
        )}
      </tbody>
    </table>`;
}

function payBars(prediction: Prediction | undefined): TemplateResult {
  if (!prediction) return html``;
  const { steps } = prediction;
  const rows = [
    { name: words.oneDevice, seconds: steps[0].aloneSeconds, waiting: 0 },
    ...steps.map(({ name, seconds, waitingSeconds }) => ({
      name: words.seconds[name] ?? name,
      seconds,
      waiting: waitingSeconds,
    })),
  ];
  const longest = Math.max(...rows.map(({ seconds }) => seconds));
  return html`<table class="bars">
    <caption class="sr-only">
      ${words.pays}
    </caption>
    <thead class="sr-only">
      <tr><th scope="col">where</th><th scope="col">share</th><th scope="col">a step</th><th scope="col">waiting</th></tr>
    </thead>
    <tbody>
      ${rows.map(
        ({ name, seconds, waiting }) => html`<tr>
          <th scope="row">${name}</th>
          <td class="bar-cell">${bar(seconds / longest, 'parameters')}</td>
          <td>${stepTime(seconds)}</td>
          <td class="muted">${waiting > 0 ? `${percent(waiting / seconds)} waiting` : ''}</td>
        </tr>`,
      )}
    </tbody>
  </table>`;
}

/** @param of the length that it would have undivided */
function bar(share: number, kind: string, of?: number): TemplateResult {
  const width = (value: number) => Math.round(1000 * Math.min(1, value)) / 10;
  return html`<svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
    ${of === undefined ? '' : svg`<rect class="bar-whole" width=${width(of)} height="10"></rect>`}
    <rect class="bar-${kind}" width=${width(share)} height="10"></rect>
  </svg>`;
}

customElements.define('isobar-board', IsobarBoard);

declare global {
  interface HTMLElementTagNameMap {
    'isobar-board': IsobarBoard;
  }
}
