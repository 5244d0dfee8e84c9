/** Rows of a study as tests make them up. */
import type { StudyRow } from '../../../src/study/study-row.ts';

export const row = (changes: Partial<StudyRow>): StudyRow => {
  const { replicas = 1, localBatch = 16, steps = 10 } = changes;
  return {
    id: JSON.stringify(changes),
    model: 'tiny',
    card: 'a card',
    replicas,
    localBatch,
    globalBatch: replicas * localBatch,
    fraction: 1,
    repeat: 0,
    seed: 1,
    steps,
    seconds: 100,
    dataSeconds: 1,
    exchangeSeconds: 2,
    computeSeconds: 97,
    loss: 0.5,
    score: 0.9,
    scoreName: 'RMSE over that of persistence',
    scoreBetter: 'lower',
    ...changes,
  };
};
