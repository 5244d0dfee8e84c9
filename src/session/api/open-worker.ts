import { lockPage } from './page-lock.ts';

/** Starts the worker that trains (`SessionApi` behind comlink), in the name of this page. */
export const openSessionWorker = (): Worker =>
  new Worker(new URL('../worker.ts', import.meta.url), { type: 'module', name: lockPage() });
