/** Runs that are kept beside another: what is kept of them, how they are named, and how many there are. */
import 'fake-indexeddb/auto';
import { openDB } from 'idb';
import { describe, expect, test } from 'vitest';
import type { RunInfo } from '../../../src/session/api/api.ts';
import { tableText } from '../../../src/show/metrics-table.ts';
import { choosing, type KeptList, withoutRun, withRun } from '../../../src/ui/kept-runs/kept-list.ts';
import {
  curvesOfRecording,
  curvesOfState,
  curvesOfTable,
  type KeptRun,
  type RunCurves,
  scorePoints,
  settingsOf,
  smoothedLosses,
  testPoints,
} from '../../../src/ui/kept-runs/kept-run.ts';
import { readKept, writeKept } from '../../../src/ui/kept-runs/kept-storage.ts';
import { namesOf } from '../../../src/ui/kept-runs/names.ts';
import { emptyPage, type PageEvent, reduce } from '../../../src/ui/page-state.ts';
import { createRunTable } from '../../../src/ui/results/run-table.ts';
import { runInfo, scores } from '../cli/run-info.ts';
import { metrics, recordedRun } from './recorded-run.ts';

const info: RunInfo = { ...runInfo, config: { ...runInfo.config, steps: 60, evaluateEvery: 5 } };
const later = { ...scores[0], at: { axis: 'lead time', units: 'h', value: 48 }, value: 400 };
const events: readonly PageEvent[] = [
  { type: 'prepared', info },
  ...Array.from({ length: 10 }, (_, i) => metrics(i + 1, 1 / (i + 1))),
  { type: 'scores', step: 10, part: 'validation', scores },
  { type: 'scores', step: 10, part: 'test', scores: [later, ...scores] },
];
const state = events.reduce(reduce, emptyPage());
const kept = (curves: RunCurves, change: Partial<KeptRun> = {}): KeptRun => ({
  ...{ id: 'a', at: 0, slot: 0, isChosen: true },
  ...curves,
  ...change,
});

test('of a run its loss and its main scores are kept, those of a table are the same', () => {
  const own = kept(curvesOfState(state, info));
  expect(own.losses).toEqual(Array.from({ length: 10 }, (_, i) => [i + 1, 1 / (i + 1)]));
  expect(scorePoints(own, info.validationScores, 'z500')).toEqual([{ x: 10, y: 300 }]);
  expect(scorePoints(own, info.validationScores, 'other')).toEqual([]);
  expect(testPoints(own, 'rmse', 'z500')).toEqual([
    { x: 24, y: 300 },
    { x: 48, y: 400 },
  ]);
  expect(smoothedLosses(own)).toEqual(state.losses.series.smoothed());

  const table = createRunTable();
  for (const event of events) table.event(event);
  const file = kept(curvesOfTable(tableText(table.kept()!.table)));
  expect(file.losses).toEqual(own.losses);
  expect(scorePoints(file, info.validationScores, 'z500')).toEqual([{ x: 10, y: 300 }]);
});

test('a long run is as few points as can be seen', () => {
  const steps = Array.from({ length: 5000 }, (_, i) => metrics(i + 1, i + 1));
  const long = [{ type: 'prepared', info } as const, ...steps].reduce(reduce, emptyPage());
  const { losses } = curvesOfState(long, info);
  expect(losses.length).toBeLessThanOrEqual(400);
  expect(losses.at(-1)?.[0]).toBe(5000);
});

test('a recording gives its losses and settings', () => {
  const curves = curvesOfRecording(recordedRun(20));
  expect(curves.losses).toHaveLength(20);
  expect(curves.losses[3]).toEqual([4, 1 / 4]);
  expect(curves.settings).toMatchObject({ preset: 'tiny', steps: '9000', seed: '1', mesh: '1x1' });
});

test.each([
  ['', 'no column step and none loss'],
  ['time,value\n1,2\n', 'its first line is “time,value”'],
  ['step,loss\n,\n', 'no step with a loss in its 1 rows'],
])('a file of anything else is refused: %j', (text, words) => {
  expect(() => curvesOfTable(text)).toThrow(words);
});

describe('names', () => {
  const of = (change: Partial<RunInfo['config']>, source = 'a') =>
    settingsOf({ ...info, source, config: { ...info.config, ...change } });
  const mesh = { rows: 2, columns: 2, replicas: 1 };
  const named = (settings: KeptRun['settings'], file?: string) => ({ at: 0, settings, file });

  test('say what differs, from the run that is shown and from each other', () => {
    expect(namesOf([named(of({ mesh, seed: 3 }))], of({}))).toEqual(['seed 3, mesh 2x2']);
    expect(
      namesOf([named(of({ seed: 3 })), named(of({ overrides: { learningRate: 0.1 } }))], of({})),
    ).toEqual(['seed 3', 'seed 1']);
    expect(namesOf([named(of({ mesh: { ...mesh, overlap: false } })), named(of({}))], of({ mesh }))).toEqual([
      'mesh 2x2, overlap off',
      'mesh 1x1, overlap on',
    ]);
  });

  test('of another preset leave out what follows from it, and long ones are cut', () => {
    expect(namesOf([named(of({ preset: 'demo', steps: 9 }, 'other data'))], of({}))).toEqual(['preset demo']);
    const [long] = namesOf([named(of({}, 'x'.repeat(80)))], of({}));
    expect(long).toBe(`data ${'x'.repeat(39)}…`);
  });

  test('are those of files where nothing else is known, and no two are alike', () => {
    const same = namesOf([named(undefined, 'metrics.csv'), named(undefined, 'metrics.csv')], of({}));
    expect(same[0]).toMatch(/^metrics\.csv, \d\d:\d\d$/);
    expect(same[1]).toBe(`${same[0]} (2)`);
    expect(namesOf([named(of({}))], of({}))[0]).toMatch(/^the same settings, \d\d:\d\d$/);
  });
});

describe('the list', () => {
  const curves: RunCurves = { losses: [[1, 1]], scores: {}, test: [] };
  const adding = (list: KeptList, id: string, isChosen: boolean) =>
    withRun(list, { id, at: Number(id), isChosen, ...curves });
  const ids = (list: KeptList) => list.map(({ id, slot }) => `${id}@${slot}`);

  test('has one run before, and those that were chosen; slots stay', () => {
    const one = adding(adding([], '1', false), '2', false);
    expect(ids(one)).toEqual(['2@0']);
    const two = adding(choosing(one, '2'), '3', false);
    expect(ids(two)).toEqual(['2@0', '3@1']);
    expect(ids(adding(withoutRun(two, '2'), '4', true))).toEqual(['3@1', '4@0']);
    // The same run once more, further on.
    expect(ids(adding(two, '2', true))).toEqual(['2@0', '3@1']);
  });

  test('has room for four: the run before makes room, and a fifth that is wanted is refused', () => {
    const full = ['1', '2', '3'].reduce((list, id) => adding(list, id, true), adding([], '0', false));
    expect(ids(full)).toEqual(['0@0', '1@1', '2@2', '3@3']);
    const chosen = adding(full, '4', true);
    expect(ids(chosen)).toEqual(['1@1', '2@2', '3@3', '4@0']);
    expect(adding(chosen, '5', false)).toBe(chosen);
    expect(() => adding(chosen, '5', true)).toThrow('4 runs are kept');
  });

  test('is there again after a reload, without what is no run', async () => {
    const list = [kept(curvesOfState(state, info)), kept(curves, { id: 'b', at: 1, slot: 3, file: 'f.csv' })];
    await writeKept(list);
    expect(await readKept()).toEqual(list);
    await writeKept(list.slice(1));
    const database = await openDB('isobar-curves');
    await database.put('runs', { id: 'c', losses: 'none' });
    database.close();
    expect(await readKept()).toEqual(list.slice(1));
  });
});
