/** A Zarr store in a folder that the user chose: the files of it, or a handle to look them up in. */
import type { AbsolutePath, AsyncReadable, RangeQuery } from 'zarrita';
import { DataError } from '../../io/data-error.ts';

/** Every Zarr store has one of these at its top: those of version 2 the first or the last, of version 3 the other. */
export const storeMarkers: readonly string[] = ['.zmetadata', 'zarr.json', '.zgroup'];

/** A store whose keys can be listed. */
export type ListableStore = AsyncReadable & { list(): Promise<readonly string[]> };

/** Files by their path in the store, without a leading slash. */
export function filesStore(files: ReadonlyMap<string, Blob>): ListableStore {
  return blobStore(
    async path => files.get(path),
    async () => topLevel(files.keys()),
  );
}

/**
 * The paths of files that an `<input webkitdirectory>` gave, within the folder chosen. Call it where the input is:
 * the paths do not survive being sent to a worker.
 */
export function pathsInFolder(files: Iterable<File>): Map<string, Blob> {
  const inFolder = (file: File) => file.webkitRelativePath.split('/').slice(1).join('/') || file.name;
  return new Map(Array.from(files, file => [inFolder(file), file]));
}

/** A folder of the directory picker. */
export function handleStore(folder: FileSystemDirectoryHandle): ListableStore {
  const folders = new Map<string, Promise<FileSystemDirectoryHandle>>();
  const open = (path: string): Promise<FileSystemDirectoryHandle> => {
    if (path === '') return Promise.resolve(folder);
    const [parent, name] = cutLast(path);
    if (!folders.has(path))
      folders.set(
        path,
        open(parent).then(handle => handle.getDirectoryHandle(name)),
      );
    return folders.get(path)!;
  };
  const find = async (path: string) => {
    const [parent, name] = cutLast(path);
    try {
      return await (await (await open(parent)).getFileHandle(name)).getFile();
    } catch (error) {
      if (error instanceof DOMException && ['NotFoundError', 'TypeMismatchError'].includes(error.name)) {
        return undefined;
      }
      throw new DataError(`Reading ${folder.name}/${path} failed: ${error}. Choose the folder again.`);
    }
  };
  const list = async () => {
    const names: string[] = [];
    for await (const name of folder.keys()) names.push(name);
    return names;
  };
  return blobStore(find, list);
}

function blobStore(
  find: (path: string) => Promise<Blob | undefined>,
  list: () => Promise<readonly string[]>,
): ListableStore {
  const read = async (key: AbsolutePath, cut: (blob: Blob) => Blob) => {
    const blob = await find(key.slice(1));
    return blob && new Uint8Array(await cut(blob).arrayBuffer());
  };
  return {
    get: key => read(key, blob => blob),
    getRange: (key, range: RangeQuery) =>
      read(key, blob =>
        'suffixLength' in range
          ? blob.slice(-range.suffixLength)
          : blob.slice(range.offset, range.offset + range.length),
      ),
    list,
  };
}

function cutLast(path: string): [string, string] {
  const at = path.lastIndexOf('/');
  return [path.slice(0, Math.max(at, 0)), path.slice(at + 1)];
}

/** First parts of the paths, each once. */
const topLevel = (paths: Iterable<string>) => [...new Set(Array.from(paths, path => path.split('/')[0]))];
