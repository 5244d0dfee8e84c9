/** A small store laid out as WeatherBench 2 lays its out: longitude before latitude, latitudes and levels ascending. */
import type { ZarrArrayFixture, ZarrFixture } from './write-zarr.ts';

export const STEPS = 10;
export const LEVELS = [500, 850, 1000];
export const LATITUDE = [-60, -30, 0, 30, 60];
export const LONGITUDE = [0, 90, 180, 270];

/** The truth: z at (t, level, y, x). */
export const geopotential = (t: number, level: number, y: number, x: number) =>
  1000 * LEVELS[level] + 100 * t + 10 * y + x;
/** Missing in one place. */
export const temperature = (t: number, y: number, x: number) =>
  t === 3 && y === 2 && x === 1 ? Number.NaN : 200 + t + 0.5 * y + 0.25 * x;
export const landMask = (y: number, x: number) => (y + x) % 2;

export interface Chunks {
  readonly time?: number;
  readonly level?: number;
  readonly latitude?: number;
}

/** @param chunks sizes of chunks; the whole map and all levels, in threes of steps, where not given */
export function weatherArrays(chunks: Chunks = {}): Record<string, ZarrArrayFixture> {
  const { time = 3, level = LEVELS.length, latitude = LATITUDE.length } = chunks;
  const [lat, lon] = [LATITUDE.length, LONGITUDE.length];
  const axis = (name: string, values: readonly number[], attributes = {}): ZarrArrayFixture => ({
    dimensions: [name],
    shape: [values.length],
    chunks: [values.length],
    attributes,
    value: i => values[i],
  });
  return {
    // In two chunks and 64-bit integers, as pandas writes it.
    time: {
      ...axis(
        'time',
        Array.from({ length: STEPS }, (_, t) => 6 * t),
      ),
      type: 'int64',
      chunks: [7],
      attributes: { units: 'hours since 2018-01-01', calendar: 'proleptic_gregorian' },
    },
    level: { ...axis('level', LEVELS), type: 'int32' },
    latitude: axis('latitude', LATITUDE, { units: 'degrees_north' }),
    longitude: axis('longitude', LONGITUDE, { units: 'degrees_east' }),
    geopotential: {
      dimensions: ['time', 'level', 'longitude', 'latitude'],
      shape: [STEPS, LEVELS.length, lon, lat],
      chunks: [time, level, lon, latitude],
      attributes: { units: 'm**2 s**-2', long_name: 'Geopotential' },
      value: (t, l, x, y) => geopotential(t, l, y, x),
    },
    '2m_temperature': {
      dimensions: ['time', 'longitude', 'latitude'],
      shape: [STEPS, lon, lat],
      chunks: [time, lon, latitude],
      attributes: { units: 'K' },
      value: (t, x, y) => temperature(t, y, x),
    },
    land_sea_mask: {
      dimensions: ['longitude', 'latitude'],
      shape: [lon, lat],
      chunks: [lon, lat],
      value: (x, y) => landMask(y, x),
    },
  };
}

export const weatherStore = (
  format: 2 | 3,
  chunks: Chunks = {},
  others: Partial<ZarrFixture> = {},
): ZarrFixture => ({
  format,
  arrays: weatherArrays(chunks),
  ...others,
});
