/**
 * Copies of shards in IndexedDB, by the room of their run: the newest two checkpoints of each. The tabs of a browser
 * share it, so it may hold more shards than one rank was given.
 */
import { type DBSchema, type IDBPDatabase, openDB } from 'idb';
import { type CopyStore, newestShards, type ShardHeading } from '../parallel/shard-copies.ts';
import type { TrainerState } from '../train/trainer-state.ts';
import { isStorageFull } from './errors.ts';

type ShardKey = [room: string, savedAt: number, run: number, rank: number];

interface CopiesSchema extends DBSchema {
  /** Apart from the arrays, which are read for the shards that are wanted only. */
  readonly headings: { key: ShardKey; value: ShardHeading };
  readonly states: { key: ShardKey; value: TrainerState };
}

/** Rooms that have stored nothing for so long are over. */
const OVER_MS = 24 * 3600 * 1000;

export function copyStore(room: string): CopyStore {
  const keyOf = ({ info, run, rank }: ShardHeading): ShardKey => [room, info.savedAt, run, rank];
  return {
    put: ({ state, ...heading }) =>
      withDatabase(async database => {
        try {
          const change = database.transaction(['headings', 'states'], 'readwrite');
          const headings = change.objectStore('headings');
          const states = change.objectStore('states');
          const key = keyOf(heading);
          const kept = await headings.getAll(IDBKeyRange.bound([room], [room, []]));
          const newest = new Set(newestShards([...kept, heading]).map(other => String(keyOf(other))));
          const isOver = ([other, savedAt]: ShardKey) => other !== room && savedAt < Date.now() - OVER_MS;
          const old = (await headings.getAllKeys()).filter(
            other => isOver(other) || (other[0] === room && !newest.has(String(other))),
          );
          await Promise.all([
            ...old.flatMap(other => [headings.delete(other), states.delete(other)]),
            headings.put(heading, key),
            states.put(state, key),
            change.done,
          ]);
        } catch (error) {
          throw new Error(storageFault(error), { cause: error });
        }
      }),
    headings: () =>
      withDatabase(database => database.getAll('headings', IDBKeyRange.bound([room], [room, []]))),
    read: heading =>
      withDatabase(async database => {
        const state = await database.get('states', keyOf(heading));
        return state && { ...heading, state };
      }),
  };
}

async function withDatabase<T>(work: (database: IDBPDatabase<CopiesSchema>) => Promise<T>): Promise<T> {
  const database = await openDB<CopiesSchema>('isobar-copies', 1, {
    upgrade(created) {
      created.createObjectStore('headings');
      created.createObjectStore('states');
    },
  });
  try {
    return await work(database);
  } finally {
    database.close();
  }
}

function storageFault(error: unknown): string {
  return isStorageFull(error)
    ? 'the storage of its browser is full, so its copies of the checkpoint are kept in memory only, and are lost with ' +
        'its page. Training goes on. Free some disk space there.'
    : `its copies of the checkpoint could not be stored in its browser (${(error as Error).message}); they are kept in ` +
        'memory only, and are lost with its page. Training goes on.';
}
