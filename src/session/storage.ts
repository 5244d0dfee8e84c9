/** The newest checkpoint, kept in IndexedDB. A new one replaces the old in one transaction: all or nothing. */
import { type DBSchema, openDB } from 'idb';
import type { CheckpointInfo } from '../train/checkpoint.ts';
import type { SavedRun } from './api.ts';
import type { KeptConfig } from './run-config.ts';

interface RunsSchema extends DBSchema {
  readonly runs: { key: string; value: { saved: SavedRun; bytes: Uint8Array<ArrayBuffer> } };
}

const KEY = 'newest';

const open = () =>
  openDB<RunsSchema>('isobar-runs', 1, {
    upgrade(database) {
      database.createObjectStore('runs');
    },
  });

/**
 * @param bytes the checkpoint file
 * @throws DOMException QuotaExceededError where there is no room; what was saved before stays.
 */
export async function saveRun(
  { preset, seed, step, steps, source, savedAt }: CheckpointInfo,
  config: KeptConfig,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<SavedRun> {
  const saved = { id: `${preset}-${seed}`, step, steps, preset, source, savedAt, config };
  const database = await open();
  try {
    await database.put('runs', { saved, bytes }, KEY);
    return saved;
  } finally {
    database.close();
  }
}

export async function loadRun(): Promise<{ saved: SavedRun; bytes: Uint8Array<ArrayBuffer> } | undefined> {
  const database = await open();
  try {
    return await database.get('runs', KEY);
  } finally {
    database.close();
  }
}

export async function forgetRun(): Promise<void> {
  const database = await open();
  try {
    await database.clear('runs');
  } finally {
    database.close();
  }
}
