import { afterEach, expect, test, vi } from 'vitest';
import { PipelineCache } from '../../../src/gpu/pipelines.ts';
import { meshAt } from '../../../src/mesh/mesh.ts';
import { Links } from '../../../src/parallel/links.ts';
import { loadAllKinds } from '../../../src/train/load-kinds.ts';
import { Trainer } from '../../../src/train/trainer.ts';
import { forecastJob } from '../../reference/jobs.ts';
import { randomValues } from '../check.ts';
import { batchOf, model, options, weighEvenly } from '../engine/small-run.ts';
import { testGpu } from '../gpu.ts';
import { batchOf as imagesOf, options as resNetOptions } from '../models/tiny-resnet.ts';

await loadAllKinds();

/** Every method of a device that makes an object which outlives a command buffer. */
const makers = [
  'createBuffer',
  'createBindGroup',
  'createBindGroupLayout',
  'createComputePipeline',
  'createComputePipelineAsync',
  'createPipelineLayout',
  'createShaderModule',
  'createQuerySet',
  'createSampler',
  'createTexture',
] as const;

afterEach(() => {
  vi.restoreAllMocks();
});

test.each([
  ['a WeatherMixer', options, batchOf],
  ['a ResNet', resNetOptions, (step: number) => imagesOf(step)],
])(
  'training steps of %s after the first make no GPU object, loss reads included',
  async (_, options, batchOf) => {
    const { gpu } = await testGpu();
    // One that has no pipeline yet: other files made some.
    const pipelines = new PipelineCache(gpu.device);
    const spies = makers.map(maker => vi.spyOn(gpu.device, maker));
    const counts = () => Object.fromEntries(makers.map((maker, i) => [maker, spies[i].mock.calls.length]));

    const trainer = await Trainer.create(gpu, pipelines, options);
    if (options.frame.task === 'forecast') weighEvenly(trainer);
    await trainer.trainStep(batchOf(1), 1e-3, 1);
    // The spies do see what is made.
    expect(counts().createBuffer).toBeGreaterThan(0);
    expect(counts().createBindGroup).toBeGreaterThan(0);
    expect(counts().createComputePipelineAsync).toBeGreaterThan(0);

    for (const spy of spies) spy.mockClear();
    const losses: number[] = [];
    for (let step = 2; step <= 9; step++) {
      await trainer.trainStep(batchOf(step), 1e-3, 1);
      if (step % 3 === 0) losses.push(...(await trainer.losses.read()));
    }
    expect(losses.length).toBe(9);
    expect(counts()).toEqual(Object.fromEntries(makers.map(maker => [maker, 0])));
    trainer.destroy();
  },
);

/** Two ranks in one thread, which train in step with each other. */
async function pair(): Promise<{ trainers: readonly Trainer[]; close: () => void }> {
  const { gpu, pipelines } = await testGpu();
  const { port1, port2 } = new MessageChannel();
  const links = [port1, port2].map(
    (port, rank) => new Links({ rank, ports: new Map([[1 - rank, port]]), generation: 1 }),
  );
  const trainers = await Promise.all(
    links.map(own => {
      own.begin(7);
      const mesh = meshAt({ rows: 1, columns: 2, replicas: 1 }, own.rank);
      return Trainer.create(
        gpu,
        pipelines,
        { ...options, ...forecastJob({ ...model, channels: 4 }), mesh },
        own,
      );
    }),
  );
  return {
    trainers,
    close() {
      for (const each of links) each.close();
      for (const trainer of trainers) trainer.destroy();
    },
  };
}

test('nor do those of a mesh, nor sampled ones', async () => {
  const { gpu } = await testGpu();
  const { trainers, close } = await pair();
  let samples = 0;
  trainers.forEach((trainer, rank) => {
    trainer.traceWith({
      detail: 'layer',
      everyMs: rank === 0 ? 0 : undefined,
      batchTaken: () => ({ asked: 0, taken: 0 }),
      stamp: () => ({ rank, toRun: ms => ms }),
      onTraces: traces => {
        samples += traces.length;
      },
    });
  });
  const step = (number: number) =>
    Promise.all(
      trainers.map(trainer => {
        const floats = (name: string) => trainer.plan.inputs.get(name)!.bytes / 4;
        const input = randomValues(floats('input'), number);
        return trainer.trainStep({ input, target: randomValues(floats('target'), number + 99) }, 1e-3, 1);
      }),
    );
  await step(1);
  const spies = makers.map(maker => vi.spyOn(gpu.device, maker));
  for (let number = 2; number <= 9; number++) await step(number);
  expect((await trainers[0].losses.read()).length).toBe(9);
  expect(spies.map(spy => spy.mock.calls.length)).toEqual(makers.map(() => 0));
  expect(samples).toBeGreaterThan(1);
  close();
});
