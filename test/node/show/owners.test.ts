/** Colours that mean something can be told apart by everybody. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { distinctOwners, ownerLook, timeColours } from '../../../src/show/owners.ts';
import { contrast, distance, rgbOf, toDeuteranope, toGrey } from '../../reference/colour-vision.ts';

const ranks = Array.from({ length: distinctOwners }, (_, rank) => rank);

test.each([
  ['owners', ranks.map(rank => ownerLook(rank).colour)],
  ['times, light', Object.values(timeColours.light)],
  ['times, dark', Object.values(timeColours.dark)],
])('%s lie 40 of 441 apart, for deuteranopes and in grey too', (_, colours) => {
  const seen = colours.map(rgbOf);
  for (const [i, a] of seen.entries()) {
    for (const b of seen.slice(0, i)) {
      for (const look of [(colour: typeof a) => colour, toDeuteranope, toGrey])
        expect(distance(look(a), look(b)), `${colours[i]} ${look.name}`).toBeGreaterThanOrEqual(40);
    }
  }
});

test('numbers on a colour can be read, and owners have hatches of their own', () => {
  for (const rank of ranks) {
    const { colour, ink } = ownerLook(rank);
    expect(contrast(rgbOf(colour), rgbOf(ink)), `rank ${rank}`).toBeGreaterThanOrEqual(4.5);
  }
  expect(new Set(ranks.map(rank => JSON.stringify(ownerLook(rank).hatch))).size).toBe(ranks.length);
});

test('the style sheet of bars has the same colours of times as what is drawn', () => {
  const path = new URL('../../../src/ui/timeline/times.css', import.meta.url);
  const found = [...readFileSync(path, 'utf8').matchAll(/--time-(\w+): (#\w+)/g)];
  const expected = [timeColours.light, timeColours.dark].flatMap(colours => Object.entries(colours));
  expect(found.map(([, kind, colour]) => [kind, colour])).toEqual(expected);
});
