import { expect, test } from 'vitest';
import { evaluate } from '../../../src/engine/run.ts';
import { dropout } from '../../../src/graph/ops/dropout.ts';
import { inputTensor, wordsTensor } from '../../../src/graph/ops/leaf.ts';
import { philoxWords } from '../../reference/philox.ts';
import { checkOp } from '../check.ts';
import { testGpu } from '../gpu.ts';

test('Philox gives the published words', () => {
  // Known answers of Random123 (kat_vectors, philox4x32 10).
  expect(philoxWords([0, 0, 0, 0], [0, 0])).toEqual([0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]);
  expect(philoxWords([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0])).toEqual([
    0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1,
  ]);
});

test('forward and gradient use the mask that the reference draws', async () => {
  const random = wordsTensor('random', [4]);
  await checkOp({
    shapes: [[7, 13]],
    build: x => dropout(x, random, 0.3, 5),
    tolerance: 1e-6,
    given: new Map([[random, Uint32Array.of(0xdeadbeef, 7, 41, 0)]]),
  });
});

test('the share of zeros is the rate, and differs by step and layer', async () => {
  const { gpu, pipelines } = await testGpu();
  const [x, random] = [inputTensor('x', [20000]), wordsTensor('random', [4])];
  const masks = { a: dropout(x, random, 0.2, 0), b: dropout(x, random, 0.2, 1) };
  const ones = new Float32Array(20000).fill(1);
  const first = await evaluate(gpu, pipelines, masks, { x: ones, random: Uint32Array.of(1, 0, 1, 0) });
  const second = await evaluate(gpu, pipelines, masks, { x: ones, random: Uint32Array.of(1, 0, 2, 0) });
  const zeros = first.a.filter(value => value === 0).length / 20000;
  expect(Math.abs(zeros - 0.2)).toBeLessThan(4 * Math.sqrt((0.2 * 0.8) / 20000));
  expect(first.a).not.toEqual(first.b);
  expect(first.a).not.toEqual(second.a);
});
