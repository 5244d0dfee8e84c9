/** Small gridded files and data sets, with every part replaceable. */
import type { Dataset } from '../../../src/data/dataset.ts';
import { type Fixture, type FixtureVariable, writeNetcdf } from './write-netcdf.ts';

export interface GridFileOptions {
  readonly times?: readonly number[];
  readonly timeUnits?: string;
  readonly latitude?: readonly number[];
  readonly longitude?: readonly number[];
  /** Further variables, or others in place of `slp`, whose value at (t, y, x) is 100 t + 10 y + x. */
  readonly variables?: Fixture['variables'];
  /** Sizes of further dimensions. */
  readonly dimensions?: Readonly<Record<string, number>>;
}

/** A file of daily steps on 2 x 3 points. */
export function gridFile(name: string, options: GridFileOptions = {}): { name: string; bytes: ArrayBuffer } {
  const { times = [0, 1, 2, 3], timeUnits = 'days since 2001-01-01' } = options;
  const { latitude = [40, 50], longitude = [0, 10, 20] } = options;
  const slp: FixtureVariable = {
    dimensions: ['time', 'lat', 'lon'],
    attributes: { units: 'Pa', long_name: 'sea level pressure' },
    values: times.flatMap((_, t) =>
      latitude.flatMap((_, y) => longitude.map((_, x) => 100 * t + 10 * y + x)),
    ),
  };
  const bytes = writeNetcdf({
    dimensions: { time: times.length, lat: latitude.length, lon: longitude.length, ...options.dimensions },
    variables: {
      time: { dimensions: ['time'], type: 'double', attributes: { units: timeUnits }, values: times },
      lat: { dimensions: ['lat'], attributes: { units: 'degrees_north' }, values: latitude },
      lon: { dimensions: ['lon'], attributes: { units: 'degrees_east' }, values: longitude },
      ...(options.variables ?? { slp }),
    },
  });
  return { name, bytes };
}

export interface DatasetOptions {
  readonly steps: number;
  readonly stepHours?: number;
  readonly start?: string;
  readonly channels?: readonly string[];
  readonly latitude?: readonly number[];
  readonly longitude?: readonly number[];
  readonly statics?: readonly (readonly number[])[];
  /** Value of channel c at step t, row y, column x; NaN where missing. */
  readonly value: (t: number, c: number, y: number, x: number) => number;
}

/** A data set filled from a function. */
export function makeDataset(options: DatasetOptions): Dataset {
  const { steps, stepHours = 24, start = '2001-01-01', channels = ['a'], value, statics = [] } = options;
  const { latitude = [40, 50], longitude = [0, 10, 20] } = options;
  const values = new Float32Array(steps * channels.length * latitude.length * longitude.length);
  let at = 0;
  for (let t = 0; t < steps; t++) {
    for (let c = 0; c < channels.length; c++) {
      for (let y = 0; y < latitude.length; y++) {
        for (let x = 0; x < longitude.length; x++) values[at++] = value(t, c, y, x);
      }
    }
  }
  const channel = (name: string) => ({ name, longName: name, units: 'K', variable: name });
  return {
    source: 'test',
    synthetic: true,
    channels: channels.map(channel),
    statics: statics.map((field, s) => ({ channel: channel(`s${s}`), values: Float32Array.from(field) })),
    latitude: Float64Array.from(latitude),
    longitude: Float64Array.from(longitude),
    periodic: false,
    times: Float64Array.from({ length: steps }, (_, t) => Date.parse(start) + t * stepHours * 3_600_000),
    stepHours,
    values,
    hasMissing: values.some(Number.isNaN),
  };
}

/** The message of the error that `action` throws, with its class: `DataError: ...`. */
export function failureOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    return String(error);
  }
  return 'no error';
}
