/**
 * In what form the files are that a user gave, told by their first bytes, whatever they are called: as they are, packed by gzip, or
 * a zipped Zarr store.
 */
import type { ByteCount } from '../io/byte-count.ts';
import { DataError } from '../io/data-error.ts';
import type { NetcdfSource } from './choice/choice.ts';
import { blobFile, type RangedFile, urlFile } from './netcdf/bytes.ts';

/** Bytes of a head: most headers of NetCDF classic files fit in them. */
export const HEAD_BYTES = 16_384;

/** Unpacked, a file must fit in one array. */
const MOST_UNPACKED_BYTES = 2 ** 32;

/** A file, with its first bytes at hand. */
export interface HeadedFile extends RangedFile {
  readonly head: Uint8Array<ArrayBuffer>;
}

const startsWith = (head: Uint8Array, ...bytes: number[]) => bytes.every((byte, i) => head[i] === byte);

export const isHdf5 = (head: Uint8Array) => startsWith(head, 0x89, 0x48, 0x44, 0x46);
export const isZip = (head: Uint8Array) => startsWith(head, 0x50, 0x4b, 0x03, 0x04);
export const isGzip = (head: Uint8Array) => startsWith(head, 0x1f, 0x8b);

/** A classic file can be read as it is, in one piece or in ranges; so is treated what is nothing that is known. */
export const isPlain = (head: Uint8Array) => !isHdf5(head) && !isZip(head) && !isGzip(head);

/** @throws DataError where a file cannot be read or unpacked */
export async function openFile(source: NetcdfSource, count: ByteCount): Promise<HeadedFile> {
  const file =
    'blob' in source ? blobFile(source.name, source.blob, count) : await urlFile(source.url, count);
  const headed = await withHead(file);
  if (!isGzip(headed.head)) return headed;
  return withHead({ ...(await unpacked(headed)), stamp: headed.stamp });
}

async function withHead(file: RangedFile): Promise<HeadedFile> {
  const head = await file.read({ from: 0, to: Math.min(HEAD_BYTES, file.size) });
  return {
    ...file,
    head,
    async read(range) {
      return range.to <= head.length ? head.slice(range.from, range.to) : file.read(range);
    },
  };
}

/** In memory: no part of what gzip packed can be read without all that is before it. */
async function unpacked(file: RangedFile): Promise<RangedFile> {
  const name = file.name.replace(/\.gz$/i, '');
  const packed = new Blob([await file.read({ from: 0, to: file.size })]);
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  try {
    for await (const part of chunksOf(packed.stream().pipeThrough(new DecompressionStream('gzip')))) {
      size += part.length;
      if (size > MOST_UNPACKED_BYTES) {
        throw new DataError(
          `${file.name} has more than 4 GiB unpacked. Unpack it first: gunzip ${file.name}`,
        );
      }
      parts.push(part);
    }
  } catch (error) {
    if (error instanceof DataError) throw error;
    throw new DataError(
      `${file.name} is damaged or cut off: it cannot be unpacked (${(error as Error).message}). Copy or download it again.`,
    );
  }
  const blob = new Blob(parts);
  // What was read of the disk was counted before.
  return blobFile(name, blob, { requests: 0, bytes: 0 });
}

async function* chunksOf(stream: ReadableStream<Uint8Array<ArrayBuffer>>) {
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield value;
  }
}
