/**
 * The checkpoints that this browser keeps, in IndexedDB: the newest of each page. What a page that is open has saved is
 * its own: other pages neither offer nor replace it. What is left by pages that are closed can be resumed by any page,
 * and is replaced by the next run.
 */
import { type DBSchema, type IDBPDatabase, openDB } from 'idb';
import type { CheckpointInfo } from '../train/trainer-state.ts';
import type { SavedRun } from './api/api.ts';
import { isPageOpen } from './api/page-lock.ts';
import type { KeptConfig } from './api/run-config.ts';
import { RunFailure } from './errors.ts';

export interface KeptRun {
  readonly saved: SavedRun;
  /** The checkpoint file. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

interface FoundRun {
  /** That saved it. */
  readonly page: string;
  readonly run: KeptRun;
}

interface RunsSchema extends DBSchema {
  /** By the page that saved or resumed it. */
  readonly runs: { key: string; value: KeptRun };
}

/** A page that is loaded again may be found before the end of the page that it was. */
const RELOAD_MS = 1000;

export class SavedRuns {
  readonly #page: string;
  /** In memory, until a newer one is stored. */
  #held: KeptRun | undefined;

  /** @param page its id, of `lockPage` */
  constructor(page: string) {
    this.#page = page;
  }

  /**
   * Keeps it as the run of this page, in one transaction: all or nothing.
   *
   * @param bytes the checkpoint file
   * @throws DOMException QuotaExceededError where there is no room; what was saved before stays.
   */
  save(info: CheckpointInfo, config: KeptConfig, bytes: Uint8Array<ArrayBuffer>): Promise<SavedRun> {
    const saved = savedRunOf(info, config);
    return withDatabase(async database => {
      const left = await this.#leftByOthers(database, 0);
      await this.#keep(database, { saved, bytes }, left);
      this.#held = undefined;
      return saved;
    });
  }

  /** Holds it in memory as the run of this page, where it cannot be stored. */
  hold(info: CheckpointInfo, config: KeptConfig, bytes: Uint8Array<ArrayBuffer>): SavedRun {
    const saved = savedRunOf(info, config);
    this.#held = { saved, bytes };
    return saved;
  }

  /** The run of this page, or else the newest that is left by another one. */
  async newest(): Promise<SavedRun | undefined> {
    if (this.#held) return this.#held.saved;
    return withDatabase(async database => (await this.#find(database))?.run.saved);
  }

  /**
   * Makes the run that `newest` tells of the run of this page.
   *
   * @throws RunFailure where there is none
   */
  async take(): Promise<KeptRun> {
    if (this.#held) return this.#held;
    return withDatabase(async database => {
      const found = await this.#find(database);
      if (found && (found.page === this.#page || (await this.#claim(database, found)))) return found.run;
      const isElsewhere = (await database.count('runs')) > 0;
      const why = isElsewhere
        ? 'Another page of this browser has resumed the saved run.'
        : 'There is no saved run in this browser.';
      throw new RunFailure('bad-checkpoint', why, false);
    });
  }

  /** Deletes the run of this page and what is left by others. */
  forget(): Promise<void> {
    this.#held = undefined;
    return withDatabase(async database => {
      const left = await this.#leftByOthers(database, RELOAD_MS);
      const change = database.transaction('runs', 'readwrite');
      await Promise.all([...[this.#page, ...left].map(page => change.store.delete(page)), change.done]);
    });
  }

  async #find(database: IDBPDatabase<RunsSchema>): Promise<FoundRun | undefined> {
    const own = await database.get('runs', this.#page);
    if (own) return { page: this.#page, run: own };
    const left = await this.#leftByOthers(database, RELOAD_MS);
    const runs = await Promise.all(
      left.map(async page => {
        const run = await database.get('runs', page);
        return run ? [{ page, run }] : [];
      }),
    );
    return runs.flat().sort((a, b) => b.run.saved.savedAt - a.run.saved.savedAt)[0];
  }

  /**
   * Makes a run that a closed page has left the run of this page, in one transaction with the look whether it still is
   * there: of pages that resume it at once, one has it.
   *
   * @returns false where another page was faster
   */
  async #claim(database: IDBPDatabase<RunsSchema>, { page, run }: FoundRun): Promise<boolean> {
    const change = database.transaction('runs', 'readwrite');
    if ((await change.store.getKey(page)) === undefined) return false;
    try {
      await Promise.all([change.store.put(run, this.#page), change.store.delete(page), change.done]);
    } catch {
      // Where the storage has no room for both it stays as it is, until this page saves its first checkpoint.
    }
    return true;
  }

  /** Pages that are closed and have left a run. */
  async #leftByOthers(database: IDBPDatabase<RunsSchema>, waitMs: number): Promise<string[]> {
    const others = (await database.getAllKeys('runs')).filter(page => page !== this.#page);
    const open = await Promise.all(others.map(page => isPageOpen(page, waitMs)));
    return others.filter((_, i) => !open[i]);
  }

  /** Stores it as the run of this page, in place of those of `left`. */
  async #keep(database: IDBPDatabase<RunsSchema>, run: KeptRun, left: readonly string[]): Promise<void> {
    const change = database.transaction('runs', 'readwrite');
    // First the run: where it cannot even be tried, nothing has been deleted.
    const stored = change.store.put(run, this.#page);
    await Promise.all([stored, ...left.map(page => change.store.delete(page)), change.done]);
  }
}

/** Where the checkpoints of a session are kept. */
export type RunStore = Pick<SavedRuns, keyof SavedRuns>;

export const savedRunOf = (
  { preset, seed, step, steps, source, savedAt }: CheckpointInfo,
  config: KeptConfig,
): SavedRun => ({ id: `${preset}-${seed}`, step, steps, preset, source, savedAt, config });

async function withDatabase<T>(work: (database: IDBPDatabase<RunsSchema>) => Promise<T>): Promise<T> {
  const database = await openDB<RunsSchema>('isobar-runs', 1, {
    upgrade(created) {
      created.createObjectStore('runs');
    },
  });
  try {
    return await work(database);
  } finally {
    database.close();
  }
}
