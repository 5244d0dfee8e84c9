/** The bytes of a NetCDF file: all of them in memory, or the ranges that were fetched of a file elsewhere. */
import type { ByteCount } from '../../io/byte-count.ts';
import { DataError } from '../../io/data-error.ts';
import { fetchAnswer, fetchCounted, type How, nameInUrl } from '../../io/http.ts';
import { forEachLimited } from '../../io/limited.ts';
import { rangesHeader } from '../choice/own-server.ts';
import { blobStamp, headerStamp } from '../stamp.ts';

/** Bytes `from` (included) to `to` (not included). */
export interface ByteRange {
  readonly from: number;
  readonly to: number;
}

export interface NetcdfBytes {
  /** Of the whole file. */
  readonly size: number;
  /** Must have been fetched. The bytes are not to be changed. */
  view(from: number, length: number): Uint8Array;
}

/** A file whose ranges are fetched on demand. */
export interface RangedFile {
  readonly name: string;
  readonly size: number;
  /** See `SourceIdentity`; absent where nothing says when it was changed last. */
  readonly stamp?: string;
  /** Ranges closer than this (bytes) are fetched as one: a request costs more than what lies between. 4 kB where absent. */
  readonly near?: number;
  read(range: ByteRange): Promise<Uint8Array<ArrayBuffer>>;
  /** Several, one after the other in one array, where that can be done: asking takes longer than a few thousand bytes do. */
  readMany?(ranges: readonly ByteRange[]): Promise<Uint8Array<ArrayBuffer>>;
  /** Likewise at once, where that can be done: in a worker of a browser. */
  readNow?(range: ByteRange): Uint8Array<ArrayBuffer>;
}

export function wholeBytes(buffer: ArrayBuffer): NetcdfBytes {
  return { size: buffer.byteLength, view: (from, length) => new Uint8Array(buffer, from, length) };
}

/** Workers may wait for what they read; pages may not, and Node knows no such reading. */
const canWait = 'FileReaderSync' in globalThis;

/** A file that the user chose. */
export function blobFile(name: string, blob: Blob, count: ByteCount): RangedFile {
  const readNow = ({ from, to }: ByteRange) => {
    const bytes = new Uint8Array(new FileReaderSync().readAsArrayBuffer(blob.slice(from, to)));
    count.requests++;
    count.bytes += bytes.length;
    return bytes;
  };
  const counted = async (part: Blob) => {
    const bytes = new Uint8Array(await readBlob(name, part));
    count.requests++;
    count.bytes += bytes.length;
    return bytes;
  };
  return {
    ...(canWait ? { readNow } : {}),
    name,
    size: blob.size,
    stamp: blobStamp(blob),
    read: ({ from, to }) => counted(blob.slice(from, to)),
    // Their parts are not copied for it.
    readMany: ranges => counted(new Blob(ranges.map(({ from, to }) => blob.slice(from, to)))),
  };
}

/** See `RangedFile.near`: where a request is answered at once, and over the net. */
const NEAR = 4096;
const NEAR_FAR = 65_536;

/** On this machine: the server of the terminal, `npm start`. */
function isHere(url: string): boolean {
  const { hostname } = new URL(url, globalThis.location?.href);
  return hostname === 'localhost' || hostname.endsWith('.localhost') || /^(127\.|\[::1\]$)/.test(hostname);
}

/** @throws DataError where a file that was chosen has been moved or changed since then */
export async function readBlob(name: string, blob: Blob): Promise<ArrayBuffer> {
  try {
    return await blob.arrayBuffer();
  } catch (error) {
    throw new DataError(`Reading ${name} failed: ${(error as Error).message} Choose the file again.`);
  }
}

/** @throws DataError where the server does not say how large the file is, or cannot be read */
export async function urlFile(url: string, count: ByteCount): Promise<RangedFile> {
  const head = new Request(url, { method: 'HEAD' });
  const answer = await fetchCounted(head, count);
  const size = Number(answer.headers.get('content-length') ?? Number.NaN);
  if (!(size >= 0)) throw new DataError(`The server does not have ${url}, or does not tell its length.`);
  const readNow = ({ from, to }: ByteRange) => {
    const request = new XMLHttpRequest();
    request.open('GET', url, false);
    request.responseType = 'arraybuffer';
    request.setRequestHeader('Range', `bytes=${from}-${to - 1}`);
    request.send();
    const bytes = new Uint8Array(
      request.response instanceof ArrayBuffer ? request.response : new ArrayBuffer(0),
    );
    count.requests++;
    count.bytes += bytes.length;
    if (request.status === 206 && bytes.length === to - from) return bytes;
    throw new DataError(
      `The server gave ${bytes.length} bytes of ${url} where ${to - from} were asked for (status ${request.status}).`,
    );
  };
  const asked = async (ranges: readonly ByteRange[], how: How) => {
    const { body = new Uint8Array() } = await fetchAnswer(head.url, count, how);
    if (body.length === totalOf(ranges)) return body;
    throw new DataError(
      `The server gave ${body.length} bytes of ${url} where ${totalOf(ranges)} were asked for.`,
    );
  };
  const words = ({ from, to }: ByteRange) => `${from}-${to - 1}`;
  return {
    ...(canWait ? { readNow } : {}),
    ...(answer.headers.has(rangesHeader) && {
      readMany: ranges => asked(ranges, { headers: { [rangesHeader]: ranges.map(words).join() } }),
    }),
    name: nameInUrl(url),
    size,
    stamp: headerStamp(answer),
    near: isHere(url) ? NEAR : NEAR_FAR,
    read: range => asked([range], { range: `bytes=${words(range)}` }),
  };
}

const totalOf = (ranges: readonly ByteRange[]) => ranges.reduce((sum, { from, to }) => sum + to - from, 0);

/** Ranges are not joined beyond this (bytes), so that large reads come in parts. */
const LARGE = 2 ** 25;

/** Fetches ranges as they become known, and gives views of them. */
export class FetchedBytes implements NetcdfBytes {
  readonly #file: RangedFile;
  /** Ascending, apart from each other. */
  #pieces: { readonly from: number; readonly bytes: Uint8Array }[] = [];

  constructor(file: RangedFile) {
    this.#file = file;
  }

  get size(): number {
    return this.#file.size;
  }

  /** @returns lets go of what was fetched */
  async fetch(ranges: readonly ByteRange[]): Promise<() => void> {
    const own = new Set<{ readonly from: number; readonly bytes: Uint8Array }>();
    const { near, readMany } = this.#file;
    await forEachLimited(lotsOf(joined(ranges, near), readMany ? MOST_OF_LOT : 1), async lot => {
      const bytes = await (readMany && lot.length > 1 ? readMany(lot) : this.#file.read(lot[0]));
      let at = 0;
      for (const { from, to } of lot) {
        own.add({ from, bytes: bytes.subarray(at, at + to - from) });
        at += to - from;
      }
    });
    this.#pieces = [...this.#pieces, ...own];
    this.#pieces.sort((a, b) => a.from - b.from || a.bytes.length - b.bytes.length);
    return () => {
      this.#pieces = this.#pieces.filter(piece => !own.has(piece));
    };
  }

  view(from: number, length: number): Uint8Array {
    // The last piece that begins no later; pieces of later fetches may lie over earlier ones.
    let [low, high] = [0, this.#pieces.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#pieces[middle].from <= from) low = middle + 1;
      else high = middle;
    }
    for (let i = low - 1; i >= 0; i--) {
      const { from: start, bytes } = this.#pieces[i];
      if (from + length <= start + bytes.length) return bytes.subarray(from - start, from - start + length);
    }
    throw new RangeError(`Bytes ${from} to ${from + length} of ${this.#file.name} were not fetched.`);
  }
}

/** Ranges that are asked for at once. */
const MOST_OF_LOT = 64;

function lotsOf(ranges: readonly ByteRange[], most: number): ByteRange[][] {
  const lots: ByteRange[][] = [];
  for (const range of ranges) {
    const lot = lots.at(-1);
    if (lot && lot.length < most && totalOf([...lot, range]) <= LARGE) lot.push(range);
    else lots.push([range]);
  }
  return lots;
}

/** In ascending order, those that touch or nearly so as one. */
function joined(ranges: readonly ByteRange[], near = NEAR): ByteRange[] {
  const out: { from: number; to: number }[] = [];
  for (const { from, to } of [...ranges].sort((a, b) => a.from - b.from)) {
    const last = out.at(-1);
    if (to <= from) continue;
    if (last && from <= last.to + near && to - last.from <= LARGE) last.to = Math.max(last.to, to);
    else out.push({ from, to });
  }
  return out;
}
