/**
 * The workers of a run: the first rank's, which is its session, and those of the others. Each is told what it needs by its
 * name, never by a query in its address: a module is known by its address, so parts of a built worker that are loaded on
 * demand, which import from the worker's own file, would run that file a second time, and two would answer every call.
 */
import { lockPage } from './page-lock.ts';
import { cutsWorker, sheetWorker, studyWorker } from './worker-name.ts';

/** Starts the worker that trains (`SessionApi` behind comlink), in the name of this page. */
export const openSessionWorker = (): Worker =>
  new Worker(new URL('../worker.ts', import.meta.url), { type: 'module', name: lockPage() });

/** Starts the same for the runs of a study: their checkpoints are kept nowhere. */
export const openStudyWorker = (): Worker =>
  new Worker(new URL('../worker.ts', import.meta.url), { type: 'module', name: studyWorker });

/**
 * Starts the worker that cuts models to be looked at (`CutsApi` behind comlink). It is the same file, which is loaded once.
 */
export const startCutsWorker = (): Worker =>
  new Worker(new URL('../worker.ts', import.meta.url), { type: 'module', name: cutsWorker });

/** Starts the worker that reads a data sheet (`SheetsApi` behind comlink): the same file again. */
export const startSheetWorker = (): Worker =>
  new Worker(new URL('../worker.ts', import.meta.url), { type: 'module', name: sheetWorker });

/** Starts the worker of a rank other than the first (`RankApi` behind comlink). */
export const startRankWorker = (power: GPUPowerPreference): Worker =>
  new Worker(new URL('../rank-worker.ts', import.meta.url), { type: 'module', name: power });
