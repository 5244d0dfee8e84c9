/**
 * Machines as rates: what a GPU does at most, which share of it kernels achieve, and how hosts with several GPUs are linked.
 */
import type { Line, SimulatedDevice, SimulatedRank } from './ranks.ts';

/** What products are computed in: f32 throughout, or with factors of fewer digits on units made for it. */
export type Precision = 'f32' | 'tf32' | 'f16';

/** The most that a GPU does. */
export interface GpuPeaks {
  /** FLOP/s of products; absent where there are no units for it. */
  readonly f32: number;
  readonly tf32?: number;
  readonly f16?: number;
  /** Between kernels and memory. */
  readonly bytesPerSecond: number;
}

/** Shares of the peaks that kernels achieve, by their class. */
export interface Achieved {
  readonly product: number;
  /** That of products where absent. */
  readonly convolution?: number;
  /** Of the bytes a second, by kernels that do nothing but move. */
  readonly memory: number;
  /** From the end of a kernel to the beginning of the next. */
  readonly secondsPerDispatch: number;
  /** From blocks that are ready until they are on the line, and back at the other end. */
  readonly secondsPerExchange: number;
}

/** @throws RangeError where the GPU has no units for this precision */
export function deviceOf(peaks: GpuPeaks, precision: Precision, achieved: Achieved): SimulatedDevice {
  const peak = peaks[precision];
  if (peak === undefined) throw new RangeError(`It has no units for products in ${precision}.`);
  const { product, convolution = product, memory, secondsPerDispatch, secondsPerExchange } = achieved;
  const bytesPerSecond = memory * peaks.bytesPerSecond;
  return {
    flopsPerSecond: product * peak,
    convolutionFlopsPerSecond: convolution * peak,
    bytesPerSecond,
    productBytesPerSecond: bytesPerSecond,
    secondsPerDispatch,
    secondsPerExchange,
  };
}

/** How ranks reach each other at one level. */
export interface LinkLevel {
  readonly name: string;
  /** One way. */
  readonly latencySeconds: number;
  readonly bytesPerSecond: number;
  /** Who queues for the same line: a pair of ranks, all that a rank sends, a host's ranks, or everyone. */
  readonly shared: 'pair' | 'rank' | 'host' | 'all';
}

export interface Cluster {
  readonly deviceOf: (rank: number) => SimulatedDevice;
  readonly ranksPerHost: number;
  readonly within: LinkLevel;
  readonly between: LinkLevel;
}

/** The ranks of a cluster, host by host. */
export function machinesOf(
  ranks: number,
  { deviceOf, ranksPerHost, within, between }: Cluster,
): SimulatedRank[] {
  const hostOf = (rank: number) => Math.floor(rank / ranksPerHost);
  const made = new Map<string, Line>();
  const lineOf = ({ name, shared }: LinkLevel, rank: number): Line | undefined => {
    if (shared === 'pair') return undefined;
    const key = `${name} ${shared === 'rank' ? rank : shared === 'host' ? hostOf(rank) : ''}`;
    const line = made.get(key) ?? { level: name };
    made.set(key, line);
    return line;
  };
  return Array.from({ length: ranks }, (_, rank): SimulatedRank => {
    const inside = { ...within, line: lineOf(within, rank) };
    const outside = { ...between, line: lineOf(between, rank) };
    return {
      device: deviceOf(rank),
      linkTo: peer => (hostOf(peer) === hostOf(rank) ? inside : outside),
      lines: [inside, outside].flatMap(({ line }) => line ?? []),
    };
  });
}
