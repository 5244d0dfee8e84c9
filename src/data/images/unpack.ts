/** Bytes in order, as they are unpacked: never more of them than were asked for. */
import { DataError } from '../../io/data-error.ts';
import type { RangedFile } from '../netcdf/bytes.ts';

/** Bytes that are read of a file at once. */
const PIECE = 2 ** 22;

/** Deflate makes at most so many bytes of one (https://zlib.net/zlib_tech.html). */
export const MOST_UNPACKED = 1032;

/** Thrown where a file within an archive, or a packed one, is not what it is said to be. */
export class DamagedFile extends DataError {
  /** What is wrong with it, in words that follow its name. */
  readonly fault: string;

  constructor(name: string, fault: string) {
    super(`${name} ${fault}. Copy or download it again.`);
    this.fault = fault;
  }
}

/** Reads a stream to its end or until it is closed. */
export class ByteReader {
  readonly #name: string;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #rest: Uint8Array = new Uint8Array();

  /** @param name of the file, for people */
  constructor(name: string, stream: ReadableStream<Uint8Array>) {
    this.#name = name;
    this.#reader = stream.getReader();
  }

  /**
   * @returns how many bytes were written: fewer than there is room for at the end of the stream alone
   * @throws DataError where they cannot be unpacked
   */
  async fill(out: Uint8Array): Promise<number> {
    for (let at = 0; ; ) {
      const part = this.#rest.subarray(0, out.length - at);
      out.set(part, at);
      this.#rest = this.#rest.subarray(part.length);
      at += part.length;
      if (at === out.length) return at;
      const { done, value } = await this.#next();
      if (done) return at;
      this.#rest = value;
    }
  }

  /** @returns false where the stream ends before */
  async skip(count: number): Promise<boolean> {
    for (let left = count; ; ) {
      const part = Math.min(left, this.#rest.length);
      this.#rest = this.#rest.subarray(part);
      left -= part;
      if (left === 0) return true;
      const { done, value } = await this.#next();
      if (done) return false;
      this.#rest = value;
    }
  }

  /** What is left is neither read nor unpacked. */
  async close(): Promise<void> {
    // A stream that failed fails again where it is cancelled.
    await this.#reader.cancel().catch(() => {});
  }

  async #next() {
    try {
      return await this.#reader.read();
    } catch (error) {
      if (error instanceof DataError) throw error;
      throw new DamagedFile(
        this.#name,
        `is damaged or cut off: it cannot be unpacked (${(error as Error).message})`,
      );
    }
  }
}

/** The bytes of a file, unpacked where they are packed by gzip, whatever the file is called. */
export async function unpackedFile(file: RangedFile): Promise<ByteReader & { readonly isPacked: boolean }> {
  const head = file.size < 2 ? new Uint8Array() : await file.read({ from: 0, to: 2 });
  const isPacked = head[0] === 0x1f && head[1] === 0x8b;
  const stream = isPacked ? streamOf(file).pipeThrough(new DecompressionStream('gzip')) : streamOf(file);
  return Object.assign(new ByteReader(file.name, stream), { isPacked });
}

/** @param from the first byte, `to` the one behind the last */
export function streamOf(
  file: RangedFile,
  from = 0,
  to = file.size,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  let at = from;
  return new ReadableStream(
    {
      async pull(controller) {
        if (at >= to) return controller.close();
        const end = Math.min(to, at + PIECE);
        const bytes = await file.read({ from: at, to: end });
        at = end;
        controller.enqueue(bytes);
      },
    },
    { highWaterMark: 0 },
  );
}
