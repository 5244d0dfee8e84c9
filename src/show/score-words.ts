/** What scores mean, and what models have to beat, in sentences: by the names that tasks give them. */
import type { Score, ScoreHead } from '../session/api/api.ts';

interface ScoreWord {
  readonly term: string;
  readonly meaning: string;
  /** Of a baseline: what it says, as part of a sentence. */
  readonly says?: string;
}

const words: Readonly<Record<string, ScoreWord>> = {
  rmse: {
    term: 'RMSE',
    meaning:
      'Root mean square error over the map and over all test forecasts, each place weighted by its area. Lower is better.',
  },
  persistence: {
    term: 'Persistence',
    meaning:
      'The forecast that nothing changes: tomorrow is as today. Hard to beat over a few hours, easy after a day or two.',
    says: 'persistence says that nothing changes',
  },
  climatology: {
    term: 'Climatology',
    meaning:
      'The forecast of the usual weather of the date, from the training years. Its error does not grow with lead time.',
    says: 'climatology forecasts the usual weather of the date',
  },
  acc: {
    term: 'ACC',
    meaning:
      'Anomaly correlation: how well the departures from the usual weather are placed. 1 is perfect, 0 is no skill, and above 0.6 a forecast is held to be useful.',
  },
  accuracy: {
    term: 'Accuracy',
    meaning: "Share of the images whose class is the model's guess. Higher is better.",
  },
  'commonest class': {
    term: 'Commonest class',
    meaning: 'The share that one reaches by always guessing the class that most of the images are of.',
    says: 'always guessing the commonest class is right as often as the dashed line says',
  },
  top5: {
    term: 'Top-5 accuracy',
    meaning: 'Share of the images whose class is among the five that the model finds likeliest.',
  },
  loss: {
    term: 'Cross-entropy',
    meaning:
      'How surprised the model is by the right class, averaged: minus the logarithm of the probability it gives it. Lower is better.',
  },
};

const wordOf = (name: string): ScoreWord | undefined =>
  Object.hasOwn(words, name) ? words[name] : undefined;

const baselineName = (baseline: string | { readonly name: string }) =>
  typeof baseline === 'string' ? baseline : baseline.name;

/** The terms of these scores and of their baselines that have a meaning here, each once. */
export function glossary(scores: readonly (Score | ScoreHead)[]): Pick<ScoreWord, 'term' | 'meaning'>[] {
  const names = scores.flatMap(({ metric, baselines }) => [metric, ...baselines.map(baselineName)]);
  return [...new Set(names)].flatMap(name => wordOf(name) ?? []);
}

/** What the model has to beat, and when it has; empty where there is nothing. */
export function baselineSentences({ baselines, better }: Pick<Score | ScoreHead, 'baselines' | 'better'>) {
  const names = baselines.map(baselineName);
  if (names.length === 0) return '';
  const clauses = names.map(name => wordOf(name)?.says ?? `${name} needs no model`).join(', ');
  const side = { lower: 'below', higher: 'above', 'nearer-zero': 'nearer to zero than' }[better];
  const them = names.length === 1 ? 'that' : names.length === 2 ? 'both' : 'all of them';
  return `${capital(clauses)}. A model has learnt something once it is ${side} ${them}.`;
}

export const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
