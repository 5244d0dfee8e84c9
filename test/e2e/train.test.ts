import { appendFile, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { count } from '../../src/show/format.ts';
import { endAll, finish, losses, resultOf, start, table } from './train-runs.ts';

const small = ['--preset', 'tiny', '--batch', '2'];
/** On data that are there at once. */
const tiny = [...small, '--data', 'synthetic'];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'isobar-train-'));
});
afterAll(async () => {
  endAll();
  await rm(folder, { recursive: true });
});

test('npm run train ends with one line of JSON and leaves its files', async () => {
  const out = join(folder, 'whole');
  const options = ['--days', '30', '--steps', '20', '--seed', '3', '--evaluate-every', '8'];
  const run = await finish(start([...small, '--data', 'embedded', ...options, '--out', out, '--json']));
  expect(run.code, run.stderr).toBe(0);

  const result = resultOf(run);
  expect(result).toMatchObject({ preset: 'tiny', steps: 20 });
  expect(result.lossLast).toBeLessThan(result.lossFirst);
  const main = result.scores.filter(score => score.main);
  expect(main.length).toBe(14 * 2);
  for (const { value, baselines } of main) {
    expect(value).toBeGreaterThan(0);
    expect(baselines[0].name).toBe('persistence');
    expect(baselines[0].value).toBeGreaterThan(0);
  }
  expect(run.stderr).toMatch(/Channel +Lead +RMSE +Persistence/);

  expect((await readdir(out)).sort()).toEqual([
    'checkpoint.safetensors',
    'config.json',
    'events.jsonl',
    'metrics.csv',
    'report.html',
    'scores.csv',
  ]);
  const kept = await losses(out);
  expect(kept).toHaveLength(20);
  expect([kept[0], kept[19]]).toEqual([result.lossFirst, result.lossLast]);
  const columns = await table(out);
  expect(columns.learningRate[4]).toBe((4e-3 * 5) / 10);
  expect(new Set(columns.gradientNorm).size).toBe(20);
  for (const norm of columns.gradientNorm) expect(norm).toBeGreaterThan(0);
  expect(columns.seconds).toEqual([...columns.seconds].sort((a, b) => a - b));
  const scored = Object.entries(columns).filter(([name]) => name.startsWith('validation_rmse_'));
  expect(scored).toHaveLength(14);
  for (const [, values] of scored) {
    // Only the rows of steps 8 and 16 have scores.
    expect(values.flatMap((value, i) => (value > 0 ? i + 1 : []))).toEqual([8, 16]);
  }
  expect(JSON.parse(await readFile(join(out, 'config.json'), 'utf8'))).toMatchObject({ steps: 20, seed: 3 });
  expect(await readFile(join(out, 'report.html'), 'utf8')).toContain('data:image/png;base64,');
});

test('Ctrl-C saves, and the resumed run has every step once', async () => {
  const out = join(folder, 'stopped');
  const run = start([...tiny, '--steps', '100000', '--evaluate-every', '0', '--out', out]);
  run.stderr?.on('data', (text: Buffer) => {
    // Twice would mean: at once, without saving.
    if (!run.killed && /step \d+\//.test(`${text}`)) run.kill('SIGINT');
  });
  const stopped = await finish(run);
  expect(stopped.code, stopped.stderr).toBe(130);
  expect(stopped.stderr).toContain(`npm run train -- --resume ${out}`);
  const before = await losses(out);
  expect(before.length).toBeGreaterThan(0);

  const steps = before.length + 2;
  const resumed = await finish(start(['--resume', out, '--steps', `${steps}`, '--json']));
  expect(resumed.code, resumed.stderr).toBe(0);
  expect(resumed.stderr).toContain(`Resumed at step ${count(before.length)} of ${count(steps)}`);
  const after = await losses(out);
  expect(after).toHaveLength(steps);
  expect(after.slice(0, before.length)).toEqual(before);
});

test('of two commands into one folder one runs; a third takes over from one that was killed', async () => {
  const out = join(folder, 'shared');
  const endless = [
    ...tiny,
    '--width',
    '8',
    '--blocks',
    '1',
    '--steps',
    '100000',
    '--checkpoint-seconds',
    '1',
  ];
  const runs = [0, 1].map(() => start([...endless, '--out', out]));
  const ended = runs.map(finish);
  const [refused, i] = await Promise.race(ended.map(async (run, i) => [await run, i] as const));
  expect(refused.code).toBe(2);
  const winner = runs[1 - i];
  const lock = JSON.parse(await readFile(join(out, 'run.lock'), 'utf8')) as { pid: number };
  expect(lock.pid).toBe(winner.pid);
  expect(refused.stderr).toContain(`${out} is written by another run: process ${winner.pid}, since `);
  const again = await finish(start(['--resume', out]));
  // It may not have saved yet.
  expect(again.code).toBe(2);

  await expect.poll(() => readdir(out), { timeout: 60_000 }).toContain('checkpoint.safetensors');
  winner.kill('SIGKILL');
  await ended[1 - i];
  expect(await readdir(out)).toContain('run.lock');
  await appendFile(join(out, 'metrics.csv'), '99999,1');
  await appendFile(join(out, 'events.jsonl'), '{"type":');
  const rows = (await table(out)).step.length;
  const steps = `${rows + 2}`;
  const resumed = await finish(start(['--resume', out, '--steps', steps, '--json']));
  expect(resumed.code, resumed.stderr).toBe(0);
  expect(await losses(out)).toHaveLength(rows + 2);
  expect((await readdir(out)).sort()).toEqual([
    'checkpoint.safetensors',
    'config.json',
    'events.jsonl',
    'metrics.csv',
    'report.html',
    'scores.csv',
  ]);
});

test('what the page says of a failure arrives as it said it', async () => {
  const out = join(folder, 'refused');
  const run = await finish(start([...tiny, '--width', '9', '--out', out]));
  expect(run.code).toBe(1);
  expect(run.stderr.trimEnd().split('\n').at(-1)).toBe(
    'embedding is 9; it must be a multiple of the 2 norm groups.',
  );
  expect(await readdir(out)).not.toContain('run.lock');
});

test('nonsense ends with code 2 before a browser starts', async () => {
  const { code, stdout, stderr } = await finish(start(['--steps', '0']));
  expect(code).toBe(2);
  expect(stderr).toContain('--steps is "0"');
  expect(stdout).toBe('');
});
