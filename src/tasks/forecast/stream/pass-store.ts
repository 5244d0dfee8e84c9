/**
 * Where passes for statistics are kept (`kept-pass.ts`): in IndexedDB by a page, and by the terminal, whose browser keeps nothing
 * beyond a run, in files behind an address of its own server.
 */
import { type DBSchema, type IDBPDatabase, openDB } from 'idb';
import type { BoxedChoice } from '../../../data/choice/choice.ts';

export interface PassStore {
  /** Undefined where nothing is kept under the key. */
  read(key: string): Promise<Uint8Array | undefined>;
  /** In place of what is there; a write that breaks off leaves that as it was. */
  write(key: string, pass: Uint8Array<ArrayBuffer>): Promise<void>;
}

/** All of them together; those that were written longest ago go first. */
const MOST_BYTES = 2 ** 28;

/** Undefined where there is none, as in Node. */
export function passStoreOf(choice: BoxedChoice): PassStore | undefined {
  const keep = choice.kind === 'synthetic' ? undefined : choice.keep;
  if (keep !== undefined) return serverPasses(keep);
  return 'indexedDB' in globalThis ? browserPasses() : undefined;
}

/** @param keep an address below which passes lie by their keys; nothing is sent to another site */
function serverPasses(keep: string): PassStore | undefined {
  const base = globalThis.location?.href;
  if (new URL(keep, base).origin !== globalThis.location?.origin) return undefined;
  const at = (key: string) => new URL(`${keep}/${key}`, base);
  return {
    async read(key) {
      const answer = await fetch(at(key));
      return answer.ok ? new Uint8Array(await answer.arrayBuffer()) : undefined;
    },
    async write(key, pass) {
      const answer = await fetch(at(key), { method: 'PUT', body: pass });
      if (!answer.ok) throw new Error(await answer.text());
    },
  };
}

interface PassesSchema extends DBSchema {
  readonly passes: { key: string; value: Uint8Array<ArrayBuffer> };
  /** Apart, so that it is known what is there without reading it. */
  readonly sizes: { key: string; value: { readonly bytes: number; readonly writtenAt: number } };
}

/** @param most bytes that passes may take */
export const browserPasses = (most = MOST_BYTES): PassStore => ({
  read: key => withDatabase(database => database.get('passes', key)),
  write: (key, pass) =>
    withDatabase(async database => {
      const change = database.transaction(['passes', 'sizes'], 'readwrite');
      const [passes, sizes] = [change.objectStore('passes'), change.objectStore('sizes')];
      const [keys, kept] = await Promise.all([sizes.getAllKeys(), sizes.getAll()]);
      const others = keys
        .map((other, i) => ({ key: other, ...kept[i] }))
        .filter(other => other.key !== key)
        .toSorted((a, b) => b.writtenAt - a.writtenAt);
      let room = most - pass.length;
      const old = others.filter(({ bytes }) => {
        room -= bytes;
        return room < 0;
      });
      await Promise.all([
        ...old.flatMap(other => [passes.delete(other.key), sizes.delete(other.key)]),
        passes.put(pass, key),
        sizes.put({ bytes: pass.length, writtenAt: Date.now() }, key),
        change.done,
      ]);
    }),
});

async function withDatabase<T>(work: (database: IDBPDatabase<PassesSchema>) => Promise<T>): Promise<T> {
  const database = await openDB<PassesSchema>('isobar-passes', 1, {
    upgrade(created) {
      created.createObjectStore('passes');
      created.createObjectStore('sizes');
    },
  });
  try {
    return await work(database);
  } finally {
    database.close();
  }
}
