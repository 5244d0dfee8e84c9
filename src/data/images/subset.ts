/** Parts of a labelled set, for studies of how much data a model needs: each class keeps its share, and a smaller part lies within a larger. */
import { drawsOf } from './draws.ts';

/** The parts of a set that are compared. */
export const FRACTIONS: readonly number[] = Array.from({ length: 9 }, (_, halvings) => 1 / 2 ** halvings);

/**
 * Of every class as many images as its share says, rounded, but at least one: a function of the arguments alone, whatever the order
 * in which `images` are given.
 *
 * @param images indices of the images to choose from, such as a source's `train`
 * @param labels of all images of the source
 * @param fraction above 0, at most 1
 * @returns indices in ascending order; a part of what any larger fraction gives with the same seed
 * @throws RangeError for another fraction
 */
export function stratified(
  images: Int32Array,
  labels: Uint32Array,
  fraction: number,
  seed: number,
): Int32Array<ArrayBuffer> {
  if (!(fraction > 0 && fraction <= 1)) {
    throw new RangeError(`A part of ${fraction} of a set is impossible; it must be above 0 and at most 1.`);
  }
  const classes = new Map<number, number[]>();
  for (const image of [...images].sort((a, b) => a - b)) {
    const label = labels[image];
    const own = classes.get(label);
    if (own) own.push(image);
    else classes.set(label, [image]);
  }
  const chosen = [...classes].flatMap(([label, own]) =>
    firstDrawn(own, Math.max(1, Math.round(fraction * own.length)), seed, label),
  );
  return Int32Array.from(chosen.sort((a, b) => a - b));
}

/** The first `count` of an order that is drawn for the class (Fisher and Yates, from the front). */
function firstDrawn(images: readonly number[], count: number, seed: number, label: number): number[] {
  const order = [...images];
  const draw = drawsOf(seed, 'subset', label);
  for (let i = 0; i < count; i++) {
    const j = i + Math.floor(draw() * (order.length - i));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order.slice(0, count);
}
