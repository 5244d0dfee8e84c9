/**
 * What the first and last bytes of an image file say of it, so that a file that is none, is cut off, or would fill memory is
 * known before it is decoded.
 */
import { count } from '../../io/number-text.ts';

/** Pixels of an image: a browser takes four bytes for each. */
const MOST_PIXELS = 2 ** 26;

/** Bytes at either end of a file that tell what it is. */
export const HEAD = 2 ** 14;

type Format = 'PNG' | 'JPEG' | 'GIF' | 'BMP' | 'WebP';

interface Head {
  readonly format: Format;
  /** Undefined where the size comes later than the bytes given. */
  readonly height?: number;
  readonly width?: number;
}

/**
 * @param head the first bytes of the file, `HEAD` of them or all
 * @param size bytes of the file
 * @returns what is wrong with it, in words that follow its name; undefined where nothing is
 */
export function imageFault(head: Uint8Array, size: number): string | undefined {
  if (size === 0) return 'is empty';
  const found = readHead(head);
  if (!found) return 'is no PNG, JPEG, WebP, GIF or BMP image';
  const { height = 1, width = 1 } = found;
  if (height * width === 0) return 'has no pixels';
  if (height * width <= MOST_PIXELS) return undefined;
  return `has ${count(width)} x ${count(height)} pixels, more than the ${count(MOST_PIXELS)} that are decoded`;
}

/**
 * Whether an image ends as its format does. One that does not is most often cut off; but cameras append things of their
 * own, so a decoder must judge.
 *
 * @param tail the last bytes of the file, `HEAD` of them or all
 */
export function seemsWhole(head: Uint8Array, tail: Uint8Array, size: number): boolean {
  switch (readHead(head)?.format) {
    case 'PNG':
      return holds(tail, [0x49, 0x45, 0x4e, 0x44]);
    case 'JPEG':
      return holds(tail, [0xff, 0xd9]);
    case 'WebP':
      return size >= 12 && new DataView(head.buffer, head.byteOffset).getUint32(4, true) + 8 <= size;
    default:
      return true;
  }
}

function readHead(head: Uint8Array): Head | undefined {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const starts = (text: string, at = 0) =>
    head.length >= at + text.length && [...text].every((char, i) => head[at + i] === char.charCodeAt(0));
  if (starts('\x89PNG\r\n\x1a\n'))
    return { format: 'PNG', ...sides(head, 24, () => [view.getUint32(20), view.getUint32(16)]) };
  if (starts('GIF8')) {
    return { format: 'GIF', ...sides(head, 10, () => [view.getUint16(8, true), view.getUint16(6, true)]) };
  }
  if (starts('BM')) {
    // A height below zero means rows from the top; the oldest kind has sizes of 16 bits.
    const old = () => [view.getUint16(20, true), view.getUint16(18, true)] as const;
    const usual = () => [Math.abs(view.getInt32(22, true)), Math.abs(view.getInt32(18, true))] as const;
    return { format: 'BMP', ...sides(head, 26, () => (view.getUint32(14, true) === 12 ? old() : usual())) };
  }
  if (starts('RIFF') && starts('WEBP', 8))
    return { format: 'WebP', ...sides(head, 30, () => webpSides(head, view)) };
  if (starts('\xff\xd8\xff')) return { format: 'JPEG', ...jpegSides(view) };
  return undefined;
}

/** @param needed bytes, without which there are none */
function sides(head: Uint8Array, needed: number, read: () => readonly [number, number]) {
  if (head.length < needed) return {};
  const [height, width] = read();
  return { height, width };
}

/** Of the three kinds: lossy, lossless, and with extensions. */
function webpSides(head: Uint8Array, view: DataView): readonly [number, number] {
  const low = (value: number) => value & 0x3fff;
  switch (String.fromCharCode(head[15])) {
    case 'L': {
      const bits = view.getUint32(21, true);
      return [low(bits >>> 14) + 1, low(bits) + 1];
    }
    case 'X':
      return [(view.getUint32(26, true) >>> 8) + 1, (view.getUint32(24, true) & 0xffffff) + 1];
    default:
      return [low(view.getUint16(28, true)), low(view.getUint16(26, true))];
  }
}

/** The size is in a segment behind others, each with its length. */
function jpegSides(view: DataView): { readonly height?: number; readonly width?: number } {
  for (let at = 2; at + 9 <= view.byteLength; ) {
    const marker = view.getUint16(at);
    if (marker === 0xffff) at++;
    else if (marker >= 0xffc0 && marker <= 0xffcf && ![0xffc4, 0xffc8, 0xffcc].includes(marker)) {
      return { height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
    } else at += 2 + view.getUint16(at + 2);
  }
  return {};
}

function holds(bytes: Uint8Array, mark: readonly number[]): boolean {
  for (let at = bytes.length - mark.length; at >= 0; at--) {
    if (mark.every((byte, i) => bytes[at + i] === byte)) return true;
  }
  return false;
}
