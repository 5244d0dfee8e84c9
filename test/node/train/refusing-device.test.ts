/** A device that refuses a shader, or has no memory left: what was made before is freed, whenever it refuses. */
import { expect, test } from 'vitest';
import { evaluate } from '../../../src/engine/run.ts';
import { measureSpeed } from '../../../src/engine/speed-test.ts';
import type { Gpu } from '../../../src/gpu/device.ts';
import { PipelineCache } from '../../../src/gpu/pipelines.ts';
import { exp } from '../../../src/graph/ops/elementwise.ts';
import { inputTensor } from '../../../src/graph/ops/leaf.ts';
import { Trainer, type TrainerOptions } from '../../../src/train/trainer.ts';
import { model, optimizer } from '../../browser/engine/small-run.ts';
import { forecastJob } from '../../reference/jobs.ts';

type Refusal = 'a shader' | 'memory';

/** A device that computes nothing, and refuses the `last`-th of its kind. */
function refusing(what: Refusal, last: number) {
  const alive = new Set<object>();
  let asked = 0;
  const isRefused = (kind: Refusal) => kind === what && ++asked >= last;
  const encoder = {
    beginComputePass: () => ({ setPipeline() {}, setBindGroup() {}, dispatchWorkgroups() {}, end() {} }),
    copyBufferToBuffer() {},
    clearBuffer() {},
    finish: () => ({}),
  };
  const device = {
    adapterInfo: { vendor: '', architecture: '', device: '', description: '' },
    features: new Set(),
    queue: { writeBuffer() {}, submit() {}, onSubmittedWorkDone: async () => {} },
    createBuffer() {
      const buffer = {
        destroy: () => alive.delete(buffer),
        mapAsync: async () => {},
        getMappedRange: () => new ArrayBuffer(4),
        unmap() {},
      };
      alive.add(buffer);
      return buffer;
    },
    pushErrorScope() {},
    popErrorScope: async () => (isRefused('memory') ? new Error('no memory left') : null),
    createShaderModule: () => ({ getCompilationInfo: async () => ({ messages: [] }) }),
    async createComputePipelineAsync() {
      if (isRefused('a shader')) throw new Error('the shader is refused');
      return { getBindGroupLayout: () => ({}) };
    },
    createBindGroup: () => ({}),
    createCommandEncoder: () => encoder,
  } as unknown as GPUDevice;
  const large = { maxBufferSize: 2 ** 40, maxStorageBufferBindingSize: 2 ** 40 } as GPUSupportedLimits;
  const gpu: Gpu = { device, limits: large, info: device.adapterInfo, features: new Set(), software: false };
  return { gpu, pipelines: new PipelineCache(device), alive };
}

const options: TrainerOptions = {
  ...forecastJob(model, true),
  optimizer,
  batch: 4,
  accumulate: 2,
  seed: 7,
};

const works: [string, (gpu: Gpu, pipelines: PipelineCache) => Promise<unknown>][] = [
  ['a trainer', async (gpu, pipelines) => (await Trainer.create(gpu, pipelines, options)).destroy()],
  [
    'a small graph',
    (gpu, pipelines) =>
      evaluate(gpu, pipelines, { y: exp(inputTensor('x', [1])) }, { x: Float32Array.of(1) }),
  ],
  ['the test of the speed', measureSpeed],
];

test.each(
  works.flatMap(([name, work]) => (['a shader', 'memory'] as const).map(what => [name, what, work] as const)),
)('%s keeps nothing where %s is refused', async (_, what, work) => {
  let refusals = 0;
  for (let last = 1; ; last++) {
    const { gpu, pipelines, alive } = refusing(what, last);
    const error: unknown = await work(gpu, pipelines).then(
      () => undefined,
      reason => reason,
    );
    expect(alive.size, `after ${last - 1} of it were given`).toBe(0);
    if (error === undefined) break;
    expect((error as Error).message).toMatch(/the shader is refused|no memory left/);
    refusals++;
  }
  expect(refusals).toBeGreaterThan(0);
});
