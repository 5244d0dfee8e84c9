/** What a model takes images for, and how good that is. */
import type { Score, ScoreHead } from '../score.ts';

/** Of one image. */
export interface Guess {
  /** The class of the largest logit; the first of several. */
  readonly guess: number;
  /** Its probability, 0 to 1. */
  readonly confidence: number;
  /** Classes with a larger logit than the label's. */
  readonly above: number;
  /** -log of the label's probability. */
  readonly loss: number;
}

/** @param logits [classes]. Not finite where the model's are not. */
export function guessOf(logits: Float32Array, label: number): Guess {
  let guess = 0;
  for (let c = 1; c < logits.length; c++) if (logits[c] > logits[guess]) guess = c;
  // Above the largest, so that nothing overflows.
  let sum = 0;
  let above = 0;
  for (const logit of logits) {
    sum += Math.exp(logit - logits[guess]);
    if (logit > logits[label]) above++;
  }
  return { guess, confidence: 1 / sum, above, loss: Math.log(sum) - (logits[label] - logits[guess]) };
}

/** Classes among which the label must be for `top5`: of fewer than twice as many, that would say little. */
const TOP = 5;

const accuracy = { metric: 'accuracy', label: 'Accuracy', units: '%', better: 'higher', main: true } as const;
const top5 = { metric: 'top5', label: 'Top-5 accuracy', units: '%', better: 'higher', main: false } as const;
const loss = { metric: 'loss', label: 'Cross-entropy', units: '1', better: 'lower', main: false } as const;
/** Always to guess the class that most images are of. */
const COMMONEST = 'commonest class';

export function scoreHeads(classes: number): ScoreHead[] {
  return [
    { ...accuracy, baselines: [COMMONEST] },
    ...(classes >= 2 * TOP ? [{ ...top5, baselines: [] }] : []),
    { ...loss, baselines: [] },
  ];
}

/** Over all images, of which there is one at least. @param labels as the guesses */
export function classifyScores(
  guesses: readonly Guess[],
  labels: ArrayLike<number>,
  classes: number,
): Score[] {
  const percent = (number: number) => (100 * number) / guesses.length;
  const counts = new Uint32Array(classes);
  for (let i = 0; i < labels.length; i++) counts[labels[i]]++;
  const right = guesses.filter(({ guess }, i) => guess === labels[i]).length;
  const among = guesses.filter(({ above }) => above < TOP).length;
  const values: Readonly<Record<string, number>> = {
    accuracy: percent(right),
    top5: percent(among),
    loss: guesses.reduce((sum, { loss }) => sum + loss, 0) / guesses.length,
  };
  return scoreHeads(classes).map(({ baselines, ...head }) => ({
    ...head,
    value: values[head.metric],
    baselines: baselines.map(name => ({ name, value: percent(Math.max(...counts)) })),
  }));
}
