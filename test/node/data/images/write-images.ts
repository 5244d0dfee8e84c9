/** Files of images, made in the tests: IDX, CIFAR, PNG, and the archives they come in. */
import { crc32, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import type { ImagePlace } from '../../../../src/data/images/place.ts';

export type Bytes = Uint8Array<ArrayBuffer>;
export type Files = Readonly<Record<string, Bytes>>;

export const joined = (...parts: readonly ArrayLike<number>[]): Bytes => {
  const out = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
};

export const text = (words: string): Bytes => Uint8Array.from(new TextEncoder().encode(words));

export const gzipped = (bytes: Uint8Array): Bytes => Uint8Array.from(gzipSync(bytes));

/** Files as a user chose them. */
export const placeOf = (files: Files, name = 'my images'): ImagePlace => ({
  kind: 'files',
  name,
  files: new Map(Object.entries(files).map(([path, bytes]) => [path, new Blob([bytes])])),
});

export const range = (length: number, value: (i: number) => number = i => i): Bytes =>
  Uint8Array.from({ length }, (_, i) => value(i));

/** @param sizes `[images]` of labels, `[images, height, width]` of pixels */
export function idxFile(sizes: readonly number[], bytes: ArrayLike<number>): Bytes {
  const head = new DataView(new ArrayBuffer(4 + 4 * sizes.length));
  head.setUint32(0, 0x800 + sizes.length);
  sizes.forEach((size, d) => {
    head.setUint32(4 + 4 * d, size);
  });
  return joined(new Uint8Array(head.buffer), bytes);
}

/** Six images to train on and three to test on, of 2 x 3 pixels and three classes. */
export const idxSet: Files = {
  'train-images-idx3-ubyte': idxFile(
    [6, 2, 3],
    range(36, i => 3 * i),
  ),
  'train-labels-idx1-ubyte': idxFile([6], [0, 1, 2, 2, 1, 0]),
  't10k-images-idx3-ubyte': idxFile(
    [3, 2, 3],
    range(18, i => 200 + i),
  ),
  't10k-labels-idx1-ubyte': idxFile([3], [2, 0, 1]),
};

/** A record of CIFAR: labels, then 3072 pixels that begin with `first`. */
export const cifarRecord = (labels: readonly number[], first: number): Bytes =>
  joined(
    labels,
    range(3072, i => first + i),
  );

export const cifarBatch = (labels: readonly (readonly number[])[], first = 0): Bytes =>
  joined(...labels.map((label, i) => cifarRecord(label, first + i)));

/** Two batches of two images to train on, one image to test on. */
export const cifar10Set: Files = {
  'data_batch_1.bin': cifarBatch([[3], [9]]),
  'data_batch_2.bin': cifarBatch([[0], [1]], 40),
  'test_batch.bin': cifarBatch([[5]], 90),
  'batches.meta.txt': text('a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n\n'),
  'readme.html': text('<html>'),
};

export const cifar100Set: Files = {
  'train.bin': cifarBatch([
    [0, 99],
    [19, 0],
  ]),
  'test.bin': cifarBatch([[7, 42]], 50),
};

/** An RGB image of one colour. */
export function pngFile(height: number, width: number, colour: readonly [number, number, number]): Bytes {
  const chunk = (type: string, data: ArrayLike<number>) => {
    const body = joined(text(type), data);
    const numbers = new DataView(new ArrayBuffer(8));
    numbers.setUint32(0, data.length);
    numbers.setUint32(4, crc32(body));
    const bytes = new Uint8Array(numbers.buffer);
    return joined(bytes.subarray(0, 4), body, bytes.subarray(4));
  };
  const header = new DataView(new ArrayBuffer(13));
  header.setUint32(0, width);
  header.setUint32(4, height);
  header.setUint16(8, 0x0802);
  const row = joined([0], ...Array.from({ length: width }, () => colour));
  return joined(
    [0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10],
    chunk('IHDR', new Uint8Array(header.buffer)),
    chunk('IDAT', deflateSync(joined(...Array.from({ length: height }, () => row)))),
    chunk('IEND', []),
  );
}

/** What of an entry is not as it should be. */
export interface ZipChange {
  /** Said to be the size once unpacked. */
  readonly size?: number;
  readonly packed?: number;
  readonly offset?: number;
  readonly method?: number;
  readonly flags?: number;
}

export interface ZipOptions {
  readonly stored?: boolean;
  /** Numbers of 64 bits throughout. */
  readonly wide?: boolean;
  readonly comment?: string;
  readonly changes?: Readonly<Record<string, ZipChange>>;
}

/** A zip archive. */
export function zipFile(files: Files, { stored, wide, comment = '', changes = {} }: ZipOptions = {}): Bytes {
  const locals: Bytes[] = [];
  const list: Bytes[] = [];
  let offset = 0;
  for (const [path, bytes] of Object.entries(files)) {
    const name = text(path);
    const data = stored ? bytes : Uint8Array.from(deflateRawSync(bytes));
    const change = changes[path] ?? {};
    const { size = bytes.length, packed = data.length, method = stored ? 0 : 8, flags = 0x800 } = change;
    const at = change.offset ?? offset;
    const words = (sum: number): Bytes => {
      const view = new DataView(new ArrayBuffer(26));
      view.setUint16(0, wide ? 45 : 20, true);
      view.setUint16(2, flags, true);
      view.setUint16(4, method, true);
      view.setUint32(10, sum, true);
      view.setUint32(14, wide ? 0xffffffff : packed, true);
      view.setUint32(18, wide ? 0xffffffff : size, true);
      view.setUint16(22, name.length, true);
      view.setUint16(24, wide ? 28 : 0, true);
      return new Uint8Array(view.buffer);
    };
    const far = new DataView(new ArrayBuffer(wide ? 28 : 0));
    if (wide) {
      far.setUint16(0, 1, true);
      far.setUint16(2, 24, true);
      far.setBigUint64(4, BigInt(size), true);
      far.setBigUint64(12, BigInt(packed), true);
      far.setBigUint64(20, BigInt(at), true);
    }
    const extra = new Uint8Array(far.buffer);
    const sum = crc32(bytes);
    const local = joined(text('PK\x03\x04'), words(sum), name, extra, data);
    const rest = new DataView(new ArrayBuffer(14));
    rest.setUint32(10, wide ? 0xffffffff : at, true);
    list.push(joined(text('PK\x01\x02'), [20, 0], words(sum), new Uint8Array(rest.buffer), name, extra));
    locals.push(local);
    offset += local.length;
  }
  const listed = joined(...list);
  const end = new DataView(new ArrayBuffer(18));
  end.setUint16(4, list.length, true);
  end.setUint16(6, list.length, true);
  end.setUint32(8, wide ? 0xffffffff : listed.length, true);
  end.setUint32(12, wide ? 0xffffffff : offset, true);
  end.setUint16(16, comment.length, true);
  const far = new DataView(new ArrayBuffer(wide ? 76 : 0));
  if (wide) {
    far.setUint32(0, 0x06064b50, true);
    far.setBigUint64(4, 44n, true);
    far.setBigUint64(40, BigInt(listed.length), true);
    far.setBigUint64(48, BigInt(offset), true);
    far.setUint32(56, 0x07064b50, true);
    far.setBigUint64(64, BigInt(offset + listed.length), true);
  }
  return joined(
    ...locals,
    listed,
    new Uint8Array(far.buffer),
    text('PK\x05\x06'),
    new Uint8Array(end.buffer),
    text(comment),
  );
}

/** A tar archive. */
export function tarFile(files: Files): Bytes {
  const parts = Object.entries(files).flatMap(([path, bytes]) => {
    const header = new Uint8Array(512);
    header.set(text(path), 0);
    header.set(text('0000644\0'), 100);
    header.set(text(`${bytes.length.toString(8).padStart(11, '0')}\0`), 124);
    header.set(text('        0ustar\x0000'), 148);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.set(text(`${sum.toString(8).padStart(6, '0')}\0 `), 148);
    return [header, bytes, new Uint8Array((512 - (bytes.length % 512)) % 512)];
  });
  return joined(...parts, new Uint8Array(1024));
}

/** The files below a folder. */
export const under = (folder: string, files: Files): Files =>
  Object.fromEntries(Object.entries(files).map(([path, bytes]) => [`${folder}/${path}`, bytes]));
