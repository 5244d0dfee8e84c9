/** Arrays cut in pieces, as SVG: every owner's by its colour, hatch and number. */
import { html, nothing, svg, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { Cuts, WeightCut } from '../../session/api/cuts.ts';
import { ownerLook } from '../../show/owners.ts';
import type { CursorState } from '../cursor.ts';
import {
  type DrawnPiece,
  lengthOf,
  numberedRects,
  ordinalsText,
  pathOf,
  type Rect,
  type SampleCell,
  type Size,
} from './pieces.ts';
import { rankName, sampleWords } from './words.ts';

/** A page or worker that holds a rank. */
export interface Holder {
  readonly rank: number;
  readonly name: string;
  /** Of the physical graphics card: ranks on the same one take turns. */
  readonly card: string;
}

/** What drawings of one element have in common. */
export interface Look {
  /** Before the ids of its hatches, which are of the whole page. */
  readonly prefix: string;
  readonly names: ReadonlyMap<number, string>;
  readonly lit: ReadonlySet<number>;
  /** Parameters that are pointed at. */
  readonly named: ReadonlySet<string>;
}

export const litRanks = (cursor: CursorState | undefined): ReadonlySet<number> =>
  new Set((cursor?.hovered ?? []).filter(id => id.startsWith('r:')).map(id => Number(id.slice('r:'.length))));

export const namedWeights = (cursor: CursorState | undefined): ReadonlySet<string> =>
  new Set((cursor?.hovered ?? []).filter(id => id.startsWith('w:')).map(id => id.slice('w:'.length)));

const lightClass = ({ lit }: Look, rank: number) =>
  lit.size === 0 ? '' : lit.has(rank) ? 'is-lit' : 'is-dim';

/** Hatches of ranks; to be once in the element whose drawings fill pieces with them. */
export function hatches(prefix: string, ranks: number): TemplateResult {
  return html`<svg class="hatches" width="0" height="0" aria-hidden="true"><defs>${Array.from(
    { length: ranks },
    (_, rank) => {
      const { colour, ink, hatch } = ownerLook(rank);
      const { angle, gap } = hatch;
      return svg`<pattern id="${prefix}-${rank}" patternUnits="userSpaceOnUse" width="${gap}" height="${gap}"
        patternTransform="rotate(${angle})"><rect width="${gap}" height="${gap}" fill="${colour}"></rect>
        <line x1="0" y1="0" x2="${gap}" y2="0" stroke="${ink}" stroke-opacity="0.45" stroke-width="1.5"></line></pattern>`;
    },
  )}</defs></svg>`;
}

function numbersOn(rects: readonly Rect[], rank: number): TemplateResult[] {
  const { colour, ink } = ownerLook(rank);
  return rects.map(
    ({ x, y, width, height }) =>
      svg`<text class="piece-number" x="${x + width / 2}" y="${y + height / 2}" fill="${ink}" stroke="${colour}">${rank}</text>`,
  );
}

interface PieceShape {
  readonly rank: number;
  readonly path: string;
  readonly numbered: readonly Rect[];
  readonly label: string;
}

function piece(
  { rank, path, numbered, label }: PieceShape,
  isFirst: boolean,
  of: string | undefined,
  look: Look,
) {
  return svg`<g class="piece ${lightClass(look, rank)}"><path d="${path}" fill="url(#${look.prefix}-${rank})"
    role="button" tabindex="${isFirst ? 0 : -1}" aria-label="${label}" aria-pressed="${look.lit.has(rank)}"
    data-id="r:${rank}" data-of="${of ?? nothing}"></path>${numbersOn(numbered, rank)}</g>`;
}

/** A copy of a parameter. */
export function weightSheet(
  weight: WeightCut,
  sheet: readonly DrawnPiece[],
  size: Size,
  look: Look,
): TemplateResult {
  const of = `w:${weight.name}`;
  return html`<svg class="sheet" viewBox="-1 -1 ${size.width + 2} ${size.height + 2}" width="${size.width + 2}"
    height="${size.height + 2}" role="group" aria-label="${weight.name}, ${weight.rows} x ${weight.columns}" data-pieces>${repeat(
      sheet,
      ({ rank }) => rank,
      ({ rank, path, rects, text }, i) => {
        const label = `${rankName(rank, look.names.get(rank))}: ${text} of ${weight.name}`;
        return piece({ rank, path, numbered: numberedRects(rects), label }, i === 0, of, look);
      },
    )}</svg>`;
}

/** A copy of the sample: cells of ranks, over a picture where there is one. */
export function sampleSheet(
  cells: readonly SampleCell[],
  { sample }: Pick<Cuts, 'sample'>,
  size: Size,
  hasPicture: boolean,
  look: Look,
): TemplateResult {
  const { channels, rows } = sampleWords(sample.name);
  return html`<svg class="sheet sample-sheet ${hasPicture ? 'over-picture' : ''}"
    viewBox="0 0 ${size.width} ${size.height}" preserveAspectRatio="none" role="group"
    aria-label="${sample.name}, ${sample.shape.join(' x ')}" data-pieces>${repeat(
      cells,
      ({ rank }) => rank,
      (cell, i) => {
        const { rank, block } = cell;
        const what = `${lengthOf(block[1])} ${rows}, ${channels} ${ordinalsText(block[0])}`;
        const label = `${rankName(rank, look.names.get(rank))}: ${what}`;
        const badge = { x: cell.x + 4, y: cell.y + 4, width: 18, height: 16 };
        return piece({ rank, path: pathOf([cell]), numbered: [badge], label }, i === 0, undefined, look);
      },
    )}</svg>`;
}

/** A square of the owner's look, for legends and tables. */
export function swatch(rank: number, prefix: string): TemplateResult {
  return html`<svg class="swatch" viewBox="0 0 18 18" width="18" height="18" aria-hidden="true"><path
    d="M0 0H18V18H0Z" fill="url(#${prefix}-${rank})"></path>${numbersOn([{ x: 0, y: 0, width: 18, height: 18 }], rank)}</svg>`;
}
