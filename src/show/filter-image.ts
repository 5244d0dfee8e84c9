/** Filters of a first layer as small pictures: in the colours of the images that they are laid over. */
import type { FiltersView } from '../session/api/api.ts';

/** Filters of a view: `values` has as many planes of them as there are channels. */
export const filterCount = ({ values, channels, height, width }: FiltersView): number =>
  values.length / (channels * height * width);

/**
 * A filter as [height, width, 4], red, green, blue, alpha: mid-grey is 0, and the largest value of all filters of the
 * layer, either way, is black or white.
 */
export function filterPixels(view: FiltersView, filter: number): Uint8ClampedArray<ArrayBuffer> {
  const { channels, height, width, values } = view;
  const plane = height * width;
  const own = values.subarray(filter * channels * plane, (filter + 1) * channels * plane);
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const scale = largest > 0 ? 127.5 / largest : 0;
  const out = new Uint8ClampedArray(4 * plane).fill(255);
  for (let colour = 0; colour < 3; colour++) {
    const from = Math.min(colour, channels - 1) * plane;
    for (let p = 0; p < plane; p++) out[4 * p + colour] = 127.5 + scale * own[from + p];
  }
  return out;
}
