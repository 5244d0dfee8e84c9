import { expect, test } from 'vitest';
import { Trainer } from '../../../src/train/trainer.ts';
import { batchOf, options, weighEvenly } from '../engine/small-run.ts';
import { testGpu } from '../gpu.ts';
import { stateOf } from '../state.ts';

/** The bits of ten losses and of all parameters after them, of a fresh trainer. */
async function run(
  seed: number,
  maskSeed: number,
): Promise<{ losses: Uint32Array; parameters: Uint32Array }> {
  const { gpu, pipelines } = await testGpu();
  const trainer = await Trainer.create(gpu, pipelines, { ...options, seed });
  weighEvenly(trainer);
  for (let step = 1; step <= 10; step++) await trainer.trainStep(batchOf(step), 1e-2, maskSeed);
  const losses = Float32Array.from(await trainer.losses.read());
  const { parameters } = await stateOf(trainer);
  trainer.destroy();
  return { losses: new Uint32Array(losses.buffer), parameters: new Uint32Array(parameters.buffer) };
}

test('the same seeds give the same losses and parameters to the last bit; other seeds do not', async () => {
  const first = await run(7, 3);
  expect(first.losses.length).toBe(10);
  expect(new Set(first.losses).size).toBe(10);
  expect(await run(7, 3)).toEqual(first);
  expect((await run(8, 3)).losses[0]).not.toBe(first.losses[0]);
  expect((await run(7, 4)).losses[0], 'the seed of the dropout masks').not.toBe(first.losses[0]);
  expect((await run(7, 3 + 2 ** 32)).losses[0], 'its high word').not.toBe(first.losses[0]);
});

test('a run goes on from a saved state to the same bits', async () => {
  const { gpu, pipelines } = await testGpu();
  const whole = await run(7, 3);
  const before = await Trainer.create(gpu, pipelines, options);
  weighEvenly(before);
  for (let step = 1; step <= 4; step++) await before.trainStep(batchOf(step), 1e-2, 3);
  const state = await stateOf(before);
  before.destroy();

  const after = await Trainer.create(gpu, pipelines, { ...options, seed: 99 });
  weighEvenly(after);
  after.writeState(state, 4);
  for (let step = 5; step <= 10; step++) await after.trainStep(batchOf(step), 1e-2, 3);
  const losses = Float32Array.from(await after.losses.read());
  expect([...new Uint32Array(losses.buffer)]).toEqual([...whole.losses.subarray(4)]);
  after.destroy();
});
