/**
 * Power from load: P = idle + (full - idle) busy u^k. `busy` is the share of the time in which the GPU had work, and u what
 * it used meanwhile of its compute or its bandwidth, whichever it used more. k is below 1, for clocks, schedulers
 * and caches run at full whatever is made of them. No published table has k for training, so it is a band too.
 */
import { coveredMs, type StepTrace } from '../plan/trace.ts';
import type { Band } from './band.ts';
import { type GpuPower, type WallPoint, wattsRange } from './gpu-power.ts';

/** What a GPU did in a while; of ranks that share it, of all together. */
export interface Load {
  readonly seconds: number;
  /** Of the plans that were run: operations, and bytes between kernels and memory. */
  readonly flops: number;
  readonly bytes: number;
  /** Share of the time in which it had work, 0 to 1. */
  readonly busy: Band;
}

/** Low power goes with a high k. */
export const exponent: Band = { low: 0.9, central: 0.5, high: 0.3 };

/** What is used of compute or bandwidth in the busy time, 0 to 1: the larger of the two. 1 on a processor. */
export function utilisation({ flops, bytes, seconds }: Load, busy: number, rates: GpuPower['rates']): Band {
  if (!rates) return { low: 1, central: 1, high: 1 };
  const time = seconds * busy;
  if (time <= 0) return { low: 0, central: 0, high: 0 };
  const used = (peak: number, bandwidth: number) =>
    Math.min(1, Math.max(flops / (time * peak), bytes / (time * bandwidth)));
  // Of a faster GPU less is used.
  return {
    low: used(rates.flops.high, rates.bandwidth.high),
    central: used(rates.flops.central, rates.bandwidth.central),
    high: used(rates.flops.low, rates.bandwidth.low),
  };
}

/** busy u^k: 0 of a GPU that does nothing, 1 of one that does all it can. */
export function activity(load: Load, rates: GpuPower['rates']): Band {
  const at = (end: keyof Band) =>
    load.busy[end] * utilisation(load, load.busy[end], rates)[end] ** exponent[end];
  return { low: at('low'), central: at('central'), high: at('high') };
}

/** W, mean over the time of the load. */
export function powerUnder(load: Load, gpu: GpuPower): Band {
  const active = activity(load, gpu.rates);
  return gpu.wall ? onTheLine(active, gpu.idle, gpu.wall) : between(active, gpu);
}

function between(active: Band, { idle, full }: GpuPower): Band {
  const at = (end: keyof Band) => idle[end] + Math.max(0, full[end] - idle[end]) * active[end];
  return { low: at('low'), central: at('central'), high: at('high') };
}

/** A wall meter is read to about this share, and what else the machine does changes as much. */
export const wallError = 0.05;

/**
 * Two readings fix rest and slope. At the load of the second all that is unsure of k and of the rates is in both
 * activities, and falls out; the further from it, the more of it is left.
 */
function onTheLine(active: Band, idle: Band, { aboveIdle, activity }: WallPoint): Band {
  const at = (end: keyof Band) => idle.central + (aboveIdle * active[end]) / activity[end];
  const ends = [at('low'), at('central'), at('high')];
  return {
    low: (1 - wallError) * Math.min(...ends),
    central: ends[1],
    // The reading may be of a load of which next to nothing is sure: there is no such machine beyond this.
    high: Math.min(wattsRange.most, (1 + wallError) * Math.max(...ends)),
  };
}

/** Nobody has said what the GPU did: between nothing and all it can. */
export const unknownPower = ({ idle, full }: GpuPower): Band => ({
  low: idle.low,
  central: (idle.central + full.central) / 2,
  high: full.high,
});

/**
 * Share of a sampled step in which a card had work of any of its ranks, from when the first of them began until the last
 * was done. Undefined where the traces have no time, as those of a clock that is too coarse.
 *
 * @param traces of one step: of all ranks that compute on the card
 */
export function busyOf(traces: readonly StepTrace[]): Band | undefined {
  const spans = traces.flatMap(trace => trace.spans);
  const begun = Math.min(...spans.map(span => span.begun));
  const ended = Math.max(...spans.map(span => span.ended));
  const total = ended - begun;
  if (!(total > 0)) return undefined;
  const device = spans.filter(({ lane }) => lane === 'device');
  const central = Math.min(1, coveredMs(device) / total);
  // What is shorter than the clock can tell may be missing at either end of a step.
  const unsure =
    Math.max(...traces.map(({ resolution, uncertainty = 0 }) => resolution + uncertainty)) / total;
  return { low: Math.max(0, central - unsure), central, high: Math.min(1, central + unsure) };
}
