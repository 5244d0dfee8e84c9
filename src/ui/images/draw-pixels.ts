/** From planes of bytes to a canvas. */

interface Format {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/** @param pixels [channels, height, width], 0 to 255; one channel is grey */
export function drawPixels(canvas: HTMLCanvasElement, pixels: ArrayLike<number>, format: Format): void {
  const { channels, height, width } = format;
  const plane = height * width;
  const [red, green, blue] = channels < 3 ? [0, 0, 0] : [0, plane, 2 * plane];
  const coloured = new Uint8ClampedArray(4 * plane);
  for (let p = 0; p < plane; p++) {
    coloured[4 * p] = pixels[red + p];
    coloured[4 * p + 1] = pixels[green + p];
    coloured[4 * p + 2] = pixels[blue + p];
    coloured[4 * p + 3] = 255;
  }
  paint(canvas, coloured, format);
}

/** @param pixels [height, width, 4], red, green, blue, alpha */
export function paint(
  canvas: HTMLCanvasElement,
  pixels: Uint8ClampedArray<ArrayBuffer>,
  { height, width }: Pick<Format, 'height' | 'width'>,
): void {
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  canvas.getContext('2d')?.putImageData(new ImageData(pixels, width, height), 0, 0);
}
