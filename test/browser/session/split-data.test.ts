/** Stores and files as the data of a run: in one piece, and on meshes whose ranks read for themselves. */
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { commands } from 'vitest/browser';
import type { BoxedChoice } from '../../../src/data/choice/choice.ts';
import { openBoxed } from '../../../src/data/open-boxed.ts';
import type { MeshShape } from '../../../src/mesh/mesh.ts';
import type { RunInfo, RunResult } from '../../../src/session/api/api.ts';
import type { RunConfig } from '../../../src/session/api/run-config.ts';
import { RankSession } from '../../../src/session/rank-session.ts';
import type { Session } from '../../../src/session/session.ts';
import { waveFile } from '../../node/data/wave-store.ts';
import { sharedGpu } from '../gpu.ts';
import { baseline, channelsOf, smallRun, type TestSession, testSession } from './helpers.ts';

interface Trained {
  readonly losses: readonly number[];
  readonly info: RunInfo;
  readonly result: RunResult;
}

let url: string;
let whole: Trained;

beforeAll(async () => {
  url = await commands.serveWaves();
  const own = await testSession();
  whole = await train(own, configOf(store()));
  await own.session.close();
});

afterAll(() => commands.closeStore(url));

const store = (): BoxedChoice => ({ kind: 'zarr', source: { kind: 'url', url }, selection: {} });
const file = (): BoxedChoice => ({
  kind: 'files',
  files: [{ name: 'waves.nc', blob: new Blob([waveFile()]) }],
});

const configOf = (data: BoxedChoice, mesh?: MeshShape): RunConfig => ({ ...smallRun, data, steps: 6, mesh });

async function train({ session, events }: TestSession, config: RunConfig): Promise<Trained> {
  const info = await session.prepare(config);
  expect(channelsOf(info)).toEqual([
    '2m_temperature',
    'geopotential500',
    'geopotential850',
    'geopotential1000',
  ]);
  await session.train();
  const losses = events.flatMap(event => (event.type === 'metrics' ? event.losses : []));
  return { losses, info, result: await session.result() };
}

/** Links two ranks, anew where they were. @param given to the second one by its page */
async function link(first: Session, second: RankSession, generation = 1, given?: BoxedChoice): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  await second.connect({ rank: 1, ports: [port2, null], generation, data: given });
  await first.connect({ rank: 0, ports: [null, port1], generation });
}

/** Two ranks, each with a device of its own, in one thread. */
async function trainMesh(data: BoxedChoice, mesh: MeshShape, given?: BoxedChoice): Promise<Trained> {
  const conductor = await testSession();
  const other = new RankSession(sharedGpu);
  await link(conductor.session, other, 1, given);
  const trained = await train(conductor, configOf(data, mesh));
  await conductor.session.close();
  await other.close();
  return trained;
}

function expectAsWhole({ losses, result }: Trained): void {
  expect(losses).toHaveLength(6);
  losses.forEach((loss, step) => {
    expect(Math.abs(loss / whole.losses[step] - 1), `loss of step ${step + 1}`).toBeLessThanOrEqual(1e-4);
  });
  expect(result.scores.length).toBeGreaterThan(0);
  result.scores.forEach((score, i) => {
    const expected = whole.result.scores[i];
    if (score.metric !== 'rmse') return;
    expect(Math.abs(score.value / expected.value - 1)).toBeLessThan(1e-3);
    const [own, other] = [score, expected].map(of => baseline(of, 'climatology'));
    expect(Math.abs(own / other - 1)).toBeLessThan(1e-5);
  });
}

const toScore = /^Rank 0 read [\d.]+\sKiB more: whole fields/;
const columns: MeshShape = { rows: 1, columns: 2, replicas: 1 };
const rows: MeshShape = { rows: 2, columns: 1, replicas: 1 };

test.each([
  { mesh: columns, note: /^No chunk is read by more than one rank\.$/ },
  { mesh: rows, note: /^A chunk of land_sea_mask holds the whole map .* and is read twice\.$/ },
])('$mesh.rows x $mesh.columns ranks read a store in parts and train as one', async ({ mesh, note }) => {
  const trained = await trainMesh(store(), mesh);
  expectAsWhole(trained);
  const { bytesRead: total } = await (await openBoxed(store())).read();
  expect(whole.info.bytesReadFromData).toBe(total);
  expect(whole.result.bytesReadFromData).toBe(total);
  const parts = trained.result.ranks.map(rank => rank.bytesReadFromData / total);
  expect(trained.result.bytesReadFromData / total).toBeCloseTo(parts[0] + parts[1], 12);
  for (const part of parts) expect(part).toBeLessThan(0.6);
  expect(parts[0] + parts[1]).toBeGreaterThanOrEqual(1);
  expect(parts[0] + parts[1]).toBeLessThan(1.05);
  // The last of three chunks along time.
  expect(trained.result.bytesReadToScore / total).toBeGreaterThan(0.3);
  expect(trained.result.bytesReadToScore / total).toBeLessThan(0.4);
  expect(trained.info.dataNotes[0]).toMatch(note);
});

test('ranks that are linked anew keep what they have read, and read only what they lack', async () => {
  const served = await commands.serveWaves();
  const data: BoxedChoice = { kind: 'zarr', source: { kind: 'url', url: served }, selection: {} };
  const { session, events } = await testSession();
  const other = new RankSession(sharedGpu);
  await link(session, other);
  const first = await session.prepare(configOf(data, columns));
  // Another mesh has other parts, and one rank has all.
  await link(session, other, 2);
  const across = await session.regroup(rows);
  expect(across.ranks[0].bytesReadFromData).not.toBe(first.ranks[0].bytesReadFromData);
  expect(across.bytesReadToScore).toBe(first.bytesReadToScore);

  await commands.closeStore(served);
  await link(session, other, 3);
  const again = await session.regroup(rows);
  expect(again.ranks).toEqual(across.ranks);
  expect(again.dataNotes).toEqual(across.dataNotes);
  await session.train();
  const losses = events.flatMap(event => (event.type === 'metrics' ? event.losses : []));
  expectAsWhole({ losses, info: again, result: await session.result() });

  // Whoever takes the place of a rank has nothing yet.
  const replacement = new RankSession(sharedGpu);
  await link(session, replacement, 4);
  await expect(session.regroup(rows)).rejects.toThrow(served);
  await session.close();
  await Promise.all([other.close(), replacement.close()]);
});

test('a rank reads its part of a file that its page gave it', async () => {
  const trained = await trainMesh(file(), rows, file());
  expectAsWhole(trained);
  expect(trained.info.dataNotes).toEqual([expect.stringMatching(toScore)]);
  // The gaps between its rows are so small that it reads them too.
  for (const rank of trained.result.ranks) expect(rank.bytesReadFromData).toBeGreaterThan(0);
});

test('rank 0 reads for a rank in a page that does not have the file, which keeps it when it is linked anew', async () => {
  const { session, events } = await testSession();
  const other = new RankSession(sharedGpu);
  await link(session, other);
  const first = await session.prepare(configOf(file(), rows));
  expect(first.dataNotes).toEqual([
    expect.stringMatching(toScore),
    'Rank 0 reads for rank 1, which cannot: the files were chosen in another page.',
  ]);
  vi.spyOn(Blob.prototype, 'slice').mockImplementation(() => {
    throw new Error('read again');
  });
  onTestFinished(() => void vi.restoreAllMocks());
  await link(session, other, 2);
  const again = await session.regroup(rows);
  expect(again.ranks).toEqual(first.ranks);
  expect(again.dataNotes).toEqual(first.dataNotes);
  await session.train();
  const losses = events.flatMap(event => (event.type === 'metrics' ? event.losses : []));
  expectAsWhole({ losses, info: again, result: await session.result() });

  // Whoever takes its place has nothing yet.
  const replacement = new RankSession(sharedGpu);
  await link(session, replacement, 3);
  await expect(session.regroup(rows)).rejects.toThrow('read again');
  await session.close();
  await Promise.all([other.close(), replacement.close()]);
});

test('tells of a store that is not there', async () => {
  const { session, events } = await testSession();
  const data = { kind: 'zarr', source: { kind: 'url', url: `${url}x` }, selection: {} } as const;
  await session.prepare(configOf(data)).catch(() => undefined);
  const failed = events.find(event => event.type === 'error');
  expect(failed?.error.code).toBe('bad-data');
  await session.close();
});

test('a file that does not fit is read in a worker while the model trains, and trains as in memory, measured once', async () => {
  const blob = new File([waveFile(300)], 'waves.nc', { lastModified: Date.now() });
  const data: BoxedChoice = { kind: 'files', files: [{ name: 'waves.nc', blob }] };
  const trained = [];
  for (const dataMemory of [64, 1, 1]) {
    const own = await testSession();
    trained.push(await train(own, { ...configOf(data), dataMemory }));
    await own.session.close();
  }
  const [inMemory, read, again] = trained;
  expect(read.losses).toHaveLength(6);
  read.losses.forEach((loss, step) => {
    expect(Math.abs(loss / inMemory.losses[step] - 1)).toBeLessThan(1e-5);
  });
  expect(inMemory.result.reads).toBeUndefined();
  expect(read.result.reads?.ideal).toBeGreaterThan(0);
  expect(read.result.reads?.bytes).toBeGreaterThan(0);
  expect(read.info.dataNotes[0]).toMatch(
    /^The data take 1\.2\sMiB unpacked, more than the 1\.0\sMiB of memory/,
  );
  expect(read.info.dataNotes.join(' ')).not.toContain('were kept');
  expect(again.info.dataNotes).toContain('The statistics of waves.nc were kept from an earlier run.');
  expect(again.losses).toEqual(read.losses);
  expect(again.info.bytesReadFromData).toBeLessThan(0.1 * read.info.bytesReadFromData);
  for (const [i, score] of read.result.scores.entries()) {
    if (score.metric === 'rmse') expect(score.value).toBeCloseTo(inMemory.result.scores[i].value, 2);
  }
});
