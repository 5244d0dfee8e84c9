/**
 * Studies and their rows in IndexedDB, a row by itself: what a closed or killed page has kept is there in the next one. What in
 * it is no study or no row, such as of another version, is passed over.
 */
import { type DBSchema, type IDBPDatabase, openDB } from 'idb';
import { readStudy } from '../../study/study-file.ts';
import { readRow } from '../../study/study-row.ts';
import type { KeptStudy, StudyStore } from './study-desk.ts';

interface StudiesSchema extends DBSchema {
  /** By key. */
  readonly studies: { key: string; value: { readonly text: string; readonly at: number } };
  /** By the key of the study, and the run. */
  readonly rows: { key: [string, string]; value: unknown };
}

/** All rows of a study: no id is before the first or behind the last. */
const rowsOf = (key: string) => IDBKeyRange.bound([key, ''], [key, '\uffff']);

export const studyStore: StudyStore = {
  read: () =>
    withDatabase(async database => {
      const keys = await database.getAllKeys('studies');
      const kept = await Promise.all(
        keys.map(async key => {
          const value = await database.get('studies', key);
          const rows = await database.getAll('rows', rowsOf(key));
          return { key, at: value?.at ?? 0, text: value?.text ?? '', rows };
        }),
      );
      return kept
        .sort((a, b) => a.at - b.at)
        .flatMap(({ key, text, rows }): KeptStudy[] => {
          const study = readable(() => readStudy(text));
          return study ? [{ key, study, rows: rows.flatMap(row => readable(() => readRow(row)) ?? []) }] : [];
        });
    }),
  keep: (key, study) =>
    withDatabase(async database => {
      await database.put('studies', { text: JSON.stringify(study), at: Date.now() }, key);
    }),
  add: (key, row) =>
    withDatabase(async database => {
      await database.put('rows', row, [key, row.id]);
    }),
  remove: key =>
    withDatabase(async database => {
      const change = database.transaction(['studies', 'rows'], 'readwrite');
      await Promise.all([
        change.objectStore('studies').delete(key),
        change.objectStore('rows').delete(rowsOf(key)),
        change.done,
      ]);
    }),
};

function readable<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

async function withDatabase<T>(work: (database: IDBPDatabase<StudiesSchema>) => Promise<T>): Promise<T> {
  const database = await openDB<StudiesSchema>('isobar-studies', 1, {
    upgrade(created) {
      created.createObjectStore('studies');
      created.createObjectStore('rows');
    },
  });
  try {
    return await work(database);
  } finally {
    database.close();
  }
}

/** Of the browser: one page trains a study at a time, for two would share the card. */
export const aloneHere = (work: () => Promise<void>): Promise<boolean> =>
  navigator.locks.request('isobar-study', { ifAvailable: true }, async lock => {
    if (!lock) return false;
    await work();
    return true;
  });
