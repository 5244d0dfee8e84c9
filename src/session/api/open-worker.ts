/** The workers of a run: the first rank's, which is its session, and those of the others. */
import rankWorkerUrl from '../rank-worker.ts?worker&url';
import { lockPage } from './page-lock.ts';

/** Starts the worker that trains (`SessionApi` behind comlink), in the name of this page. */
export const openSessionWorker = (): Worker =>
  new Worker(new URL('../worker.ts', import.meta.url), { type: 'module', name: lockPage() });

/** Starts the worker of a rank other than the first (`RankApi` behind comlink). */
export function startRankWorker(power: GPUPowerPreference): Worker {
  const url = new URL(rankWorkerUrl, location.href);
  url.searchParams.set('power', power);
  return new Worker(url, { type: 'module' });
}
