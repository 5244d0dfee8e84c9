/** Pieces of arrays as shapes: an owner's stripes are one path, drawn where its rows and columns truly lie. */
import type { Box, RankCut, Run, WeightCut } from '../../session/api/cuts.ts';

export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface DrawnPiece {
  /** The rank whose piece it is on this sheet. */
  readonly rank: number;
  readonly rects: readonly Rect[];
  readonly path: string;
  /** What it is of the array, for people. */
  readonly text: string;
}

const rounded = (value: number) => Math.round(100 * value) / 100;

export function pathOf(rects: readonly Rect[]): string {
  return rects
    .map(({ x, y, width, height }) => {
      const [left, top, right, bottom] = [x, y, x + width, y + height].map(rounded);
      return `M${left} ${top}H${right}V${bottom}H${left}Z`;
    })
    .join('');
}

export function rectsOf(
  boxes: readonly Box[],
  { rows, columns }: Pick<WeightCut, 'rows' | 'columns'>,
  { width, height }: Size,
): Rect[] {
  const [across, down] = [width / columns, height / rows];
  return boxes.flatMap(box =>
    box.rows.flatMap(([top, bottom]) =>
      box.columns.map(([left, right]) => ({
        x: left * across,
        y: top * down,
        width: (right - left) * across,
        height: (bottom - top) * down,
      })),
    ),
  );
}

/** Indices from 0 on: `0-31, 64-95`. */
export const runsText = (runs: readonly Run[]): string =>
  runs.map(([from, to]) => (to === from + 1 ? `${from}` : `${from}-${to - 1}`)).join(', ');

/** As people count, from 1 on: `1-7, 15-16`. */
export const ordinalsText = (runs: readonly Run[]): string =>
  runsText(runs.map(([from, to]): Run => [from + 1, to + 1]));

export const lengthOf = (runs: readonly Run[]): number =>
  runs.reduce((sum, [from, to]) => sum + to - from, 0);

/** `rows 0-31, 64-95, columns 0-63`; of a vector its numbers. */
export function boxesText(boxes: readonly Box[], { columns }: Pick<WeightCut, 'columns'>): string {
  return boxes
    .map(box =>
      columns === 1
        ? `numbers ${runsText(box.rows)}`
        : `rows ${runsText(box.rows)}, columns ${runsText(box.columns)}`,
    )
    .join('; and ');
}

/**
 * A drawing for every copy of a parameter's elements: on each, all of its pieces, with one of those that hold it as the
 * owner. One sheet where nothing is held twice.
 */
export function sheetsOf(weight: WeightCut, size: Size): DrawnPiece[][] {
  const copies = Math.max(...weight.pieces.map(({ ranks }) => ranks.length));
  return Array.from({ length: copies }, (_, copy) =>
    weight.pieces.flatMap(({ ranks, boxes }) => {
      const rank = ranks.at(copy);
      if (rank === undefined) return [];
      const rects = rectsOf(boxes, weight, size);
      return [{ rank, rects, path: pathOf(rects), text: boxesText(boxes, weight) }];
    }),
  );
}

/** As large as fits, true to the array's proportions as far as it stays readable. */
export function drawnSize({ rows, columns }: Pick<WeightCut, 'rows' | 'columns'>, most: Size): Size {
  const least = 0.4;
  const scale = Math.min(most.width / columns, most.height / rows);
  return {
    width: rounded(Math.max(least * most.width, columns * scale)),
    height: rounded(Math.max(least * most.height, rows * scale)),
  };
}

/** Where numbers of owners have room: on every part that is large enough, or else on the largest. */
export function numberedRects(rects: readonly Rect[], least: Size = { width: 12, height: 12 }): Rect[] {
  const roomy = rects.filter(({ width, height }) => width >= least.width && height >= least.height);
  if (roomy.length > 0) return roomy;
  const area = ({ width, height }: Rect) => width * height;
  return rects.length > 0 ? [rects.reduce((best, rect) => (area(rect) > area(best) ? rect : best))] : [];
}

/** A rank's part of a sample: rows of points downwards, by how many; fields from left to right. */
export interface SampleCell extends Rect {
  readonly rank: number;
  readonly row: number;
  readonly column: number;
  /** Runs of the sample's axes: fields, rows, columns. */
  readonly block: RankCut['block'];
}

/**
 * The cells of the ranks of one copy of the model. They lie at the rows that they hold; fields need not be neighbours, so
 * they are as wide as they are many.
 */
export function sampleCells(
  ranks: readonly RankCut[],
  shape: readonly number[],
  { width, height }: Size,
): SampleCell[] {
  const widths = new Map<number, number>();
  for (const { column, block } of ranks) widths.set(column, lengthOf(block[0]));
  const all = [...widths.values()].reduce((sum, count) => sum + count, 0);
  return ranks.map(({ rank, row, column, block }) => {
    const before = [...widths].reduce((sum, [other, count]) => (other < column ? sum + count : sum), 0);
    const [first] = block[1];
    return {
      ...{ rank, row, column, block },
      x: rounded((width * before) / all),
      y: rounded((height * first[0]) / shape[1]),
      width: rounded((width * lengthOf(block[0])) / all),
      height: rounded((height * lengthOf(block[1])) / shape[1]),
    };
  });
}

/** Parameters that differ only in which of several equal layers they are of: the first of them, and how many there are. */
export interface WeightKind {
  readonly weight: WeightCut;
  readonly count: number;
}

const kindOf = ({ name, shape }: WeightCut) => `${name.replace(/\.\d+\./g, '.*.')} ${shape}`;

/** By the name of each parameter that of the first of its kind, which is drawn for all of them. */
export function drawnNames(weights: readonly WeightCut[]): ReadonlyMap<string, string> {
  const first = new Map<string, string>();
  return new Map(
    weights.map(weight => {
      const kind = kindOf(weight);
      const name = first.get(kind) ?? weight.name;
      first.set(kind, name);
      return [weight.name, name];
    }),
  );
}

export function kindsOf(weights: readonly WeightCut[]): WeightKind[] {
  const kinds = new Map<string, { weight: WeightCut; count: number }>();
  for (const weight of weights) {
    const key = kindOf(weight);
    const kind = kinds.get(key);
    if (kind) kind.count++;
    else kinds.set(key, { weight, count: 1 });
  }
  return [...kinds.values()];
}

/** Two matrices of the model's largest part that stand for the others: of its first layer, and of one half way. */
export function exampleWeights(weights: readonly WeightCut[]): WeightCut[] {
  const matrices = weights.filter(({ isMatrix }) => isMatrix);
  const partSizes = new Map<string, number>();
  for (const { part } of matrices) partSizes.set(part, (partSizes.get(part) ?? 0) + 1);
  const largest = [...partSizes].sort(([, a], [, b]) => b - a).at(0)?.[0];
  const kinds = kindsOf(matrices.filter(({ part }) => part === largest)).map(({ weight }) => weight);
  return [...new Set([kinds.at(0), kinds.at(kinds.length >> 1)])].flatMap(weight => weight ?? []);
}
