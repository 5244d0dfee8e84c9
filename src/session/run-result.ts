/** What a run came to, and what every rank held and did for it. */

import { noTimes, type RankTimes } from '../parallel/program.ts';
import type { Score } from '../tasks/score.ts';
import type { RankInfo, RankResult, RunResult, StepReads } from './api/api.ts';
import type { PreparedRun } from './prepared-run.ts';

/** @param scores on the test part */
export function resultOf(run: PreparedRun, scores: readonly Score[]): RunResult {
  const { info, config, preset, trainer, trainedSeconds, trainedSamples } = run;
  return {
    model: info.model,
    preset: config.preset,
    parameters: info.parameterCount,
    steps: trainer.step,
    lossFirst: run.lossFirst,
    lossLast: run.lossLast,
    scores,
    samplesPerSecond: trainedSamples / trainedSeconds,
    dataMs: run.dataMs / Math.max(1, trainedSamples / preset.batch),
    gpuBusySeconds: trainer.gpuBusySeconds,
    peakBytes: info.memory.total,
    adapter: info.adapter,
    bytesReadFromData: info.bytesReadFromData,
    bytesReadToScore: info.bytesReadToScore,
    ...readsOf(
      trainer.reads?.bytes ?? 0,
      Math.max(1, trainedSamples / preset.batch),
      trainer.shards[0].idealReadBytes,
    ),
    ranks: info.ranks.map(
      (rank): RankResult =>
        rankResult(rank, run.rankTimes[rank.rank] ?? noTimes, trainer.shards[rank.rank].idealReadBytes),
    ),
  };
}

/** @param ideal of a step; undefined where the data are in memory */
export const readsOf = (
  bytes: number,
  steps: number,
  ideal: number | undefined,
): { readonly reads?: StepReads } => (ideal === undefined ? {} : { reads: { bytes: bytes / steps, ideal } });

function rankResult(
  { memory, bytesReadFromData, ...place }: RankInfo,
  times: RankTimes,
  ideal: number | undefined,
): RankResult {
  const steps = Math.max(1, times.steps);
  return {
    ...place,
    parameterBytes: memory.parameters,
    optimizerBytes: memory.optimizer,
    activationBytes: memory.activations,
    receiveBytes: memory.exchange,
    peakBytes: memory.total,
    bytesReadFromData,
    bytesSent: times.bytesSent / steps,
    messagesSent: times.messagesSent / steps,
    exchangeMs: times.exchangeMs / steps,
    exposedExchangeMs: times.exposedExchangeMs / steps,
    dataMs: times.dataMs / steps,
    ...readsOf(times.bytesRead, steps, ideal),
    computeMs: (times.wallMs - times.exposedExchangeMs - times.dataMs) / steps,
  };
}
