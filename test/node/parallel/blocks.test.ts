import { expect, test } from 'vitest';
import type { AxisBlock } from '../../../src/models/model.ts';
import { cutBlock, putBlock } from '../../../src/parallel/blocks.ts';

const shape = [3, 2, 4];
const samples = 2;
/** Every element is its own position, from 1. */
const whole = Float32Array.from({ length: samples * 24 }, (_, i) => i + 1);

/** By the definition: the element of the whole, or 0 for padding. */
function cutByHand(block: readonly AxisBlock[]): number[] {
  const held = block.map((own, axis) => (own === 'all' ? [...Array(shape[axis]).keys()] : own));
  const rows = Array.from({ length: samples }, (_, sample) =>
    held[0].flatMap(a =>
      held[1].flatMap(b =>
        held[2].map(c => (Math.min(a, b, c) < 0 ? 0 : whole[((sample * 3 + a) * 2 + b) * 4 + c])),
      ),
    ),
  );
  return rows.flat();
}

const blocks: readonly (readonly [string, readonly AxisBlock[]])[] = [
  ['first axis', [[2, 0], 'all', 'all']],
  ['middle axis, with padding', ['all', [1, -1], 'all']],
  ['last axis', ['all', 'all', [3, 1]]],
  ['all axes, with padding', [[1, -1], [0], [-1, 2, 3]]],
  ['nothing', ['all', 'all', 'all']],
];

test.each(blocks)('cut along %s: the block, and back in its place', (_, block) => {
  const own = cutBlock(whole, shape, block, samples);
  expect([...own]).toEqual(cutByHand(block));
  const target = new Float32Array(whole.length);
  putBlock(own, shape, block, samples, target);
  const held = new Set(own);
  expect([...target]).toEqual([...whole].map(value => (held.has(value) ? value : 0)));
});

test('what has no block is whole', () => {
  expect(cutBlock(whole, shape, undefined, samples)).toEqual(whole);
  const target = new Float32Array(whole.length);
  putBlock(whole, shape, undefined, samples, target);
  expect(target).toEqual(whole);
});
