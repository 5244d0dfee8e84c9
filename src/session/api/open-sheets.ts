/** The page's way to data sheets: each is read in a worker of its own, which ends with it. */
import { proxy, wrap } from 'comlink';
import type { SheetOrder, SheetsApi } from '../sheet-reader.ts';
import type { SheetReading } from './data-sheet.ts';
import { startSheetWorker } from './open-worker.ts';

export type { SheetOrder } from '../sheet-reader.ts';

export interface SheetRead {
  /** Rejects where the data cannot be read; never settles once it was stopped. */
  readonly reading: Promise<SheetReading>;
  stop(): void;
}

/** @param told hears what has been found while the rest is read */
export function readSheet(order: SheetOrder, told: (reading: SheetReading) => void): SheetRead {
  const worker = startSheetWorker();
  const crashed = new Promise<never>((_, reject) => {
    worker.addEventListener('error', ({ message }) => {
      reject(new Error(`The worker that reads them stopped${message ? `: ${message}` : ''}.`));
    });
  });
  const stop = () => worker.terminate();
  const read = wrap<SheetsApi>(worker).read(order, proxy(told));
  return { reading: Promise.race([read, crashed]).finally(stop), stop };
}
