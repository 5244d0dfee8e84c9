/** Isolines of fields whose lines are known. */
import { expect, test } from 'vitest';
import { isolines, thinned } from '../../../src/show/isobars.ts';

const range = (from: number, step: number, count: number) =>
  Float64Array.from({ length: count }, (_, i) => from + i * step);
const fieldOf = (
  latitude: Float64Array,
  longitude: Float64Array,
  value: (north: number, east: number) => number,
) => Float32Array.from([...latitude].flatMap(north => [...longitude].map(east => value(north, east))));

const latitude = range(60, -10, 7); // to 0
const longitude = range(0, 10, 5); // a region

test('a slope has one straight line a level, from the first centre to the last', () => {
  const field = fieldOf(latitude, longitude, north => north);
  const [at25, at90] = isolines(field, { latitude, longitude }, [25, 90]);
  expect(at25.lines).toHaveLength(1);
  const [line] = at25.lines;
  expect(line.every(([, north]) => north === 25)).toBe(true);
  const east = line.map(([x]) => x).sort((a, b) => a - b);
  expect(east).toEqual([...longitude]);
  expect(at90).toEqual({ level: 90, lines: [] });
});

test('a line crosses a tilted plane where the plane has its value', () => {
  const plane = (north: number, east: number) => 3 * north + 2 * east;
  const [{ lines }] = isolines(fieldOf(latitude, longitude, plane), { latitude, longitude }, [77]);
  expect(lines).toHaveLength(1);
  for (const [east, north] of lines[0]) expect(plane(north, east)).toBeCloseTo(77, 10);
});

test('a hill inside has a closed line round it', () => {
  const field = fieldOf(latitude, longitude, (north, east) => -Math.hypot(north - 30, east - 20));
  const [{ lines }] = isolines(field, { latitude, longitude }, [-12]);
  expect(lines).toHaveLength(1);
  expect(lines[0].at(0)).toEqual(lines[0].at(-1));
  for (const [east, north] of lines[0]) {
    expect(Math.hypot(north - 30, east - 20)).toBeGreaterThan(9);
    expect(Math.hypot(north - 30, east - 20)).toBeLessThan(15);
  }
});

test('round the globe a line goes on to where it began, and a hill on the seam is not cut open', () => {
  const globe = { latitude: range(-80, 20, 9), longitude: range(0, 30, 12) };
  const wave = fieldOf(globe.latitude, globe.longitude, (north, east) => {
    return north + 5 * Math.cos((east * Math.PI) / 180);
  });
  const [{ lines }] = isolines(wave, globe, [10]);
  expect(lines).toHaveLength(1);
  const ends = [lines[0].at(0), lines[0].at(-1)].map(end => end ?? [0, 0]).sort((a, b) => a[0] - b[0]);
  expect(ends[0][0]).toBe(0);
  expect(ends[1][0]).toBe(360);
  expect(ends[0][1]).toBe(ends[1][1]);
  const hill = fieldOf(globe.latitude, globe.longitude, (north, east) => {
    return Math.cos((east * Math.PI) / 180) - Math.abs(north) / 60;
  });
  const [{ lines: halves }] = isolines(hill, globe, [0.25]);
  expect(halves).toHaveLength(2);
  for (const half of halves) {
    const seam = [half.at(0), half.at(-1)].map(end => (end ?? [1])[0] % 360);
    expect(seam).toEqual([0, 0]);
  }
});

test('a line ends where values are missing', () => {
  const field = fieldOf(latitude, longitude, (north, east) => (east === 20 ? Number.NaN : north));
  const [{ lines }] = isolines(field, { latitude, longitude }, [25]);
  const spans = lines.map(line => line.map(([east]) => east).sort((a, b) => a - b));
  expect(spans.sort((a, b) => a[0] - b[0])).toEqual([
    [0, 10],
    [30, 40],
  ]);
});

test('a large grid is thinned evenly, a small one is left as it is', () => {
  const field = fieldOf(latitude, longitude, (north, east) => 100 * north + east);
  const few = thinned(field, { latitude, longitude }, 3);
  expect([...few.latitude]).toEqual([60, 40, 20, 0]);
  expect([...few.longitude]).toEqual([0, 20, 40]);
  expect(few.field).toEqual(fieldOf(few.latitude, few.longitude, (north, east) => 100 * north + east));
  expect(thinned(field, { latitude, longitude }, 5).field).toBe(field);
});
