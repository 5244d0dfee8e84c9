/**
 * Measured forms of products in IndexedDB, by adapter: all pages of a browser share them, and one of them measures at a
 * time. What is in them that is not forms counts as not there.
 */
import { type DBSchema, type IDBPDatabase, openDB } from 'idb';
import * as v from 'valibot';
import type { MeasuredForms } from '../engine/tuner.ts';
import type { FormStore } from '../parallel/tuning.ts';
import { MOST_FORMS, measuredFormsSchema } from '../train/measured-forms.ts';

interface FormsSchema extends DBSchema {
  /** By `adapterIdentity`. */
  readonly forms: { key: string; value: MeasuredForms };
}

export const formStore: FormStore = {
  alone: (adapter, work) => navigator.locks.request(`isobar-forms-${adapter}`, work),
  read: () =>
    withDatabase(async database => {
      const { store } = database.transaction('forms');
      const [adapters, tables] = await Promise.all([store.getAllKeys(), store.getAll()]);
      return Object.fromEntries(
        tables.flatMap((table, i) => {
          const { success, output } = v.safeParse(measuredFormsSchema, table);
          return success ? [[adapters[i], output]] : [];
        }),
      );
    }),
  write: (adapter, forms) =>
    withDatabase(async database => {
      await database.put('forms', forms.slice(-MOST_FORMS), adapter);
    }),
};

async function withDatabase<T>(work: (database: IDBPDatabase<FormsSchema>) => Promise<T>): Promise<T> {
  const database = await openDB<FormsSchema>('isobar-forms', 1, {
    upgrade(created) {
      created.createObjectStore('forms');
    },
  });
  try {
    return await work(database);
  } finally {
    database.close();
  }
}
