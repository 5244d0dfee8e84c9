/** A host that seats meshes in workers of its own page. */
import { proxy, type Remote, wrap } from 'comlink';
import { afterEach, expect, test, vi } from 'vitest';
import type { Crew, CrewEvent } from '../../../src/crew/api.ts';
import { createCrew } from '../../../src/crew/host.ts';
import { type MeshShape, ranksOf } from '../../../src/mesh/mesh.ts';
import type { RunEvent, SessionApi } from '../../../src/session/api/api.ts';
import { openSessionWorker } from '../../../src/session/api/open-worker.ts';
import { smallRun } from '../session/helpers.ts';

interface Host {
  readonly session: Remote<SessionApi>;
  readonly crew: Crew;
  readonly events: RunEvent[];
  readonly crewEvents: CrewEvent[];
  /** Resolves when the session says what `matches`. */
  until(matches: (event: RunEvent) => boolean): Promise<void>;
}

const ends: (() => unknown)[] = [];
afterEach(async () => {
  vi.unstubAllGlobals();
  for (const end of ends.splice(0)) await end();
});

async function host(): Promise<Host> {
  const worker = openSessionWorker();
  const session = wrap<SessionApi>(worker);
  const crew = createCrew({ session });
  ends.push(
    () => crew.close(),
    // The frame of all tests holds the lock of its page, so that its run would count as that of a page that is open.
    () => session.forgetSavedRun(),
    () => worker.terminate(),
  );
  const events: RunEvent[] = [];
  const crewEvents: CrewEvent[] = [];
  const waiting = new Set<() => void>();
  await session.subscribe(
    proxy((event: RunEvent) => {
      events.push(event);
      for (const check of waiting) check();
    }),
  );
  crew.subscribe(event => crewEvents.push(event));
  const until = (matches: (event: RunEvent) => boolean) =>
    new Promise<void>(resolve => {
      const check = () => events.some(matches) && waiting.delete(check) && resolve();
      waiting.add(check);
      check();
    });
  return { session, crew, events, crewEvents, until };
}

/** Losses of all steps that have been told. */
const lossesOf = (events: readonly RunEvent[]) =>
  events.flatMap(event => (event.type === 'metrics' ? event.losses : []));

const shape = (rows: number, columns: number, replicas = 1): MeshShape => ({ rows, columns, replicas });

function expectClose(actual: readonly number[], expected: readonly number[]): void {
  expect(actual.length).toBe(expected.length);
  actual.forEach((loss, step) => {
    expect(Math.abs(loss / expected[step] - 1), `loss of step ${step + 1}`).toBeLessThanOrEqual(1e-4);
  });
}

/** Every Worker that is made from now on. */
function recordWorkers(): Worker[] {
  const made: Worker[] = [];
  const Original = Worker;
  vi.stubGlobal(
    'Worker',
    class extends Original {
      constructor(url: string | URL, options?: WorkerOptions) {
        super(url, options);
        made.push(this);
      }
    },
  );
  return made;
}

test('meshes of local ranks train as one rank does, and their workers are kept', async () => {
  const { session, crew, events } = await host();
  await session.prepare(smallRun);
  await session.train();
  const whole = lossesOf(events.splice(0));
  expect(whole).toHaveLength(smallRun.steps);
  const workers = recordWorkers();
  for (const mesh of [shape(1, 2), shape(2, 2), shape(2, 1)]) {
    const seats = await crew.assemble(mesh);
    expect(seats.map(({ rank }) => rank)).toEqual([...Array(ranksOf(mesh)).keys()]);
    await session.prepare({ ...smallRun, mesh });
    expect(await session.train()).toBe('done');
    expectClose(lossesOf(events.splice(0)), whole);
    expect(crew.members().map(({ ranks }) => ranks.length)).toEqual([ranksOf(mesh)]);
  }
  expect(workers).toHaveLength(3);
});

test('an emulated link slows a run and changes nothing else; every rank tells of its steps, however few and slow', async () => {
  const { session, crew, events } = await host();
  const train = async (latencyMs: number, steps: number) => {
    await crew.assemble(shape(1, 2), { emulation: { latencyMs, megabytesPerSecond: 50 } });
    await session.prepare({ ...smallRun, mesh: shape(1, 2), steps });
    await session.train();
    return events.splice(0);
  };
  expect(lossesOf(await train(2, 3))).toHaveLength(3);
  const told = (await train(30, 1)).flatMap(event => (event.type === 'ranks' ? event.ranks : []));
  expect(told.map(({ rank }) => rank).sort()).toEqual([0, 1]);
});

test('a worker that stops is told of, and the run goes on with a new one', async () => {
  const workers = recordWorkers();
  const { session, crew, events, crewEvents, until } = await host();
  await crew.assemble(shape(1, 2));
  await session.prepare({ ...smallRun, mesh: shape(1, 2), steps: 100_000, evaluateEvery: 0 });
  const training = session.train().catch((error: Error) => error.message);
  await until(event => event.type === 'metrics');
  workers.at(-1)!.dispatchEvent(new ErrorEvent('error', { message: 'a fault of the test' }));
  expect(await training).toContain('Rank 1 gave up: its worker stopped: a fault of the test');
  expect(events.findLast(event => event.type === 'error')).toMatchObject({ error: { code: 'peer-lost' } });
  expect(crewEvents.filter(({ type }) => type === 'lost')).toEqual([
    {
      type: 'lost',
      ranks: [1],
      member: crew.members()[0].id,
      reason: 'its worker stopped: a fault of the test',
    },
  ]);
  await crew.assemble(shape(2, 1));
  await session.prepare({ ...smallRun, mesh: shape(2, 1), steps: 2 });
  expect(await session.train()).toBe('done');
});
