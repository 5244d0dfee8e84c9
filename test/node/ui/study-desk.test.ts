/** Studies that a page trains, with trainings that are made up: what is kept, gone on with, stopped and refused. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { RunResult } from '../../../src/session/api/api.ts';
import { readStudy } from '../../../src/study/study-file.ts';
import type { StudyRow } from '../../../src/study/study-row.ts';
import type { Training } from '../../../src/study/train-study.ts';
import {
  createStudyDesk,
  type DeskOptions,
  type KeptStudy,
  type StudyStore,
} from '../../../src/ui/study/study-desk.ts';
import { words } from '../../../src/ui/study/words.ts';

const file = {
  name: 'a study',
  models: [{ preset: 'tiny', samples: 320, days: 100 }],
  series: [{ scaling: 'strong', replicas: [1, 2], globalBatch: 16 }],
  repeats: 2,
};
const text = JSON.stringify(file);
const key = JSON.stringify(readStudy(text));
const ids = ['tiny-r1-b16-n1', 'tiny-r2-b8-n1', 'tiny-r1-b16-n2', 'tiny-r2-b8-n2'];

const result = {
  lossLast: 0.5,
  scores: [],
  samplesPerSecond: 160,
  dataMs: 1,
  adapter: { vendor: 'a', architecture: 'card', description: '' },
  ranks: [],
} as unknown as RunResult;
const done: Training = { fault: undefined, result };
const stopped: Training = { fault: undefined, result: undefined };

/** What a browser keeps, for several pages. */
function memory() {
  const studies = new Map<string, KeptStudy>();
  const store: StudyStore = {
    read: async () => [...studies.values()],
    async keep(key, study) {
      studies.set(key, { key, study, rows: studies.get(key)?.rows ?? [] });
    },
    async add(key, row) {
      const before = studies.get(key)!;
      studies.set(key, { ...before, rows: [...before.rows, row] });
    },
    async remove(key) {
      studies.delete(key);
    },
  };
  return { studies, store };
}

function deskWith(given: Partial<DeskOptions>) {
  const asked: string[] = [];
  const { train = async () => done } = given;
  const desk = createStudyDesk({
    store: memory().store,
    isBusy: () => false,
    alone: async work => {
      await work();
      return true;
    },
    changed: () => {},
    ...given,
    train: (run, ...more) => {
      asked.push(run.id);
      return train(run, ...more);
    },
  });
  return { desk, asked };
}

const rowsIn = ({ studies }: ReturnType<typeof memory>) => studies.get(key)!.rows.map(({ id }) => id);

test('every run is kept as it ends, and the next page goes on with the one that was under way when the page was killed', async () => {
  const kept = memory();
  const first = deskWith({
    store: kept.store,
    // The third never ends: the page is killed meanwhile.
    train: run => (run.id === ids[2] ? new Promise(() => {}) : Promise.resolve(done)),
  });
  await first.desk.open();
  await first.desk.take('study.json', text);
  void first.desk.start(key);
  await expect.poll(() => first.asked).toEqual(ids.slice(0, 3));
  expect(rowsIn(kept)).toEqual(ids.slice(0, 2));

  const second = deskWith({ store: kept.store });
  await second.desk.open();
  expect(second.desk.view().studies[0].rows.map(({ id }) => id)).toEqual(ids.slice(0, 2));
  await second.desk.start(key);
  expect(second.asked).toEqual(ids.slice(2));
  expect(rowsIn(kept)).toEqual(ids);
  expect(second.desk.view()).toMatchObject({ trained: undefined, notice: undefined });
});

test('what another page has done since this one was loaded is not done again', async () => {
  const kept = memory();
  const [here, there] = [deskWith({ store: kept.store }), deskWith({ store: kept.store })];
  await here.desk.take('study.json', text);
  await there.desk.open();
  await here.desk.start(key);
  await there.desk.start(key);
  expect(there.asked).toEqual([]);
  expect(there.desk.view().studies[0].rows).toHaveLength(4);
});

test('steps and the time that is left are told, from the first run on', async () => {
  let seconds = 0;
  const told: (number | undefined)[] = [];
  const { desk } = deskWith({
    now: () => 1000 * seconds,
    async train({ steps }, _stop, step) {
      // Two seconds to start, then a second each: of 20 steps a run.
      seconds += 2;
      for (let i = 1; i <= steps; i++) {
        seconds++;
        step(i);
        told.push(desk.view().trained?.secondsLeft);
      }
      return done;
    },
  });
  await desk.take('study.json', text);
  await desk.start(key);
  // A twentieth of a run tells nothing yet; a tenth tells of all, with its start.
  expect(told[0]).toBeUndefined();
  expect(told[1]).toBeCloseTo((4 / 2) * 78, 9);
  // A run takes 22 s, as the first has shown: of a result of 160 samples a second, 2 s to train and 20 to start.
  expect(told[20]).toBeCloseTo((22 * 3 * 59) / 60, 9);
  expect(told.at(-1)).toBeCloseTo(0, 9);
});

test('a clock that jumps, back or far ahead, takes no row away and leaves a time that can be', async () => {
  const kept = memory();
  let ms = 1e9;
  const jumps = [-5e8, 3e12, 0, -2e9];
  const told: (number | undefined)[] = [];
  const { desk } = deskWith({
    store: kept.store,
    now: () => ms,
    async train({ steps, id }, _stop, step) {
      ms += 1000;
      step(steps / 2);
      ms += jumps[ids.indexOf(id)];
      step(steps);
      told.push(desk.view().trained?.secondsLeft);
      return done;
    },
  });
  await desk.take('study.json', text);
  await desk.start(key);
  expect(rowsIn(kept)).toEqual(ids);
  expect(new Set(kept.studies.get(key)!.rows.map(({ seconds }) => seconds))).toEqual(new Set([2]));
  for (const seconds of told) expect(seconds).toBeGreaterThanOrEqual(0);
});

test('a run that fails is told with its reason and is tried again; the others are trained', async () => {
  let isBroken = true;
  const { desk, asked } = deskWith({
    train: async ({ id }) => (id === ids[1] && isBroken ? { ...stopped, fault: 'no memory' } : done),
  });
  await desk.take('study.json', text);
  await desk.start(key);
  expect(desk.view().faults.get(key)).toEqual(new Map([[ids[1], 'no memory']]));
  expect(desk.view().studies[0].rows).toHaveLength(3);
  isBroken = false;
  await desk.start(key);
  expect(asked.slice(4)).toEqual([ids[1]]);
  expect(desk.view().faults.size).toBe(0);
});

test('it is stopped by the user, or by the run of the page; what was done stays', async () => {
  const { desk, asked } = deskWith({
    train: (run, stop) =>
      run.id === ids[0]
        ? Promise.resolve(done)
        : new Promise(resolve => stop.addEventListener('abort', () => resolve(stopped))),
  });
  await desk.take('study.json', text);
  const ended = desk.start(key);
  await expect.poll(() => asked).toEqual(ids.slice(0, 2));
  // What trains is not forgotten under its hands.
  await desk.remove(key);
  desk.stop(words.interrupted);
  expect(desk.view().trained?.isStopping).toBe(true);
  await ended;
  expect(desk.view()).toMatchObject({ trained: undefined, notice: words.interrupted });
  expect(desk.view().studies[0].rows.map(({ id }) => id)).toEqual([ids[0]]);
});

test('a file that is no study, or asks for what a page has not, is refused with the place', async () => {
  const { desk } = deskWith({});
  const refusal = async (changes: object) => {
    await desk.take('x.json', JSON.stringify({ ...file, ...changes }));
    return desk.view().notice;
  };
  await desk.take('x.json', '{"name": ');
  expect(desk.view().notice).toMatch(/^x\.json was not opened\. The study is not JSON: /);
  expect(await refusal({ series: [{ scaling: 'strong', replicas: [3], globalBatch: 16 }] })).toBe(
    "x.json was not opened. The study's series.0: a batch of 16 cannot be shared by 3 replicas; choose a multiple of 3.",
  );
  expect(await refusal({ models: [{ ...file.models[0], data: 'slp.nc' }] })).toBe(
    'x.json was not opened. The study\'s models.0.data: a page trains on embedded or synthetic data and not on "slp.nc"; npm run study takes files and stores.',
  );
  expect(await refusal({ models: [file.models[0], file.models[0]] })).toMatch(/have one preset twice/);
  expect(desk.view().studies).toEqual([]);
});

test('it waits for the run of the page, and for a study in another page', async () => {
  const busy = deskWith({ isBusy: () => true });
  await busy.desk.take('study.json', text);
  await busy.desk.start(key);
  expect(busy.desk.view().notice).toBe(words.busy);
  const second = deskWith({ alone: async () => false });
  await second.desk.take('study.json', text);
  await second.desk.start(key);
  expect(second.desk.view().notice).toBe(words.elsewhere);
  expect([...busy.asked, ...second.asked]).toEqual([]);
});

test('where nothing can be kept, rows last as long as the page, and that is told', async () => {
  const full = async () => {
    throw new Error('the quota has been exceeded');
  };
  const { desk } = deskWith({ store: { read: full, keep: full, add: full, remove: full } });
  await desk.open();
  await desk.take('study.json', text);
  await desk.start(key);
  const rows: readonly StudyRow[] = desk.view().studies[0].rows;
  expect(rows.map(({ id }) => id)).toEqual(ids);
  expect(desk.view().notice).toContain('the quota has been exceeded');
});

test('the example that is shipped is one that a page can train', async () => {
  const { desk } = deskWith({});
  await desk.take('five-minutes', readFileSync('examples/studies/five-minutes.json', 'utf8'));
  expect(desk.view()).toMatchObject({ notice: undefined, studies: [{ rows: [] }] });
});
