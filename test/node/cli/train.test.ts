/** The terminal command with a page that only says what it is told to: the folder, the lock and the exit codes. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Answer, Answering, PageRun } from '../../../src/cli/bridge.ts';
import type { HeadlessPage } from '../../../src/cli/browser.ts';
import { main } from '../../../src/cli/train.ts';
import type { RunError, RunEvent, RunResult } from '../../../src/session/api/api.ts';
import type { EnergySummary } from '../../../src/show/energy-summary.ts';
import { parseTable } from '../../../src/show/metrics-table.ts';
import { runInfo } from './run-info.ts';

let folder: string;
let out: string;
let said: string[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'isobar-main-'));
  out = join(folder, 'run');
  said = [];
  vi.spyOn(console, 'error').mockImplementation(text => void said.push(String(text)));
  vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
});
afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  await rm(folder, { recursive: true });
});

const info = { ...runInfo, samples: { ...runInfo.samples, test: 0 } };
const result = {
  preset: 'tiny',
  scores: [],
  ranks: [],
  steps: 3,
  adapter: info.adapter,
} as Partial<RunResult> as RunResult;
const value = <T>(given: T): Answer<T> => ({ value: given });

/** What the page does when it is told to train; it may send events and save. */
type Training = (send: (event: RunEvent) => void) => Promise<Answer<'done' | 'paused'>>;

/** Runs the command with such a page. */
function command(argv: readonly string[], training: Training, calls: Partial<Answering<PageRun>> = {}) {
  return main(argv, async (pageUrl, onEvent) => {
    let step = 0;
    const send = (event: RunEvent) => {
      if (event.type === 'metrics') step = event.step;
      onEvent(event);
    };
    const isobar: Partial<Answering<PageRun>> = {
      prepare: async () => value(info),
      work: async () => value([{ flops: 1e9, bytes: 1e8, dispatches: 100 }]),
      train: () => training(send),
      pause: async () => value(undefined),
      result: async () => value(result),
      importCheckpoint: async url => {
        step = Number(await (await fetch(new URL(url, pageUrl))).text());
        return value(step);
      },
      exportCheckpoint: async url => {
        await fetch(new URL(url, pageUrl), { method: 'PUT', body: `${step}` });
        return value(step);
      },
      ...calls,
    };
    vi.stubGlobal('window', { isobar });
    const evaluate = (work: (argument: unknown) => unknown, argument: unknown) => work(argument);
    return {
      page: { evaluate } as unknown as HeadlessPage['page'],
      died: new Promise<never>(() => {}),
      openGuest: async () => {},
      close: async () => {},
    };
  });
}

const metrics = (step: number, loss: number): RunEvent => ({
  type: 'metrics',
  step,
  losses: [loss],
  learningRates: [1e-3],
  gradientNorms: [1],
  seconds: 1,
  samplesPerSecond: 2,
  dataMs: 0,
  secondsLeft: 0,
  gpuBusySeconds: 1,
});

/** From the step after `from` to `to`. */
const steps =
  (from: number, to: number): Training =>
  async send => {
    for (let step = from + 1; step <= to; step++) send(metrics(step, 1 / step));
    return value('done');
  };

const argv = () => ['--preset', 'tiny', '--steps', '3', '--out', out];
const losses = async (at = out) =>
  parseTable(await readFile(join(at, 'metrics.csv'), 'utf8')).rows.map(row => [row.step, row.loss]);
/** Those of the end are the report and the scores. */
const atEnd = ['report.html', 'scores.csv'];
const files = ['checkpoint.safetensors', 'config.json', 'events.jsonl', 'metrics.csv', ...atEnd];

test('a run that ends leaves its files and no lock; another into its folder is refused', async () => {
  expect(await command(argv(), steps(0, 3)), said.join('\n')).toBe(0);
  expect((await readdir(out)).sort()).toEqual(files);
  expect(await losses()).toEqual([
    [1, 1],
    [2, 1 / 2],
    [3, 1 / 3],
  ]);
  expect(await command(argv(), steps(0, 3))).toBe(2);
  expect(said.join('\n')).toContain(`Continue it with --resume ${out}`);
  expect((await readdir(out)).sort()).toEqual(files);
});

test('what a run takes is in its rows, its report and its result, as bands; a resumed run goes on from there', async () => {
  const printed: string[] = [];
  vi.spyOn(console, 'log').mockImplementation(text => void printed.push(String(text)));
  const training: Training = async send => {
    send({ type: 'status', status: 'running' });
    return steps(0, 3)(send);
  };
  const said = ['--watts', '100', '--host-watts', '20', '--pue', '1.5', '--grid', 'France', '--json'];
  expect(await command([...argv(), ...said], training)).toBe(0);
  const energy = (JSON.parse(printed[0]) as { energy: EnergySummary }).energy;
  expect(energy).toMatchObject({ place: 'France', gramsPerKwh: 56, load: 'queue', samples: 6 });
  expect(energy.gpus[0].evidence).toContain('power: typed in');
  expect(energy.hosts).toEqual([{ watts: { low: 20, central: 20, high: 20 }, pue: 1.5 }]);
  const { low, central, high } = energy.watts;
  expect(1.5 * 20).toBeLessThan(low);
  expect(low).toBeLessThan(central);
  expect(central).toBeLessThan(high);
  expect(high).toBeLessThan(1.5 * 130.001);
  const rows = async () => parseTable(await readFile(join(out, 'metrics.csv'), 'utf8')).rows;
  const before = (await rows())[2];
  expect(before.wattHours).toBeCloseTo(energy.wattHours.central, 9);
  expect(before.watts_high).toBeGreaterThan(before.watts_low!);
  const report = await readFile(join(out, 'report.html'), 'utf8');
  expect(report).toContain('<h2>Energy</h2>');
  expect(report).toContain('PUE 1.5');
  expect(report).toContain('<td>GeForce RTX 4090</td>');

  const more = ['--resume', out, '--steps', '4', '--pue', '1.5'];
  expect(await command(more, steps(3, 4))).toBe(0);
  const after = (await rows())[3];
  expect(after.wattHours).toBeGreaterThan(before.wattHours!);
});

test('while a run goes on nobody else writes into its folder, with --out or with --resume', async () => {
  const codes: number[] = [];
  const training: Training = async send => {
    send(metrics(1, 1));
    send({ type: 'checkpoint', step: 1, bytes: 1 });
    await expect.poll(() => readdir(out)).toContain('checkpoint.safetensors');
    const { window } = globalThis as { window: unknown };
    for (const more of [argv(), ['--resume', out], ['--resume', out, '--out', `${out}/`]]) {
      codes.push(await command(more, steps(1, 3)));
      expect(said.splice(0).join('\n')).toContain(
        `is written by another run: process ${process.pid}, since `,
      );
    }
    // What is only read needs no lock.
    const copy = join(folder, 'copy');
    codes.push(await command(['--resume', out, '--out', copy], steps(1, 3)));
    expect((await losses(copy)).map(([step]) => step)).toEqual([1, 2, 3]);
    vi.stubGlobal('window', window);
    return steps(1, 3)(send);
  };
  expect(await command(argv(), training), said.join('\n')).toBe(0);
  expect(codes).toEqual([2, 2, 2, 0]);
  expect((await losses()).map(([step]) => step)).toEqual([1, 2, 3]);
  expect((await readdir(out)).sort()).toEqual(files);
});

test('what the page says of a failure is told as it said it, with a hint where there is a checkpoint', async () => {
  const failure: RunError = { code: 'bad-config', message: 'width is 9', resumable: false };
  const refused = { prepare: async () => ({ failure }) };
  expect(await command(argv(), steps(0, 3), refused)).toBe(1);
  expect(said).toEqual(['width is 9']);
  expect((await readdir(out)).sort()).toEqual(['config.json', 'events.jsonl']);

  const lost: RunError = { code: 'device-lost', message: 'The device was lost.', resumable: true };
  const training: Training = async send => {
    await steps(0, 2)(send);
    send({ type: 'checkpoint', step: 2, bytes: 1 });
    await expect.poll(() => readdir(out)).toContain('checkpoint.safetensors');
    send(metrics(3, 7));
    return { failure: lost };
  };
  expect(await command(argv(), training)).toBe(1);
  expect(said.at(-1)).toMatch(
    /^The device was lost\.\nThe last checkpoint is in .*safetensors\. Continue with: /,
  );
  expect(await readdir(out)).not.toContain('run.lock');
  expect(await readdir(out)).not.toContain('checkpoint.safetensors.part');

  expect(await command(['--resume', out], steps(2, 3)), said.join('\n')).toBe(0);
  expect(await losses()).toEqual([
    [1, 1],
    [2, 1 / 2],
    [3, 1 / 3],
  ]);
});

test('Ctrl-C saves, and gives the folder free', async () => {
  const training: Training = async send => {
    send(metrics(1, 1));
    process.emit('SIGINT');
    return value('paused');
  };
  expect(await command(argv(), training), said.join('\n')).toBe(130);
  expect(said.at(-1)).toContain(`Stopped at step 1 of 3; the checkpoint is saved.`);
  expect((await readdir(out)).sort()).toEqual(files.filter(name => !atEnd.includes(name)));
});

test('a run of an earlier version goes on, says so, and keeps what it had', async () => {
  expect(await command(argv(), steps(0, 3))).toBe(0);
  const old = { type: 'metrics', step: 2, losses: [0.5, 0.25], learningRate: 1, samplesPerSecond: 4 };
  await writeFile(join(out, 'metrics.jsonl'), `${JSON.stringify(old)}\n`);
  await Promise.all(['metrics.csv', 'events.jsonl'].map(name => rm(join(out, name))));
  await writeFile(join(out, 'checkpoint.safetensors'), '2');
  const write = vi.mocked(process.stderr.write);
  expect(await command(['--resume', out], steps(2, 3)), said.join('\n')).toBe(0);
  expect(write.mock.calls.join('\n')).toContain('metrics.jsonl is of an earlier version of Isobar');
  expect(await losses()).toEqual([
    [1, 0.5],
    [2, 0.25],
    [3, 1 / 3],
  ]);
  // In another folder as well.
  await rm(join(out, 'metrics.csv'));
  const copy = join(dirname(out), 'copy');
  await writeFile(join(out, 'checkpoint.safetensors'), '2');
  expect(await command(['--resume', out, '--out', copy], steps(2, 3)), said.join('\n')).toBe(0);
  expect((await losses(copy)).map(([step]) => step)).toEqual([1, 2, 3]);
});
