/** A step that computes its activations again is the same step: losses, parameters and running statistics, bit for bit. */
import { expect, test } from 'vitest';
import type { Batch } from '../../../src/tasks/task.ts';
import { loadAllKinds } from '../../../src/train/load-kinds.ts';
import { Trainer, type TrainerOptions } from '../../../src/train/trainer.ts';
import { forecastJob } from '../../reference/jobs.ts';
import * as small from '../engine/small-run.ts';
import { testGpu } from '../gpu.ts';
import * as images from '../models/tiny-resnet.ts';
import { stateOf } from '../state.ts';

await loadAllKinds();

const STEPS = 4;

async function run(
  options: TrainerOptions,
  batchOf: (step: number) => Batch,
  prepare: (trainer: Trainer) => void = () => {},
) {
  const { gpu, pipelines } = await testGpu();
  const trainer = await Trainer.create(gpu, pipelines, options);
  prepare(trainer);
  for (let step = 1; step <= STEPS; step++) await trainer.trainStep(batchOf(step), 0.02, 5);
  const { losses } = await trainer.losses.readSteps();
  const state = await stateOf(trainer);
  const { arena } = trainer.bytesBySpace();
  const again = trainer.plan.steps.filter(({ provenance }) => provenance.phase === 'recompute').length;
  trainer.destroy();
  return { result: { losses: [...losses], ...state }, arena, again };
}

test('a ResNet', async () => {
  const [kept, again] = [
    await run(images.options, images.batchOf),
    await run({ ...images.options, recompute: true }, images.batchOf),
  ];
  expect(again.again).toBeGreaterThan(10);
  expect(again.arena).toBeLessThan(kept.arena);
  expect(again.result).toEqual(kept.result);
});

test('a WeatherMixer with dropout, in two passes', async () => {
  const options = { ...small.options, ...forecastJob({ ...small.model, blocks: 3 }), accumulate: 2 };
  const [kept, again] = [
    await run(options, small.batchOf, small.weighEvenly),
    await run({ ...options, recompute: true }, small.batchOf, small.weighEvenly),
  ];
  expect(again.again).toBeGreaterThan(10);
  expect(again.arena).toBeLessThan(kept.arena);
  expect(again.result).toEqual(kept.result);
});
