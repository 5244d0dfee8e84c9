/** The sum of a product's result, of a matrix or of a convolution: its terms are those of the kernel's own order. */
import type { DispatchStep } from '../plan/plan.ts';
import {
  type After,
  before,
  type CellSum,
  type From,
  given,
  giversOf,
  mostTerms,
  type NoSum,
  type Term,
} from './cell-source.ts';

type Product = NonNullable<DispatchStep['product']>;

export function productSum(from: From, step: DispatchStep, { of: product, form }: Product): CellSum | NoSum {
  const { of } = from;
  const { summed, m, n, k, stepA, stepB, transposeA, transposeB, bias, accumulate, finish, patches } =
    product;
  const { splits, depth } = form;
  if (patches && (transposeB || !patches.layout))
    return { why: 'Its sum is over all positions of all images: too many terms to draw.' };
  const whole = patches
    ? resultPlace(product, of.at)
    : { batch: Math.floor(of.at / (m * n)), split: 0, row: 0, column: 0 };
  if (!whole) return { why: 'Another kernel makes this number.' };
  if (!patches) {
    const matrix = Math.floor(of.at / (m * n));
    whole.batch = Math.floor(matrix / splits);
    whole.split = matrix % splits;
    whole.row = Math.floor((of.at % (m * n)) / n);
    whole.column = of.at % n;
  }
  const { batch, split, row, column } = whole;
  const depths = Math.ceil(k / depth);
  const perSplit = splits > 1 ? step.params[6] : depths * summed;
  const last = Math.min((split + 1) * perSplit, depths * summed);
  const terms: Term[] = [];
  const [a, b] = step.operands;
  if (!a || !b) return given;
  const [giverA, giverB] = [giversOf(from, of.step, a), giversOf(from, of.step, b)];
  for (let slice = split * perSplit; slice < last; slice++) {
    const matrix = batch * summed + Math.floor(slice / depths);
    const begin = (slice % depths) * depth;
    for (let inner = begin; inner < Math.min(begin + depth, k); inner++) {
      const left = patches
        ? weightAt(product, row, inner)
        : matrix * stepA + (transposeA ? inner * m + row : row * k + inner);
      const right = patches
        ? pixelAt(product, column, inner)
        : matrix * stepB + (transposeB ? column * k + inner : inner * n + column);
      // Outside of an image all is zero.
      if (right === undefined) continue;
      const factors = [
        { rank: of.rank, step: of.step, operand: 0, at: left },
        { rank: of.rank, step: of.step, operand: 1, at: right },
      ];
      const owners = [giverA(left), giverB(right)];
      terms.push({ factors, owner: owners.find(owner => owner !== of.rank) ?? of.rank });
      if (terms.length > mostTerms)
        return { why: `Its sum has more than ${mostTerms} terms: too many to draw.` };
    }
  }
  if (bias !== 'none') {
    const ref = { rank: of.rank, step: of.step, operand: 2, at: bias === 'columns' ? column : row };
    terms.push({ factors: [ref], owner: of.rank });
  }
  if (accumulate && splits === 1) {
    const held = before(from, step);
    if (!held) return given;
    terms.unshift({ factors: [held], owner: of.rank });
  }
  // With a second result the product itself is the last one.
  const isFinished = finish !== undefined && !(finish.second && of.operand === step.operands.length - 1);
  const other = { rank: of.rank, step: of.step, operand: 3, at: of.at };
  const after = isFinished
    ? finish.links.map(
        ({ function: name, operand, factor = 1, shift = 0 }): After =>
          name === 'dropout'
            ? { kind: 'dropout', scale: 1 / (1 - (finish.mask?.rate ?? 0)) }
            : { kind: 'function', name, factor, shift, ...(operand === undefined ? {} : { other }) },
      )
    : [];
  return { kind: 'product', terms, factor: 1, after };
}

/** Row, and column among all positions of all images, of a result of a convolution. */
function resultPlace({ m, patches }: Product['of'], at: number) {
  const { images, rows, columns, layout } = patches!;
  const { first, row: perRow, image: perImage, down, across } = layout!.results;
  for (let image = 0; image < images; image++)
    for (let row = 0; row < m; row++) {
      const left = at - first - row * perRow - image * perImage;
      if (left < 0) continue;
      const [i, j] = [Math.floor(left / down), (left % down) / across];
      if (i < rows.positions && j < columns.positions && Number.isInteger(j)) {
        const column = (image * rows.positions + i) * columns.positions + j;
        return { batch: 0, split: 0, row, column };
      }
    }
  return undefined;
}

function weightAt({ patches }: Product['of'], row: number, inner: number): number {
  const { rows, columns, layout } = patches!;
  const { first, row: perRow, channel, down, across } = layout!.weights;
  const taps = rows.taps * columns.taps;
  const tap = inner % taps;
  return (
    first +
    row * perRow +
    Math.floor(inner / taps) * channel +
    Math.floor(tap / columns.taps) * down +
    (tap % columns.taps) * across
  );
}

/** Undefined outside of the image. */
function pixelAt({ patches }: Product['of'], column: number, inner: number): number | undefined {
  const { channels, rows, columns } = patches!;
  const taps = rows.taps * columns.taps;
  const [channel, tap] = [Math.floor(inner / taps), inner % taps];
  const grid = rows.positions * columns.positions;
  const [image, at] = [Math.floor(column / grid), column % grid];
  const y =
    Math.floor(at / columns.positions) * rows.scale +
    rows.offset +
    Math.floor(tap / columns.taps) * rows.step;
  const x = (at % columns.positions) * columns.scale + columns.offset + (tap % columns.taps) * columns.step;
  if (y < 0 || y >= rows.length || x < 0 || x >= columns.length) return undefined;
  return ((image * channels + channel) * rows.length + y) * columns.length + x;
}
