import { afterEach, expect, test, vi } from 'vitest';
import { Trainer } from '../../../src/train/trainer.ts';
import { testGpu } from '../gpu.ts';
import { batchOf, options, weighEvenly } from './small-run.ts';

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

test('training steps after the first make no GPU object, loss reads included', async () => {
  const { gpu, pipelines } = await testGpu();
  const spies = makers.map(maker => vi.spyOn(gpu.device, maker));
  const counts = () => Object.fromEntries(makers.map((maker, i) => [maker, spies[i].mock.calls.length]));

  const trainer = await Trainer.create(gpu, pipelines, options);
  weighEvenly(trainer);
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
});
