/** A Zarr store in a zip: every chunk is a file of it, unpacked when it is asked for. */
import type { AsyncReadable } from 'zarrita';
import { DataError } from '../../io/data-error.ts';
import { type ListableStore, storeMarkers } from '../choice/folder.ts';
import { zipFiles } from '../images/zip.ts';
import type { RangedFile } from '../netcdf/bytes.ts';

/** Bytes of a chunk once unpacked. */
const MOST_OF_CHUNK = 2 ** 31;

/** @throws DataError where the zip cannot be read, or holds no store */
export async function zipStore(archive: RangedFile): Promise<ListableStore> {
  const files = await zipFiles(archive, { what: 'a chunk', mostOfFile: MOST_OF_CHUNK });
  const marker = files.paths
    .filter(path => storeMarkers.includes(path.slice(path.lastIndexOf('/') + 1)))
    .toSorted((a, b) => depth(a) - depth(b))[0];
  if (marker === undefined) {
    throw new DataError(
      `${archive.name} holds no Zarr store: none of ${storeMarkers.join(', ')} is in it. Unpack it, and choose the files.`,
    );
  }
  // Some zip the folder, some what is in it.
  const root = marker.slice(0, marker.lastIndexOf('/') + 1);
  const known = new Set(files.paths);
  const read = async (key: string) => {
    const path = root + key.slice(1);
    if (!known.has(path)) return undefined;
    const file = await files.open(path);
    return file.read({ from: 0, to: file.size });
  };
  const getRange: AsyncReadable['getRange'] = async (key, range) => {
    const bytes = await read(key);
    if (!bytes) return undefined;
    return 'suffixLength' in range
      ? bytes.subarray(-range.suffixLength)
      : bytes.subarray(range.offset, range.offset + range.length);
  };
  return {
    get: read,
    getRange,
    list: async () => [
      ...new Set(
        files.paths.filter(path => path.startsWith(root)).map(path => path.slice(root.length).split('/')[0]),
      ),
    ],
  };
}

const depth = (path: string) => path.split('/').length;
