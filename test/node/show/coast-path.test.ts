/** Coastlines of reports: of a small region from the finer set. */
import { expect, it } from 'vitest';
import { reportPens } from '../../../src/cli/report-pens.ts';
import { frameOf } from '../../../src/show/map-frame.ts';

const along = (first: number, last: number) =>
  Float64Array.from({ length: 11 }, (_, i) => first + ((last - first) * i) / 10);
const points = (latitude: readonly [number, number], longitude: readonly [number, number]) =>
  reportPens.coast(frameOf(along(...latitude), along(...longitude)), 400, 400).split('L').length;

it('a small region has the finer set, a large one the coarse', () => {
  // Denmark has 26 points in the coarse set, in which most of its islands are not.
  expect(points([54, 58], [7, 13])).toBeGreaterThan(150);
  expect(points([54, 58], [7, 13])).toBeGreaterThan(4 * points([54, 58], [-83, 13]));
});
