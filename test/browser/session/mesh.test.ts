/** A session on a mesh whose other ranks are in the same thread: what it refuses, and how it goes on without a rank. */
import { afterEach, expect, test } from 'vitest';
import { forgetRuns, lossesOf, mapOf, smallRun, spoiled, testSession } from './helpers.ts';
import { closeAll, connect, onMesh, ranks } from './mesh-helpers.ts';

afterEach(() => forgetRuns());

/** Losses of the run in one piece, by step. */
async function undisturbed(): Promise<Map<number, number>> {
  const whole = await testSession();
  await whole.session.prepare(smallRun);
  await whole.session.train();
  await whole.session.close();
  return lossesOf(whole);
}

function expectSame(own: Map<number, number>, expected: Map<number, number>): void {
  expect([...own.keys()].sort((a, b) => a - b)).toEqual([...expected.keys()]);
  for (const [step, loss] of own) {
    expect(Math.abs(loss / expected.get(step)! - 1), `loss of step ${step}`).toBeLessThanOrEqual(1e-4);
  }
}

test('a mesh without links, or with those of another number of ranks, is refused', async () => {
  const own = await testSession();
  const others = ranks(1);
  await expect(own.session.prepare(onMesh(2, 2))).rejects.toThrow(
    'The mesh 2x2 has 4 ranks; none is connected.',
  );
  await connect(own.session, others);
  await expect(own.session.prepare(onMesh(2, 2))).rejects.toThrow(
    'The mesh 2x2 has 4 ranks; 2 are connected.',
  );
  await closeAll(own, others);
});

test('forecasts, scores, checkpoints and a pause between the steps leave the losses as they are', async () => {
  const expected = await undisturbed();
  const own = await testSession();
  const others = ranks(1);
  await connect(own.session, others);
  await own.session.prepare({ ...onMesh(1, 2), evaluateEvery: 5, checkpointSeconds: 0 });
  const training = own.session.train();
  await own.until('status', ({ status }) => status === 'running');
  const [map, { bytes: file }] = await Promise.all([
    mapOf(own.session, 1, 1),
    own.session.exportCheckpoint(),
  ]);
  expect(map.forecast.every(Number.isFinite)).toBe(true);
  await own.session.pause();
  expect(['paused', 'done']).toContain(await training);
  expect(await own.session.train()).toBe('done');
  expectSame(lossesOf(own), expected);
  // The checkpoint is of one step on all ranks: it goes on as the run did.
  const from = await own.session.importCheckpoint(file);
  const before = own.events.length;
  expect(await own.session.train()).toBe('done');
  const again = lossesOf({ ...own, events: own.events.slice(before) });
  expectSame(again, new Map([...expected].filter(([step]) => step > from)));
  await closeAll(own, others);
});

test.each([
  ['before its first checkpoint', 1e9],
  ['after one', 0],
])('a rank that is lost %s: the run goes on, on fewer ranks', async (_, checkpointSeconds) => {
  const expected = await undisturbed();
  const own = await testSession();
  const others = ranks(3);
  await connect(own.session, others);
  await own.session.prepare({ ...onMesh(2, 2), checkpointSeconds });
  const training = own.session.train();
  training.catch(() => undefined);
  if (checkpointSeconds === 0) await own.until('checkpoint');
  await others[2].fail('its page was closed');
  const map = mapOf(own.session, 1, 1);
  await expect(map).rejects.toThrow('Rank 3 gave up: its page was closed');
  await expect(training).rejects.toThrow('Rank 3 gave up: its page was closed');
  // It is told once, whatever it ended.
  const errors = own.events.flatMap(event => (event.type === 'error' ? [event.error] : []));
  expect(errors).toMatchObject([{ code: 'peer-lost', resumable: true, rank: 3 }]);
  // The next tries fail too: there is no link to a rank, then a rank is lost while it takes over. The run that is saved
  // may be another by then; this one is kept.
  await forgetRuns();
  const pair = { rows: 1, columns: 2, replicas: 1 };
  await expect(own.session.regroup({ ...pair, columns: 3 })).rejects.toThrow();
  await connect(own.session, others.slice(0, 1));
  const before = own.events.length;
  const again = own.session.regroup(pair);
  await own.until('status', event => own.events.indexOf(event) >= before && event.status === 'ready');
  await others[0].fail('its page was closed too');
  const late = await again.then(
    ({ step }) => `step ${step}`,
    (error: Error) => error.message,
  );
  expect(late).toMatch(checkpointSeconds === 0 ? /^Rank 1 gave up: its page was closed too/ : /^step 0$/);
  await connect(own.session, others.slice(1, 2));
  const info = await own.session.regroup(pair);
  expect(info.step > 0).toBe(checkpointSeconds === 0);
  expect(await own.session.train()).toBe('done');
  expectSame(lossesOf(own), expected);
  await closeAll(own, others);
});

test('training that begins while a forecast is under way waits for it: all ranks have a part in both', async () => {
  const expected = await undisturbed();
  const own = await testSession();
  const others = ranks(1);
  await connect(own.session, others);
  await own.session.prepare(onMesh(1, 2));
  const rollout = own.session.view('rollout', { sample: 0 });
  expect(await own.session.train()).toBe('done');
  expect(await rollout).toMatchObject({ kind: 'rollout' });
  expectSame(lossesOf(own), expected);
  await closeAll(own, others);
});

test('a pause while training waits for a forecast ends it before its first step', async () => {
  const own = await testSession();
  const others = ranks(1);
  await connect(own.session, others);
  await own.session.prepare({ ...onMesh(1, 2), steps: 100_000 });
  const forecast = mapOf(own.session, 0, 0);
  const training = own.session.train();
  await own.session.pause();
  expect(await training).toBe('paused');
  expect((await forecast).forecast.every(Number.isFinite)).toBe(true);
  expect(lossesOf(own).size).toBe(0);
  await closeAll(own, others);
});

test('one rank, then two, then the first alone again, and once more: the losses of one', async () => {
  const expected = await undisturbed();
  const own = await testSession();
  const others = ranks(1);
  await own.session.prepare({ ...smallRun, checkpointSeconds: 0 });
  /** Trains until a further checkpoint is saved. */
  const trainOn = async () => {
    const before = own.events.length;
    const training = own.session.train();
    await own.until('checkpoint', event => own.events.indexOf(event) >= before);
    await own.session.pause();
    expect(['paused', 'done']).toContain(await training);
  };
  await trainOn();
  await connect(own.session, others);
  const [first, second] = (await own.session.regroup({ rows: 2, columns: 1, replicas: 1 })).ranks;
  expect(first.memory.data).toBe(second.memory.data);
  await trainOn();
  for (let time = 0; time < 2; time++) {
    expect((await own.session.regroup(undefined)).ranks).toEqual([]);
    await trainOn();
  }
  expect(await own.session.train()).toBe('done');
  expectSame(lossesOf(own), expected);
  await closeAll(own, others);
});

test('a model that diverges on a mesh: a loss that is no number, not a lost rank; and the run resumes', async () => {
  const expected = await undisturbed();
  const own = await testSession();
  const others = ranks(1);
  await connect(own.session, others);
  await own.session.prepare({ ...onMesh(1, 2), checkpointSeconds: 0 });
  const training = own.session.train();
  await own.until('checkpoint');
  await own.session.pause();
  await training;
  const { step } = (await own.session.savedRun())!;
  await own.session.importCheckpoint(spoiled((await own.session.exportCheckpoint()).bytes));
  await expect(own.session.train()).rejects.toThrow(`The model has diverged: at step ${step + 1} rank`);
  const { error } = await own.until('error');
  expect([error.code, error.resumable]).toEqual(['loss-nan', true]);
  await connect(own.session, others);
  await own.session.resume();
  expect(await own.session.train()).toBe('done');
  expectSame(lossesOf(own), expected);
  await closeAll(own, others);
});

test('a checkpoint of step 0 is one to go on from', async () => {
  const expected = await undisturbed();
  const own = await testSession();
  const others = ranks(1);
  await connect(own.session, others);
  await own.session.prepare(onMesh(2, 1));
  await own.session.importCheckpoint((await own.session.exportCheckpoint()).bytes);
  await connect(own.session, others);
  expect((await own.session.regroup({ rows: 1, columns: 2, replicas: 1 })).step).toBe(0);
  expect(await own.session.train()).toBe('done');
  expectSame(lossesOf(own), expected);
  await closeAll(own, others);
});
