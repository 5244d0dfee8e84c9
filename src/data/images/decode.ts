/** From the bytes of an image file to pixels of one size, by the browser's own decoders; runs in workers too. */
import { middlePart } from './crops.ts';

/** @throws where the bytes are no image that can be decoded */
export type DecodeImage = (file: Blob) => Promise<Uint8Array<ArrayBuffer>>;

/**
 * A decoder to [3, height, width]: turned upright as the file says, the largest part in the middle that has the ratio of
 * the sides, before white where the image is transparent.
 */
export function imageDecoder(height: number, width: number): DecodeImage {
  const canvas = new OffscreenCanvas(width, height);
  // Pixels are read back every time: the canvas had better lie in memory than on the GPU.
  const context = canvas.getContext('2d', { willReadFrequently: true })!;
  context.imageSmoothingQuality = 'high';
  return async file => {
    const bitmap = await createImageBitmap(file);
    try {
      const part = middlePart(bitmap, { height, width });
      context.fillStyle = 'white';
      context.fillRect(0, 0, width, height);
      context.drawImage(bitmap, part.left, part.top, part.width, part.height, 0, 0, width, height);
    } finally {
      bitmap.close();
    }
    const { data } = context.getImageData(0, 0, width, height);
    const plane = height * width;
    const pixels = new Uint8Array(3 * plane);
    for (let i = 0; i < plane; i++) {
      for (let c = 0; c < 3; c++) pixels[c * plane + i] = data[4 * i + c];
    }
    return pixels;
  };
}
