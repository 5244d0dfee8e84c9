/**
 * Zip archives, read by their central directory: what they hold is listed without unpacking anything, and each file is
 * unpacked by itself when it is asked for. (APPNOTE.TXT of PKWARE, sections 4.3 and 4.5.3)
 *
 * Written here rather than taken from unzipit, which is at hand through zarrita: that library unpacks whatever an entry
 * yields, and this one must refuse an entry that claims, or yields, far more than is sensible.
 */
import { noBytes } from '../../io/byte-count.ts';
import { DataError } from '../../io/data-error.ts';
import { count, bytes as sizeText } from '../../io/number-text.ts';
import { blobFile, type RangedFile } from '../netcdf/bytes.ts';
import type { FileSet } from './file-set.ts';
import { ByteReader, DamagedFile, MOST_UNPACKED, streamOf } from './unpack.ts';

/** Bytes of a file once unpacked: a photograph has a few million. */
const MOST_OF_FILE = 2 ** 26;
/** All files together may be so many times the archive, or this many bytes: images are packed already. */
const MOST_RATIO = 100;
const MOST_ANYWAY = 2 ** 26;
/** Bytes of the list: a million names. */
const MOST_OF_LIST = 2 ** 28;

/** What is sensible depends on what the files are. */
export interface ZipLimits {
  /** What a file holds, for people. */
  readonly what: string;
  /** Bytes of one, unpacked. */
  readonly mostOfFile: number;
  /** Of all, for bytes of the archive; without a limit where absent. */
  readonly mostRatio?: number;
}

const ofImages: ZipLimits = { what: 'a file of an image', mostOfFile: MOST_OF_FILE, mostRatio: MOST_RATIO };

const END = 0x06054b50;
const END_64 = 0x06064b50;
const LOCATOR_64 = 0x07064b50;
const ENTRY = 0x02014b50;
const LOCAL = 0x04034b50;
const END_SIZE = 22;
const MOST_COMMENT = 0xffff;

const STORED = 0;
const DEFLATED = 8;

interface Entry {
  /** Byte of its local header. */
  readonly offset: number;
  readonly packed: number;
  readonly size: number;
  readonly method: number;
  readonly isEncrypted: boolean;
}

/** @throws DataError where it is no zip, is cut off, or claims more than is sensible */
export async function zipFiles(archive: RangedFile, limits = ofImages): Promise<FileSet> {
  const { name } = archive;
  const entries = readEntries(name, await readList(archive));
  check(archive, entries, limits);
  return {
    name,
    paths: [...entries.keys()],
    async open(path) {
      const bytes = await unpackEntry(archive, path, entries.get(path)!);
      return blobFile(path, new Blob([bytes]), noBytes());
    },
  };
}

const cutOff = (name: string, why: string) =>
  new DataError(`${name} is no zip, or is cut off: ${why}. Copy or download it again.`);

const viewOf = ({ buffer, byteOffset, byteLength }: Uint8Array<ArrayBuffer>) =>
  new DataView(buffer, byteOffset, byteLength);

/** Of a field of 64 bits; what no archive has becomes a number that fails every check. */
const long = (view: DataView, at: number) => Number(view.getBigUint64(at, true));

async function readList(archive: RangedFile): Promise<Uint8Array<ArrayBuffer>> {
  const { name, size } = archive;
  const from = Math.max(0, size - END_SIZE - MOST_COMMENT);
  const tail = size < END_SIZE ? new Uint8Array() : await archive.read({ from, to: size });
  const view = viewOf(tail);
  // A comment follows, as long as is said there, in which anything may be.
  const isEnd = (at: number) =>
    view.getUint32(at, true) === END && at + END_SIZE + view.getUint16(at + 20, true) === tail.length;
  let end = tail.length - END_SIZE;
  while (end >= 0 && !isEnd(end)) end--;
  if (end < 0) throw cutOff(name, `the list of its files, which ends a zip, is not in its ${size} bytes`);
  let [length, start] = [view.getUint32(end + 12, true), view.getUint32(end + 16, true)];
  if (end >= 20 && view.getUint32(end - 20, true) === LOCATOR_64) {
    const at = long(view, end - 12);
    if (at + 56 > size) throw cutOff(name, `its list is said to end at byte ${at}`);
    const wide = viewOf(await archive.read({ from: at, to: at + 56 }));
    if (wide.getUint32(0, true) !== END_64) throw cutOff(name, `no list ends at byte ${at}`);
    [length, start] = [long(wide, 40), long(wide, 48)];
  }
  if (start + length > from + end || length > MOST_OF_LIST) {
    throw cutOff(name, `the list of its files is said to be ${length} bytes from byte ${start} of ${size}`);
  }
  return length === 0 ? new Uint8Array() : archive.read({ from: start, to: start + length });
}

function readEntries(name: string, list: Uint8Array<ArrayBuffer>): ReadonlyMap<string, Entry> {
  const view = viewOf(list);
  const entries = new Map<string, Entry>();
  for (let at = 0; at < list.length; ) {
    if (at + 46 > list.length || view.getUint32(at, true) !== ENTRY) {
      throw cutOff(name, `its list has no file at byte ${at} of ${list.length}`);
    }
    const nameLength = view.getUint16(at + 28, true);
    const extraLength = view.getUint16(at + 30, true);
    const extra = at + 46 + nameLength;
    const next = extra + extraLength + view.getUint16(at + 32, true);
    if (next > list.length) throw cutOff(name, `its list ends within the file at byte ${at}`);
    // Names in other character sets than UTF-8 are read as well as can be: they only need to differ.
    const path = new TextDecoder().decode(list.subarray(at + 46, extra)).replaceAll('\\', '/');
    if (!path.endsWith('/')) entries.set(path, entryAt(view, at, extra, extraLength));
    at = next;
  }
  return entries;
}

function entryAt(view: DataView, at: number, extra: number, extraLength: number): Entry {
  let size = view.getUint32(at + 24, true);
  let packed = view.getUint32(at + 20, true);
  let offset = view.getUint32(at + 42, true);
  // Numbers of 64 bits lie elsewhere, in this order, those alone that do not fit.
  for (let field = extra; field + 4 <= extra + extraLength; ) {
    const length = view.getUint16(field + 2, true);
    const end = Math.min(field + 4 + length, extra + extraLength);
    if (view.getUint16(field, true) === 1) {
      let wide = field + 4;
      const take = (value: number) => {
        if (value !== 0xffffffff || wide + 8 > end) return value;
        wide += 8;
        return long(view, wide - 8);
      };
      size = take(size);
      packed = take(packed);
      offset = take(offset);
    }
    field += 4 + length;
  }
  const isEncrypted = (view.getUint16(at + 8, true) & 1) === 1;
  return { offset, packed, size, method: view.getUint16(at + 10, true), isEncrypted };
}

function check(
  { name, size: all }: RangedFile,
  entries: ReadonlyMap<string, Entry>,
  { what, mostOfFile, mostRatio }: ZipLimits,
): void {
  let [claimed, packed] = [0, 0];
  for (const [path, entry] of entries) {
    claimed += entry.size;
    packed += entry.packed;
    if (entry.size > mostOfFile) {
      throw new DataError(
        `${name} is not opened: ${path} in it claims ${sizeText(entry.size)}; ${what} has at most ${sizeText(mostOfFile)}. Take it out of the zip.`,
      );
    }
  }
  const most = Math.max(MOST_ANYWAY, (mostRatio ?? Number.POSITIVE_INFINITY) * all);
  if (claimed > most) {
    throw new DataError(
      `${name} is not opened: its ${count(entries.size)} files claim ${sizeText(claimed)}, unpacked from ${sizeText(all)}; images are packed already, so at most ${sizeText(most)} is in order.`,
    );
  }
  if (packed > all) {
    throw new DataError(
      `${name} is damaged: its ${count(entries.size)} files need ${packed} bytes packed, but it has ${all}: some lie over others.`,
    );
  }
}

async function unpackEntry(
  archive: RangedFile,
  path: string,
  entry: Entry,
): Promise<Uint8Array<ArrayBuffer>> {
  const { offset, packed, size, method, isEncrypted } = entry;
  const named = `${path} in ${archive.name}`;
  const fault = (why: string) => new DamagedFile(named, why);
  if (isEncrypted) throw new DataError(`${named} is encrypted. Unpack the zip and choose the folder.`);
  if (method !== STORED && method !== DEFLATED) {
    throw new DataError(`${named} is packed by method ${method}; only stored and deflated files are read.`);
  }
  const head = offset + 30;
  if (head > archive.size) throw fault(`is said to begin at byte ${offset} of ${archive.size}`);
  const view = viewOf(await archive.read({ from: offset, to: head }));
  if (view.getUint32(0, true) !== LOCAL)
    throw fault(`does not begin at byte ${offset}, where the list says so`);
  const from = head + view.getUint16(26, true) + view.getUint16(28, true);
  const to = from + packed;
  if (to > archive.size) throw fault(`is said to end at byte ${to} of ${archive.size}`);
  // Before there is room made for them.
  if (method === STORED ? packed !== size : size > packed * MOST_UNPACKED) {
    throw fault(`has ${packed} bytes, which cannot be the ${size} announced`);
  }
  const stream = streamOf(archive, from, to);
  const reader = new ByteReader(
    named,
    method === STORED ? stream : stream.pipeThrough(new DecompressionStream('deflate-raw')),
  );
  const out = new Uint8Array(size);
  try {
    const got = await reader.fill(out);
    if (got < size) throw fault(`yields ${got} bytes where ${size} are announced`);
    if ((await reader.fill(new Uint8Array(1))) > 0)
      throw fault(`yields more than the ${size} bytes announced`);
  } finally {
    await reader.close();
  }
  return out;
}
