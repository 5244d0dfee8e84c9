/** A store laid out as ERA5 in WeatherBench 2, with its 69 + 3 channels, on a small grid and with few steps. */
import { weatherBench2Channels, weatherBench2Statics } from '../../../src/data/choice/weatherbench2.ts';
import type { ZarrArrayFixture, ZarrFixture } from './write-zarr.ts';

const LEVELS = [50, 100, 150, 200, 250, 300, 400, 500, 600, 700, 850, 925, 1000];
const [LON, LAT] = [16, 8];
/** Every thirty days from 2015-12-12 on: before the first that a run selects, and beyond the last. */
const STEPS = 40;
const HOURS = 720;

const wave = (t: number, level: number, x: number, y: number) =>
  Math.sin(0.4 * x + 0.2 * level - 0.5 * t) * Math.cos(0.4 * y) + 0.1 * level;

export function era5Store(): ZarrFixture {
  const axis = (name: string, values: readonly number[], units: string): ZarrArrayFixture => ({
    dimensions: [name],
    shape: [values.length],
    chunks: [values.length],
    attributes: { units },
    value: i => values[i],
  });
  const map = ['longitude', 'latitude'];
  const fields = weatherBench2Channels.map(({ variable, levelHPa }): [string, ZarrArrayFixture] => [
    variable,
    levelHPa === undefined
      ? {
          dimensions: ['time', ...map],
          shape: [STEPS, LON, LAT],
          chunks: [100, LON, LAT],
          value: (t, x, y) => 10 + wave(t, 0, x, y),
        }
      : {
          dimensions: ['time', 'level', ...map],
          shape: [STEPS, LEVELS.length, LON, LAT],
          chunks: [100, LEVELS.length, LON, LAT],
          value: (t, level, x, y) => 10 + wave(t, level, x, y),
        },
  ]);
  const statics = weatherBench2Statics.map(({ variable }): [string, ZarrArrayFixture] => [
    variable,
    { dimensions: map, shape: [LON, LAT], chunks: [LON, LAT], value: (x, y) => (x + y) % 2 },
  ]);
  const steps = Array.from({ length: STEPS }, (_, t) => HOURS * t);
  return {
    format: 2,
    arrays: {
      time: { ...axis('time', steps, 'hours since 2015-12-12'), type: 'int64' },
      level: { ...axis('level', LEVELS, 'hPa'), type: 'int32' },
      latitude: axis(
        'latitude',
        Array.from({ length: LAT }, (_, i) => -78.75 + 22.5 * i),
        'degrees_north',
      ),
      longitude: axis(
        'longitude',
        Array.from({ length: LON }, (_, i) => 22.5 * i),
        'degrees_east',
      ),
      // A field that no run selects.
      total_precipitation: {
        dimensions: ['time', ...map],
        shape: [STEPS, LON, LAT],
        chunks: [100, LON, LAT],
        value: () => 0,
      },
      ...Object.fromEntries([...fields, ...statics]),
    },
  };
}
