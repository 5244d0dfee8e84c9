/**
 * How much of the exchanges of a step is hidden: the demo's training step with a batch of eight on ranks in workers of
 * this page, over emulated links, with overlap off (every exchange is waited for at once, one micro-batch) and on (two
 * micro-batches). The two take turns, so that a busy spell of the machine meets both.
 */
import { proxy, type Remote, transfer, wrap } from 'comlink';
import { connectLocal, type Emulation } from '../src/net/local-link.ts';
import { type MeshShape, meshName, ranksOf } from '../src/parallel/mesh.ts';
import type { MeshConfig, RankApi, RankReport, RunEvent, SessionApi } from '../src/session/api.ts';

const BATCH = 8;
const STEPS = 8;
/** Steps of a run that are not counted: pipelines are warmed up, and the ranks fall into step. */
const WARM_UP = 3;
const ROUNDS = 2;

const asked = new URLSearchParams(location.search);
const meshes: MeshShape[] = (asked.get('meshes') ?? '1x2,2x2').split(',').map(text => {
  const [rows, columns] = text.split('x').map(Number);
  return { rows, columns, replicas: 1 };
});
/** Milliseconds one way and MB/s: `?links=5-20,0.5-60`. The last makes an exchange take about as long as computing. */
const links = (asked.get('links') ?? '0.5-60,5-20,2-4').split(',').map(text => {
  const [latencyMs, megabytesPerSecond] = text.split('-').map(Number);
  const emulation: Emulation = { latencyMs, megabytesPerSecond };
  return { name: `${latencyMs} ms, ${megabytesPerSecond} MB/s`, emulation };
});
const modes: Record<string, Omit<MeshConfig, keyof MeshShape>> = {
  off: { overlap: false, microBatches: 1 },
  on: { overlap: true, microBatches: 2 },
};

interface Figures {
  readonly stepMs: number;
  readonly exchangeMs: number;
  readonly exposedMs: number;
  readonly bytes: number;
  readonly messages: number;
}

const report = document.querySelector('#report');
function print(line: string): void {
  console.log(line);
  report?.append(`${line}\n`);
}

const session = wrap<SessionApi>(
  new Worker(new URL('../src/session/worker.ts', import.meta.url), { type: 'module' }),
);
const others: Remote<RankApi>[] = [];
let onEvent: (event: RunEvent) => void = () => {};
await session.subscribe(proxy((event: RunEvent) => onEvent(event)));
let generation = 0;

async function connect(mesh: MeshShape, emulation: Emulation): Promise<void> {
  const ranks = ranksOf(mesh);
  while (others.length < ranks - 1) {
    others.push(
      wrap<RankApi>(
        new Worker(new URL('../src/session/rank-worker.ts', import.meta.url), { type: 'module' }),
      ),
    );
  }
  generation++;
  const ports: (MessagePort | null)[][] = Array.from({ length: ranks }, () => new Array(ranks).fill(null));
  for (let a = 0; a < ranks; a++) {
    for (let b = a + 1; b < ranks; b++) [ports[a][b], ports[b][a]] = connectLocal(emulation);
  }
  await Promise.all(
    ports.map((own, rank) => {
      const given = own.filter(port => port !== null);
      const wiring = transfer({ rank, ports: own, generation }, given);
      return rank === 0 ? session.connect(wiring) : others[rank - 1].connect(wiring);
    }),
  );
}

async function measure(mesh: MeshConfig, emulation: Emulation): Promise<Figures> {
  await connect(mesh, emulation);
  await session.prepare({
    data: { kind: 'embedded', days: 30, seed: 1 },
    preset: 'demo',
    steps: STEPS,
    seed: 1,
    overrides: { batch: BATCH },
    checkpointSeconds: 1e9,
    evaluateEvery: 0,
    mesh,
  });
  const reports: RankReport[] = [];
  onEvent = event => {
    if (event.type === 'error') print(`failed: ${event.error.message}`);
    if (event.type === 'ranks' && event.step > WARM_UP) reports.push(...event.ranks);
  };
  await session.train();
  const mean = (pick: (rank: RankReport) => number) =>
    reports.reduce((sum, rank) => sum + pick(rank), 0) / reports.length;
  return {
    stepMs: mean(rank => rank.stepMs),
    exchangeMs: mean(rank => rank.exchangeMs),
    exposedMs: mean(rank => rank.exposedExchangeMs),
    bytes: mean(rank => rank.bytesSent),
    messages: mean(rank => rank.messagesSent),
  };
}

const average = (all: readonly Figures[]): Figures => {
  const mean = (key: keyof Figures) => all.reduce((sum, figures) => sum + figures[key], 0) / all.length;
  return {
    stepMs: mean('stepMs'),
    exchangeMs: mean('exchangeMs'),
    exposedMs: mean('exposedMs'),
    bytes: mean('bytes'),
    messages: mean('messages'),
  };
};

const results = [];
print(`demo, batch ${BATCH}; means over ranks and steps; hidden = 1 - exposed / exchange`);
print('mesh link             overlap  step ms  exchange  exposed  hidden   MB sent  messages');
for (const mesh of meshes) {
  for (const { name, emulation } of links) {
    const runs: Record<string, Figures[]> = { off: [], on: [] };
    for (let round = 0; round < ROUNDS; round++) {
      for (const [mode, options] of Object.entries(modes)) {
        runs[mode].push(await measure({ ...mesh, ...options }, emulation));
      }
    }
    const figures = Object.entries(runs).map(([overlap, all]) => ({ overlap, ...average(all) }));
    for (const { overlap, stepMs, exchangeMs, exposedMs, bytes, messages } of figures) {
      results.push({
        mesh: meshName(mesh),
        link: name,
        overlap,
        stepMs,
        exchangeMs,
        exposedMs,
        bytes,
        messages,
      });
      const cells = [stepMs.toFixed(0), exchangeMs.toFixed(0), exposedMs.toFixed(0)];
      const hidden = `${(100 * (1 - exposedMs / exchangeMs)).toFixed(0)} %`;
      print(
        `${meshName(mesh).padEnd(5)}${name.padEnd(17)}${overlap.padEnd(8)}` +
          `${cells.map(cell => cell.padStart(9)).join('')}${hidden.padStart(8)}` +
          `${(bytes / 1e6).toFixed(2).padStart(10)}${messages.toFixed(0).padStart(10)}`,
      );
    }
    print(`${' '.repeat(22)}step off / on: ${(figures[0].stepMs / figures[1].stepMs).toFixed(2)}`);
  }
}
Object.assign(window, { __benchResult: results });
