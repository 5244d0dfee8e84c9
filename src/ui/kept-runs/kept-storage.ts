/** Kept runs in IndexedDB: they outlast the page. What in them is none, such as those of another version, is passed over. */
import { type DBSchema, type IDBPDatabase, openDB } from 'idb';
import type { KeptRun } from './kept-run.ts';

interface CurvesSchema extends DBSchema {
  readonly runs: { key: string; value: KeptRun };
}

export const readKept = (): Promise<KeptRun[]> =>
  withDatabase(async database => {
    const stored: readonly unknown[] = await database.getAll('runs');
    if (stored.length === 0) return [];
    const { isKeptRun } = await import('./kept-schema.ts');
    const all = stored.filter(isKeptRun);
    const slots = new Set<number>();
    // Two pages may have filled one slot.
    return all.filter(({ slot }) => !slots.has(slot) && slots.add(slot)).sort((a, b) => a.at - b.at);
  });

/** Exactly these are kept from now on. */
export const writeKept = (runs: readonly KeptRun[]): Promise<void> =>
  withDatabase(async database => {
    const { store, done } = database.transaction('runs', 'readwrite');
    await store.clear();
    for (const run of runs) await store.put(run);
    await done;
  });

async function withDatabase<T>(work: (database: IDBPDatabase<CurvesSchema>) => Promise<T>): Promise<T> {
  const database = await openDB<CurvesSchema>('isobar-curves', 1, {
    upgrade(created) {
      created.createObjectStore('runs', { keyPath: 'id' });
    },
  });
  try {
    return await work(database);
  } finally {
    database.close();
  }
}
