/** Coastlines of reports: of a small region from the finer set. */
import { expect, it } from 'vitest';
import { reportPens } from '../../../src/cli/report-pens.ts';
import { coastLines, type LandTopology } from '../../../src/show/coast-lines.ts';
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

/** [degrees east, degrees north] of all lines, each from the one before as the topology has them. */
const landOf = (...lines: (readonly (readonly [number, number])[])[]): LandTopology => ({
  transform: { scale: [1, 1], translate: [0, 0] },
  arcs: lines.map(line =>
    line.map(([x, y], i) => (i === 0 ? [x, y] : [x - line[i - 1][0], y - line[i - 1][1]])),
  ),
});
const frame = { west: -180, east: 180, south: -90, north: 90, stretch: 1, aspect: 2 };

it('lines are cut off at the edges of the map, and go on where they come back', () => {
  const land = landOf([
    [-20, 0],
    [0, 5],
    [20, 5],
    [20, 15],
    [0, 15],
  ]);
  const part = { ...frame, west: -10, east: 10, south: 0, north: 10 };
  expect(coastLines(land, part, 200, 100)).toEqual([
    [
      [0, 75],
      [100, 50],
      [200, 50],
    ],
  ]);
  expect(coastLines(land, { ...part, north: 20 }, 200, 200)).toEqual([
    [
      [0, 175],
      [100, 150],
      [200, 150],
    ],
    [
      [200, 50],
      [100, 50],
    ],
  ]);
});

it('a line over the date line is drawn at both edges, and whole where the map has the date line in its middle', () => {
  const land = landOf([
    [170, 0],
    [-170, 10],
  ]);
  expect(coastLines(land, frame, 360, 180)).toEqual([
    [
      [0, 85],
      [10, 80],
    ],
    [
      [350, 90],
      [360, 85],
    ],
  ]);
  expect(coastLines(land, { ...frame, west: 0, east: 360 }, 360, 180)).toEqual([
    [
      [170, 90],
      [190, 80],
    ],
  ]);
});
