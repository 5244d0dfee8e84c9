/** The data of a terminal run: what `--data` says, checked before a browser is started. */
import { readdir, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { ZarrPart } from '../data/choice/choice.ts';
import { storeMarkers } from '../data/choice/folder.ts';
import { bytes as sizeText } from '../show/format.ts';
import { reasonOf } from './serve-data.ts';
import { UsageError } from './usage-error.ts';

/** Where the data come from. */
export type DataSource =
  | { readonly kind: 'embedded'; readonly days: number; readonly seed: number }
  /** In the shape of what the preset is meant for. */
  | { readonly kind: 'synthetic'; readonly seed: number }
  /** Paths of NetCDF files. */
  | { readonly kind: 'files'; readonly files: readonly string[] }
  /** The folder of a Zarr store, or its URL, and what of it is used. */
  | ({ readonly kind: 'zarr'; readonly store: string } & ZarrPart);

/** Largest sum of file sizes that a rank can be relied on to hold beside the data set made of them. */
const maxDataBytes = 2 * 2 ** 30;
const zarrPrefix = 'zarr:';

export const isUrl = (store: string) => /^https?:\/\//i.test(store);

/**
 * @param text `zarr:` and a folder or a URL, or files separated by commas; as the user wrote them
 * @throws UsageError
 */
export function parseData(text: string): Exclude<DataSource, { kind: 'embedded' | 'synthetic' }> {
  if (text.startsWith(zarrPrefix)) return { kind: 'zarr', store: storeName(text.slice(zarrPrefix.length)) };
  const files = text.split(',').filter(name => name !== '');
  if (files.length > 0) return { kind: 'files', files };
  throw new UsageError(
    '--data is empty; give embedded, synthetic, one or more NetCDF files separated by commas, or zarr: and a store.',
  );
}

function storeName(store: string): string {
  if (store.trim() === '') {
    throw new UsageError('--data is "zarr:"; give the folder or the URL of a Zarr store after it.');
  }
  if (isUrl(store) ? URL.canParse(store) : !/^\w+:\/\//.test(store)) return store;
  throw new UsageError(
    `--data: "${store}" is no URL that can be read; it must be one of http or https. A bucket gs://NAME is at https://storage.googleapis.com/NAME.`,
  );
}

/** The data of a run that goes on: from another place perhaps, but the same part of them. */
export function movedData(before: DataSource, to: DataSource | undefined): DataSource {
  return before.kind === 'zarr' && to?.kind === 'zarr' ? { ...before, store: to.store } : (to ?? before);
}

/** @param text for instance `2016-01-01` @throws UsageError */
export function parseDay(text: string, option: string): string {
  if (/^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text))) return text;
  throw new UsageError(`--${option} is "${text}"; it must be a day, such as 2016-01-01.`);
}

/**
 * Paths made absolute, so that a run can be resumed from anywhere.
 *
 * @param ranks that share the data
 * @throws UsageError for what is not there, or is no store
 */
export async function checkData(data: DataSource, ranks: number): Promise<DataSource> {
  switch (data.kind) {
    case 'embedded':
    case 'synthetic':
      return data;
    case 'files':
      return { kind: 'files', files: await checkFiles(data.files, ranks) };
    case 'zarr':
      if (isUrl(data.store)) await checkStoreUrl(data.store);
      else await checkStoreFolder(data.store);
      return { ...data, store: isUrl(data.store) ? data.store : resolve(data.store) };
  }
}

async function checkFiles(files: readonly string[], ranks: number): Promise<string[]> {
  let bytes = 0;
  for (const file of files) {
    const found = await stat(file).catch(() => undefined);
    if (found?.isDirectory()) {
      throw new UsageError(`--data: ${file} is a folder. If it is a Zarr store, write zarr:${file}.`);
    }
    if (!found?.isFile())
      throw new UsageError(`--data: ${file} ${found ? 'is not a file' : 'does not exist'}.`);
    bytes += found.size;
  }
  if (bytes > ranks * maxDataBytes) {
    throw new UsageError(
      `--data: the files have ${sizeText(bytes)} together; ${ranks} ${ranks === 1 ? 'rank holds' : 'ranks hold'} at most ${sizeText(ranks * maxDataBytes)}. Use fewer years or levels, or a larger mesh.`,
    );
  }
  return files.map(file => resolve(file));
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
