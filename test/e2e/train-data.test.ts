import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { waveFile, waveStore } from '../node/data/wave-store.ts';
import { writeStore } from './store-folder.ts';
import { endAll, finish, losses, resultOf, start } from './train-runs.ts';

const tiny = ['--preset', 'tiny', '--batch', '2', '--width', '8', '--blocks', '1'];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'isobar-data-'));
});
afterAll(async () => {
  endAll();
  await rm(folder, { recursive: true });
});

test('ranks read their own parts of a store and of a file with the same fields, and train alike', async () => {
  // Without consolidated metadata, a server alone could not list it.
  const store = join(folder, 'waves.zarr');
  await writeStore(store, { ...waveStore(), consolidated: false });
  const onStore = join(folder, 'on-store');
  const columns = ['--mesh', '1x2', '--data', `zarr:${store}`];
  const run = await finish(start([...tiny, ...columns, '--steps', '4', '--out', onStore, '--json']));
  expect(run.code, run.stderr).toBe(0);
  expect(run.stderr).toContain('No chunk is read by more than one rank.');
  const { ranks, scores, bytesReadToScore } = resultOf(run);
  const main = scores.filter(score => score.main);
  expect(main.length).toBeGreaterThan(0);
  expect(main.every(({ value, baselines }) => value > 0 && baselines[0].value > 0)).toBe(true);
  const [first, second] = ranks.map(rank => rank.bytesReadFromData);
  // Of four fields of the same size each has two.
  expect(first / second).toBeGreaterThan(0.8);
  expect(first / second).toBeLessThan(1.25);
  // A third of the steps, of all fields.
  expect(bytesReadToScore).toBeLessThan(0.4 * (first + second));
  expect(await readFile(join(onStore, 'report.html'), 'utf8')).toContain('Rank 0 read ');

  const file = join(folder, 'waves.nc');
  await writeFile(file, new Uint8Array(waveFile()));
  const onFile = join(folder, 'on-file');
  const rows = ['--mesh', '2x1', '--transport', 'webrtc', '--data', file];
  const other = await finish(start([...tiny, ...rows, '--steps', '4', '--out', onFile, '--json']));
  expect(other.code, other.stderr).toBe(0);
  expect(resultOf(other).bytesReadToScore).toBeGreaterThan(0);
  const expected = await losses(onStore);
  for (const [i, loss] of (await losses(onFile)).entries()) {
    expect(Math.abs(loss / expected[i] - 1)).toBeLessThan(1e-4);
  }

  const resumed = await finish(start(['--resume', onStore, '--mesh', '1x1', '--steps', '6', '--json']));
  expect(resumed.code, resumed.stderr).toBe(0);
  expect(await losses(onStore)).toHaveLength(6);
  // What it was scored by is in a file too, and scores the same where nothing of Isobar is.
  const out = join(folder, 'forecasts.nc');
  const written = await finish(start(['--run', onStore, '--out', out, '--json'], 'forecast'));
  expect(written.code, written.stderr).toBe(0);
  expect(JSON.parse(written.stdout)).toMatchObject({ out, starts: 2, leads: 2, names: { length: 4 } });
  const found = await scoresInNumpy(out, store);
  const scored = resultOf(resumed).scores.filter(({ metric, at }) => metric === 'rmse' && at?.value === 24);
  expect(scored).toHaveLength(4);
  for (const { of, value } of scored) expect(found[`${of?.name} 24`].rmse / value).toBeCloseTo(1, 5);
  expect(await readFile(join(onStore, 'scores.csv'), 'utf8')).toMatch(/^part,step,metric,of,at,/);

  // All but the mask was read once by the two.
  const { bytesReadFromData: alone } = resultOf(resumed);
  expect((first + second) / alone).toBeGreaterThanOrEqual(1);
  expect((first + second) / alone).toBeLessThan(1.05);
});

interface InNumpy {
  readonly scores: Readonly<Record<string, { readonly rmse: number }>>;
}

async function scoresInNumpy(forecasts: string, data: string): Promise<InNumpy['scores']> {
  const script = fileURLToPath(new URL('../node/data/score-forecasts.py', import.meta.url));
  const { stdout } = await promisify(execFile)('/usr/bin/python3', [script, forecasts, data]);
  return (JSON.parse(stdout) as InNumpy).scores;
}
