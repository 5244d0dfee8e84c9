/** What the views of a step read off its traces, made once for as long as the traces, plans and cards are the same. */
import type { RankCard } from '../../crew/cards.ts';
import type { PlanStep, StepTrace } from '../../session/api/api.ts';
import { lanesOf, type StepLanes } from '../../show/lanes.ts';
import { type PathStrip, pathStrip } from '../../show/path-strip.ts';

/** Plans by their hash: what `HashedPlan.steps` has. */
export type Plans = ReadonlyMap<string, readonly PlanStep[]>;

export interface StepReading {
  readonly traces: readonly StepTrace[];
  readonly lanes: StepLanes;
  readonly strip: PathStrip;
}

export type Reader = (
  traces: readonly StepTrace[],
  plans: Plans,
  cards: readonly RankCard[],
) => StepReading | undefined;

export function createReader(): Reader {
  let made = new Map<readonly StepTrace[], StepReading | undefined>();
  let [lastPlans, lastCards]: [Plans | undefined, readonly RankCard[] | undefined] = [undefined, undefined];
  return (traces, plans, cards) => {
    if (plans !== lastPlans || cards !== lastCards) made = new Map();
    [lastPlans, lastCards] = [plans, cards];
    const reading = made.has(traces) ? made.get(traces) : read(traces, plans, cards);
    // Steps that nobody has looked at for longest are not kept.
    made.delete(traces);
    made.set(traces, reading);
    if (made.size > 2 * keptSteps) made.delete(made.keys().next().value!);
    return reading;
  };
}

/** Sampled steps that can be gone back to. */
export const keptSteps = 20;

function read(
  traces: readonly StepTrace[],
  plans: Plans,
  cards: readonly RankCard[],
): StepReading | undefined {
  const cardOf = (rank: number) => cards.find(card => card.rank === rank)?.card ?? `rank ${rank}`;
  const lanes = lanesOf(traces, hash => plans.get(hash), cardOf);
  return lanes && { traces, lanes, strip: pathStrip(lanes) };
}
