/** From a span to the plan step that it begins with, for step mode. */
import type { StepLanes } from '../../show/lanes.ts';
import type { LaneSpan } from '../../show/pieces.ts';

/** The plan step that a span begins with. */
export interface OpenStep {
  readonly rank: number;
  readonly plan: string;
  readonly step: number;
  readonly layer: string;
  readonly phase: string;
}

/** @returns undefined for a wait for data, and where the plan is not known */
export function openStepOf({ lane, rank, plan, from }: LaneSpan, lanes: StepLanes): OpenStep | undefined {
  const first = lane === 'data' ? undefined : lanes.stepsOf(plan)?.at(from);
  if (!first) return undefined;
  const { layer, phase } = first.provenance;
  return { rank, plan, step: from, layer, phase };
}
