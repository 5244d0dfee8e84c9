/** From planes of bytes to a canvas. */

interface Format {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/** @param pixels [channels, height, width], 0 to 255; one channel is grey */
export function drawPixels(
  canvas: HTMLCanvasElement,
  pixels: ArrayLike<number>,
  { channels, height, width }: Format,
): void {
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  const plane = height * width;
  const [red, green, blue] = channels < 3 ? [0, 0, 0] : [0, plane, 2 * plane];
  const image = new ImageData(width, height);
  for (let p = 0; p < plane; p++) {
    image.data[4 * p] = pixels[red + p];
    image.data[4 * p + 1] = pixels[green + p];
    image.data[4 * p + 2] = pixels[blue + p];
    image.data[4 * p + 3] = 255;
  }
  canvas.getContext('2d')?.putImageData(image, 0, 0);
}
