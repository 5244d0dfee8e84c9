/**
 * The data sets that are handed out as .tar.gz: CIFAR alone. An archive of this kind has no list of what it holds, so it is
 * read through once, and what CIFAR needs of it is kept in memory.
 * (https://www.gnu.org/software/tar/manual/html_node/Standard.html)
 */
import { noBytes } from '../../io/byte-count.ts';
import { DataError } from '../../io/data-error.ts';
import { bytes as sizeText } from '../../io/number-text.ts';
import { blobFile, type RangedFile } from '../netcdf/bytes.ts';
import type { FileSet } from './file-set.ts';
import { type ByteReader, MOST_UNPACKED, unpackedFile } from './unpack.ts';

/** Bytes of a header, and what all lengths are rounded up to. */
const BLOCK = 512;
/** Bytes: CIFAR-100 has 154 MB in a file, and 185 MB together. */
const MOST = 2 ** 28;

const isWanted = (path: string) => /\.(bin|txt)$/.test(path);

/** @throws DataError where it is no archive, is cut off, or has nothing of CIFAR in it */
export async function tarFiles(file: RangedFile): Promise<FileSet> {
  const reader = await unpackedFile(file);
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  const others: string[] = [];
  try {
    await readEntries(reader, file, files, others);
  } finally {
    await reader.close();
  }
  if (files.size === 0) {
    const python = others.some(path => /data_batch_1$|\/train$/.test(path));
    throw new DataError(
      python
        ? `${file.name} has the Python version of CIFAR. Download the binary version: cifar-10-binary.tar.gz or cifar-100-binary.tar.gz.`
        : `${file.name} has no .bin files in it: only CIFAR is read from a .tar.gz. Unpack it and choose the folder, or make a zip of it.`,
    );
  }
  return {
    name: file.name,
    paths: [...files.keys()],
    open: async path => blobFile(path, new Blob([files.get(path)!]), noBytes()),
  };
}

async function readEntries(
  reader: ByteReader & { readonly isPacked: boolean },
  { name, size: fileSize }: RangedFile,
  files: Map<string, Uint8Array<ArrayBuffer>>,
  others: string[],
): Promise<void> {
  const header = new Uint8Array(BLOCK);
  // Room is made for no more than the archive can hold, whatever it says.
  const possible = fileSize * (reader.isPacked ? MOST_UNPACKED : 1);
  let total = 0;
  for (;;) {
    const got = await reader.fill(header);
    // Two blocks of zeros end an archive; some writers leave them out.
    if (got === 0 || (got === BLOCK && header.every(byte => byte === 0))) return;
    const size = got === BLOCK ? sizeIn(header) : undefined;
    if (size === undefined) {
      throw new DataError(`${name} is no tar archive, or is damaged. Copy or download it again.`);
    }
    const padding = (BLOCK - (size % BLOCK)) % BLOCK;
    const path = pathIn(header);
    const isFile = header[156] === 0x30 || header[156] === 0;
    if (isFile && isWanted(path)) {
      total += size;
      if (total > MOST) {
        throw new DataError(
          `${name} is not opened: it claims ${sizeText(total)} of files, more than CIFAR has (at most ${sizeText(MOST)} are read).`,
        );
      }
      const bytes = new Uint8Array(Math.min(size, possible));
      const read = await reader.fill(bytes);
      if (read < size) throw cutOff(name, path, size, read);
      files.set(path, bytes);
      // A tar that ends before the padding of its last file has all of that file.
      await reader.skip(padding);
    } else {
      if (isFile) others.push(path);
      if (!(await reader.skip(size + padding))) throw cutOff(name, path, size, 0);
    }
  }
}

const cutOff = (name: string, path: string, size: number, read: number) =>
  new DataError(
    `${name} is cut off: ${path} in it has ${size} bytes, of which ${read} are there. Copy or download it again.`,
  );

function pathIn(header: Uint8Array): string {
  const text = (from: number, length: number) => {
    const field = header.subarray(from, from + length);
    const end = field.indexOf(0);
    return new TextDecoder().decode(end < 0 ? field : field.subarray(0, end));
  };
  const isUstar = text(257, 5) === 'ustar';
  const prefix = isUstar ? text(345, 155) : '';
  return (prefix ? `${prefix}/` : '') + text(0, 100);
}

/** Bytes of the entry, undefined where the header's sum is wrong: then it is none. */
function sizeIn(header: Uint8Array): number | undefined {
  const octal = (from: number, length: number) => {
    const text = String.fromCharCode(...header.subarray(from, from + length)).replace(/[\0 ]+$/, '');
    return /^ *[0-7]+$/.test(text) ? Number.parseInt(text, 8) : Number.NaN;
  };
  // The sum's own field counts as blanks.
  const sum = header.reduce((total, byte, i) => total + (i >= 148 && i < 156 ? 0x20 : byte), 0);
  const size = octal(124, 12);
  return octal(148, 8) === sum && Number.isSafeInteger(size) ? size : undefined;
}
