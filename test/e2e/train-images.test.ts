/** The terminal command on images: a folder with a folder for every class, moved on the way, and files packed as they are handed out. */
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { gzipped, idxFile, pngFile, range } from '../node/data/images/write-images.ts';
import { endAll, finish, losses, resultOf, start, table } from './train-runs.ts';

const small = ['--model', 'resnet8', '--width', '4', '--batch', '4'];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'isobar-images-'));
});
afterAll(async () => {
  endAll();
  await rm(folder, { recursive: true });
});

/** Fifteen images of each of two colours, and a damaged one. */
async function colours(name: string): Promise<string> {
  const path = join(folder, name);
  for (const [label, red] of [
    ['cats & dogs', 250],
    ['#foxes', 20],
  ] as const) {
    await mkdir(join(path, label), { recursive: true });
    for (let i = 0; i < 15; i++) {
      await writeFile(join(path, label, `${i}.png`), pngFile(20, 30, [red, 8 * i, 100]));
    }
  }
  await writeFile(join(path, '#foxes', 'broken.png'), pngFile(20, 30, [1, 2, 3]).slice(0, 40));
  return path;
}

test('a run on folders of classes leaves its scores and images, and goes on where these have moved', async () => {
  const images = await colours('images');
  const out = join(folder, 'run');
  const run = await finish(
    start([...small, '--data', images, '--steps', '4', '--evaluate-every', '2', '--out', out, '--json']),
  );
  expect(run.code, run.stderr).toBe(0);
  expect(run.stderr).toMatch(/Left out: 1 damaged image \(#foxes\/broken\.png /);
  expect(run.stderr).toMatch(/Accuracy +Commonest/);
  const { scores } = resultOf(run);
  expect(scores.map(({ metric }) => metric)).toEqual(['accuracy', 'loss']);
  const columns = await table(out);
  expect(columns.validation_accuracy.map(value => value >= 0)).toEqual([false, true, false, true]);
  expect(columns.validation_commonest_class[1]).toBe(50);
  const report = await readFile(join(out, 'report.html'), 'utf8');
  // Three of each class to test on.
  expect(report).toMatch(/[0-6] of 6 images of the test part are taken for what they are/);
  expect(report).toContain('cats &amp; dogs');
  expect(report).toContain('Rows: true class; columns: guess.');

  const moved = join(folder, 'moved');
  await rename(images, moved);
  const refused = await finish(start(['--resume', out, '--steps', '6']));
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain(`--data: ${images} does not exist.`);
  const resumed = await finish(start(['--resume', out, '--data', moved, '--steps', '6', '--json']));
  expect(resumed.code, resumed.stderr).toBe(0);
  expect(resumed.stderr).toContain('Resumed at step 4 of 6.');
  expect(await losses(out)).toHaveLength(6);
  expect(JSON.parse(await readFile(join(out, 'config.json'), 'utf8'))).toMatchObject({
    data: { kind: 'images', paths: [moved] },
  });
});

test('packed files are read as they are, on two replicas in pages of their own', async () => {
  const [train, tested, size] = [60, 12, 8];
  const labels = (count: number) => range(count, i => i % 3);
  const pixels = (count: number) => range(count * size * size, i => (Math.floor(i / 64) % 3) * 80 + (i % 7));
  const files = {
    'train-images-idx3-ubyte.gz': idxFile([train, size, size], pixels(train)),
    'train-labels-idx1-ubyte.gz': idxFile([train], labels(train)),
    't10k-images-idx3-ubyte.gz': idxFile([tested, size, size], pixels(tested)),
    't10k-labels-idx1-ubyte.gz': idxFile([tested], labels(tested)),
  };
  const paths: string[] = [];
  for (const [name, bytes] of Object.entries(files)) {
    paths.push(join(folder, name));
    await writeFile(join(folder, name), gzipped(bytes));
  }
  const mesh = ['--replicas', '2', '--transport', 'webrtc'];
  const out = join(folder, 'packed');
  const data = ['--data', paths.join(',')];
  const run = await finish(start([...small, ...mesh, ...data, '--steps', '3', '--out', out, '--json']));
  expect(run.code, run.stderr).toBe(0);
  expect(resultOf(run).ranks).toHaveLength(2);
  expect(await losses(out)).toHaveLength(3);
});

test('a forecast is not trained on images, nor a classification on fields', async () => {
  const images = await colours('refused');
  const onImages = await finish(start(['--preset', 'tiny', '--data', images]));
  expect([onImages.code, onImages.stderr]).toEqual([
    2,
    expect.stringContaining('if it has images, choose a preset of classify (such as resnet8).'),
  ]);
  const store = await finish(start([...small, '--data', 'zarr:store']));
  expect([store.code, store.stderr]).toEqual([2, expect.stringContaining('resnet8 is trained on images')]);
});
