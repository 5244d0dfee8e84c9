/** Ranks in workers of this page, over emulated links, that train the demo, or what is asked for, for a few steps. */
import { proxy, type Remote, transfer, wrap } from 'comlink';
import { type MeshShape, ranksOf } from '../src/mesh/mesh.ts';
import { connectLocal, type Emulation } from '../src/net/local-link.ts';
import type { RankReport, RunEvent, SessionApi } from '../src/session/api/api.ts';
import { openSessionWorker } from '../src/session/api/open-worker.ts';
import type { RankApi } from '../src/session/api/rank-api.ts';
import type { MeshConfig, RunConfig } from '../src/session/api/run-config.ts';

export const BATCH = 8;

export type BenchRun = Pick<RunConfig, 'data' | 'preset' | 'overrides'>;

const demoRun: BenchRun = {
  data: { kind: 'embedded', days: 30, seed: 1 },
  preset: 'demo',
  overrides: { batch: BATCH },
};

const STEPS = 7;
/** Steps of a run that are not counted: pipelines are warmed up, and the ranks fall into step. */
const WARM_UP = 2;

/** Means over ranks and steps, milliseconds and bytes of a step. */
export interface Figures {
  readonly stepMs: number;
  readonly exchangeMs: number;
  readonly exposedMs: number;
  readonly bytes: number;
  readonly messages: number;
}

export async function openRanks(run: BenchRun = demoRun) {
  const session = wrap<SessionApi>(openSessionWorker());
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

  return {
    /** @throws Error where the run fails */
    async measure(mesh: MeshConfig, emulation: Emulation): Promise<Figures> {
      await connect(mesh, emulation);
      await session.prepare({
        ...run,
        steps: STEPS,
        seed: 1,
        checkpointSeconds: 1e9,
        evaluateEvery: 0,
        mesh,
      });
      const reports: RankReport[] = [];
      let failure: string | undefined;
      onEvent = event => {
        if (event.type === 'error') failure = event.error.message;
        if (event.type === 'ranks' && event.step > WARM_UP) reports.push(...event.ranks);
      };
      await session.train();
      if (failure !== undefined) throw new Error(failure);
      const mean = (pick: (rank: RankReport) => number) =>
        reports.reduce((sum, rank) => sum + pick(rank), 0) / reports.length;
      return {
        stepMs: mean(rank => rank.stepMs),
        exchangeMs: mean(rank => rank.exchangeMs),
        exposedMs: mean(rank => rank.exposedExchangeMs),
        bytes: mean(rank => rank.bytesSent),
        messages: mean(rank => rank.messagesSent),
      };
    },
  };
}
