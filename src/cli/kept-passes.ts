/**
 * Passes for statistics of data that are read while a model trains, in files of the user's cache: the terminal's browser keeps
 * nothing beyond a run. A folder for what lies at one place, so that files of the same name elsewhere do not take each other's; in
 * it a file for each pass, by the name that the page gives it.
 */
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { cacheFolder } from './cache-folder.ts';
import { isUrl } from './data-source.ts';

/** All of them together; those that were written longest ago go first. */
const MOST_BYTES = 2 ** 30;

const isKey = (name: string) => /^[0-9a-f]{64}$/.test(name);

/** @param places paths or addresses of the data */
export function passesFolder(places: readonly string[], root = passesRoot()): string {
  const where = places.map(place => (isUrl(place) ? place : resolve(place)));
  return join(root, createHash('sha256').update(where.join('\n')).digest('hex').slice(0, 24));
}

export const passesRoot = (): string => join(cacheFolder(), 'statistics');

/** Undefined for what is no name of a pass. */
export const passFile = (folder: string, name: string): string | undefined =>
  isKey(name) ? join(folder, name) : undefined;

/**
 * In place of what is there, whole or not at all: several ranks may write the same one at a time.
 *
 * @param file within a folder of `passesFolder`
 * @throws Error where the disk is full
 */
export async function writePass(file: string, content: AsyncIterable<Uint8Array>): Promise<void> {
  const folder = join(file, '..');
  const part = `${file}.${randomUUID()}.part`;
  await mkdir(folder, { recursive: true });
  try {
    await writeFile(part, content);
    await rename(part, file);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
  await makeRoom(join(folder, '..'));
}

/** @param most bytes that may stay */
export async function makeRoom(root: string, most = MOST_BYTES): Promise<void> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const found = await Promise.all(
    entries
      .filter(entry => entry.isFile())
      .map(async ({ parentPath, name }) => {
        const path = join(parentPath, name);
        // Another run may have removed it meanwhile.
        const { size, mtimeMs } = (await stat(path).catch(() => undefined)) ?? { size: 0, mtimeMs: 0 };
        return { path, size, mtimeMs };
      }),
  );
  let room = most;
  for (const { path, size } of found.toSorted((a, b) => b.mtimeMs - a.mtimeMs)) {
    room -= size;
    if (room < 0) await rm(path, { force: true });
  }
}
