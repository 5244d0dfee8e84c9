import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type HeadlessPage, openPage } from '../../src/cli/browser.ts';
import { main } from '../../src/cli/train.ts';
import type { RankResult } from '../../src/session/api/api.ts';
import { endAll, finish, losses, resultOf, start } from './train-runs.ts';

const tiny = ['--preset', 'tiny', '--days', '30', '--batch', '2', '--width', '8', '--blocks', '1'];
const steps = 6;

let folder: string;
/** Of the run without a mesh. */
let whole: { losses: number[]; parameters: number };
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'isobar-mesh-'));
  const { out, run } = await train('whole', []);
  const { parameters, ranks } = resultOf(run);
  expect(ranks).toEqual([]);
  whole = { losses: await losses(out), parameters };
});
afterAll(async () => {
  endAll();
  await rm(folder, { recursive: true });
});

test('four workers train one model: the same losses, and a quarter of it each', async () => {
  const { out, run } = await train('four', ['--mesh', '2x2', '--transport', 'local', '--micro-batches', '2']);
  expectClose(await losses(out), whole.losses);

  const { ranks } = resultOf(run);
  expect(ranks.map(({ row, column }) => [row, column])).toEqual([
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
  ]);
  for (const rank of ranks) expectComplete(rank);
  // Of a model so small, the norm scales and biases that several ranks hold are a good part.
  const bytes = sum(ranks.map(rank => rank.parameterBytes)) / (4 * whole.parameters);
  expect(bytes).toBeGreaterThanOrEqual(1);
  expect(bytes).toBeLessThan(1.25);
  expect(new Set(ranks.map(rank => rank.bytesSent)).size).toBe(1);

  // Two lines of head, and a line for each rank.
  expect(run.stderr).toMatch(/Rank +Row +Column(.|\n)*\n +0 .*\n +1 .*\n +2 .*\n +3 /);
  expect(await readFile(join(out, 'report.html'), 'utf8')).toContain('Ranks of the mesh 2x2');
  expect(JSON.parse(await readFile(join(out, 'config.json'), 'utf8'))).toMatchObject({
    mesh: { rows: 2, columns: 2, replicas: 1, microBatches: 2, transport: 'local' },
  });
});

test('a checkpoint goes on with any mesh: four workers, then two pages over WebRTC, then one rank', async () => {
  const { out, run: four } = await train('moving', ['--mesh', '2x2', '--steps', '3']);
  expect(resultOf(four).ranks).toHaveLength(4);

  const onPages = ['--mesh', '1x2', '--transport', 'webrtc', '--steps', '5'];
  const { run: two } = await train('moving', ['--resume', out, ...onPages]);
  const { ranks } = resultOf(two);
  expect(ranks).toHaveLength(2);
  for (const rank of ranks) expectComplete(rank);
  expect(ranks[0].bytesSent).toBe(ranks[1].bytesSent);

  const { run: one } = await train('moving', ['--resume', out, '--mesh', '1x1', '--steps', `${steps}`]);
  expect(resultOf(one).ranks).toEqual([]);
  // All of it is warm-up, when the learning rate does not depend on the number of steps.
  expectClose(await losses(out), whole.losses);
});

test('two replicas of two ranks, each in a page of its own, train as one rank does', async () => {
  const mesh = ['--mesh', '1x2', '--replicas', '2', '--transport', 'webrtc'];
  const { out, run } = await train('replicas', mesh);
  expectClose(await losses(out), whole.losses);
  const { ranks } = resultOf(run);
  expect(ranks.map(({ replica, column }) => [replica, column])).toEqual([
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
  ]);
  for (const rank of ranks) expectComplete(rank);
});

test('--link puts a network between workers, which takes its time and changes no number', async () => {
  const latencyMs = 40;
  const { out, run } = await train('emulated', ['--mesh', '1x2', '--link', `${latencyMs},50`]);
  expectClose(await losses(out), whole.losses);
  const { ranks } = resultOf(run);
  for (const rank of ranks) expectComplete(rank);
  // A step has more than five exchanges one after the other. What a rank has to wait less for a block, since it was late
  // itself, the other waits longer.
  expect(sum(ranks.map(rank => rank.exchangeMs))).toBeGreaterThanOrEqual(2 * 5 * latencyMs);
  expect(JSON.parse(await readFile(join(out, 'config.json'), 'utf8'))).toMatchObject({
    mesh: { link: { latencyMs, megabytesPerSecond: 50 } },
  });
});

test('--wire f16 and --accumulate: losses within 1 %, and both are kept for --resume', async () => {
  const { out, run } = await train('halves', ['--mesh', '2x1', '--wire', 'f16', '--accumulate', '2']);
  const own = await losses(out);
  expect(own).toHaveLength(whole.losses.length);
  for (const [i, loss] of own.entries()) expect(Math.abs(loss / whole.losses[i] - 1)).toBeLessThan(0.01);
  for (const rank of resultOf(run).ranks) expectComplete(rank);
  expect(JSON.parse(await readFile(join(out, 'config.json'), 'utf8'))).toMatchObject({
    overrides: { accumulate: 2 },
    mesh: { wire: 'f16' },
  });
});

test('a page that is lost is replaced by a worker, and every step is kept once', async () => {
  const out = join(folder, 'lost');
  const longer = '40';
  const parameters = [...tiny, '--mesh', '1x2', '--transport', 'webrtc', '--steps', longer];
  const undisturbed = await train('undisturbed', ['--steps', longer]);
  const said: string[] = [];
  const code = await main([...parameters, '--out', out], async (url, onEvent) => {
    let pages: HeadlessPage | undefined;
    pages = await openPage(url, event => {
      onEvent(event);
      if (event.type === 'error') said.push(event.error.message);
      if (event.type === 'metrics' && said.length === 0) void pages?.page.context().pages()[1]?.close();
    });
    return pages;
  });
  expect(code).toBe(0);
  expect(said).toEqual([expect.stringMatching(/^Rank 1 is gone/)]);
  expectClose(await losses(out), await losses(undisturbed.out));
});

test('an impossible mesh ends with the reason, and the nearest possible ones', async () => {
  const out = join(folder, 'impossible');
  const run = await finish(start([...tiny, '--steps', `${steps}`, '--mesh', '1x15', '--out', out]));
  expect(run.code).toBe(1);
  expect(run.stderr).toContain('The mesh 1x15 is impossible for this model: ');
  expect(run.stderr).toMatch(/The nearest possible ones are \dx\d, /);
});

/** A run that ends well. With `--resume` it has its model from there. */
async function train(name: string, parameters: readonly string[]) {
  const out = join(folder, name);
  const model = parameters.includes('--resume') ? [] : tiny;
  const count = parameters.includes('--steps') ? [] : ['--steps', `${steps}`];
  const run = await finish(start([...model, ...count, ...parameters, '--out', out, '--json']));
  expect(run.code, run.stderr).toBe(0);
  return { out, run };
}

function expectClose(actual: readonly number[], expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length);
  for (const [i, loss] of actual.entries()) expect(Math.abs(loss / expected[i] - 1)).toBeLessThan(1e-4);
}

function expectComplete(rank: RankResult): void {
  const { parameterBytes, optimizerBytes, activationBytes, receiveBytes, peakBytes, bytesReadFromData } =
    rank;
  const { bytesSent, messagesSent, exchangeMs, exposedExchangeMs, dataMs, computeMs } = rank;
  const parts = [parameterBytes, optimizerBytes, activationBytes, receiveBytes];
  for (const value of [...parts, bytesReadFromData, bytesSent, messagesSent])
    expect(value).toBeGreaterThan(0);
  expect(peakBytes).toBeGreaterThanOrEqual(sum(parts));
  expect(exchangeMs).toBeGreaterThan(0);
  expect(exposedExchangeMs).toBeLessThanOrEqual(exchangeMs * (1 + 1e-9));
  expect(dataMs).toBeGreaterThanOrEqual(0);
  expect(computeMs).toBeGreaterThan(0);
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
