/** Files and stores of this machine as the readers take them: by their parts, none of which is read before it is needed. */
import { openAsBlob } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import type { BoxedChoice, DataPart } from '../data/choice/choice.ts';
import { storeMarkers } from '../data/choice/folder.ts';
import { isUrl } from './data-source.ts';
import { UsageError } from './usage-error.ts';

/** @throws UsageError for what is not there */
export async function filesChoice(paths: readonly string[], part: DataPart = {}): Promise<BoxedChoice> {
  const files = await Promise.all(
    paths.map(async path => {
      if (isUrl(path)) return { url: path };
      const found = await stat(path).catch(() => undefined);
      if (found?.isDirectory())
        throw new UsageError(`${path} is a folder. If it is a Zarr store, write zarr:${path}.`);
      if (!found?.isFile()) throw new UsageError(`${path} ${found ? 'is no file' : 'does not exist'}.`);
      return { name: basename(path), blob: await openAsBlob(path) };
    }),
  );
  return { kind: 'files', files, ...(Object.keys(part).length > 0 && { part }) };
}

/** @throws UsageError where there is no such folder */
export async function storeChoice(store: string, selection: DataPart): Promise<BoxedChoice> {
  if (isUrl(store)) {
    return { kind: 'zarr', source: { kind: 'url', url: store, names: selection.variables }, selection };
  }
  const found = await stat(store).catch(() => undefined);
  // A zip is told by what it begins with, as every file is.
  if (found?.isFile()) return filesChoice([store], selection);
  if (!found) throw new UsageError(`There is no folder ${store}.`);
  // Before all that lies below is listed, which may be a whole disk.
  const names = await readdir(store);
  if (!storeMarkers.some(marker => names.includes(marker))) {
    throw new UsageError(
      `${store} is no Zarr store: none of ${storeMarkers.join(', ')} is in it. Give the folder that has them, most often one named .zarr.`,
    );
  }
  const entries = await readdir(store, { recursive: true, withFileTypes: true });
  const files = await Promise.all(
    entries
      .filter(entry => entry.isFile())
      .map(async entry => {
        const path = join(entry.parentPath ?? entry.path, entry.name);
        return [relative(store, path).split('\\').join('/'), await openAsBlob(path)] as const;
      }),
  );
  return {
    kind: 'zarr',
    source: { kind: 'files', name: basename(store), files: new Map(files) },
    selection,
  };
}
