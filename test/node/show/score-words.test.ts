/** Scores of any task in sentences. */
import { expect, test } from 'vitest';
import type { ScoreHead } from '../../../src/session/api/api.ts';
import { baselineSentences, glossary } from '../../../src/show/score-words.ts';

const head = (metric: string, better: ScoreHead['better'], baselines: readonly string[]): ScoreHead => ({
  metric,
  label: metric,
  units: '1',
  better,
  main: true,
  baselines,
});

test('what a model has to beat is said by the names of the baselines', () => {
  expect(baselineSentences(head('rmse', 'lower', ['persistence', 'climatology']))).toBe(
    'Persistence says that nothing changes, climatology forecasts the usual weather of the date. A model has learnt something once it is below both.',
  );
  expect(baselineSentences(head('accuracy', 'higher', ['commonest class']))).toMatch(
    /^Always guessing the commonest class .* once it is above that\.$/,
  );
  expect(baselineSentences(head('rmse', 'lower', []))).toBe('');
});

test('a baseline that has no words of its own is named', () => {
  expect(baselineSentences(head('loss', 'lower', ['toString']))).toBe(
    'ToString needs no model. A model has learnt something once it is below that.',
  );
});

test('the glossary has every known term of the scores once, in their order', () => {
  const heads = [
    head('rmse', 'lower', ['persistence', 'climatology']),
    head('rmse', 'lower', ['persistence', 'climatology']),
    head('acc', 'higher', []),
    head('novel', 'higher', []),
  ];
  expect(glossary(heads).map(({ term }) => term)).toEqual(['RMSE', 'Persistence', 'Climatology', 'ACC']);
});
