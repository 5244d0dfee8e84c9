/** The whole run on another GPU: how long it would take there, and what for. */
import { type Band, bandOf, times } from './band.ts';
import { type GpuPower, powerOfRow } from './gpu-power.ts';
import { type GpuRow, rowNamed } from './gpu-rows.ts';
import { powerUnder } from './load.ts';
import { type EnergySettings, hostPowerOf } from './settings.ts';

/** A training step of all ranks together. */
export interface StepWork {
  readonly flops: number;
  /** Between kernels and memory. */
  readonly bytes: number;
  /** Kernels that are started. */
  readonly dispatches: number;
}

export interface Elsewhere {
  readonly name: string;
  readonly seconds: Band;
  /** J, with the rest of such a machine. */
  readonly joules: Band;
}

/** Where nothing was measured on a GPU: what kernels reach of the roofline, by WebGPU, over models small and large. */
const usualShare: Band = { low: 0.05, central: 0.25, high: 0.7 };

/** Kernels that reach a share here reach about it there: by so much less or more. */
const carriedOver: Band = { low: 0.5, central: 1, high: 1.6 };

/**
 * Seconds from the start of one kernel to that of the next where there is hardly anything to compute: small models
 * are bound by it on any card. An estimate.
 */
const dispatchSeconds: Band = { low: 3e-6, central: 10e-6, high: 40e-6 };

/** Seconds of a step at the peak rates: of its operations or of its bytes, whichever takes longer. */
const atPeak = ({ flops, bytes }: Pick<StepWork, 'flops' | 'bytes'>, peak: number, bandwidth: number) =>
  Math.max(flops / peak, bytes / bandwidth);

/**
 * What of the roofline is reached here.
 *
 * @param seconds of a step in which the GPU has work
 * @returns undefined where nothing is known of the GPU's rates, as of software
 */
export function roofShare(work: StepWork, seconds: number, { rates }: GpuPower): Band | undefined {
  if (!rates || !(seconds > 0)) return undefined;
  // Starting kernels is no computing, but all of the time it cannot be either.
  const computing = Math.max(0.2 * seconds, seconds - work.dispatches * dispatchSeconds.central);
  const share = (end: keyof Band) =>
    Math.min(1, atPeak(work, rates.flops[end], rates.bandwidth[end]) / computing);
  const here = bandOf([share('low'), share('central'), share('high')]);
  return {
    low: here.low * carriedOver.low,
    central: here.central * carriedOver.central,
    high: Math.min(1, here.high * carriedOver.high),
  };
}

/**
 * @param name of a row of the table, or the row
 * @param steps of the run
 * @param share of the roofline, as measured here
 * @throws RangeError where the table has no such row, or one whose rates are a processor's
 */
export function elsewhere(
  name: string | GpuRow,
  work: StepWork,
  steps: number,
  settings: EnergySettings,
  share: Band = usualShare,
): Elsewhere {
  const row = typeof name === 'string' ? rowNamed(name) : name;
  if (row.kind === 'software') {
    throw new RangeError(
      `${row.name} is as fast as the processor that it computes on: its time cannot be told.`,
    );
  }
  const gpu = powerOfRow(row);
  const peakSeconds = atPeak(work, row.f32.value, row.bandwidth.value);
  // What reaches less takes longer.
  const seconds: Band = {
    low: peakSeconds / share.high + work.dispatches * dispatchSeconds.low,
    central: peakSeconds / share.central + work.dispatches * dispatchSeconds.central,
    high: peakSeconds / share.low + work.dispatches * dispatchSeconds.high,
  };
  const host = hostPowerOf(gpu, { ...settings, gpu: { kind: 'recognised' } });
  const at = (end: keyof Band) => {
    const busy = { low: 1, central: 1, high: 1 };
    const watts = powerUnder({ seconds: seconds[end], ...work, busy }, gpu);
    return seconds[end] * host.pue * (watts[end] + host.watts[end]);
  };
  return {
    name: row.name,
    seconds: times(seconds, steps),
    joules: times({ low: at('low'), central: at('central'), high: at('high') }, steps),
  };
}
