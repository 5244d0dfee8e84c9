/** What kernels are told of the patches of images (`graph/patches.ts`), and what of the images they touch. */
import { maxWorkgroupsPerDimension } from '../op.ts';
import type { Patches, Walk } from '../patches.ts';

/** Taps of a kernel, and positions of an image. */
export const tapsOf = ({ rows, columns }: Patches): number => rows.taps * columns.taps;
export const positionsOf = ({ rows, columns }: Patches): number => rows.positions * columns.positions;

/** Elements of an image. */
export const imageSize = ({ channels, rows, columns }: Patches): number =>
  channels * rows.length * columns.length;

/** Elements along an axis that any position and tap meet. */
function met({ length, positions, taps, scale, offset, step }: Walk): number {
  const found = new Set<number>();
  for (let position = 0; position < positions; position++) {
    for (let tap = 0; tap < taps; tap++) {
      const at = position * scale + offset + tap * step;
      if (at >= 0 && at < length) found.add(at);
    }
  }
  return found.size;
}

/** Elements of an image that its patches are made of. */
export const touchedElements = ({ channels, rows, columns }: Patches): number =>
  channels * met(rows) * met(columns);

/** Words of params before those of patches: sizes, and a mask. */
export const PATCHES_AT = 24;

/** floor(2^32 / divisor), as `quotient` in `shaders/prelude/product.wgsl` takes it. */
const reciprocal = (divisor: number): number =>
  Math.min(Math.floor(2 ** 32 / Math.max(1, divisor)), 2 ** 32 - 1);

/**
 * The words of `Patches` in `shaders/prelude/product.wgsl`.
 *
 * @param blocks workgroups in a line of them
 */
export function patchWords(patches: Patches, blocks: number): number[] {
  const { channels, rows, columns, layout } = patches;
  const [positions, taps] = [positionsOf(patches), tapsOf(patches)];
  const both = (pick: (walk: Walk) => number) => [pick(rows) >>> 0, pick(columns) >>> 0];
  const { weights, results } = layout ?? {};
  return [
    ...[rows.length, columns.length, rows.length * columns.length, channels, imageSize(patches)],
    ...[columns.positions, positions],
    ...[rows.taps, columns.taps, taps],
    ...both(({ scale }) => scale),
    ...both(({ offset }) => offset),
    ...both(({ step }) => step),
    ...(weights
      ? [weights.first, weights.row, weights.channel, weights.down, weights.across]
      : [0, 0, 0, 0, 0]),
    ...(results
      ? [results.first, results.row, results.image, results.down, results.across]
      : [0, 0, 0, 0, 0]),
    blocks,
    ...[columns.positions, positions, columns.taps, taps].map(reciprocal),
  ];
}

/** Workgroups for blocks of columns: a line of them, or several lines of one length. */
export function linesOfBlocks(blocks: number): [across: number, lines: number] {
  const lines = Math.ceil(blocks / maxWorkgroupsPerDimension);
  return [Math.ceil(blocks / lines), lines];
}
