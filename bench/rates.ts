/**
 * This machine as rates, for the simulator: of the device from one rank's step alone, and what an exchange costs besides
 * the line's time from blocks that a device sends to itself.
 */

import type { Peers } from '../src/engine/exchange-actions.ts';
import { Executor } from '../src/engine/executor.ts';
import { allocateSpaces, destroySpaces } from '../src/engine/spaces.ts';
import type { Gpu } from '../src/gpu/device.ts';
import type { PipelineCache } from '../src/gpu/pipelines.ts';
import { connectLocal } from '../src/net/local-link.ts';
import { isDispatch, type Plan, type PlanStep } from '../src/plan/plan.ts';
import type { SimulatedDevice } from '../src/simulate/simulate.ts';
import { timedRun } from './kernel-times.ts';

const ROUNDS = 9;
const EXCHANGES = 20;
/** Ranks that exchange at a time until the machine is busy. */
const AT_ONCE = 8;
const BLOCK_BYTES = 64 * 1024;
/** A kernel that touches less is all overhead. */
const LITTLE_BYTES = 32 * 1024;

export interface Rates {
  readonly device: SimulatedDevice;
  /** Of the whole step, in one pass. */
  readonly stepMs: number;
  /** Sum over its kernels, each in a pass of its own. */
  readonly kernelsMs: number;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}

/** @throws Error where the adapter has no timestamp queries */
export async function measureRates(gpu: Gpu, pipelines: PipelineCache, plan: Plan): Promise<Rates> {
  if (!gpu.features.has('timestamp-query')) throw new Error('This adapter has no timestamp queries.');
  const steps = plan.steps.filter(isDispatch);
  const spaces = await allocateSpaces(gpu, plan);
  const whole = await Executor.create(gpu, pipelines, plan, spaces);
  const each = await Promise.all(
    steps.map(step => Executor.create(gpu, pipelines, { ...plan, steps: [step] }, spaces)),
  );
  const walls: number[] = [];
  const times: number[][] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const begun = performance.now();
    const encoder = gpu.device.createCommandEncoder();
    whole.encode(encoder);
    gpu.device.queue.submit([encoder.finish()]);
    await gpu.device.queue.onSubmittedWorkDone();
    walls.push(performance.now() - begun);
    times.push(await timedRun(gpu.device, each));
  }
  for (const executor of [whole, ...each]) executor.destroy();
  destroySpaces(spaces);
  const stepMs = median(walls);
  // Browsers round timestamps to about 0.1 ms: means lose less than medians. The first round warms up.
  const ms = steps.map((_, index) => mean(times.slice(1).map(round => round[index])));
  const works = steps.map(({ work: { kernel, flops, read, written } }) => ({
    isProduct: kernel === 'product' || kernel === 'convolution',
    flops,
    bytes: read + written,
  }));
  const perDispatch = mean(ms.filter((_, index) => works[index].bytes < LITTLE_BYTES));
  const beyond = (isProduct: boolean) =>
    sum(ms.filter((_, i) => works[i].isProduct === isProduct).map(time => Math.max(0, time - perDispatch)));
  const amount = (isProduct: boolean, pick: 'flops' | 'bytes') =>
    sum(works.filter(work => work.isProduct === isProduct).map(work => work[pick]));
  // What the kernels take in one pass is what counts.
  const scale = stepMs / sum(ms) / 1000;
  const device = {
    flopsPerSecond: amount(true, 'flops') / (beyond(true) * scale),
    bytesPerSecond: amount(false, 'bytes') / (beyond(false) * scale),
    secondsPerDispatch: perDispatch * scale,
    secondsPerExchange: (await exchangeMs(gpu, pipelines, 1)) / 1000,
    sharedSecondsPerExchange: gpu.software ? (await exchangeMs(gpu, pipelines, AT_ONCE)) / 1000 : 0,
    cores: navigator.hardwareConcurrency,
  };
  return { device, stepMs, kernelsMs: sum(ms) };
}

/**
 * From blocks on the device to blocks on the device, through a link without latency.
 *
 * @param atOnce so many are always under way: with several, what one takes of a machine that has no time to spare
 */
async function exchangeMs(gpu: Gpu, pipelines: PipelineCache, atOnce: number): Promise<number> {
  const at = (block: number) => ({ space: 'exchange', block, offset: 0, bytes: BLOCK_BYTES });
  const steps = Array.from({ length: EXCHANGES }, (_, exchange): PlanStep[] => {
    const provenance = { layer: 'none', phase: 'forward', op: 'swap', shape: [BLOCK_BYTES / 4] } as const;
    const identity = { label: 'to itself', exchange, group: 'row', provenance };
    return [
      { kind: 'start', ...identity, sends: [{ peer: 0, at: at(0) }] },
      { kind: 'finish', ...identity, receives: [{ peer: 0, at: at(1) }] },
    ];
  }).flat();
  const buffer = { bytes: BLOCK_BYTES, label: 'block' };
  const plan: Plan = {
    steps,
    spaces: { exchange: [buffer, buffer] },
    inputs: new Map(),
    outputs: new Map(),
    exchanges: EXCHANGES,
  };
  const ranks = await Promise.all(
    Array.from({ length: atOnce }, async () => {
      const spaces = await allocateSpaces(gpu, plan);
      const executor = await Executor.create(gpu, pipelines, plan, spaces);
      return { spaces, executor, peers: peersToItself() };
    }),
  );
  const all: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const begun = performance.now();
    await Promise.all(ranks.map(({ executor, peers }) => executor.run(peers)));
    all.push((performance.now() - begun) / (EXCHANGES * atOnce));
  }
  for (const { executor, spaces } of ranks) {
    executor.destroy();
    destroySpaces(spaces);
  }
  return median(all);
}

function peersToItself(): Peers {
  const [near, far] = connectLocal({ latencyMs: 0, megabytesPerSecond: 1e6 });
  const arrived: Uint8Array<ArrayBuffer>[] = [];
  let take: ((block: Uint8Array<ArrayBuffer>) => void) | undefined;
  far.onmessage = ({ data }: MessageEvent<ArrayBuffer>) => {
    const block = new Uint8Array(data);
    if (take) take(block);
    else arrived.push(block);
    take = undefined;
  };
  return {
    send: (_peer, _exchange, bytes) => {
      const copy = bytes.slice().buffer;
      near.postMessage(copy, [copy]);
    },
    receive: () => {
      const block = arrived.shift();
      if (block) return Promise.resolve(block);
      return new Promise(resolve => {
        take = resolve;
      });
    },
    release: () => undefined,
  };
}
