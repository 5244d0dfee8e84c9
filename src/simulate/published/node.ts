/**
 * The node that the published timings were measured on, as rates: four A100 of 40 GB that are linked in pairs, and one
 * InfiniBand card. Few numbers, each with a meaning: what the makers state, what is assumed, and four that are calibrated on
 * timings of one GPU (`calibrate.ts`). No timing of several GPUs sets any of them.
 */

import type { StepTrace } from '../../plan/trace.ts';
import { stepMs, withData } from '../data-wait.ts';
import { type Achieved, deviceOf, type LinkLevel, machinesOf } from '../machines.ts';
import type { RankGroup, SimulatedRank } from '../ranks.ts';
import { simulateGroups } from '../simulate.ts';
import type { Ways } from './products.ts';
import { type PublishedModel, publishedPlan, sampleFloats } from './step.ts';
import type { MeasuredPrecision } from './tables.ts';

/** NVIDIA's data sheet of the A100 SXM of 40 GB. */
export const a100Peaks = { f32: 19.5e12, tf32: 156e12, f16: 312e12, bytesPerSecond: 1.555e12 };

/** Of what a link states, what messages get: NCCL's usual share of NVLink and of InfiniBand. Assumed. */
const LINK_SHARE = 0.8;

/** Four links of 25 GB/s each way between any two of a node's four A100 (data sheet: twelve links a GPU). */
export const nvlink: LinkLevel = {
  name: 'NVLink',
  latencySeconds: 5e-6,
  bytesPerSecond: LINK_SHARE * 100e9,
  shared: 'pair',
};

/** HDR, 200 Gb/s: one card a node. */
export const infiniband: LinkLevel = {
  name: 'InfiniBand',
  latencySeconds: 5e-6,
  bytesPerSecond: LINK_SHARE * 25e9,
  shared: 'host',
};

export const RANKS_PER_HOST = 4;
/** Of PyTorch's loader in the released code; each makes a whole sample, so the first of an epoch takes as long as so many. */
const LOADING_WORKERS = 20;
/** From main memory to a GPU: PCIe 4.0 of 16 lanes, 31.5 GB/s. */
const UPLOAD_BYTES_PER_SECOND = LINK_SHARE * 31.5e9;

/** What is calibrated. */
export interface Calibrated {
  /** Shares of the peak of products. */
  readonly tf32: number;
  readonly f32: number;
  /** See `PublishedKernels`. */
  readonly shortestRow: number;
  /** In which the loader of one process makes a sample of all channels and points. */
  readonly secondsPerSample: number;
}

/** What `calibrate` gives; held to by a test. */
export const calibrated: Calibrated = {
  tf32: 0.524,
  f32: 0.831,
  shortestRow: 1377,
  secondsPerSample: 0.2428,
};

/** What is assumed of PyTorch's kernels: shares of bandwidth that plain ones achieve, and the gap between two. */
const assumed: Omit<Achieved, 'product'> = {
  memory: 0.85,
  secondsPerDispatch: 5e-6,
  secondsPerExchange: 10e-6,
};

export interface PublishedRun {
  readonly model: PublishedModel;
  readonly precision: MeasuredPrecision;
  readonly ways: Ways;
  /** 1 where absent. */
  readonly replicas?: number;
  /** Samples of an epoch of one copy where data are loaded; they are made up on the device where absent. */
  readonly loadedSamples?: number;
}

/**
 * Of a sample's bytes, what a process must read: whole chunks, which hold all points of a channel (inferred: the WeatherBench
 * 2 store keeps whole globes together), so that half of the longitudes takes what all of them take.
 */
const readShare = (ways: Ways) => 1 / Math.min(ways, 2);

/** GPUs of such nodes, at the shares that PyTorch's kernels reach. */
export function nodeMachines(
  ranks: number,
  precision: MeasuredPrecision,
  found: Calibrated = calibrated,
): SimulatedRank[] {
  const device = deviceOf(a100Peaks, precision, { ...assumed, product: found[precision] });
  return machinesOf(ranks, {
    deviceOf: () => ({ ...device }),
    ranksPerHost: RANKS_PER_HOST,
    within: nvlink,
    between: infiniband,
  });
}

/** A step of all ranks of the published scheme on such nodes: the ranks of the first copy, for all copies. */
export function publishedTraces(run: PublishedRun, found: Calibrated = calibrated): StepTrace[] {
  const { model, precision, ways, replicas = 1, loadedSamples } = run;
  const machines = nodeMachines(ways * replicas, precision, found);
  const groups = Array.from(
    { length: ways },
    (_, place): RankGroup => ({
      ranks: Array.from({ length: replicas }, (_, replica) => ways * replica + place),
      plan: publishedPlan(model, { ways, replicas, ranksPerHost: RANKS_PER_HOST }, place, found),
      hash: `published ${ways}-way, rank ${place}`,
    }),
  );
  const traces = simulateGroups(groups, machines);
  if (loadedSamples === undefined) return traces;
  return withData(traces, {
    secondsPerBatch: found.secondsPerSample * readShare(ways),
    uploadSeconds: (4 * sampleFloats(model, ways)) / UPLOAD_BYTES_PER_SECOND,
  });
}

/** Mean seconds of a step over an epoch: where data are loaded, the first waits for the loader to begin. */
export function publishedSeconds(run: PublishedRun, found: Calibrated = calibrated): number {
  const { ways, loadedSamples } = run;
  const first =
    loadedSamples === undefined
      ? 0
      : (LOADING_WORKERS * found.secondsPerSample * readShare(ways)) / loadedSamples;
  return stepMs(publishedTraces(run, found)) / 1000 + first;
}
