/** The page's way to cuts of a model: in a worker of their own, since plans take long to compile for the main thread. */
import { type Remote, wrap } from 'comlink';
import type { CutsApi } from '../cutter.ts';
import { startCutsWorker } from './open-worker.ts';

export type { CutsApi } from '../cutter.ts';

/** Starts the worker. `onCrash` hears of one that could not be loaded or died of an uncaught error. */
export function openCuts(onCrash: (message: string) => void): Remote<CutsApi> {
  const worker = startCutsWorker();
  worker.addEventListener('error', event => {
    const why = event.message ? `: ${event.message}` : '';
    onCrash(`What a mesh comes to cannot be shown, since its worker stopped${why}. Load the page again.`);
  });
  return wrap<CutsApi>(worker);
}
