import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { waveStore } from '../node/data/wave-store.ts';
import { writeZarr } from '../node/data/write-zarr.ts';
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

/** A store without consolidated metadata, which a server alone could not list. */
async function writeStore(): Promise<string> {
  const store = join(folder, 'waves.zarr');
  for (const [path, bytes] of await writeZarr({ ...waveStore(), consolidated: false })) {
    await mkdir(dirname(join(store, path)), { recursive: true });
    await writeFile(join(store, path), bytes);
  }
  return store;
}

test('ranks read their own parts of a Zarr store in a folder, and a resumed run finds it again', async () => {
  const store = await writeStore();
  const out = join(folder, 'zarr');
  const mesh = ['--mesh', '1x2', '--transport', 'local'];
  const run = await finish(
    start([...tiny, ...mesh, '--data', `zarr:${store}`, '--steps', '4', '--out', out, '--json']),
  );
  expect(run.code, run.stderr).toBe(0);
  const { ranks, skill } = resultOf(run);
  expect(skill.every(row => row.rmse > 0 && row.persistence > 0)).toBe(true);
  const [first, second] = ranks.map(rank => rank.bytesReadFromData);
  expect(second).toBeGreaterThan(0);
  expect(second).toBeLessThan(0.7 * first);
  expect(JSON.parse(await readFile(join(out, 'config.json'), 'utf8'))).toMatchObject({
    data: { kind: 'zarr', store },
  });

  const resumed = await finish(start(['--resume', out, '--mesh', '1x1', '--steps', '6', '--json']));
  expect(resumed.code, resumed.stderr).toBe(0);
  expect(resumed.stderr).toContain('waves.zarr');
  expect(await losses(out)).toHaveLength(6);
});
