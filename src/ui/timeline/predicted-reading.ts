/** A predicted step, read as a sampled one is: all of its ranks are on one card. */
import type { RankCard } from '../../crew/cards.ts';
import type { PredictedTrace } from '../../session/api/cut-prediction.ts';
import { createReader, type Plans, type StepReading } from './reading.ts';
import { oneCard } from './words.ts';

export interface PredictedReading {
  readonly reading: StepReading | undefined;
  readonly cards: readonly RankCard[];
}

/** @returns reads a step, anew only where it is another than before */
export function createPredictedReader(): (step: PredictedTrace) => PredictedReading {
  const read = createReader();
  let known:
    | { readonly of: PredictedTrace; readonly plans: Plans; readonly cards: readonly RankCard[] }
    | undefined;
  return step => {
    if (known?.of !== step) {
      const ranks = [...new Set(step.traces.map(({ rank }) => rank))];
      const cards = ranks.map(rank => ({ rank, card: 'here', name: oneCard, certain: true }));
      known = { of: step, plans: new Map(step.plans), cards };
    }
    return { reading: read(step.traces, known.plans, known.cards), cards: known.cards };
  };
}
