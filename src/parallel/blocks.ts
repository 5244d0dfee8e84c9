/** Between whole arrays and the blocks of them that ranks hold: `[samples, ...shape]` both. */
import type { Shape } from '../graph/tensor.ts';
import { type AxisBlock, blockShape } from '../models/model.ts';

type Block = readonly AxisBlock[] | undefined;

const product = (shape: Shape) => shape.reduce((all, length) => all * length, 1);

/** Calls `visit` with every run of neighbours that a block holds, there and in the whole; padding is passed over. */
function eachRun(
  shape: Shape,
  block: Block,
  samples: number,
  visit: (own: number, inWhole: number, length: number) => void,
): void {
  const local = blockShape(shape, block);
  // The axes behind the last that is cut are one run.
  const runs = (block?.findLastIndex(own => own !== 'all') ?? -1) + 1;
  const length = product(shape.slice(runs));
  const walk = (axis: number, own: number, inWhole: number): void => {
    if (axis === runs) {
      visit(own * length, inWhole * length, length);
      return;
    }
    const held = block![axis];
    for (let i = 0; i < local[axis]; i++) {
      const index = held === 'all' ? i : held[i];
      if (index >= 0) walk(axis + 1, own * local[axis] + i, inWhole * shape[axis] + index);
    }
  };
  for (let sample = 0; sample < samples; sample++) walk(0, sample, sample);
}

/** The block of an array; padding is zero. */
export function cutBlock(
  whole: Float32Array,
  shape: Shape,
  block: Block,
  samples: number,
): Float32Array<ArrayBuffer> {
  const own = new Float32Array(samples * product(blockShape(shape, block)));
  eachRun(shape, block, samples, (at, inWhole, length) => {
    own.set(whole.subarray(inWhole, inWhole + length), at);
  });
  return own;
}

/** Writes a rank's block to its place in the whole. */
export function putBlock(
  own: Float32Array,
  shape: Shape,
  block: Block,
  samples: number,
  target: Float32Array,
): void {
  eachRun(shape, block, samples, (at, inWhole, length) => {
    target.set(own.subarray(at, at + length), inWhole);
  });
}
