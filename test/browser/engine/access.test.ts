/**
 * Kernels do with their operands what the plan says: what is said to be written is not read, and written whole where its
 * bytes say so; what is said to be updated is read.
 */
import { expect, test } from 'vitest';
import { Executor } from '../../../src/engine/executor.ts';
import { formsFor } from '../../../src/engine/forms.ts';
import { allocateSpaces, destroySpaces, type Spaces } from '../../../src/engine/spaces.ts';
import { readFloats } from '../../../src/engine/transfer.ts';
import { meshAt } from '../../../src/mesh/mesh.ts';
import { lower, tiles } from '../../../src/plan/lower.ts';
import { type DispatchStep, isDispatch, type Operand, type Plan } from '../../../src/plan/plan.ts';
import { presets } from '../../../src/session/api/presets.ts';
import { type StepOptions, trainingPlan } from '../../../src/train/plans.ts';
import { oddModels, uniform } from '../../node/models/odd-models.ts';
import { forecastJob } from '../../reference/jobs.ts';
import { testGpu } from '../gpu.ts';

/** Operands of a step that it is said to write, or to update. */
const operandsOf = ({ operands }: DispatchStep, access: Operand['access']): Operand[] =>
  operands.flatMap(operand => (operand?.access === access ? [operand] : []));

/** Whether all of what a step binds for writing is written. */
const writesAll = (step: DispatchStep): boolean =>
  [...operandsOf(step, 'write'), ...operandsOf(step, 'update')].reduce((sum, { bytes }) => sum + bytes, 0) ===
  step.work.written;

async function stateOf(device: GPUDevice, spaces: Spaces): Promise<number[]> {
  const values = [];
  for (const buffer of Object.values(spaces).flat())
    values.push(...(await readFloats(device, buffer, 0, buffer.size)));
  return values;
}

/** The kernels of a rank's step, one after the other; nothing arrives from peers. */
async function runKernels(options: StepOptions, spoil?: 'write' | 'update'): Promise<number[]> {
  const { gpu, pipelines } = await testGpu();
  const { device } = gpu;
  const config = { ...oddModels['concat and blend'], height: 6 };
  const { plan: training } = trainingPlan(forecastJob(config, true), 2, presets.demo.optimizer, options);
  const plan: Plan = { ...lower(training, options.mesh ? tiles : formsFor(gpu)), exchanges: 0 };
  const spaces = await allocateSpaces(gpu, plan);
  Object.values(spaces)
    .flat()
    .forEach((buffer, i) => {
      device.queue.writeBuffer(
        buffer,
        0,
        uniform(buffer.size / 4, i + 1).map(value => value + 1.5),
      );
    });
  const contaminated: number[] = [];
  for (const step of plan.steps.filter(isDispatch)) {
    const executor = await Executor.create(gpu, pipelines, { ...plan, steps: [step] }, spaces);
    const spoilt = spoil && (spoil === 'update' || writesAll(step)) ? operandsOf(step, spoil) : [];
    const saved = spoil === 'update' ? await Promise.all(spoilt.map(at => read(device, spaces, at))) : [];
    for (const at of spoilt) write(device, spaces, at, new Float32Array(at.bytes / 4).fill(Number.NaN));
    const run = () => {
      const encoder = device.createCommandEncoder();
      executor.encode(encoder);
      device.queue.submit([encoder.finish()]);
    };
    run();
    for (const [i, at] of spoil === 'update' ? spoilt.entries() : []) {
      const values = await read(device, spaces, at);
      contaminated.push(values.some(Number.isNaN) ? 1 : 0);
      write(device, spaces, at, saved[i]);
    }
    if (spoil === 'update' && spoilt.length > 0) run();
    executor.destroy();
  }
  const state = spoil === 'update' ? contaminated : await stateOf(device, spaces);
  destroySpaces(spaces);
  return state;
}

const read = (device: GPUDevice, spaces: Spaces, { space, block, offset, bytes }: Operand) =>
  readFloats(device, spaces[space][block], offset, bytes);

function write(
  device: GPUDevice,
  spaces: Spaces,
  { space, block, offset }: Operand,
  values: Float32Array<ArrayBuffer>,
): void {
  device.queue.writeBuffer(spaces[space][block], offset, values);
}

const mesh = meshAt({ rows: 2, columns: 3, replicas: 1 }, 4);

test.each<[string, StepOptions]>([
  ['whole', {}],
  ['a rank of 2x3, in half precision', { mesh, wire: 'f16' }],
])('%s: what is written is not read, and written whole', async (_, options) => {
  const [plain, spoilt] = [await runKernels(options), await runKernels(options, 'write')];
  const differ = plain.filter((value, i) => !Object.is(value, spoilt[i])).length;
  expect(plain.filter(Number.isFinite).length).toBeGreaterThan(0.9 * plain.length);
  expect(differ).toBe(0);
});

test.each<[string, StepOptions]>([
  ['whole, in two passes', { accumulate: 2 }],
  ['a rank of 2x3', { mesh }],
])('%s: what is updated is read', async (_, options) => {
  const contaminated = await runKernels(options, 'update');
  expect(contaminated.length).toBeGreaterThan(20);
  expect(contaminated).toEqual(contaminated.map(() => 1));
});
