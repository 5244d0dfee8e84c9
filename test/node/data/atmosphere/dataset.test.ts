import { expect, test } from 'vitest';
import { EARTH_RADIUS, GAS_CONSTANT, ROTATION } from '../../../../src/data/atmosphere/coefficients.ts';
import { gaussLegendre } from '../../../../src/data/atmosphere/gauss-legendre.ts';
import { embeddedAtmosphere } from '../../../../src/data/atmosphere/index.ts';
import type { Dataset, ProgressField } from '../../../../src/data/dataset.ts';
import { DataError } from '../../../../src/io/data-error.ts';

const ROWS = 32;
const COLUMNS = 64;
const reports: number[] = [];
const data = embeddedAtmosphere({ days: 20, seed: 7, spinUpDays: 20 }, (_, fraction) =>
  reports.push(fraction),
);

/** One field, [latitude, longitude]. */
function field(set: Dataset, time: number, name: string): Float32Array {
  const channel = set.channels.findIndex(c => c.name === name);
  const start = (time * set.channels.length + channel) * ROWS * COLUMNS;
  return set.values.subarray(start, start + ROWS * COLUMNS);
}

test('names, units, coordinates and times are those of a six-hourly analysis', () => {
  expect(data.channels.map(c => c.name).join(' ')).toBe(
    'z200 z500 z800 u200 u500 u800 v200 v500 v800 vo200 vo500 vo800 t350 t650',
  );
  expect([...new Set(data.channels.map(c => `${c.variable} ${c.units}`))]).toEqual([
    'geopotential m2 s-2',
    'u m s-1',
    'v m s-1',
    'vorticity s-1',
    'temperature K',
  ]);
  expect(data.synthetic && data.periodic && !data.hasMissing).toBe(true);
  expect(data.values.length).toBe(80 * 14 * ROWS * COLUMNS);
  expect(data.times[0]).toBe(Date.parse('2001-01-01T00:00Z'));
  expect(data.times[79]).toBe(Date.parse('2001-01-20T18:00Z'));
  expect(data.latitude[0]).toBeCloseTo(85.76, 2);
  expect(data.latitude[31]).toBe(-data.latitude[0]);
  expect(data.longitude[63]).toBeCloseTo(354.375, 10);
  expect(data.statics.map(s => s.channel.name)).toEqual(['orography', 'land', 'sine_latitude']);
  expect(Math.max(...data.statics[0].values)).toBeGreaterThan(2000);
  expect(data.values.every(Number.isFinite)).toBe(true);
});

test('the same seed gives the same bits and another seed another atmosphere', () => {
  const options = { days: 3, seed: 7, spinUpDays: 20 };
  const again = embeddedAtmosphere(options);
  expect(
    Buffer.from(again.values.buffer).equals(Buffer.from(data.values.buffer, 0, again.values.byteLength)),
  ).toBe(true);
  const other = embeddedAtmosphere({ ...options, seed: 8 });
  expect(Math.abs(field(other, 0, 'u500')[500] - field(data, 0, 'u500')[500])).toBeGreaterThan(1e-3);
});

test('what is seen while it is computed is the 500 hPa geopotential of that moment', () => {
  const seen: ProgressField[] = [];
  const day = embeddedAtmosphere({ days: 1, seed: 7, spinUpDays: 0 }, (_, __, now) => {
    if (now) seen.push(now);
  });
  expect(seen[0].day).toBe(0);
  expect(seen[0].channel.name).toBe('z500');
  expect(seen[0].values).toEqual(field(day, 0, 'z500'));
  expect([seen[0].latitude, seen[0].longitude]).toEqual([day.latitude, day.longitude]);
});

test('progress rises from 0 to 1 in several dozen reports', () => {
  expect(reports[0]).toBe(0);
  expect(reports.at(-1)).toBe(1);
  expect(reports.length).toBeGreaterThan(36);
  expect(reports.every((value, i) => i === 0 || value >= reports[i - 1])).toBe(true);
});

test('vorticity is the curl of the winds, and their divergence is zero', () => {
  // Against the test function g = sin(lat) cos(lat) cos(lon), in weak form and so free of finite differences:
  // mean(vorticity g) = mean(u dg/dy - v dg/dx) and 0 = mean(u dg/dx + v dg/dy).
  const { weights } = gaussLegendre(ROWS);
  for (const level of ['200', '500', '800']) {
    const u = field(data, 79, `u${level}`);
    const v = field(data, 79, `v${level}`);
    const vorticity = field(data, 79, `vo${level}`);
    let curl = 0;
    let divergence = 0;
    let expected = 0;
    for (let cell = 0; cell < ROWS * COLUMNS; cell++) {
      const latitude = (data.latitude[Math.floor(cell / COLUMNS)] * Math.PI) / 180;
      const longitude = (data.longitude[cell % COLUMNS] * Math.PI) / 180;
      const weight = weights[Math.floor(cell / COLUMNS)] / (2 * COLUMNS);
      const east = (-Math.sin(latitude) * Math.sin(longitude)) / EARTH_RADIUS;
      const north = (Math.cos(2 * latitude) * Math.cos(longitude)) / EARTH_RADIUS;
      curl += weight * (u[cell] * north - v[cell] * east);
      divergence += weight * (u[cell] * east + v[cell] * north);
      expected += (weight * vorticity[cell] * Math.sin(2 * latitude) * Math.cos(longitude)) / 2;
    }
    expect(Math.abs(expected)).toBeGreaterThan(1e-9);
    expect(curl / expected).toBeCloseTo(1, 4);
    expect(divergence / expected).toBeCloseTo(0, 4);
  }
});

test('winds are near geostrophic in mid-latitudes and temperature is the hydrostatic mean of its layer', () => {
  const z = field(data, 79, 'z500');
  const v = field(data, 79, 'v500');
  const row = 8;
  const latitude = (data.latitude[row] * Math.PI) / 180;
  let error = 0;
  let size = 0;
  for (let x = 0; x < COLUMNS; x++) {
    const at = row * COLUMNS + x;
    const slope = z[row * COLUMNS + ((x + 1) % COLUMNS)] - z[row * COLUMNS + ((x + COLUMNS - 1) % COLUMNS)];
    const metres = (4 * Math.PI * EARTH_RADIUS * Math.cos(latitude)) / COLUMNS;
    const geostrophic = slope / metres / (2 * ROTATION * Math.sin(latitude));
    error += (geostrophic - v[at]) ** 2;
    size += v[at] ** 2;
  }
  expect(Math.sqrt(error / size)).toBeLessThan(0.35);
  const layer = field(data, 79, 't350');
  const thickness = field(data, 79, 'z200')[100] - z[100];
  expect(layer[100]).toBeCloseTo(thickness / (GAS_CONSTANT * Math.log(500 / 200)), 2);
});

test.each([
  [{ days: 0, seed: 1 }, /days is 0/],
  [{ days: 1.1, seed: 1 }, /multiple of 0.25/],
  [{ days: Number.NaN, seed: 1 }, /days is NaN/],
  [{ days: 1, seed: 0.5 }, /seed is 0.5/],
  [{ days: 1, seed: 1, spinUpDays: -1 }, /spinUpDays is -1/],
  [{ days: 1e9, seed: 1 }, /^1\u202f000\u202f000\u202f000 days take 417\u00a0TiB/],
])('options %j are refused with their numbers', (options, message) => {
  expect(() => embeddedAtmosphere(options)).toThrow(DataError);
  expect(() => embeddedAtmosphere(options)).toThrow(message);
});
