/**
 * Measured forms of products in IndexedDB, by adapter: all pages of a browser share them, and one of them measures at a
 * time. What is in them that is not forms counts as not there.
 */
import { type DBSchema, type IDBPDatabase, openDB } from 'idb';
import type { MeasuredForms } from '../engine/form-choice.ts';
import type { FormStore } from '../parallel/tuning.ts';

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
      const { readMeasured } = await import('../train/read-forms.ts');
      return Object.fromEntries(
        tables.flatMap((table, i) => {
          const forms = readMeasured(table);
          return forms ? [[adapters[i], forms]] : [];
        }),
      );
    }),
  write: (adapter, forms) =>
    withDatabase(async database => {
      const { MOST_FORMS } = await import('../train/read-forms.ts');
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
