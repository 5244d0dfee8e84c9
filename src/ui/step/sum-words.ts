/** Words of a number's own sum. */

import type { After, CellSum, Ref } from '../../show/cell-source.ts';
import { fieldNumber } from '../../show/format.ts';

const plural = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`;

export const sumWords = {
  title: 'A number and its own sum',
  hint: 'Click a number, or press Enter on it: its own sum is drawn, with whose each term was.',
  apart: 'The numbers of its sum lie too far apart to be looked at together.',
  picture: 'The terms of the sum as bars, in the look of the rank that held each.',
  one: 'Term by term',
  more: (count: number) => `and ${plural(count, 'term')} more`,
  held: (owner: number, count: number, isOwn: boolean) =>
    `rank ${owner}, ${isOwn ? 'its own' : 'from there'}, ${plural(count, 'term')}`,
  total: (sum: string, seen: string, apart: number) =>
    `Done again here: ${sum}. The device has ${seen}: apart by ${fieldNumber(apart, 2)} of the terms' size, which is rounding.`,
} as const;

export function termsText({ kind, terms, factor }: CellSum): string {
  const products = terms.filter(({ factors }) => factors.length === 2).length;
  const single = terms.length - products;
  const told: Readonly<Record<CellSum['kind'], string>> = {
    product: `A sum of ${plural(products, 'product')} of two numbers${single > 0 ? `, and ${plural(single, 'number')} that is added` : ''}.`,
    sum: `A sum of ${plural(terms.length, 'number')}${factor === 1 ? '' : `, times ${fieldNumber(factor)}`}.`,
    pointwise: terms.length === 1 ? 'Made of one number.' : `A sum of ${plural(terms.length, 'number')}.`,
    norm: `The mean of ${plural(terms.length, 'number')}, and how far this one is from it.`,
    moved: 'It was not computed here: it is this number, moved.',
  };
  return told[kind];
}

const functions: Readonly<Record<string, string>> = {
  add: 'is added',
  sub: 'is taken away',
  mul: 'is multiplied with it',
  div: 'divides it',
  geluGrad: 'is what GELU had: its slope there is multiplied with it',
  reluGrad: 'is what ReLU had: below zero nothing passes back',
};

/** What is done to the sum. */
export function afterText(after: After, isDropped: boolean, read: (ref: Ref) => number): string {
  const value = (ref: Ref) => fieldNumber(read(ref), 5);
  if (after.kind === 'dropout')
    return isDropped
      ? 'Then dropout: this number is set to zero in this step.'
      : `Then dropout: this number stays, times ${fieldNumber(after.scale, 5)}, for those that are set to zero.`;
  if (after.kind === 'norm')
    return `Its distance from the mean, by the spread of all, times ${value(after.weight)}, plus ${value(after.bias)}.`;
  if (after.other)
    return `Then ${value(after.other)} ${functions[after.name] ?? `meets it (${after.name})`}.`;
  return after.name === 'affine'
    ? `Then times ${fieldNumber(after.factor, 5)}, plus ${fieldNumber(after.shift, 5)}.`
    : `Then ${after.name}.`;
}

/** Below this share of the norm a difference is what another order of the same sums makes. */
const rounding = 1e-4;

export const sameWords = {
  title: 'The same on one device',
  what: 'The same step, with the same weights, samples and masks, in a model that nobody cuts. It is made for this, on the device of this page, and let go.',
  ask: 'Compute it on one device',
  busy: 'Computing it on one device…',
  none: 'Nothing in this layer is trained: there is no gradient to compare.',
  found: (share: number, name: string) =>
    `The gradients of its weights are the same but for ${fieldNumber(share, 2)} of their norm at most (${name})` +
    (share < rounding
      ? ', which is rounding: the same numbers, added in another order.'
      : ', more than rounding makes. Copies that norm their own samples apart (batch norm) are another model.'),
} as const;
