/** `npm run data -- SOURCE --write STORE`: what a source holds as a store on this disk, that training reads fast. */
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { FieldsChoice } from '../data/choice/choice.ts';
import { type ConvertedStore, convertData, JOURNAL, type StoreFolder } from '../session/api/convert-data.ts';
import { bytes, count } from '../show/format.ts';
import { isUrl } from './data-source.ts';
import { progressBar } from './progress-bar.ts';
import { UsageError } from './usage-error.ts';

/**
 * @param paths of the source, as the user wrote them
 * @param part what of it is taken, as plain data
 * @throws UsageError where something else is there
 */
export async function writeStore(
  choice: FieldsChoice,
  place: string,
  {
    paths,
    part,
    mesh,
  }: {
    readonly paths: readonly string[];
    readonly part: object;
    readonly mesh: { readonly rows: number; readonly columns: number };
  },
): Promise<ConvertedStore> {
  const folder = await storeFolder(place);
  const identity = JSON.stringify([await Promise.all(paths.map(stampOf)), part]);
  const bar = progressBar(process.stderr);
  try {
    return await convertData(choice, folder, { identity, mesh }, bar.stage);
  } finally {
    bar.finish();
  }
}

/** @throws UsageError for what is no name of a store */
export function checkStoreName(place: string): void {
  if (/\.zarr\/?$/i.test(place)) return;
  throw new UsageError(`--write is "${place}"; it must be the name of a store, which ends with .zarr.`);
}

/** Where it is, and of a file its size and when it was changed. */
async function stampOf(path: string): Promise<object> {
  const plain = path.replace(/^zarr:/, '');
  if (isUrl(plain)) return { path: plain };
  const found = await stat(plain).catch(() => undefined);
  return found?.isFile()
    ? { path: resolve(plain), size: found.size, changed: found.mtimeMs }
    : { path: resolve(plain) };
}

async function storeFolder(place: string): Promise<StoreFolder> {
  const names: readonly string[] = existsSync(place) ? await readdir(place) : [];
  if (names.length > 0 && !names.some(name => name === JOURNAL || name === '.zmetadata')) {
    throw new UsageError(`--write: ${place} is there already, and is no store. Choose another name.`);
  }
  const at = (path: string) => join(place, path);
  return {
    async write(path, _position, content) {
      const target = at(path);
      await mkdir(dirname(target), { recursive: true });
      // Renamed when it is whole: a process that ends leaves no part of a chunk that looks like one.
      await writeFile(`${target}.part`, content).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOSPC' && error.code !== 'EDQUOT') throw error;
        throw new Error(
          `The disk is full: ${target} could not be written. Make room and give the same command again: it goes on from here.`,
        );
      });
      await rename(`${target}.part`, target);
    },
    has: async path => existsSync(at(path)),
    read: path => readFile(at(path), 'utf8').catch(() => undefined),
    remove: path => rm(at(path), { force: true }),
  };
}

/** What was written, in a sentence. */
export function writtenSentence(
  place: string,
  { arrays, chunks, kept, bytes: size }: ConvertedStore,
): string {
  const before = kept > 0 ? `, ${count(kept)} of them before` : '';
  return `${place}: ${count(arrays.length)} arrays, ${count(chunks)} chunks of fields${before}; ${bytes(size)} written.`;
}
