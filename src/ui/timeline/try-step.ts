/**
 * One step is tried before a run trains: run up to its update, traced, and thrown away, so that what a step does can be seen before
 * the first click. Only where steps are short, as predicted: whatever is asked for next waits for it.
 */
import type { Rehearsal, RunInfo } from '../../session/api/api.ts';
import type { PageState } from '../page-state.ts';

/** Seconds of a step that may be tried unasked. */
const longest = 3;
/** Seconds of a first try whose times are not shown: it pays for what a first step has to make. */
const longestFirst = 0.5;

export interface Trial {
  readonly state: () => PageState;
  /** Undefined as long as nobody knows how fast the card is. */
  readonly predictedSeconds: () => number | undefined;
  readonly rehearse: () => Promise<Rehearsal | undefined>;
  readonly show: (tried: Rehearsal) => void;
}

/** @returns to be called whenever any of it may have changed; a run is tried once */
export function createTrial({ state, predictedSeconds, rehearse, show }: Trial): () => void {
  let triedFor: RunInfo | undefined;
  const isWanted = (info: RunInfo) => {
    const now = state();
    return now.info === info && !now.sampled && (now.status === 'ready' || now.status === 'paused');
  };
  const tryFor = async (info: RunInfo, seconds: number) => {
    if (seconds < longestFirst) await rehearse();
    const tried = isWanted(info) ? await rehearse() : undefined;
    const { info: now, sampled } = state();
    if (tried && now === info && !sampled) show(tried);
  };
  return () => {
    const { info } = state();
    const seconds = predictedSeconds();
    if (!info || info === triedFor || seconds === undefined || seconds > longest || !isWanted(info)) return;
    triedFor = info;
    // A run that goes meanwhile, or cannot do it, says so where it is steered: here the prediction stays.
    tryFor(info, seconds).catch(() => undefined);
  };
}
