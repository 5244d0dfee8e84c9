/** What the rows of a study are told to say, and their files. */
import { expect, test } from 'vitest';
import type { Score } from '../../../src/session/api/api.ts';
import { analyse } from '../../../src/study/analysis.ts';
import { plotsOf, sourcesOf } from '../../../src/study/plots.ts';
import { readRows, rowsAsCsv, scoreOf } from '../../../src/study/study-row.ts';
import { row } from './rows.ts';

test('strong and weak efficiency are against one replica, on the same data and on an n-th of them', () => {
  const rows = [
    row({ replicas: 1, localBatch: 16, seconds: 100, energyCentral: 1000 }),
    row({ replicas: 2, localBatch: 8, seconds: 62.5, energyCentral: 1250 }),
    row({ replicas: 4, localBatch: 16, seconds: 50, energyCentral: 2000 }),
    row({ replicas: 1, localBatch: 16, fraction: 0.25, seconds: 25, energyCentral: 250 }),
  ];
  const [{ groups, runs }] = analyse(rows);
  expect(runs).toBe(4);
  const shown = groups.map(({ replicas, fraction, strong, weak }) => [replicas, fraction, strong, weak]);
  expect(shown).toEqual([
    [1, 0.25, { time: 1, energy: 1 }, undefined],
    [1, 1, { time: 1, energy: 1 }, undefined],
    [2, 1, { time: 0.8, energy: 0.8 }, undefined],
    // No run on one replica with its batch of 64: against that with its local batch.
    [4, 1, { time: 0.5, energy: 0.5 }, { time: 0.5, energy: 0.5 }],
  ]);
});

test('repetitions are one group, with their mean and standard deviation', () => {
  const [{ groups }] = analyse([2, 4, 6].map(seconds => row({ seconds })));
  expect(groups).toHaveLength(1);
  expect(groups[0].seconds).toEqual({ mean: 4, deviation: 2, count: 3 });
  expect(groups[0].energy).toBeUndefined();
});

test('energy is fitted against rank-hours and power against rates, for every model and card by itself', () => {
  const rows = [1, 2, 4, 8].flatMap(replicas =>
    [16, 64].map(localBatch => {
      const seconds = 3600 / localBatch;
      const steps = 100 * replicas;
      const watts = 20 * replicas + (0.3 * steps * replicas * localBatch) / seconds + (2 * steps) / seconds;
      return row({ replicas, localBatch, seconds, steps, energyCentral: watts * seconds });
    }),
  );
  const other = row({ card: 'another card', energyCentral: 5 });
  const analyses = analyse([...rows, other]);
  expect(analyses.map(({ card, runs }) => [card, runs])).toEqual([
    ['a card', 8],
    ['another card', 1],
  ]);
  // The law has one power for each replica: with rates alone there is an idle power too few.
  expect(analyses[0].powerByRates!.r2).toBeGreaterThan(0.5);
  expect(analyses[0].energyByHours!.freedom).toBe(6);
  expect(analyses[1].energyByHours).toBeUndefined();
  const plots = plotsOf(sourcesOf([{ name: 'a study', rows: [...rows, other] }]));
  expect(plots.map(({ id }) => id)).toContain('energy-rank-hours');
  expect(plots[0].sets.map(({ name }) => name)).toEqual(['tiny, a card', 'tiny, another card']);
  expect(plots[0].sets[0].points).toHaveLength(8);
  expect(plots[0].sets[1].line).toBeUndefined();
});

test('two studies lie over each other under their names', () => {
  const sources = sourcesOf([
    { name: 'first', rows: [row({})] },
    { name: 'second', rows: [row({ seconds: 3 })] },
  ]);
  expect(sources.map(({ name }) => name)).toEqual(['tiny, first', 'tiny, second']);
  expect(plotsOf(sources)[0].sets.map(({ points }) => points.length)).toEqual([1, 1]);
});

test('without a meter there are no plots of energy', () => {
  const rows = [row({}), row({ replicas: 2, localBatch: 8, seconds: 60 })];
  expect(plotsOf(sourcesOf([{ name: 'a study', rows }])).map(({ id }) => id)).toEqual([
    'score-global-batch',
    'strong-efficiency',
  ]);
});

test('lines are read as they were written; what a killed process left of one is not', () => {
  const rows = [row({}), row({ seconds: 1.5, energyLow: 1, energyCentral: 2, energyHigh: 3 })];
  const text = rows.map(one => `${JSON.stringify(one)}\n`).join('');
  expect(readRows(text)).toEqual(rows);
  expect(readRows(`${text}{"id":"tiny-r`)).toEqual(rows);
  expect(readRows('')).toEqual([]);
  expect(() => readRows('{"id":1}\n')).toThrow(/^Line 1 is no row of a study: /);
});

test('the table has what follows from the columns; cells with commas are quoted', () => {
  const [head, line] = rowsAsCsv([
    row({ card: 'A, B', steps: 36, seconds: 1800, replicas: 2, energyCentral: 3600 }),
  ]).split('\n');
  expect(head.split(',').slice(-4)).toEqual([
    'rankHours',
    'samplesPerRankHour',
    'updatesPerRankHour',
    'meanWatts',
  ]);
  expect(line).toContain('"A, B"');
  expect(line.split(',').slice(-4)).toEqual(['1', '1152', '36', '2']);
});

test('a score is an accuracy, or an error over that of the first baseline', () => {
  const score = (changes: Partial<Score>): Score => ({
    metric: 'rmse',
    label: 'RMSE',
    units: 'm',
    better: 'lower',
    main: true,
    value: 3,
    baselines: [{ name: 'persistence', value: 6 }],
    ...changes,
  });
  expect(
    scoreOf([
      score({}),
      score({ of: { name: 't', label: 't' }, value: 9 }),
      score({ main: false, value: 1e9 }),
    ]),
  ).toEqual({
    score: 1,
    scoreName: 'RMSE over that of persistence',
    scoreBetter: 'lower',
  });
  expect(scoreOf([score({ label: 'Accuracy', better: 'higher', value: 88, baselines: [] })])).toEqual({
    score: 88,
    scoreName: 'Accuracy',
    scoreBetter: 'higher',
  });
  expect(scoreOf([])).toBeUndefined();
});
