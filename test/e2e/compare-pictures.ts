/**
 * How unlike two pictures of the page are, so coarsely that letters of another font hardly count. Places: both are shrunk to
 * blocks, and blocks are compared by the mean of their colour; a panel that has moved changes many. Colours: of the pixels that
 * are neither white, grey nor black, how many are of a colour that the other picture has fewer of, wherever they are; an owner
 * of another colour changes many.
 */
import type { Page } from 'playwright-core';

export interface Difference {
  /** Share of the blocks that are unlike, 0 to 1. */
  readonly places: number;
  /** Share of the coloured pixels, 0 to 1. */
  readonly colours: number;
  /** Of the second picture, of the first one's height. */
  readonly height: number;
}

const settings = {
  /** px of a picture as it is drawn. */
  block: 64,
  /** Blocks are alike up to here; black is 441 from white. */
  near: 40,
  /** Between the largest and the smallest of red, green and blue, of 255. */
  coloured: 70,
  /** Steps of red, green and blue that count as one. */
  step: 32,
};

/** @param page of a browser, without a policy that forbids pictures */
export async function difference(page: Page, before: Buffer, now: Buffer): Promise<Difference> {
  const pngs = [before, now].map(png => png.toString('base64'));
  return page.evaluate(
    async ([all, { block, near, coloured, step }]) => {
      const bitmaps = await Promise.all(
        all.map(base64 => {
          const bytes = Uint8Array.from(atob(base64), letter => letter.charCodeAt(0));
          return createImageBitmap(new Blob([bytes], { type: 'image/png' }));
        }),
      );
      const [first, second] = bitmaps;
      const pixelsOf = (bitmap: ImageBitmap, width: number, height: number, scale: number) => {
        const context = new OffscreenCanvas(width, height).getContext('2d')!;
        context.imageSmoothingQuality = 'high';
        context.drawImage(bitmap, 0, 0, bitmap.width * scale, bitmap.height * scale);
        return context.getImageData(0, 0, width, height).data;
      };
      const [width, height] = [Math.round(first.width / block), Math.round(first.height / block)];
      const [a, b] = bitmaps.map(bitmap => pixelsOf(bitmap, width, height, width / bitmap.width));
      let unlike = 0;
      for (let k = 0; k < a.length; k += 4) {
        if (Math.hypot(a[k] - b[k], a[k + 1] - b[k + 1], a[k + 2] - b[k + 2]) > near) unlike++;
      }
      const counts = bitmaps.map(bitmap => {
        const pixels = pixelsOf(bitmap, bitmap.width, bitmap.height, 1);
        const found = new Map<string, number>();
        for (let k = 0; k < pixels.length; k += 4) {
          const [red, green, blue] = pixels.subarray(k, k + 3);
          if (Math.max(red, green, blue) - Math.min(red, green, blue) < coloured) continue;
          const colour = [red, green, blue].map(value => Math.floor(value / step)).join();
          found.set(colour, (found.get(colour) ?? 0) + 1);
        }
        return found;
      });
      const [had, has] = counts;
      const colours = new Set([...had.keys(), ...has.keys()]);
      const total = [...had.values()].reduce((sum, count) => sum + count, 0);
      const off = [...colours].reduce(
        (sum, colour) => sum + Math.abs((had.get(colour) ?? 0) - (has.get(colour) ?? 0)),
        0,
      );
      return {
        places: unlike / (width * height),
        colours: off / (2 * Math.max(1, total)),
        height: second.height / first.height,
      };
    },
    [pngs, settings] as const,
  );
}
