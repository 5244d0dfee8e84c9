/** The sampled steps that can be gone back to, the one that is looked at, and the one that it is compared with. */
import type { StepTrace } from '../../session/api/api.ts';
import { keptSteps, type StepReading } from './reading.ts';

type Traces = readonly StepTrace[];

export interface KeptSteps {
  /** Oldest first. */
  readonly all: readonly Traces[];
  /** Undefined: the newest, whichever that is. */
  readonly held: Traces | undefined;
  /** As it was read with the plans and cards of its own run. */
  readonly pinned: StepReading | undefined;
}

export const noSteps: KeptSteps = { all: [], held: undefined, pinned: undefined };

/** A step was sampled. The oldest goes, unless it is looked at. */
export function withStep(kept: KeptSteps, traces: Traces): KeptSteps {
  if (kept.all.at(-1) === traces) return kept;
  const all = [...kept.all, traces];
  while (all.length > keptSteps) all.splice(all[0] === kept.held ? 1 : 0, 1);
  return { ...kept, all };
}

/** The run is gone. What is pinned stays, to compare the next run with. */
export const withoutSteps = ({ pinned }: KeptSteps): KeptSteps => ({ ...noSteps, pinned });

export const shownStep = ({ all, held }: KeptSteps): Traces | undefined => held ?? all.at(-1);

/** Stays with the step of this number; undefined where it is not kept. */
export function holdingNumber(kept: KeptSteps, step: number): KeptSteps | undefined {
  const held = kept.all.find(([trace]) => trace?.step === step);
  return held && { ...kept, held };
}

/** Stays with the step that is shown, whatever comes after it. */
export const holding = (kept: KeptSteps): KeptSteps => ({ ...kept, held: shownStep(kept) });

/** @param by steps to newer ones; at the newest what is shown is always the newest */
export function moved(kept: KeptSteps, by: number): KeptSteps {
  const { all } = kept;
  const shown = shownStep(kept);
  const index = (shown ? all.indexOf(shown) : 0) + by;
  const held = index >= all.length - 1 ? undefined : all[Math.max(0, index)];
  return { ...kept, held };
}

/** Pins the step that is shown, or lets go the one that is pinned. */
export const pinning = (kept: KeptSteps, shown: StepReading | undefined): KeptSteps => ({
  ...kept,
  pinned: kept.pinned ? undefined : shown,
});
