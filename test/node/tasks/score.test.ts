import { expect, test } from 'vitest';
import { demeritOf, type Score, scoreGroups } from '../../../src/tasks/score.ts';

const score = (changes: Partial<Score>): Score => ({
  metric: 'rmse',
  label: 'RMSE',
  units: 'K',
  better: 'lower',
  main: true,
  value: 3,
  baselines: [{ name: 'persistence', value: 6 }],
  ...changes,
});
const of = (name: string) => ({ name, label: name });
const hours = (value: number) => ({ axis: 'lead time', units: 'h', value });

test('scores of one thing at one distance are a group, with the main one apart', () => {
  const scores = [
    score({ of: of('a'), at: hours(6) }),
    score({ of: of('a'), at: hours(6), metric: 'acc', main: false }),
    score({ of: of('b'), at: hours(6), value: 4 }),
    score({ of: of('a'), at: hours(12), value: 5 }),
    score({ of: of('c'), metric: 'acc', main: false }),
  ];
  expect(scoreGroups(scores)).toEqual([
    { of: of('a'), at: hours(6), main: scores[0], others: [scores[1]] },
    { of: of('b'), at: hours(6), main: scores[2], others: [] },
    { of: of('a'), at: hours(12), main: scores[3], others: [] },
  ]);
});

test('a schedule goes by the mean of the main scores over their first baselines; more of a good thing lowers it', () => {
  expect(demeritOf([])).toBe(undefined);
  expect(demeritOf([score({}), score({ value: 9 }), score({ value: 100, main: false })])).toBe(1);
  expect(demeritOf([score({ baselines: [] })])).toBe(3);
  const accuracy = { better: 'higher', baselines: [{ name: 'commonest class', value: 10 }] } as const;
  expect(demeritOf([score({ ...accuracy, value: 95 })])).toBe(-95);
});
