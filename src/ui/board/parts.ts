/** Parts that the compact card and the board share: chips of meshes, the sample, a weight, and what is said of them. */
import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { meshName } from '../../mesh/mesh.ts';
import type { Prediction } from '../../session/api/cut-prediction.ts';
import type { Cuts, OfferedMesh, WeightCut } from '../../session/api/cuts.ts';
import type { MeshConfig } from '../../session/api/run-config.ts';
import { count, unitSpace } from '../../show/format.ts';
import { type Holder, type Look, sampleSheet, swatch, weightSheet } from './drawing.ts';
import type { Pace } from './pace.ts';
import { drawnSize, lengthOf, ordinalsText, runsText, type Size, sampleCells, sheetsOf } from './pieces.ts';
import type { BoardView } from './watch-cuts.ts';
import {
  aloneText,
  copiesText,
  rankName,
  samplesText,
  sampleWords,
  sendsText,
  stepTime,
  turnsText,
  verdict,
  whyHeld,
  words,
} from './words.ts';

/** @param choose is told of a mesh that is chosen, and of the reason where one is impossible */
export function meshChips(
  { offered, mesh }: Pick<BoardView, 'offered' | 'mesh'>,
  choose: (offer: OfferedMesh) => void,
): TemplateResult {
  const chosen = meshName(mesh);
  const chip = (offer: OfferedMesh, text: string, label: string) => html`<button
      type="button"
      class="chip"
      aria-pressed=${offer.name === chosen}
      aria-disabled=${offer.impossible !== undefined}
      aria-label=${label}
      title=${offer.impossible ?? nothing}
      @click=${() => choose(offer)}
    >
      ${text}
    </button>`;
  const ofOneCopy = offered.filter(offer => offer.mesh.replicas === 1);
  const copies = offered.filter(offer => offer.mesh.replicas > 1);
  return html`<div class="chips" role="group" aria-label=${words.ways}>
    ${ofOneCopy.length > 0 ? html`<span class="muted">${words.cuts}</span>` : nothing}
    ${ofOneCopy.map(offer => {
      const { rows, columns } = offer.mesh;
      const isWhole = rows * columns === 1;
      return chip(
        offer,
        isWhole ? words.onePiece : offer.name,
        isWhole ? `${words.onePiece}, ${words.oneDevice}` : `cut ${offer.name}`,
      );
    })}
    ${copies.length > 0 ? html`<span class="muted">${words.copies}</span>` : nothing}
    ${copies.map(offer => chip(offer, `${offer.mesh.replicas}`, `${offer.mesh.replicas} ${words.copies}`))}
  </div>`;
}

/** The mesh of an offer with the other choices of the one before. */
export const meshLike = (
  mesh: MeshConfig,
  { mesh: { rows, columns, replicas } }: OfferedMesh,
): MeshConfig => ({
  ...mesh,
  rows,
  columns,
  replicas,
});

const gap = 8;

/** What every copy of the model reads, with the fields of each column of ranks under it. @param size of all copies together */
export function sampleFigure(
  cuts: Cuts,
  size: Size,
  fields: readonly ImageData[],
  look: Look,
): TemplateResult {
  const { mesh, ranks, sample, batch } = cuts;
  const each = { ...size, width: Math.round((size.width - gap * (mesh.replicas - 1)) / mesh.replicas) };
  return html`<div class="sample">
    ${Array.from({ length: mesh.replicas }, (_, replica) => {
      const own = ranks.filter(rank => rank.replica === replica);
      const [{ samples: range }] = own;
      const columns = own.filter(({ row }) => row === 0);
      return html`<figure>
        <div class="sample-picture">
          <div class="sample-fields" aria-hidden="true">
            ${columns.map(({ block }) => html`<canvas data-fields=${lengthOf(block[0])}></canvas>`)}
          </div>
          ${sampleSheet(sampleCells(own, sample.shape, each), cuts, each, fields.length > 0, look)}
        </div>
        <figcaption class="caption">
          ${mesh.replicas === 1 ? sampleText(cuts) : samplesText(range[0], range[1], batch)}
        </figcaption>
      </figure>`;
    })}
  </div>`;
}

function sampleText({ sample, mesh, ranks }: Cuts): string {
  const { axes, channels, rows } = sampleWords(sample.name);
  const of = ranks.filter(({ replica, row }) => replica === 0 && row === 0);
  const fields = of.map(({ block }) => ordinalsText(block[0])).join(' | ');
  const height = lengthOf(ranks[0].block[1]);
  return mesh.rows * mesh.columns === 1
    ? `${axes}: ${sample.shape[0]} ${channels} of ${sample.shape.slice(1).join(' x ')}`
    : `${axes}: ${height} ${rows} each, ${channels} ${fields}`;
}

/** So that copies lie beside each other in little more room than one takes. */
const smaller = ({ width, height }: Size, copies: number): Size =>
  copies === 1 ? { width, height } : { width: (1.3 * width) / copies, height: (height * 2) / (copies + 1) };

/** A parameter, and as many copies of it as there are. */
export function weightFigure(
  weight: WeightCut,
  { most, count = 1 }: { readonly most: Size; readonly count?: number },
  look: Look,
): TemplateResult {
  const copies = Math.max(...weight.pieces.map(({ ranks }) => ranks.length));
  const size = drawnSize(weight, smaller(most, copies));
  const sheets = sheetsOf(weight, size);
  return html`<figure class="weight ${look.named.has(weight.name) ? 'is-named' : ''}">
    <figcaption>
      <span class="weight-name" data-id="w:${weight.name}">${weight.name}</span>
      <span class="muted">${weight.rows} x ${weight.columns}${count > 1 ? `, one of ${count} alike` : ''}</span>
    </figcaption>
    <div class="sheets">${sheets.map(sheet => weightSheet(weight, sheet, size, look))}</div>
  </figure>`;
}

/** Which owner has which rows and columns: `0, 2 rows 0-31, 64-95`. */
export function indexLabels({ pieces, columns }: WeightCut): TemplateResult {
  return html`<ul class="indices">
    ${pieces.map(
      ({ ranks, boxes }) => html`<li>
        <b>${ranks.join('|')}</b>
        ${boxes.map(
          box =>
            html`<span class="index">[${runsText(box.rows)}${columns > 1 ? html`; ${runsText(box.columns)}` : nothing}]</span>`,
        )}
      </li>`,
    )}
  </ul>`;
}

/** What a rank keeps and sends, each in a line. */
export function factLines(cuts: Cuts, prediction: Prediction | undefined) {
  const [{ memory, traffic }] = cuts.ranks;
  const held = prediction?.memory ?? memory;
  const ranks = cuts.ranks.length;
  return {
    held,
    why: whyHeld(ranks, cuts.mesh.replicas, held.exchange, cuts.undivided.total),
    sends: sendsText(traffic.totalBytes, traffic.totalExchanges),
    copies: copiesText(cuts.mesh.replicas),
  };
}

/**
 * Whether the cut pays: what a step takes as it was measured, and as it is predicted where the ranks may be, beside one device.
 *
 * @param prediction at this pace
 */
export function payLine(cuts: Cuts, prediction: Prediction | undefined, { step }: Pace): TemplateResult {
  if (!prediction) return html`<p class="pays" aria-busy="true"><b>${words.pays}</b> ${words.notYet}</p>`;
  const { steps, memory } = prediction;
  const [{ aloneSeconds }] = steps;
  const mesh = meshName(cuts.mesh);
  if (cuts.ranks.length === 1) {
    return html`<p class="pays" data-mesh=${mesh} title=${words.assumed}>
      <b>${words.pays}</b> One device, ${aloneText(step ? step.ms / 1000 : aloneSeconds, step !== undefined)}: nothing to wait for.
    </p>`;
  }
  const ratios = steps.map(({ name, seconds }) => ({ name, ratio: seconds / aloneSeconds }));
  return html`<p class="pays" data-mesh=${mesh} title=${words.assumed}>
    <b>${words.pays}</b>
    ${step ? html`So cut, a step takes <b>${timeText(step.ms / 1000)}</b> here, measured.` : nothing} Predicted:
    ${words.oneDevice} <b>${timeText(aloneSeconds)}</b>; so cut,
    ${steps
      .filter(({ name }) => !step || name !== 'here')
      .map(
        ({ name, seconds }, i) =>
          html`${i > 0 ? ', ' : ''}${words.secondsShort[name] ?? name} <b>${timeText(seconds)}</b>`,
      )}. ${verdict(memory.total / cuts.undivided.total, ratios)}
  </p>`;
}

/** In one line with its unit. */
const timeText = (seconds: number) => stepTime(seconds).replace(' ', unitSpace);

/** Who holds which rank. */
export function legend(ranks: number, look: Look): TemplateResult {
  return html`<ul class="owners">
    ${repeat(
      Array.from({ length: ranks }, (_, rank) => rank),
      rank => rank,
      rank => html`<li data-id="r:${rank}" class=${look.lit.has(rank) ? 'is-lit' : ''}>
        ${swatch(rank, look.prefix)} ${look.names.get(rank) ?? `rank ${rank}`}
      </li>`,
    )}
  </ul>`;
}

/** Cards that several ranks are on. */
export function turnLines(holders: readonly Holder[]): string[] {
  const byCard = new Map<string, Holder[]>();
  for (const holder of holders) byCard.set(holder.card, [...(byCard.get(holder.card) ?? []), holder]);
  const own = holders.find(({ rank }) => rank === 0)?.card;
  return [...byCard].flatMap(([card, sharing]) => {
    if (sharing.length < 2) return [];
    return [turnsText(sharing.length, card === own ? 'this card' : `the card of ${sharing[0].name}`)];
  });
}

/** Every rank's part in a sentence, for whoever does not see the drawings. */
export function reading({ ranks, sample, batch, mesh }: Cuts, look: Look): TemplateResult {
  const { channels, rows } = sampleWords(sample.name);
  return html`<ul>
    ${ranks.map(({ rank, samples, block, elements }) => {
      const which = mesh.replicas > 1 ? `${samplesText(samples[0], samples[1], batch)}, ` : '';
      const name = rankName(rank, look.names.get(rank));
      return html`<li>
        ${name}: ${which}${rows} ${ordinalsText(block[1])}, ${channels} ${ordinalsText(block[0])}; keeps
        ${count(elements)} weights.
      </li>`;
    })}
  </ul>`;
}

/** Puts the pictures of fields under the cells of a sample: one for every column of ranks, as wide as its cells. */
export function paintFields(root: HTMLElement, fields: readonly ImageData[]): void {
  for (const row of root.querySelectorAll('.sample-fields')) {
    [...row.querySelectorAll('canvas')].forEach((canvas, column) => {
      const field = fields.at(column % Math.max(1, fields.length));
      canvas.hidden = !field;
      canvas.style.flexGrow = canvas.dataset.fields ?? '1';
      if (!field) return;
      [canvas.width, canvas.height] = [field.width, field.height];
      canvas.getContext('2d')?.putImageData(field, 0, 0);
    });
  }
}
