import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { count } from '../../src/show/format.ts';
import { endAll, finish, losses, resultOf, start } from './train-runs.ts';

const tiny = ['--preset', 'tiny', '--data', 'embedded', '--days', '30', '--batch', '2'];

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
  const run = await finish(start([...tiny, '--steps', '20', '--seed', '3', '--out', out, '--json']));
  expect(run.code, run.stderr).toBe(0);

  const result = resultOf(run);
  expect(result).toMatchObject({ preset: 'tiny', steps: 20 });
  expect(result.lossLast).toBeLessThan(result.lossFirst);
  expect(result.skill.every(row => row.rmse > 0 && row.persistence > 0)).toBe(true);

  expect((await readdir(out)).sort()).toEqual([
    'checkpoint.safetensors',
    'config.json',
    'metrics.jsonl',
    'report.html',
  ]);
  expect(await losses(out)).toHaveLength(20);
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

test('nonsense ends with code 2 before a browser starts', async () => {
  const { code, stdout, stderr } = await finish(start(['--steps', '0']));
  expect(code).toBe(2);
  expect(stderr).toContain('--steps is "0"');
  expect(stdout).toBe('');
});
