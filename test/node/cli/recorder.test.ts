/** A run's folder as a recorder leaves it, whatever comes when, and wherever a process is lost. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { PageError } from '../../../src/cli/bridge.ts';
import { carryOver } from '../../../src/cli/old-metrics.ts';
import {
  appendTo,
  clearFolder,
  dropTornLines,
  type RunPaths,
  readEvents,
  readTable,
  writeBeside,
} from '../../../src/cli/output-folder.ts';
import { progressBar } from '../../../src/cli/progress-bar.ts';
import { createRecorder, type Recorder } from '../../../src/cli/recorder.ts';
import type { RunEvent } from '../../../src/session/api/api.ts';
import { runInfo, scores } from './run-info.ts';

let folder: string;
let run: RunPaths;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'isobar-recorder-'));
  run = await clearFolder(folder);
});
afterEach(() => rm(folder, { recursive: true }));

const info = { ...runInfo, config: { ...runInfo.config, evaluateEvery: 4 } };

/** @param exported the step of every checkpoint that is asked for */
function recorder(exported: () => number | Promise<number> = () => 0): Recorder {
  return createRecorder(run, 100, progressBar({ write: () => {} }), async () => {
    const step = await exported();
    await writeBeside(run.checkpoint, `step ${step}`);
    return step;
  });
}

/** Losses are the negative numbers of their steps. */
const metrics = (step: number, count: number): RunEvent => {
  const losses = Array.from({ length: count }, (_, i) => -(step - count + 1 + i));
  return {
    type: 'metrics',
    step,
    losses,
    learningRates: losses.map(loss => loss / 1000),
    gradientNorms: losses.map(loss => -2 * loss),
    seconds: count / 8,
    samplesPerSecond: 10,
    dataMs: 0,
    secondsLeft: 1,
    gpuBusySeconds: 1,
  };
};
const [rmse, ...others] = scores;
/** One that has no column. */
const rmseCos = { ...rmse, metric: 'rmseCos', main: false };
const score = (step: number): RunEvent => ({
  type: 'scores',
  step,
  part: 'validation',
  scores: [{ ...rmse, value: step }, ...others, rmseCos],
});
const checkpoint = (step: number): RunEvent => ({ type: 'checkpoint', step, bytes: 1 });

const column = async (name: string) => (await readTable(run))?.rows.map(row => row[name]);
const kinds = async () => (await readEvents(run.events)).map(event => event.type);

describe('a run that trains', () => {
  test('has a row for each step, with the score that follows it, and all else among the events', async () => {
    const record = recorder();
    record.onEvent({ type: 'status', status: 'ready' });
    await record.begin(info);
    expect(await readFile(run.metrics, 'utf8')).toMatch(/^step,epoch,loss,.*_bias_z500_24h\n$/);
    record.onEvent({ type: 'status', status: 'running' });
    record.onEvent(metrics(3, 3));
    record.onEvent(metrics(4, 1));
    // What ranks say comes between a step and its score.
    record.onEvent({ type: 'ranks', step: 4, ranks: [] });
    record.onEvent({ type: 'warning', message: 'w' });
    record.onEvent(score(4));
    record.onEvent(metrics(6, 2));
    record.onEvent({ type: 'status', status: 'done' });
    await record.written();
    expect(await column('step')).toEqual([1, 2, 3, 4, 5, 6]);
    expect(await column('loss')).toEqual([-1, -2, -3, -4, -5, -6]);
    expect(await column('gradientNorm')).toEqual([2, 4, 6, 8, 10, 12]);
    expect(await column('epoch')).toEqual([0.25, 0.5, 0.75, 1, 1.25, 1.5]);
    expect(await column('seconds')).toEqual([3 / 8, 3 / 8, 3 / 8, 4 / 8, 6 / 8, 6 / 8]);
    expect(await column('validation_rmse_z500_24h')).toEqual([
      undefined,
      undefined,
      undefined,
      4,
      undefined,
      undefined,
    ]);
    expect(await kinds()).toEqual(
      'status status metrics metrics ranks warning scores metrics status'.split(' '),
    );
    const text = await readFile(run.events, 'utf8');
    // Nothing is kept twice.
    expect(text).not.toMatch(/"(losses|learningRates|gradientNorms|rmse|acc)"/);
    expect(text).toContain(`"part":"validation","scores":[${JSON.stringify(rmseCos)}]`);
  });

  test('whose score does not come has the row without it', async () => {
    const record = recorder();
    await record.begin(info);
    record.onEvent(metrics(4, 4));
    await record.written();
    expect(await column('step')).toEqual([1, 2, 3]);
    record.onEvent({ type: 'error', error: { code: 'device-lost', message: 'm', resumable: true } });
    await record.written();
    expect(await column('step')).toEqual([1, 2, 3, 4]);
  });

  test('keeps the scores of the test part with the events', async () => {
    const record = recorder();
    await record.begin(info);
    const event: RunEvent = { type: 'scores', step: 4, part: 'test', scores };
    record.onEvent(event);
    await record.written();
    expect(await readEvents(run.events)).toEqual([event]);
  });
});

describe('a checkpoint', () => {
  test('of a step whose row is not there yet waits for it, and rows do not wait for the checkpoint', async () => {
    let asked: () => void = () => {};
    const exporting = new Promise<void>(resolve => {
      asked = resolve;
    });
    const record = recorder(() => {
      asked();
      return 3;
    });
    await record.begin(info);
    record.onEvent(metrics(1, 1));
    record.onEvent(checkpoint(1));
    await exporting;
    record.onEvent(metrics(2, 1));
    await expect.poll(() => readdir(folder)).toContain('checkpoint.safetensors.part');
    await expect.poll(() => column('step')).toEqual([1, 2]);
    expect(await readdir(folder)).not.toContain('checkpoint.safetensors');
    record.onEvent(metrics(3, 1));
    await record.written();
    expect(await readFile(run.checkpoint, 'utf8')).toBe('step 3');
    expect(await readdir(folder)).not.toContain('checkpoint.safetensors.part');
  });

  test('that waits for a step that a lost rank will not make is dropped, and that of the session saved', async () => {
    const steps = [5, 2];
    const record = recorder(() => steps.shift()!);
    await record.begin(info);
    record.onEvent(metrics(3, 3));
    record.onEvent(checkpoint(2));
    await expect.poll(() => readdir(folder)).toContain('checkpoint.safetensors.part');
    record.onEvent({ type: 'error', error: { code: 'peer-lost', message: 'm', resumable: true, rank: 1 } });
    expect(record.error?.code).toBe('peer-lost');
    await record.regroup(2, info);
    expect(record.error).toBeUndefined();
    expect(await readFile(run.checkpoint, 'utf8')).toBe('step 2');
    expect(await column('step')).toEqual([1, 2]);
    record.onEvent(metrics(3, 1));
    await record.written();
    expect(await column('step')).toEqual([1, 2, 3]);
    expect(await column('seconds')).toEqual([3 / 8, 3 / 8, 4 / 8]);
  });

  test('that ranks have no more is forgiven, one that the disk does not take is not', async () => {
    const failure = { code: 'peer-lost', message: 'gone', resumable: true } as const;
    const lost = recorder(() => Promise.reject(new PageError(failure)));
    await lost.begin(info);
    lost.onEvent({ type: 'error', error: failure });
    lost.saveCheckpoint();
    await lost.written();
    const full = recorder(() => Promise.reject(new Error('The disk is full')));
    await full.begin(info);
    full.saveCheckpoint();
    await expect(full.written()).rejects.toThrow('The disk is full');
  });
});

describe('a run that was killed goes on', () => {
  const killed = async (tornRow: string, tornEvent: string) => {
    const record = recorder();
    await record.begin(info);
    record.onEvent(metrics(3, 3));
    record.onEvent(metrics(4, 1));
    record.onEvent(score(4));
    record.onEvent(metrics(7, 3));
    await record.written();
    await appendTo(run.metrics, tornRow);
    await appendTo(run.events, tornEvent);
  };

  test.each([
    ['', ''],
    ['8,2,-8,', '{"type":"met'],
    ['8', '{"type":"ranks","step":8,"ranks":[]}'],
  ])('with a last row "%s" and a last event "%s"', async (row, event) => {
    await killed(row, event);
    await dropTornLines(run);
    const record = recorder();
    record.onEvent({ type: 'status', status: 'preparing' });
    await record.resume(5, info);
    expect(await column('step')).toEqual([1, 2, 3, 4, 5]);
    expect(record.step).toBe(5);
    record.onEvent(metrics(6, 1));
    await record.written();
    expect(await column('step')).toEqual([1, 2, 3, 4, 5, 6]);
    expect(await column('epoch')).toEqual([0.25, 0.5, 0.75, 1, 1.25, 1.5]);
    expect((await column('seconds'))?.slice(-2)).toEqual([7 / 8, 8 / 8]);
    expect((await column('validation_rmse_z500_24h'))?.slice(3)).toEqual([4, undefined, undefined]);
    // Events of later steps went with their rows.
    expect(await kinds()).toEqual('metrics metrics scores status metrics'.split(' '));
  });

  test('scored from now on, or no more: the columns that there were stay', async () => {
    await killed('', '');
    await recorder().resume(7, runInfo);
    expect((await column('validation_rmse_z500_24h'))?.[3]).toBe(4);
    const unscored = recorder();
    await unscored.begin(runInfo);
    unscored.onEvent(metrics(3, 3));
    await unscored.written();
    expect((await readTable(run))?.columns).toHaveLength(13);
    const record = recorder();
    await record.resume(3, info);
    record.onEvent(metrics(4, 1));
    record.onEvent(score(4));
    await record.written();
    expect(await column('validation_rmse_z500_24h')).toEqual([undefined, undefined, undefined, 4]);
  });
});

describe('a run of an earlier version', () => {
  const row = {
    channel: 'z500',
    units: 'm2 s-2',
    leadHours: 24,
    rmse: 300,
    rmseCos: 300,
    bias: 1,
    acc: null,
    persistence: 600,
    climatology: 900,
  };
  const old = [
    { type: 'status', status: 'preparing' },
    { type: 'metrics', step: 2, losses: [0.1, 0.2], learningRate: 1e-3, samplesPerSecond: 4, dataMs: 1 },
    { type: 'metrics', step: 4, losses: [0.3, 0.4], learningRate: 2e-3, samplesPerSecond: 2, dataMs: 1 },
    { type: 'skill', step: 4, part: 'validation', rows: [{ ...row, leadHours: 48, rmse: 1 }, row] },
    { type: 'checkpoint', step: 4, bytes: 1 },
    { type: 'status', status: 'preparing' },
    { type: 'metrics', step: 5, losses: [0.5], learningRate: 3e-3, samplesPerSecond: 4, dataMs: 1 },
    { type: 'metrics', step: 6, losses: [0.6], learningRate: 3e-3, samplesPerSecond: 4, dataMs: 1 },
  ];
  const text = old.map(event => `${JSON.stringify(event)}\n`).join('');

  beforeEach(async () => {
    await writeFile(run.oldEvents, `${text}{"type":"metr`);
    await rm(run.events);
  });

  test('goes on with a table of its steps and scores, and keeps its own file', async () => {
    expect(await carryOver(run)).toBe(true);
    const record = recorder();
    record.onEvent({ type: 'status', status: 'preparing' });
    await record.resume(5, info);
    expect(await column('step')).toEqual([1, 2, 3, 4, 5]);
    expect(await column('loss')).toEqual([0.1, 0.2, 0.3, 0.4, 0.5]);
    expect(await column('learningRate')).toEqual([1e-3, 1e-3, 2e-3, 2e-3, 3e-3]);
    expect(await column('gradientNorm')).toEqual(Array.from({ length: 5 }));
    // 4 samples at 4 a second, then 8 at 2; the next session's mean is its own.
    expect(await column('seconds')).toEqual([1, 1, 4, 4, 4.5]);
    expect(await column('samplesPerSecond')).toEqual([4, 4, 4 / 3, 4 / 3, 4]);
    expect((await column('validation_rmse_z500_24h'))?.[3]).toBe(300);
    expect((await column('validation_persistence_z500_24h'))?.[3]).toBe(600);
    expect((await column('validation_acc_z500_24h'))?.[3]).toBeNaN();
    expect(await readFile(run.events, 'utf8')).toContain(
      `"rows":[${JSON.stringify({ ...row, leadHours: 48, rmse: 1 })},`,
    );
    expect(await kinds()).toEqual('status metrics metrics skill checkpoint status metrics status'.split(' '));
    expect(await readFile(run.oldEvents, 'utf8')).toBe(`${text}{"type":"metr`);
    // From now on it is as any other.
    expect(await carryOver(run)).toBe(false);
    record.onEvent(metrics(6, 1));
    await record.written();
    expect(await column('step')).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test('that is killed before it was carried over whole is carried over again', async () => {
    await carryOver(run);
    await appendTo(run.events, '{"type":"status","status":"preparing"}\n{"type":');
    await dropTornLines(run);
    expect(await carryOver(run)).toBe(true);
    await recorder().resume(6, info);
    expect(await column('step')).toEqual([1, 2, 3, 4, 5, 6]);
    expect((await kinds()).filter(kind => String(kind) === 'skill')).toHaveLength(1);
  });

  test('that had a table already keeps the scores among its events as they are, up to the step that it goes on from', async () => {
    const lines = [3, 5].map(step =>
      JSON.stringify({ type: 'skill', step, part: 'validation', rows: [row] }),
    );
    await writeFile(run.events, lines.map(line => `${line}\n`).join(''));
    await writeFile(run.metrics, 'step,loss,validation_rmse_z500_24h\n1,1,\n2,2,\n3,3,300\n4,4,\n5,5,200\n');
    expect(await carryOver(run)).toBe(false);
    const record = recorder();
    await record.resume(4, info);
    expect(await readFile(run.events, 'utf8')).toBe(`${lines[0]}\n`);
    expect(await column('validation_rmse_z500_24h')).toEqual([undefined, undefined, 300, undefined]);
    record.onEvent(metrics(8, 4));
    record.onEvent(score(8));
    await record.written();
    expect((await column('validation_rmse_z500_24h'))?.[7]).toBe(8);
  });

  test('whose scores it will not have again keeps those that it has', async () => {
    await carryOver(run);
    await recorder().resume(6, runInfo);
    expect((await column('validation_rmse_z500_24h'))?.[3]).toBe(300);
  });
});
