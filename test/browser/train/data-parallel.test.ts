/**
 * A ResNet in replicas trains as one rank does: the same losses and parameters at the same whole batch and the same norm groups,
 * which are the samples that a norm sees at once. With synchronised norms these are all samples of the batch.
 */
import { expect, test } from 'vitest';
import { meshAt } from '../../../src/mesh/mesh.ts';
import type { ResNetConfig } from '../../../src/models/resnet-config.ts';
import { Links } from '../../../src/parallel/links.ts';
import { typicalMachine } from '../../../src/plan/machine.ts';
import { loadAllKinds } from '../../../src/train/load-kinds.ts';
import { Trainer, type TrainerOptions } from '../../../src/train/trainer.ts';
import type { TrainerState } from '../../../src/train/trainer-state.ts';
import { relativeError } from '../check.ts';
import { testGpu } from '../gpu.ts';
import { batchOf, options } from '../models/tiny-resnet.ts';

await loadAllKinds();

const STEPS = 6;
const TOLERANCE = 1e-4;

async function stateOf(trainer: Trainer): Promise<TrainerState> {
  const { state } = await trainer.snapshot(() => undefined);
  return state;
}

/** One rank. */
async function alone(changes: Partial<TrainerOptions>, batches = batchOf) {
  const { gpu, pipelines } = await testGpu();
  const trainer = await Trainer.create(gpu, pipelines, { ...options, ...changes });
  for (let step = 1; step <= STEPS; step++) await trainer.trainStep(batches(step), 0.05, 0);
  const { losses } = await trainer.losses.readSteps();
  const { parameters, state: running } = await stateOf(trainer);
  trainer.destroy();
  return { losses: [...losses], parameters, running };
}

/** As many replicas in one thread, each with its share of the batch. */
async function replicas(count: number, changes: Partial<TrainerOptions> = {}, batches = batchOf) {
  const { gpu, pipelines } = await testGpu();
  const ports: Map<number, MessagePort>[] = Array.from({ length: count }, () => new Map());
  for (let a = 0; a < count; a++) {
    for (let b = a + 1; b < count; b++) {
      const { port1, port2 } = new MessageChannel();
      ports[a].set(b, port1);
      ports[b].set(a, port2);
    }
  }
  const links = ports.map((own, rank) => new Links({ rank, ports: own, generation: 1 }));
  const batch = options.batch / count;
  const trainers = await Promise.all(
    links.map(own => {
      own.begin(7);
      const mesh = meshAt({ rows: 1, columns: 1, replicas: count }, own.rank);
      return Trainer.create(gpu, pipelines, { ...options, ...changes, batch, mesh }, own);
    }),
  );
  for (let step = 1; step <= STEPS; step++) {
    await Promise.all(
      trainers.map((trainer, rank) =>
        trainer.trainStep(batches(step, rank * batch, (rank + 1) * batch), 0.05, 0),
      ),
    );
  }
  const { losses } = await trainers[0].losses.readSteps();
  const states = await Promise.all(trainers.map(stateOf));
  for (const own of links) own.close();
  for (const trainer of trainers) trainer.destroy();
  return {
    losses: [...losses],
    parameters: states.map(({ parameters }) => parameters),
    running: states.map(({ state }) => state),
  };
}

test('two replicas of two samples train as one rank in two micro-batches or two passes', async () => {
  const whole = await alone({ microBatches: 2 });
  const passes = await alone({ accumulate: 2 });
  expect(relativeError(passes.losses, whole.losses)).toBeLessThanOrEqual(TOLERANCE);
  expect(relativeError(passes.parameters, whole.parameters)).toBeLessThanOrEqual(TOLERANCE);
  // Running statistics go from one part of a batch to the next, however it is computed.
  expect(relativeError(passes.running, whole.running)).toBeLessThanOrEqual(TOLERANCE);
  const shared = await replicas(2);
  expect(relativeError(shared.losses, whole.losses)).toBeLessThanOrEqual(TOLERANCE);
  for (const parameters of shared.parameters) {
    expect(relativeError(parameters, whole.parameters)).toBeLessThanOrEqual(TOLERANCE);
  }
  // Norms see other samples at once: another model, by far more than rounding.
  const other = await alone({});
  expect(relativeError(other.losses, whole.losses)).toBeGreaterThan(10 * TOLERANCE);
});

test('four replicas of one sample train as one rank in four micro-batches, exchanges behind work or not', async () => {
  const whole = await alone({ microBatches: 4 });
  for (const changes of [{}, { overlap: typicalMachine }]) {
    const shared = await replicas(4, changes);
    expect(relativeError(shared.losses, whole.losses)).toBeLessThanOrEqual(TOLERANCE);
    for (const parameters of shared.parameters) {
      expect(relativeError(parameters, whole.parameters)).toBeLessThanOrEqual(TOLERANCE);
    }
  }
});

/** Images around a mean of a hundred deviations and more. */
const bright: typeof batchOf = (...which) => {
  const { image, label } = batchOf(...which);
  return { image: image.map(value => 100 + value), label };
};

test.each([2, 4])(
  '%i replicas with synchronised norms train as one rank whose norms see all samples',
  async count => {
    const { kind, config } = options.model;
    const model = { kind, config: { ...(config as ResNetConfig), syncNorms: true } };
    const whole = await alone({}, bright);
    for (const changes of [{}, { overlap: typicalMachine, recompute: true }]) {
      const shared = await replicas(count, { model, ...changes }, bright);
      expect(relativeError(shared.losses, whole.losses)).toBeLessThanOrEqual(TOLERANCE);
      for (const each of ['parameters', 'running'] as const) {
        for (const values of shared[each]) {
          expect(relativeError(values, whole[each]), each).toBeLessThanOrEqual(TOLERANCE);
          expect(values).toEqual(shared[each][0]);
        }
      }
    }
  },
);

test('the same seed gives the same bits', async () => {
  const [first, second] = [await alone({}), await alone({})];
  expect(second).toEqual(first);
});
