import { afterEach, expect, test } from 'vitest';
import { openGpu } from '../../../src/gpu/device.ts';
import { presets } from '../../../src/session/api/presets.ts';
import type { RunConfig } from '../../../src/session/api/run-config.ts';
import { learningRateAt } from '../../../src/train/schedule.ts';
import { baseline, channelsOf, forgetRuns, mapOf, smallRun, spoiled, testSession } from './helpers.ts';

afterEach(() => forgetRuns());

const lossesOf = (events: Awaited<ReturnType<typeof testSession>>['events']) =>
  events.flatMap(event => (event.type === 'metrics' ? [...event.losses] : []));

test('a run from data to scores: the loss falls, and every promise of the contract is kept', async () => {
  const { session, events, until } = await testSession();
  const info = await session.prepare(smallRun);
  expect(info.synthetic).toBe(true);
  expect(channelsOf(info).length).toBe(14);
  expect(info.memory.total).toBeGreaterThan(info.memory.parameters);
  // The fields of thirty days are held once, the later ones as they are, to score by.
  const fields = 4 * 30 * 4 * 14 * 64 * 32;
  expect(info.memory.data).toBeGreaterThan(fields);
  expect(info.memory.data).toBeLessThan(1.02 * fields);
  expect(await session.train()).toBe('done');
  const losses = lossesOf(events);
  expect(losses.length).toBe(12);
  expect(Math.min(...losses.slice(-3))).toBeLessThan(losses[0]);
  const { scores } = await until('scores', event => event.part === 'test');
  const main = scores.filter(score => score.main);
  expect(main.length).toBe(14 * 2);
  for (const score of main) {
    const beaten = [baseline(score, 'persistence'), baseline(score, 'climatology')];
    for (const value of [score.value, ...beaten]) expect(value).toBeGreaterThan(0);
  }
  const result = await session.result();
  expect(result.lossFirst).toBe(losses[0]);
  expect(result.lossLast).toBe(losses[11]);
  expect(result.parameters).toBe(info.parameterCount);
  const waited = events.flatMap(event =>
    event.type === 'metrics' ? event.dataMs * event.losses.length : [],
  );
  const told = events.filter(event => event.type === 'metrics');
  const { schedule } = presets.tiny;
  expect(told.flatMap(event => event.learningRates)).toEqual(
    losses.map((_, i) => learningRateAt(schedule, i + 1, 12)),
  );
  const norms = told.flatMap(event => event.gradientNorms);
  expect(norms).toHaveLength(12);
  for (const norm of norms) expect(norm).toBeGreaterThan(0);
  const seconds = told.reduce((sum, event) => sum + event.seconds, 0);
  expect(result.samplesPerSecond).toBeCloseTo((12 * info.batch) / seconds, 6);
  expect(result.dataMs).toBeCloseTo(waited.reduce((sum, ms) => sum + ms) / 12, 9);

  const map = await mapOf(session, 1, 2);
  expect(map.leadHours).toBe(48);
  expect(map.truth.length).toBe(64 * 32);
  expect(map.forecast).not.toEqual(map.truth);
  const rollout = await session.view('rollout', { sample: 0, channel: 1 });
  if (rollout.kind !== 'rollout') throw new Error(`a ${rollout.kind} came`);
  expect(rollout.leadHours[1]).toBe(48);
  const points = 64 * 32;
  const at = (rollout.channels.length + rollout.channels.indexOf(1)) * points;
  // The same kernels on the same numbers: to the last bit.
  expect(rollout.forecast.slice(at, at + points)).toEqual(map.forecast);
  expect(rollout.truth.slice(at, at + points)).toEqual(map.truth);
  await session.close();
});

test('a batch in two passes, or with activations computed again: the same losses in less memory; what cannot be cut is refused', async () => {
  const whole = await testSession();
  const { memory } = await whole.session.prepare(smallRun);
  await whole.session.train();
  await whole.session.close();

  const own = await testSession();
  const inPasses = (accumulate: number) => ({
    ...smallRun,
    overrides: { ...smallRun.overrides, accumulate },
  });
  await expect(own.session.prepare(inPasses(3))).rejects.toThrow(
    '2 samples of a rank cannot be computed in 3 passes: choose 1 or 2.',
  );
  const info = await own.session.prepare(inPasses(2));
  expect(info.memory.activations).toBeLessThan(0.6 * memory.activations);
  await own.session.train();
  const [losses, expected] = [lossesOf(own.events), lossesOf(whole.events)];
  expect(losses.length).toBe(12);
  losses.forEach((loss, step) => {
    expect(Math.abs(loss / expected[step] - 1), `loss of step ${step + 1}`).toBeLessThanOrEqual(1e-5);
  });
  const again = await testSession();
  const { memory: less } = await again.session.prepare({ ...smallRun, recompute: true });
  expect(less.activations).toBeLessThan(memory.activations);
  await again.session.train();
  expect(lossesOf(again.events)).toEqual(expected);
  for (const { session } of [own, again]) await session.close();
});

test('pause, then resume in another session: the same losses as without a break', async () => {
  const whole = await testSession();
  await whole.session.prepare(smallRun);
  await whole.session.train();
  await whole.session.close();

  const first = await testSession();
  await first.session.prepare(smallRun);
  const training = first.session.train();
  await first.until('status', event => event.status === 'running');
  await first.session.pause();
  expect(await training).toBe('paused');
  const done = lossesOf(first.events).length;
  expect(done).toBeGreaterThan(0);
  expect(done).toBeLessThan(12);
  await first.session.close();

  const second = await testSession();
  expect((await second.session.savedRun())?.step).toBe(done);
  await second.session.resume();
  expect(await second.session.train()).toBe('done');
  expect([...lossesOf(first.events), ...lossesOf(second.events)]).toEqual(lossesOf(whole.events));
  await second.session.close();
});

test('a lost device ends the run with advice, and the run resumes from its checkpoint', async () => {
  const devices: GPUDevice[] = [];
  const { session, events, until } = await testSession(undefined, async () => {
    const gpu = await openGpu(navigator.gpu);
    devices.push(gpu.device);
    return gpu;
  });
  await session.prepare({ ...smallRun, steps: 100_000, checkpointSeconds: 0 });
  const training = session.train();
  const { step } = await until('checkpoint');
  devices[0].destroy();
  await expect(training).rejects.toThrow('The graphics device was lost');
  const errors = events.flatMap(event => (event.type === 'error' ? [event.error] : []));
  expect(errors.map(({ code, resumable }) => ({ code, resumable }))).toEqual([
    { code: 'device-lost', resumable: true },
  ]);
  await session.resume();
  expect((await session.savedRun())!.step).toBeGreaterThanOrEqual(step);
  await session.close();
});

test('a loss that is no number stops the run and keeps the last good checkpoint', async () => {
  const { session, events, until } = await testSession();
  await session.prepare({ ...smallRun, steps: 4 });
  await session.train();
  const saved = await session.savedRun();
  await session.prepare({ ...smallRun, steps: 4000, overrides: { ...smallRun.overrides, learningRate: 10 } });
  // Parameters that are no numbers: as after an overflow.
  const { bytes } = await session.exportCheckpoint();
  await session.importCheckpoint(spoiled(bytes));
  await expect(session.train()).rejects.toThrow(/The loss became NaN at step 1: the last checkpoint is kept/);
  await until('error', event => event.error.code === 'loss-nan' && event.error.resumable);
  expect(await session.savedRun()).toEqual(saved);
  expect(events.at(-1)).toEqual({ type: 'status', status: 'failed' });
  await session.close();
});

test('a full disk: the run goes on, the user is told, and the earlier checkpoint stays', async () => {
  const { session, until } = await testSession();
  await session.prepare({ ...smallRun, steps: 2 });
  await session.train();
  const saved = await session.savedRun();
  const put = IDBObjectStore.prototype.put;
  IDBObjectStore.prototype.put = () => {
    throw new DOMException('no room', 'QuotaExceededError');
  };
  try {
    await session.prepare({ ...smallRun, steps: 3, seed: 9 });
    expect(await session.train()).toBe('done');
    const { message } = await until('warning');
    expect(message).toMatch(
      /storage is full: a checkpoint of .*\u00a0[KM]iB was not saved. The one before it is kept/,
    );
  } finally {
    IDBObjectStore.prototype.put = put;
  }
  expect(await session.savedRun()).toEqual(saved);
  await session.close();
});

test('what is asked of a run that another replaces meanwhile says so, and does that one no harm', async () => {
  const { session, events } = await testSession();
  await session.prepare(smallRun);
  const refused = 'Another run was prepared before this was done';
  const asked = [session.score('test'), session.view('rollout', { sample: 0, channel: 1 }), session.result()];
  const answers = asked.map(answer => expect(answer).rejects.toThrow(refused));
  await session.prepare({ ...smallRun, seed: 9 });
  await Promise.all(answers);
  expect(await session.train(3)).toBe('paused');
  const told = events.flatMap(event => (event.type === 'error' ? [event.error.message] : []));
  expect(new Set(told.map(message => message.startsWith(refused)))).toEqual(new Set([true]));
  await session.close();
});

test('checkpoints of another model, and files that are none, are refused and change nothing', async () => {
  const { session } = await testSession();
  await session.prepare({ ...smallRun, overrides: { ...smallRun.overrides, width: 16 } });
  const { bytes: other } = await session.exportCheckpoint();
  await session.prepare(smallRun);
  await expect(session.importCheckpoint(other)).rejects.toThrow(
    'another model: it has embedding 16 instead of 8',
  );
  await expect(session.importCheckpoint(new Uint8Array(100))).rejects.toThrow('not a checkpoint of Isobar');
  await expect(session.importCheckpoint(other.slice(0, 5000))).rejects.toThrow('not a checkpoint of Isobar');
  expect(await session.train()).toBe('done');
  await session.close();
});

test.each<[string, Partial<RunConfig>, RegExp]>([
  ['an unknown preset', { preset: 'huge' }, /no preset named huge. Choose one of: demo, tiny/],
  ['no steps', { steps: 0 }, /Steps is 0; it must be a whole number from 1/],
  ['a negative batch', { overrides: { batch: -1 } }, /Batch is -1/],
  [
    'a learning rate of 1000',
    { overrides: { learningRate: 1000 } },
    /Learning rate is 1000; it must be a number from 1e-9 to 10/,
  ],
  ['a dropout of 1', { overrides: { dropout: 1 } }, /Dropout is 1; it must be a number from 0 to 0.95/],
  ['an odd width', { overrides: { width: 7 } }, /embedding is 7; it must be a multiple of the 2 norm groups/],
  [
    'a width without end',
    { overrides: { width: 2 ** 16, batch: 256 } },
    /needs .* in one buffer; this adapter allows/,
  ],
])('%s is refused with what is allowed', async (_, change, message) => {
  const { session, events } = await testSession();
  await expect(session.prepare({ ...smallRun, ...change })).rejects.toThrow(message);
  expect(events.at(-1)).toEqual({ type: 'status', status: 'failed' });
  await session.close();
});

test('a published size says what it would take', async () => {
  const { session } = await testSession();
  await expect(session.prepare({ ...smallRun, preset: 'published-64' })).rejects.toThrow(
    /needs .*\u00a0GiB in one buffer; this adapter allows .* The whole run takes .* mesh of \d+ or more ranks/,
  );
  await session.close();
});
