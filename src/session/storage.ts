/**
 * The newest checkpoint, kept in IndexedDB. A new one replaces the old in one transaction: all or nothing. One that this
 * browser did not have before may be held in memory where it cannot be stored.
 */
import { type DBSchema, openDB } from 'idb';
import type { CheckpointInfo } from '../train/checkpoint.ts';
import type { SavedRun } from './api.ts';
import type { KeptConfig } from './run-config.ts';

interface KeptRun {
  readonly saved: SavedRun;
  /** The checkpoint file. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

interface RunsSchema extends DBSchema {
  readonly runs: { key: string; value: KeptRun };
}

const KEY = 'newest';

/** Until a newer one is stored. */
let held: KeptRun | undefined;

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
  info: CheckpointInfo,
  config: KeptConfig,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<SavedRun> {
  const saved = savedRunOf(info, config);
  const database = await open();
  try {
    await database.put('runs', { saved, bytes }, KEY);
    held = undefined;
    return saved;
  } finally {
    database.close();
  }
}

/** Holds it in memory, in place of what is stored. */
export function holdRun(info: CheckpointInfo, config: KeptConfig, bytes: Uint8Array<ArrayBuffer>): SavedRun {
  const saved = savedRunOf(info, config);
  held = { saved, bytes };
  return saved;
}

const savedRunOf = (
  { preset, seed, step, steps, source, savedAt }: CheckpointInfo,
  config: KeptConfig,
): SavedRun => ({ id: `${preset}-${seed}`, step, steps, preset, source, savedAt, config });

export async function loadRun(): Promise<KeptRun | undefined> {
  if (held) return held;
  const database = await open();
  try {
    return await database.get('runs', KEY);
  } finally {
    database.close();
  }
}

export async function forgetRun(): Promise<void> {
  held = undefined;
  const database = await open();
  try {
    await database.clear('runs');
  } finally {
    database.close();
  }
}
