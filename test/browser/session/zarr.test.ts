/** A Zarr store behind a URL as the data of a run: in one piece, and on meshes whose ranks read for themselves. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { commands } from 'vitest/browser';
import { openGpu } from '../../../src/gpu/device.ts';
import type { MeshShape } from '../../../src/parallel/mesh.ts';
import type { RunConfig, RunResult } from '../../../src/session/api.ts';
import { RankSession } from '../../../src/session/rank-session.ts';
import { smallRun, type TestSession, testSession } from './helpers.ts';

interface Trained {
  readonly losses: readonly number[];
  readonly result: RunResult;
}

let url: string;
let whole: Trained;

beforeAll(async () => {
  url = await commands.serveWaves();
  const own = await testSession();
  whole = await train(own, configOf());
  await own.session.close();
});

afterAll(() => commands.closeStore(url));

const configOf = (mesh?: MeshShape): RunConfig => ({
  ...smallRun,
  data: { kind: 'zarr', source: { kind: 'url', url }, selection: {} },
  steps: 6,
  mesh,
});

async function train({ session, events }: TestSession, config: RunConfig): Promise<Trained> {
  const info = await session.prepare(config);
  expect(info.channels.map(({ name }) => name).sort()).toEqual(
    ['2m_temperature', 'geopotential1000', 'geopotential500', 'geopotential850'].sort(),
  );
  await session.train();
  const losses = events.flatMap(event => (event.type === 'metrics' ? event.losses : []));
  return { losses, result: await session.result() };
}

/** Two ranks, each with a device of its own, in one thread. */
async function trainMesh(mesh: MeshShape): Promise<Trained> {
  const conductor = await testSession();
  const other = new RankSession(() => openGpu(navigator.gpu));
  const { port1, port2 } = new MessageChannel();
  await other.connect({ rank: 1, ports: [port2, null], generation: 1 });
  await conductor.session.connect({ rank: 0, ports: [null, port1], generation: 1 });
  const trained = await train(conductor, configOf(mesh));
  await conductor.session.close();
  await other.close();
  return trained;
}

test.each([
  { rows: 1, columns: 2, replicas: 1 },
  { rows: 2, columns: 1, replicas: 1 },
])('$rows x $columns ranks that read for themselves train as one', async mesh => {
  const { losses, result } = await trainMesh(mesh);
  expect(losses).toHaveLength(6);
  losses.forEach((loss, step) => {
    expect(Math.abs(loss / whole.losses[step] - 1), `loss of step ${step + 1}`).toBeLessThanOrEqual(1e-4);
  });
  const [first, second] = result.ranks.map(rank => rank.bytesReadFromData);
  // Rank 0 has all for the scores; the other read about half of the chunks.
  expect(second).toBeGreaterThan(0.3 * first);
  expect(second).toBeLessThan(0.7 * first);
});

test('tells of a store that is not there', async () => {
  const { session, events } = await testSession();
  const data = { kind: 'zarr', source: { kind: 'url', url: `${url}x` }, selection: {} } as const;
  await session.prepare({ ...configOf(), data }).catch(() => undefined);
  const failed = events.find(event => event.type === 'error');
  expect(failed?.error.code).toBe('bad-data');
  await session.close();
});
