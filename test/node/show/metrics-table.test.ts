import { expect, test } from 'vitest';
import {
  columnsOf,
  headLine,
  isScored,
  parseTable,
  rewound,
  rowLine,
  scoreCells,
  scoreColumns,
  scoresOf,
  stepRows,
  withoutColumns,
} from '../../../src/show/metrics-table.ts';
import { accuracy, runInfo, scores } from '../cli/run-info.ts';

const scored = { ...runInfo, config: { ...runInfo.config, evaluateEvery: 5 } };

test('a run that is scored has a column for each score of each channel', () => {
  expect(columnsOf(scored)).toEqual([
    ...['step', 'epoch', 'loss', 'learningRate', 'gradientNorm', 'samplesPerSecond', 'seconds'],
    ...['watts', 'watts_low', 'watts_high', 'wattHours', 'wattHours_low', 'wattHours_high'],
    'validation_rmse_z500_24h',
    'validation_persistence_z500_24h',
    'validation_climatology_z500_24h',
    'validation_acc_z500_24h',
    'validation_bias_z500_24h',
  ]);
  expect([4, 5, 10].map(step => isScored(scored, step))).toEqual([false, true, true]);
});

test('a run that is not has none', () => {
  const unscored = { ...scored, samples: { ...scored.samples, validation: 0 } };
  expect(columnsOf(runInfo)).toHaveLength(13);
  expect(columnsOf(unscored)).toHaveLength(13);
  expect(isScored(runInfo, 5)).toBe(false);
  expect(isScored(unscored, 5)).toBe(false);
});

test('names of columns need no quotes, and no two are the same', () => {
  const [rmse, ...others] = runInfo.validationScores;
  const headsOf = (name: string, hours = 1.5) =>
    [rmse, ...others].map(head => ({
      ...head,
      of: { name, label: '' },
      at: { axis: 'lead time', units: 'h', value: hours },
    }));
  const namesOf = (validationScores: typeof runInfo.validationScores) =>
    scoreColumns({ validationScores }).map(({ name }) => name);
  const names = namesOf(['t, "2 m"', 't;2-m_', 'z.500'].flatMap(name => headsOf(name)));
  expect(new Set(names).size).toBe(15);
  expect(names[0]).toBe('validation_rmse_t_2_m_1_5h');
  expect(names[5]).toBe('validation_rmse_t_2_m_1_5h_2');
  for (const name of names) expect(name).toMatch(/^\w+$/);
  expect(namesOf([...headsOf('z500', 24), ...headsOf('z500', 24)])[5]).toBe('validation_rmse_z500_24h_2');
});

test('scores of one thing without distance have short names', () => {
  const head = { ...accuracy, baselines: ['commonest class'] };
  const loss = { ...head, metric: 'loss', main: false, baselines: ['chance'] };
  const of = { name: 'cat', label: 'Cat' };
  const info = { validationScores: [head, loss, { ...loss, of }] };
  expect(scoreColumns(info).map(({ name }) => name)).toEqual([
    'validation_accuracy',
    'validation_commonest_class',
    'validation_loss',
    'validation_loss_cat',
  ]);
  expect(scoreCells([accuracy, { ...accuracy, metric: 'loss', of, value: 2 }], info)).toEqual({
    validation_accuracy: 91.25,
    validation_commonest_class: 10,
    validation_loss_cat: 2,
  });
});

test('every step has its own loss, rate and norm; time and speed are those of the report', () => {
  const event = { step: 4, losses: [3, 2], learningRates: [0.1, 0.2], gradientNorms: [7, 8], seconds: 0.5 };
  const shared = { samplesPerSecond: 8, seconds: 10.5 };
  expect(stepRows(event, runInfo, 10)).toEqual([
    { step: 3, epoch: 0.75, loss: 3, learningRate: 0.1, gradientNorm: 7, ...shared },
    { step: 4, epoch: 1, loss: 2, learningRate: 0.2, gradientNorm: 8, ...shared },
  ]);
});

test('numbers keep every digit, and what is none is written as pandas and R read it', () => {
  const columns = ['step', 'loss', 'a', 'b', 'c', 'd'];
  const loss = Math.fround(0.1);
  const row = { step: 1, loss, a: Number.NaN, b: Number.POSITIVE_INFINITY, c: Number.NEGATIVE_INFINITY };
  const text = headLine(columns) + rowLine(columns, row);
  expect(text).toBe('step,loss,a,b,c,d\n1,0.10000000149011612,NaN,Inf,-Inf,\n');
  const read = parseTable(text);
  expect(read).toEqual({ columns, rows: [row] });
  const values = Float32Array.from({ length: 1000 }, (_, i) => Math.exp(Math.sin(i) * 80));
  const lines = [...values].map(value => rowLine(['loss'], { loss: value })).join('');
  expect(Float32Array.from(parseTable(`loss\n${lines}`).rows, ({ loss: value }) => value!)).toEqual(values);
});

test('scores go to their columns, those of other distances nowhere; rows give them back', () => {
  const [rmse] = scores;
  const later = { ...rmse, at: { axis: 'lead time', units: 'h', value: 48 }, value: 1 };
  const cells = scoreCells([...scores, later], runInfo);
  expect(cells).toEqual({
    validation_rmse_z500_24h: 300,
    validation_persistence_z500_24h: 600,
    validation_climatology_z500_24h: 900,
    validation_acc_z500_24h: 0.9,
    validation_bias_z500_24h: 1,
  });
  expect(withoutColumns([...scores, later], runInfo)).toEqual([later]);
  expect(scoresOf([{ step: 1 }, { step: 2, ...cells }, { step: 3 }], runInfo)).toEqual([{ step: 2, scores }]);
});

test('a last line cut short is left out, also where it looks whole', () => {
  expect(parseTable('step,loss\n1,2\n2,0.123')).toEqual({
    columns: ['step', 'loss'],
    rows: [{ step: 1, loss: 2 }],
  });
  expect(parseTable('')).toEqual({ columns: [], rows: [] });
});

test('a table goes back to a step, and gets the columns that are to come', () => {
  const table = parseTable('step,loss,old\n1,9,5\n2,8,\n3,7,\n');
  expect(rewound(table, 2, ['step', 'loss', 'new'])).toEqual({
    columns: ['step', 'loss', 'old', 'new'],
    rows: [
      { step: 1, loss: 9, old: 5 },
      { step: 2, loss: 8, old: undefined },
    ],
  });
});
