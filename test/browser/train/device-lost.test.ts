/**
 * The device goes away in the middle of a run. Every promise that the trainer has given must settle, or the
 * session would wait for ever; a hang shows as a test that runs out of time.
 */

import { expect, test } from 'vitest';
import { openGpu } from '../../../src/gpu/device.ts';
import { PipelineCache } from '../../../src/gpu/pipelines.ts';
import { Trainer } from '../../../src/train/trainer.ts';
import { batchOf, options, weighEvenly } from '../engine/small-run.ts';
import { stateOf } from '../state.ts';

const INPUT = batchOf(1).input;

/** A trainer on a device of its own, with steps under way. */
async function startedRun() {
  const gpu = await openGpu(navigator.gpu);
  const pipelines = new PipelineCache(gpu.device);
  const trainer = await Trainer.create(gpu, pipelines, options);
  weighEvenly(trainer);
  for (let step = 1; step <= 3; step++) await trainer.trainStep(batchOf(step), 1e-3, 1);
  return { gpu, pipelines, trainer };
}

test('what is under way when the device is lost settles, and what reads from it rejects', async () => {
  const { gpu, trainer } = await startedRun();
  const step = trainer.trainStep(batchOf(4), 1e-3, 1);
  const reads = [trainer.losses.read(), trainer.predict(INPUT), stateOf(trainer)];
  const settled = Promise.allSettled([step, ...reads]);
  gpu.device.destroy();
  expect((await gpu.device.lost).reason).toBe('destroyed');
  const [, ...outcomes] = await settled;
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
});

test('what is asked for after the device was lost settles too', async () => {
  const { gpu, pipelines, trainer } = await startedRun();
  gpu.device.destroy();
  await gpu.device.lost;
  for (let step = 4; step <= 8; step++) await Promise.allSettled([trainer.trainStep(batchOf(step), 1e-3, 1)]);
  await expect(trainer.losses.read()).rejects.toThrow();
  // A second read is a read of its own, not the failed one again.
  await expect(trainer.losses.read()).rejects.toThrow();
  await expect(trainer.predict(INPUT)).rejects.toThrow();
  await expect(stateOf(trainer)).rejects.toThrow();
  await Promise.allSettled([Trainer.create(gpu, pipelines, options)]);
  trainer.destroy();
});

test('a run goes on from its state on a new device', async () => {
  const { gpu, trainer } = await startedRun();
  const state = await stateOf(trainer);
  gpu.device.destroy();
  await gpu.device.lost;
  const second = await startedRun();
  second.trainer.writeState(state, 3);
  await second.trainer.trainStep(batchOf(4), 1e-3, 1);
  expect(second.trainer.step).toBe(4);
  const [loss] = await second.trainer.losses.read();
  expect(loss).toBeGreaterThan(0);
  second.trainer.destroy();
  second.gpu.device.destroy();
});
