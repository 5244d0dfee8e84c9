/** Sessions on a mesh whose other ranks are in the same thread. */
import type { Tuning } from '../../../src/parallel/tuning.ts';
import type { RunConfig } from '../../../src/session/api/run-config.ts';
import { RankSession } from '../../../src/session/rank-session.ts';
import type { Session } from '../../../src/session/session.ts';
import { sharedGpu } from '../gpu.ts';
import { smallRun, type TestSession } from './helpers.ts';

export const onMesh = (rows: number, columns: number): RunConfig => ({
  ...smallRun,
  mesh: { rows, columns, replicas: 1 },
});

let generation = 0;

/** Links a session with so many other ranks. */
export async function connect(session: Session, others: readonly RankSession[]): Promise<void> {
  generation++;
  const size = others.length + 1;
  const ports = Array.from({ length: size }, () => new Array<MessagePort | null>(size).fill(null));
  for (let a = 0; a < size; a++) {
    for (let b = a + 1; b < size; b++) {
      const { port1, port2 } = new MessageChannel();
      ports[a][b] = port1;
      ports[b][a] = port2;
    }
  }
  const wiring = (rank: number) => ({ rank, ports: ports[rank], generation });
  await Promise.all(others.map((other, i) => other.connect(wiring(i + 1))));
  await session.connect(wiring(0));
}

export const ranks = (count: number, tuning?: Tuning) =>
  Array.from({ length: count }, () => new RankSession(sharedGpu, tuning));

export async function closeAll({ session }: TestSession, others: readonly RankSession[]): Promise<void> {
  await session.close();
  await Promise.all(others.map(other => other.close()));
}
