/** Waves that drift, large enough to train on: a store in the layout of WeatherBench 2, and the same as a NetCDF file. */
import { writeNetcdf } from './write-netcdf.ts';
import type { ZarrArrayFixture, ZarrFixture } from './write-zarr.ts';

const STEPS = 60;
const LEVELS = [500, 850, 1000];
const LATITUDE = Array.from({ length: 16 }, (_, i) => -84 + 11.2 * i);
const LONGITUDE = Array.from({ length: 16 }, (_, i) => 22.5 * i);

const wave = (t: number, level: number, y: number, x: number) =>
  Math.sin(0.4 * x + 0.3 * level - 0.5 * t) * Math.cos(0.4 * y + level) + 0.1 * level;

const geopotential = (t: number, level: number, y: number, x: number) => 5000 + 100 * wave(t, level, y, x);
/** With a gap, which all ranks must know of. */
const temperature = (t: number, y: number, x: number) =>
  t === 9 && x === 5 && y === 3 ? Number.NaN : 280 + 10 * wave(t, 3, y, x);
const landMask = (y: number, x: number) => (y + x) % 2;

/**
 * 60 steps of six hours, 16 x 16 points: z on three levels, each a chunk of its own, t2m, and a static field; chunks of
 * half a map.
 */
export function waveStore(): ZarrFixture {
  const [lat, lon] = [LATITUDE.length, LONGITUDE.length];
  const axis = (name: string, values: readonly number[], units: string): ZarrArrayFixture => ({
    dimensions: [name],
    shape: [values.length],
    chunks: [values.length],
    attributes: { units },
    value: i => values[i],
  });
  const steps = Array.from({ length: STEPS }, (_, t) => 6 * t);
  return {
    format: 2,
    arrays: {
      time: { ...axis('time', steps, 'hours since 2018-01-01'), type: 'int64' },
      level: { ...axis('level', LEVELS, 'hPa'), type: 'int32' },
      latitude: axis('latitude', LATITUDE, 'degrees_north'),
      longitude: axis('longitude', LONGITUDE, 'degrees_east'),
      geopotential: {
        dimensions: ['time', 'level', 'longitude', 'latitude'],
        shape: [STEPS, LEVELS.length, lon, lat],
        chunks: [20, 1, lon, lat / 2],
        attributes: { units: 'm**2 s**-2' },
        value: (t, level, x, y) => geopotential(t, level, y, x),
      },
      '2m_temperature': {
        dimensions: ['time', 'longitude', 'latitude'],
        shape: [STEPS, lon, lat],
        chunks: [20, lon, lat / 2],
        attributes: { units: 'K' },
        value: (t, x, y) => temperature(t, y, x),
      },
      land_sea_mask: {
        dimensions: ['longitude', 'latitude'],
        shape: [lon, lat],
        chunks: [lon, lat],
        value: (x, y) => landMask(y, x),
      },
    },
  };
}

/** The same fields under the same names, in the order in which a store lists them. */
export function waveFile(length = STEPS): ArrayBuffer {
  const [rows, columns] = [LATITUDE.length, LONGITUDE.length];
  const map = (value: (y: number, x: number) => number) =>
    Array.from({ length: rows * columns }, (_, p) => value(Math.floor(p / columns), p % columns));
  const steps = Array.from({ length }, (_, t) => t);
  const levels = LEVELS.map((_, level) => level);
  return writeNetcdf({
    dimensions: { time: 0, level: LEVELS.length, latitude: rows, longitude: columns },
    records: length,
    variables: {
      time: {
        dimensions: ['time'],
        type: 'double',
        attributes: { units: 'hours since 2018-01-01' },
        values: steps.map(t => 6 * t),
      },
      level: { dimensions: ['level'], attributes: { units: 'hPa' }, values: LEVELS },
      latitude: { dimensions: ['latitude'], attributes: { units: 'degrees_north' }, values: LATITUDE },
      longitude: { dimensions: ['longitude'], attributes: { units: 'degrees_east' }, values: LONGITUDE },
      '2m_temperature': {
        dimensions: ['time', 'latitude', 'longitude'],
        attributes: { units: 'K' },
        values: steps.flatMap(t => map((y, x) => temperature(t, y, x))),
      },
      geopotential: {
        dimensions: ['time', 'level', 'latitude', 'longitude'],
        attributes: { units: 'm**2 s**-2' },
        values: steps.flatMap(t => levels.flatMap(level => map((y, x) => geopotential(t, level, y, x)))),
      },
      land_sea_mask: { dimensions: ['latitude', 'longitude'], values: map(landMask) },
    },
  });
}
