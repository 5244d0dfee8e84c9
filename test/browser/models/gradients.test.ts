/**
 * The gradients of whole models on the GPU against the float64 interpreter, dropout on. The interpreter's own are
 * checked against finite differences in `test/node/models/gradients.test.ts`.
 */
import { expect, test } from 'vitest';
import { readFloats } from '../../../src/engine/transfer.ts';
import { ancestors, grad } from '../../../src/graph/grad.ts';
import { isInput } from '../../../src/graph/ops/leaf.ts';
import { lossGraph } from '../../../src/train/plans.ts';
import { Trainer } from '../../../src/train/trainer.ts';
import { leavesOf, maskSeed, oddModels } from '../../node/models/odd-models.ts';
import { interpret } from '../../reference/interpret.ts';
import { forecastJob } from '../../reference/jobs.ts';
import { optimizer } from '../engine/small-run.ts';
import { testGpu } from '../gpu.ts';

const BATCH = 2;
const norm = (values: ArrayLike<number>): number => Math.hypot(...Array.from(values));

const models = Object.entries(oddModels);

test.each([
  ...models.map(([name, model]) => [name, model, 1] as const),
  [`${models[0][0]}, in two micro-batches`, models[0][1], 2] as const,
])('%s: loss and gradients equal the reference', async (_, model, microBatches) => {
  const { loss, parameters } = lossGraph(forecastJob(model, true), BATCH);
  const leaves = leavesOf(loss);
  const [expectedLoss, ...expected] = interpret([loss, ...grad(loss, parameters)], leaves);
  const whole = Math.sqrt(expected.reduce((sum, gradient) => sum + norm(gradient) ** 2, 0));

  const { gpu, pipelines } = await testGpu();
  const trainer = await Trainer.create(gpu, pipelines, {
    ...forecastJob(model, true),
    optimizer,
    batch: BATCH,
    seed: 1,
    microBatches,
  });
  const { layout, spaces } = trainer;
  const given = new Map(
    ancestors(loss)
      .filter(isInput)
      .map(leaf => [leaf.attributes.name, leaves.get(leaf) as Float32Array<ArrayBuffer>]),
  );
  // The trainer's graph is another one of the same parameters, in the same order.
  const flat = new Float32Array(layout.floats);
  const offsets = new Map(layout.entries.map(({ name, offset }) => [name, offset]));
  const offsetOf = (i: number) => offsets.get((parameters[i].attributes as { name: string }).name)!;
  parameters.forEach((parameter, i) => {
    flat.set(leaves.get(parameter)!, offsetOf(i));
  });
  trainer.writeState({ parameters: flat }, 0);
  trainer.setConstants({ weight: given.get('weight')! });
  const batch = { input: given.get('input')!, target: given.get('target')!, mask: given.get('mask')! };
  await trainer.trainStep(batch, 1e-3, maskSeed);

  const { losses, gradientNorms } = await trainer.losses.readSteps();
  expect(Math.abs(losses[0] / expectedLoss[0] - 1)).toBeLessThanOrEqual(1e-5);
  expect(Math.abs(gradientNorms[0] / whole - 1)).toBeLessThanOrEqual(1e-4);
  const gradients = await readFloats(gpu.device, spaces.gradients[0], 0, 4 * layout.floats);
  parameters.forEach((parameter, i) => {
    const truth = expected[i];
    const difference = norm(truth.map((value, j) => gradients[offsetOf(i) + j] - value));
    expect(difference, `gradient of ${(parameter.attributes as { name: string }).name}`).toBeLessThanOrEqual(
      1e-4 * norm(truth) + 1e-7 * whole,
    );
  });
  trainer.destroy();
});
