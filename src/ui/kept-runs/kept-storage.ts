/** Kept runs in IndexedDB: they outlast the page. What in them is none, such as those of another version, is passed over. */
import { type DBSchema, type IDBPDatabase, openDB } from 'idb';
import * as v from 'valibot';
import { type KeptRun, mostKept } from './kept-run.ts';

const number = v.pipe(v.number(), v.finite());
const anyNumber = v.union([v.number(), v.nan()]);
const points = v.pipe(v.array(v.tuple([number, anyNumber])), v.maxLength(5000));

const keptRun: v.GenericSchema<unknown, KeptRun> = v.object({
  id: v.string(),
  at: number,
  slot: v.pipe(number, v.integer(), v.minValue(0), v.maxValue(mostKept - 1)),
  isChosen: v.boolean(),
  file: v.optional(v.string()),
  settings: v.optional(v.record(v.string(), v.string())),
  losses: points,
  scores: v.record(v.string(), points),
  test: v.array(v.object({ metric: v.string(), of: v.string(), at: number, value: anyNumber })),
});

interface CurvesSchema extends DBSchema {
  readonly runs: { key: string; value: KeptRun };
}

export const readKept = (): Promise<KeptRun[]> =>
  withDatabase(async database => {
    const all = (await database.getAll('runs')).flatMap(value => {
      const { success, output } = v.safeParse(keptRun, value);
      return success ? [output] : [];
    });
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
