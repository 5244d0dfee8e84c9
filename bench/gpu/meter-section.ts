/**
 * The section of the meter: what the GPU takes at loads from rest to full, as nvidia-smi reads it, beside what the meter of a run
 * estimates from the same load. Steps come in bursts with rests between them; the longer the rests, the lower the load.
 */
import type { Band } from '../../src/energy/band.ts';
import { type GpuPower, powerOf } from '../../src/energy/gpu-power.ts';
import { type Load, powerUnder, utilisation } from '../../src/energy/load.ts';
import { recognise } from '../../src/energy/recognise.ts';
import { formsFor } from '../../src/engine/forms.ts';
import { workOf } from '../../src/plan/work.ts';
import { bandText } from '../../src/show/energy-words.ts';
import type { Bench } from './bench.ts';
import { type Draw, nvidiaName } from './machine.ts';
import { type BenchModel, modelNamed } from './models.ts';
import { type OpenStep, submit, withStep } from './steps.ts';

/** Of the time, with work for the GPU. */
const shares = [0.2, 0.4, 0.6, 0.8, 1];
/** nvidia-smi tells the mean of the second before (power.draw of GPUs since Ampere): a burst and its rest are shorter. */
const BURST_MS = 100;

export interface MeterRow {
  readonly model: string;
  readonly share: number;
  readonly steps: number;
  readonly load: Load;
  readonly read: Draw | undefined;
  readonly estimated: Band;
}

export async function benchMeter(bench: Bench): Promise<readonly MeterRow[]> {
  const { device, sizes, attempt } = bench;
  const { info, software } = device.gpu;
  const { vendor, architecture, device: name, description } = info;
  const said = { vendor, architecture, device: name, description, software };
  const gpu = powerOf(recognise({ ...said, renderer: nvidiaName() }));
  console.log(`\n${gpu.name}: ${gpu.evidence}`);
  console.log(
    `${'power'.padEnd(20)} load     steps   used   W read   W estimated (low to high)    ratio  in the band`,
  );
  const rows = [await rest(bench, gpu)];
  for (const wanted of sizes.metered) {
    const model = modelNamed(wanted, sizes);
    const found = await attempt(`${wanted}, power`, () =>
      withStep(device, model, formsFor(device.gpu), async step => {
        const own: MeterRow[] = [];
        for (const share of shares) own.push(await underLoad(bench, gpu, model, step, share));
        return own;
      }),
    );
    rows.push(...(found ?? []));
  }
  return rows;
}

async function rest(bench: Bench, gpu: GpuPower): Promise<MeterRow> {
  const { sizes, meter } = bench;
  await sleep(sizes.settleMs);
  meter.read();
  await sleep(sizes.meterMs);
  const busy = { low: 0, central: 0, high: 0 };
  const load = { seconds: sizes.meterMs / 1000, flops: 0, bytes: 0, busy };
  return told({ model: 'at rest', share: 0, steps: 0, load, read: meter.read() }, gpu);
}

async function underLoad(
  { device: { gpu: device }, sizes, meter }: Bench,
  gpu: GpuPower,
  model: BenchModel,
  { executor }: OpenStep,
  share: number,
): Promise<MeterRow> {
  const work = workOf(executor.plan);
  const burst = async (steps: number) => {
    const begun = performance.now();
    for (let i = 0; i < steps; i++) submit(device.device, executor);
    await device.device.queue.onSubmittedWorkDone();
    return performance.now() - begun;
  };
  await burst(1);
  const inBurst = Math.max(1, Math.round(BURST_MS / (await burst(1))));
  const during = async (ms: number) => {
    const begun = performance.now();
    let [steps, busyMs] = [0, 0];
    while (performance.now() - begun < ms) {
      const own = await burst(inBurst);
      steps += inBurst;
      busyMs += own;
      if (share < 1) await sleep(own * (1 / share - 1));
    }
    return { steps, busyMs, ms: performance.now() - begun };
  };
  // Clocks and the sensor follow a load with a delay.
  await during(sizes.settleMs);
  meter.read();
  const { steps, busyMs, ms } = await during(sizes.meterMs);
  const read = meter.read();
  const busy = Math.min(1, busyMs / ms);
  const load = {
    seconds: ms / 1000,
    flops: steps * work.flops,
    bytes: steps * (work.read + work.written),
    busy: { low: busy, central: busy, high: busy },
  };
  return told({ model: model.name, share, steps, load, read }, gpu);
}

function told(row: Omit<MeterRow, 'estimated'>, gpu: GpuPower): MeterRow {
  const { model, load, read, steps } = row;
  const estimated = powerUnder(load, gpu);
  const { low, central, high } = estimated;
  const used = utilisation(load, load.busy.central, gpu.rates).central;
  const percent = (part: number) => `${(100 * part).toFixed(0)} %`.padStart(6);
  const beside =
    read &&
    `${(central / read.watts).toFixed(2).padStart(8)}  ${read.watts >= low && read.watts <= high ? 'yes' : 'no'}`;
  console.log(
    `${model.padEnd(20)}${percent(load.busy.central)}${String(steps).padStart(8)} ${percent(used)}` +
      `${(read?.watts.toFixed(0) ?? 'none').padStart(9)}   ${bandText(estimated, 'W').padEnd(26)}${beside ?? ''}`,
  );
  return { ...row, estimated };
}

const sleep = (ms: number) => new Promise(resolve => setTimeout(resolve, ms));
