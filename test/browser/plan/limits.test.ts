import { afterEach, expect, test, vi } from 'vitest';
import type { Gpu } from '../../../src/gpu/device.ts';
import { bytes as sizeText } from '../../../src/io/number-text.ts';
import { publishedSizes } from '../../../src/models/published-sizes.ts';
import { TooLargeError } from '../../../src/plan/limits.ts';
import { Trainer, type TrainerOptions } from '../../../src/train/trainer.ts';
import { forecastJob } from '../../reference/jobs.ts';
import { model, options } from '../engine/small-run.ts';
import { testGpu } from '../gpu.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

/** The message with which a run is refused, after checking that no buffer was made for it. */
async function refusal(changed: Partial<TrainerOptions>, limits: object = {}): Promise<string> {
  const { gpu, pipelines } = await testGpu();
  const createBuffer = vi.spyOn(gpu.device, 'createBuffer').mockClear();
  const { maxBufferSize, maxStorageBufferBindingSize } = gpu.limits;
  const limited = { ...gpu, limits: { maxBufferSize, maxStorageBufferBindingSize, ...limits } } as Gpu;
  const refused = Trainer.create(limited, pipelines, { ...options, ...changed });
  await expect(refused).rejects.toThrow(TooLargeError);
  expect(createBuffer).not.toHaveBeenCalled();
  return refused.then(
    () => '',
    (error: Error) => error.message,
  );
}

test('a published size is refused by what this adapter really allows, before anything is allocated', async () => {
  const { limits } = (await testGpu()).gpu;
  const allowed = Math.min(limits.maxBufferSize, limits.maxStorageBufferBindingSize);
  const message = await refusal({ ...forecastJob(publishedSizes['64']), batch: 1 });
  // Either an activation or the parameters come first: both are larger than any adapter allows today.
  expect(message).toMatch(/^(arena|parameters): .+ needs [\d.]+\u00a0GiB in one buffer/);
  expect(message).toContain(`this adapter allows ${sizeText(allowed)}`);
  expect(message).toMatch(/The whole run takes [\d.]+\u00a0GiB\. .+ a mesh of \d+ or more ranks\.$/);
});

test('the message names the tensor, its bytes, the allowance and the ranks that would do', async () => {
  const limits = { maxBufferSize: 2 ** 28, maxStorageBufferBindingSize: 2 ** 40 };
  const message = await refusal({ ...forecastJob(publishedSizes['0.25']), batch: 1 }, limits);
  // A field of 69 channels in f32 on 720 x 1440 points takes 286 MB, and twice that beside the input.
  expect(message).toMatch(
    /^arena: \S+.* needs 546\u00a0MiB in one buffer; this adapter allows 256\u00a0MiB\./,
  );
  expect(message).toContain('or a mesh of 3 or more ranks');
});

test('a binding limit below the buffer limit counts too, and the parameters are named', async () => {
  const job = forecastJob({ ...model, embedding: 512 });
  const message = await refusal(
    { ...job, batch: 1 },
    { maxBufferSize: 2 ** 40, maxStorageBufferBindingSize: 65536 },
  );
  expect(message).toMatch(
    /^parameters: all parameters \(the largest is \S+, \[[\d x]+\]\) needs [\d.]+\u00a0KiB in one buffer; this adapter allows 64\.0\u00a0KiB/,
  );
});

test('a budget for the whole run is kept, and counts training and forecasts', async () => {
  const { gpu, pipelines } = await testGpu();
  const message = await refusal({ memoryBudget: 4096 });
  expect(message).toMatch(
    /^This run takes [\d.]+\u00a0KiB of memory; 4\.0\u00a0KiB are allowed here\. Choose a smaller/,
  );

  const trainer = await Trainer.create(gpu, pipelines, options);
  const bytes = Object.values(trainer.bytesBySpace()).reduce((sum, n) => sum + n, 0);
  trainer.destroy();
  const exact = await Trainer.create(gpu, pipelines, { ...options, memoryBudget: bytes });
  exact.destroy();
  expect(await refusal({ memoryBudget: bytes - 4 })).toContain(`This run takes ${sizeText(bytes)}`);
});
