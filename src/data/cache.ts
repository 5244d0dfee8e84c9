/**
 * Keeps the last computed data set in IndexedDB, so that a reload need not compute it again. Only one is kept: two
 * years of the atmosphere take some hundred megabytes. The cache is a convenience: where there is no IndexedDB (Node,
 * some private windows), or no room left, or it is broken, the data are computed and nothing is said.
 */
import { type DBSchema, openDB } from 'idb';
import type { Dataset } from './dataset.ts';

/** Part of every key: raise it whenever the atmosphere or the shape of `Dataset` changes. */
export const CACHE_VERSION = 1;

const DATABASE = 'isobar-data';
const STORE = 'datasets';

interface CacheSchema extends DBSchema {
  readonly [STORE]: { key: string; value: Dataset };
}

/** The data set kept under `key`, or what `compute` gives, which is then kept in place of any other. */
export async function cachedDataset(key: string, compute: () => Promise<Dataset>): Promise<Dataset> {
  const versioned = `${CACHE_VERSION}: ${key}`;
  const kept = await read(versioned).catch(() => undefined);
  if (kept) return kept;
  const dataset = await compute();
  await keep(versioned, dataset).catch(() => undefined);
  return dataset;
}

async function read(key: string): Promise<Dataset | undefined> {
  const database = await open();
  try {
    return await database.get(STORE, key);
  } finally {
    database.close();
  }
}

async function keep(key: string, dataset: Dataset): Promise<void> {
  const database = await open();
  try {
    // Apart from the write: the old set must be gone before there is room for the new one.
    await database.clear(STORE);
    await database.put(STORE, dataset, key);
  } finally {
    database.close();
  }
}

const open = () =>
  openDB<CacheSchema>(DATABASE, 1, {
    upgrade(database) {
      database.createObjectStore(STORE);
    },
  });
