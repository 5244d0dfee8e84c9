/**
 * The bench for a machine with a real GPU and nothing else: products, convolutions, passes over memory, dispatches
 * and training steps through Dawn for Node, beside PyTorch in float32 on the same GPU where Python has it. Everything that is timed
 * is checked in the same run.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { NoWebGpuError, openGpu } from '../../src/gpu/device.ts';
import { PipelineCache } from '../../src/gpu/pipelines.ts';
import { TooLargeError } from '../../src/plan/limits.ts';
import type { Bench } from './bench.ts';
import { nvidiaName, peakOf, startPowerMeter } from './machine.ts';
import { benchMeter } from './meter-section.ts';
import { modelNames } from './models.ts';
import { benchConvolutions, benchOverhead, benchPasses, benchProducts, benchVariants } from './sections.ts';
import { sizeLists } from './sizes.ts';
import { benchSteps } from './step-section.ts';
import { openTorch } from './torch.ts';

const usage = `node run.mjs [--sizes small|full] [--only products,convolutions,passes,steps,variants,meter] [--models NAME,...] [--tune FILE] [--python PROGRAM] [--json FILE]`;
const sections = ['products', 'convolutions', 'passes', 'steps', 'variants', 'meter'];

function readArguments() {
  const { values } = parseArgs({
    options: {
      sizes: { type: 'string', default: 'full' },
      only: { type: 'string', default: 'products,convolutions,passes,steps' },
      models: { type: 'string' },
      python: { type: 'string', default: 'python3' },
      tune: { type: 'string', default: '' },
      json: { type: 'string' },
    },
  });
  const sizes = Object.hasOwn(sizeLists, values.sizes) ? sizeLists[values.sizes] : undefined;
  if (!sizes)
    throw new Error(`--sizes is "${values.sizes}"; it must be ${Object.keys(sizeLists).join(' or ')}.`);
  const only = values.only.split(',');
  const unknown = only.find(name => !sections.includes(name));
  if (unknown !== undefined) throw new Error(`--only has "${unknown}"; there are ${sections.join(', ')}.`);
  const models = values.models?.split(',') ?? sizes.models;
  const noModel = models.find(name => !modelNames.includes(name));
  if (noModel !== undefined)
    throw new Error(`--models has "${noModel}"; there are ${modelNames.join(', ')}.`);
  return { ...values, only, sizes: { ...sizes, models } };
}

/** The part of Dawn for Node that is used: what the module `dawn.node` exports. */
interface Dawn {
  create(options: readonly string[]): GPU;
}

const dawn: Dawn = createRequire(import.meta.url)('./dawn/dawn.node');
// Kept by the module: Dawn ends, with all that it made, when this is collected. By default timestamps are rounded to
// 0.1 ms, against pages that spy on other pages.
const webgpu = dawn.create(['disable-dawn-features=timestamp_quantization']);

async function open() {
  try {
    return await openGpu(webgpu);
  } catch (error) {
    if (!(error instanceof NoWebGpuError)) throw error;
    throw new Error(
      'Dawn found no Vulkan driver. It needs the loader libvulkan.so.1 (Debian: libvulkan1), and a driver that ' +
        `VK_DRIVER_FILES names or that is installed. It is "${process.env.VK_DRIVER_FILES ?? process.env.VK_ICD_FILENAMES ?? ''}".`,
    );
  }
}

async function main(): Promise<void> {
  const { sizes, only, python, json, tune } = readArguments();
  const gpu = await open();
  const device = nvidiaName() ?? `${gpu.info.vendor} ${gpu.info.architecture} ${gpu.info.device}`.trim();
  const peak = gpu.software ? undefined : peakOf(device);
  const torch = await openTorch(python, fileURLToPath(new URL('torch_bench.py', import.meta.url)), sizes);
  console.log(`GPU: ${device} (${gpu.info.description})`);
  console.log(`Features: ${[...gpu.features].join(', ') || 'none'}`);
  console.log(
    peak
      ? `Peak as ${peak.name}: ${peak.flops / 1e12} TFLOP/s in float32, ${peak.bandwidth / 1e12} TB/s`
      : 'Peak: unknown for this device',
  );
  console.log(`PyTorch: ${torch ? `${torch.version} on ${torch.device}, float32, TF32 off` : 'not here'}`);

  const failures: string[] = [];
  const attempt: Bench['attempt'] = async (name, work) => {
    try {
      return await work();
    } catch (error) {
      const { message } = error as Error;
      console.log(`${name}: ${message}`);
      if (!(error instanceof TooLargeError)) failures.push(`${name}: ${message}`);
      return undefined;
    }
  };
  const begun = performance.now();
  const meter = startPowerMeter();
  const scratch = mkdtempSync(join(tmpdir(), 'isobar-gpu-'));
  const pipelines = new PipelineCache(gpu.device);
  const bench: Bench = {
    device: { gpu, pipelines },
    sizes,
    peak,
    torch,
    meter,
    scratch,
    attempt,
    formsFile: tune,
  };
  const products = only.includes('products') ? await benchProducts(bench) : [];
  const convolutions = only.includes('convolutions') ? await benchConvolutions(bench) : [];
  const passes = only.includes('passes') ? await benchPasses(bench) : [];
  const overhead = only.includes('passes') ? await benchOverhead(bench) : undefined;
  const steps = only.includes('steps') ? await benchSteps(bench) : [];
  const variants = only.includes('variants') ? await benchVariants(bench) : undefined;
  const metered = only.includes('meter') ? await benchMeter(bench) : [];
  torch?.close();
  meter.stop();
  rmSync(scratch, { recursive: true });
  const seconds = (performance.now() - begun) / 1000;
  console.log(
    `\n${seconds.toFixed(0)} s; ${failures.length === 0 ? 'all of it is right' : `${failures.length} failed`}`,
  );
  if (json !== undefined) {
    const { maxBufferSize, maxStorageBufferBindingSize } = gpu.limits;
    const machine = {
      device,
      ...infoOf(gpu.info),
      features: [...gpu.features],
      software: gpu.software,
      limits: { maxBufferSize, maxStorageBufferBindingSize },
      peak,
      torch: torch && { version: torch.version, device: torch.device },
      node: process.version,
    };
    const date = new Date().toISOString();
    const result = {
      date,
      machine,
      sizes,
      products,
      convolutions,
      passes,
      overhead,
      steps,
      variants,
      metered,
      seconds,
      failures,
    };
    writeFileSync(json, `${JSON.stringify(result, null, 2)}\n`);
  }
  process.exit(failures.length === 0 ? 0 : 1);
}

function infoOf({ vendor, architecture, device: name, description }: GPUAdapterInfo) {
  return { vendor, architecture, name, description };
}

await main().catch((error: Error) => {
  console.error(`${error.message}\n\n${usage}`);
  process.exit(2);
});
