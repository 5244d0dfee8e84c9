/** Where a Zarr store may lie, and how it is opened: with its consolidated metadata where it has them. */
import * as zarr from 'zarrita';
import { type ByteCount, noBytes } from '../../io/byte-count.ts';
import { DataError } from '../../io/data-error.ts';
import { fetchCounted, nameInUrl } from '../../io/http.ts';
import { forEachLimited } from '../../io/limited.ts';
import type { ChunkMarks } from '../boxed-source.ts';
import type { ZarrPlace } from '../choice/choice.ts';
import { filesStore, handleStore, type ListableStore, storeMarkers } from '../choice/folder.ts';
import { type FolderFile, folderStamp } from '../choice/own-server.ts';
import { type RangedFile, urlFile } from '../netcdf/bytes.ts';
import { headerStamp } from '../stamp.ts';
import { checkCodecs } from './blosc.ts';
import { explained } from './chunks.ts';
import { httpStore } from './http.ts';
import { checkedStore } from './metadata.ts';
import { zipStore } from './zip-store.ts';

checkCodecs();

export type ZarrSource =
  | ZarrPlace
  /** A zip, whose bytes count themselves. */
  | { readonly kind: 'zip'; readonly file: RangedFile; readonly count: ByteCount }
  | { readonly kind: 'store'; readonly name: string; readonly store: zarr.AsyncReadable };

export interface OpenedSource {
  readonly name: string;
  /** See `SourceIdentity`: of a store at an address that of its metadata. */
  stamp(): Promise<string | undefined>;
  /** See `BoxedSource`. */
  readonly marks?: ChunkMarks;
  readonly store: zarr.AsyncReadable;
  /** Of the arrays at the top, where they can be listed. */
  readonly names: readonly string[] | undefined;
  /** Paths of groups that hold arrays, where they can be listed. */
  readonly groups: readonly string[];
  readonly count: ByteCount;
  /** Keys that were asked for and are not in the store. */
  readonly absent: ReadonlySet<string>;
  /** What is wrong with metadata that cannot be read, by key. */
  readonly faults: ReadonlyMap<string, string>;
}

/** @throws DataError where there is no store or it cannot be read */
export async function openSource(source: ZarrSource): Promise<OpenedSource> {
  const count = source.kind === 'zip' ? source.count : noBytes();
  const absent = new Set<string>();
  const faults = new Map<string, string>();
  const { name, store: plain, list, stamp, marks } = await storeOf(source, count);
  try {
    const listed = checkedStore(noting(plain, absent), faults);
    const store = await zarr.withMaybeConsolidatedMetadata(listed, { format: ['v2', 'v3'] });
    const arrays =
      'contents' in store ? store.contents().flatMap(({ path, kind }) => (kind === 'array' ? path : [])) : [];
    const parts = arrays.map(path => path.split('/').slice(1));
    const names = 'contents' in store ? parts.map(([top]) => top) : await list?.();
    if (!('contents' in store)) await checkMarkers(name, store, names);
    const groups =
      'contents' in store
        ? parts.map(path => path.slice(0, -1).join('/')).filter(path => path !== '')
        : await groupsIn(store, names ?? []);
    // Once more, for what lies within consolidated metadata.
    return {
      name,
      stamp,
      marks,
      store: checkedStore(store, faults),
      names,
      groups: [...new Set(groups)],
      count,
      absent,
      faults,
    };
  } catch (error) {
    throw explained(error, `the metadata of ${name}`);
  }
}

/** Those at the top of a store that lists no more. */
async function groupsIn(store: zarr.AsyncReadable, names: readonly string[]): Promise<string[]> {
  const found = await Promise.all(
    names
      .filter(name => !/^\.|\.json$/.test(name))
      .map(async name => {
        const document = await store.get(`/${name}/zarr.json`).catch(() => undefined);
        const isGroup = document
          ? new TextDecoder().decode(document).includes('"group"')
          : await store.get(`/${name}/.zgroup`).catch(() => undefined);
        return isGroup ? [name] : [];
      }),
  );
  return found.flat();
}

/** @param names of what lies at the top, where it can be listed */
async function checkMarkers(
  name: string,
  store: zarr.AsyncReadable,
  names: readonly string[] | undefined,
): Promise<void> {
  const none = `${name} is no Zarr store: none of ${storeMarkers.join(', ')} is`;
  if (names) {
    if (storeMarkers.some(marker => names.includes(marker))) return;
    throw new DataError(`${none} in it. Choose the folder that has them, most often one named .zarr.`);
  }
  for (const marker of storeMarkers) if (await store.get(`/${marker}`)) return;
  throw new DataError(`${none} there. Check the address.`);
}

interface PlainStore {
  readonly name: string;
  readonly store: zarr.AsyncReadable;
  readonly list?: () => Promise<readonly string[]>;
  stamp(): Promise<string | undefined>;
  readonly marks?: ChunkMarks;
}

async function storeOf(source: ZarrSource, count: ByteCount): Promise<PlainStore> {
  const listable = (name: string, store: ListableStore) => ({
    name,
    store: counted(store, count),
    list: store.list,
  });
  const zipped = async (file: RangedFile) => {
    const store = await zipStore(file);
    return {
      name: file.name.replace(/\.zip$/i, ''),
      store,
      list: store.list,
      stamp: async () => file.stamp,
    };
  };
  switch (source.kind) {
    case 'zip':
      return zipped(source.file);
    case 'url': {
      const { url, names } = source;
      if (/\.zip(\?|$)/i.test(url)) {
        return zipped(await urlFile(url, count));
      }
      return {
        name: nameInUrl(url),
        ...httpStore(url, count),
        list: names && (async () => names),
        stamp: () => urlStamp(url, count),
      };
    }
    case 'files':
      return {
        ...listable(source.name, filesStore(source.files)),
        stamp: async () => filesStamp(source.files),
      };
    case 'folder':
      return {
        ...listable(source.folder.name, handleStore(source.folder)),
        stamp: async () => folderStamp(await filesBelow(source.folder)),
      };
    case 'store':
      return { name: source.name, store: counted(source.store, count), stamp: async () => undefined };
  }
}

/** Of the metadata at the top: chunks are too many to ask for. */
async function urlStamp(url: string, count: ByteCount): Promise<string | undefined> {
  for (const marker of storeMarkers) {
    const request = new Request(`${url.replace(/\/+$/, '')}/${marker}`, { method: 'HEAD' });
    const answer = await fetchCounted(request, count).catch(() => undefined);
    if (answer?.ok) return headerStamp(answer);
  }
  return undefined;
}

/** Undefined for bytes that were made here. */
function filesStamp(files: ReadonlyMap<string, Blob>): string | undefined {
  const told = Array.from(files, ([path, file]) =>
    file instanceof File ? [{ path, size: file.size, changed: file.lastModified }] : [],
  ).flat();
  return told.length < files.size ? undefined : folderStamp(told);
}

/** All of them: what each says of itself is looked up, and nothing is read. */
async function filesBelow(folder: FileSystemDirectoryHandle, at = ''): Promise<FolderFile[]> {
  const found: FolderFile[] = [];
  await forEachLimited(await entriesOf(folder), async ([name, handle]) => {
    const path = `${at}${name}`;
    if (handle.kind === 'directory') found.push(...(await filesBelow(handle, `${path}/`)));
    else {
      const { size, lastModified } = await handle.getFile();
      found.push({ path, size, changed: lastModified });
    }
  });
  return found;
}

async function entriesOf(folder: FileSystemDirectoryHandle) {
  const entries: [string, FileSystemDirectoryHandle | FileSystemFileHandle][] = [];
  for await (const entry of folder.entries()) entries.push(entry);
  return entries;
}

function counted(store: zarr.AsyncReadable, count: ByteCount): zarr.AsyncReadable {
  return watched(store, (_, bytes) => {
    count.requests++;
    count.bytes += bytes?.length ?? 0;
  });
}

/** Notes what the store does not have, and does not ask for it again. */
function noting(store: zarr.AsyncReadable, absent: Set<string>): zarr.AsyncReadable {
  const known: zarr.AsyncReadable = {
    get: async (key, options) => (absent.has(key) ? undefined : store.get(key, options)),
    getRange:
      store.getRange &&
      (async (key, range, options) => (absent.has(key) ? undefined : store.getRange!(key, range, options))),
  };
  return watched(known, (key, bytes) => {
    if (!bytes) absent.add(key);
  });
}

function watched(
  store: zarr.AsyncReadable,
  see: (key: string, bytes: Uint8Array | undefined) => void,
): zarr.AsyncReadable {
  const seen = async (key: string, reading: Promise<Uint8Array | undefined>) => {
    const bytes = await reading;
    see(key, bytes);
    return bytes;
  };
  return {
    get: (key, options) => seen(key, store.get(key, options)),
    // Absent where the store cannot: zarrita says so of sharded arrays, which need it.
    getRange: store.getRange && ((key, range, options) => seen(key, store.getRange!(key, range, options))),
  };
}
