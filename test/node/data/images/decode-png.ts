/** In place of a browser's decoders: PNG files of one colour, as `pngFile` writes them. */
import { crc32, inflateSync } from 'node:zlib';
import type { DecodeImage } from '../../../../src/data/images/decode.ts';

/** @throws Error where a sum is wrong */
export function pngDecoder(height: number, width: number): DecodeImage {
  return async file => {
    const bytes = new Uint8Array(await file.arrayBuffer());
    const view = new DataView(bytes.buffer);
    // Behind the header, which is 25 bytes, lies the one chunk of data.
    const length = view.getUint32(33);
    if (view.getUint32(41 + length) !== crc32(bytes.subarray(37, 41 + length))) throw new Error('wrong sum');
    const colour = inflateSync(bytes.subarray(41, 41 + length)).subarray(1, 4);
    const pixels = new Uint8Array(3 * height * width);
    colour.forEach((value, c) => {
      pixels.fill(value, c * height * width, (c + 1) * height * width);
    });
    return pixels;
  };
}
