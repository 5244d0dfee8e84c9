/** Whether the data of a terminal run are there, and are what they are said to be: checked before a browser is started. */
import { open, readdir, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { storeMarkers } from '../data/choice/folder.ts';
import { type DataSource, isUrl } from './data-source.ts';
import { listImages } from './image-files.ts';
import { anotherTask, type NamedPreset } from './preset-choice.ts';
import { reasonOf } from './serve-data.ts';
import { UsageError } from './usage-error.ts';

/**
 * Paths made absolute, so that a run can be resumed from anywhere.
 *
 * @throws UsageError for what is not there, or is nothing that the preset can be trained on
 */
export async function checkData(data: DataSource, named: NamedPreset): Promise<DataSource> {
  switch (data.kind) {
    case 'embedded':
    case 'synthetic':
    case 'shapes':
      return data;
    case 'files':
      return { ...data, files: await checkFiles(data.files, named) };
    case 'images':
      return { kind: 'images', paths: await checkImages(data.paths, named) };
    case 'zarr':
      if (isUrl(data.store)) await checkStoreUrl(data.store);
      else await checkStoreFolder(data.store);
      return { ...data, store: isUrl(data.store) ? data.store : resolve(data.store) };
  }
}

/** What images come in: archives, pictures, and the files of MNIST and CIFAR. */
const imageNames =
  /\.(zip|tar|tar\.gz|tgz|png|jpe?g|webp|gif|bmp)$|idx[13]-ubyte(\.gz)?$|(data_batch_\d|test_batch)\.bin$/i;

async function checkFiles(files: readonly string[], named: NamedPreset): Promise<string[]> {
  const images = anotherTask(named.preset.task.kind);
  for (const file of files) {
    const found = await stat(file).catch(() => undefined);
    if (found?.isDirectory()) {
      throw new UsageError(
        `--data: ${file} is a folder. If it is a Zarr store, write zarr:${file}; if it has images, choose ${images}.`,
      );
    }
    if (!found?.isFile())
      throw new UsageError(`--data: ${file} ${found ? 'is not a file' : 'does not exist'}.`);
    if (imageNames.test(file) && !/\.zarr\.zip$/i.test(file)) {
      throw new UsageError(
        `--data: ${file} has images, and ${named.name} is trained on fields: choose ${images}.`,
      );
    }
  }
  return files.map(file => resolve(file));
}

async function checkImages(paths: readonly string[], named: NamedPreset): Promise<string[]> {
  const wrong = (what: string) =>
    new UsageError(
      `--data: ${paths[0]} is ${what}, and ${named.name} is trained on images: give a folder of them, or choose ${anotherTask(named.preset.task.kind)}.`,
    );
  // Some of what a store is known by is hidden, and a path that is no folder has nothing in it.
  const names: readonly string[] = await readdir(paths[0]).catch(() => []);
  if (storeMarkers.some(file => names.includes(file))) throw wrong('a Zarr store');
  const { files } = await listImages(paths);
  const [first] = files.values();
  if (names.length === 0 && (await isNetcdf(first))) throw wrong('a NetCDF file');
  return paths.map(path => resolve(path));
}

/** By its first bytes: NetCDF classic, or version 4, which is HDF5. */
async function isNetcdf(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer } = await file.read(Buffer.alloc(4), 0, 4);
    return /^(CDF|\x89HDF)/.test(buffer.toString('latin1'));
  } finally {
    await file.close();
  }
}

async function checkStoreFolder(store: string): Promise<void> {
  const found = await stat(store).catch(() => undefined);
  if (!found) throw new UsageError(`--data: there is no folder ${store}.`);
  if (!found.isDirectory()) throw new UsageError(`--data: ${store} is no folder, so it is no Zarr store.`);
  const names = await readdir(store);
  if (storeMarkers.some(file => names.includes(file))) return;
  throw new UsageError(
    `--data: ${store} is no Zarr store: ${noneOf} is in it. Give the folder that has them, most often one named .zarr.`,
  );
}

async function checkStoreUrl(store: string): Promise<void> {
  const answers: number[] = [];
  for (const file of storeMarkers) {
    const url = new URL(store);
    url.pathname = `${url.pathname.replace(/\/$/, '')}/${file}`;
    try {
      const { ok, status, body } = await fetch(url);
      await body?.cancel();
      if (ok) return;
      answers.push(status);
    } catch (error) {
      throw new UsageError(`--data: ${store} cannot be reached: ${reasonOf(error as Error)}.`);
    }
  }
  throw new UsageError(
    `--data: ${store} is no Zarr store: ${noneOf} is there (it answered ${answers.join(', ')}). Check the address.`,
  );
}

const noneOf = `none of ${storeMarkers.join(', ')}`;
