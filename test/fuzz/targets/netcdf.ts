/** NetCDF classic files, up to the data set: read whole from memory, and in boxes from where they lie. */
import { existsSync, readFileSync } from 'node:fs';
import { datasetFromNetcdf } from '../../../src/data/netcdf/dataset.ts';
import { openNetcdfFiles, readNetcdfBox } from '../../../src/data/netcdf/read.ts';
import { DataError } from '../../../src/io/data-error.ts';
import { gridFile } from '../../node/data/fixtures.ts';
import { type Fixture, type FixtureVariable, writeNetcdf } from '../../node/data/write-netcdf.ts';
import { mutateBytes } from '../mutate-bytes.ts';
import type { Random } from '../random.ts';
import { bytesOf, inputOf, type Target } from '../target.ts';

const range = (length: number) => Array.from({ length }, (_, i) => i);

/** Records of packed fields, one of them on levels, a constant field, text, a calendar of its own: all there is to read. */
const full: Fixture = {
  dimensions: { time: 0, level: 2, lat: 3, lon: 4, letters: 16 },
  records: 4,
  variables: {
    time: {
      dimensions: ['time'],
      type: 'double',
      attributes: { units: 'hours since 2001-01-01 00:00', calendar: 'noleap' },
      values: range(4).map(t => 6 * t),
    },
    level: {
      dimensions: ['level'],
      type: 'int',
      attributes: { units: 'hPa', positive: 'down' },
      values: [850, 500],
    },
    lat: { dimensions: ['lat'], attributes: { units: 'degrees_north' }, values: [30, 0, -30] },
    lon: { dimensions: ['lon'], attributes: { units: 'degrees_east', axis: 'X' }, values: [0, 90, 180, 270] },
    note: { dimensions: ['letters'], type: 'char', values: range(16).map(i => 97 + i) },
    orog: { dimensions: ['lat', 'lon'], values: range(12) },
    t: {
      dimensions: ['time', 'level', 'lat', 'lon'],
      type: 'short',
      attributes: { scale_factor: 2, add_offset: 200, _FillValue: -999, long_name: 'temperature' },
      values: range(96),
    },
    slp: { dimensions: ['time', 'lat', 'lon'], attributes: { missing_value: -9 }, values: range(48) },
  },
};

/** Steps and points enough that what a header claims of them weighs. */
const larger = gridFile('larger.nc', {
  times: range(20),
  latitude: range(16).map(y => 5 * y - 40),
  longitude: range(16).map(x => 10 * x),
});

const words = [
  ...[
    'hours since 1-1-1',
    'days since 2000-01-01',
    'degrees_north',
    'degrees_east',
    'noleap',
    '360_day',
    'text_time',
  ],
  ...[
    'time',
    'lat',
    'lon',
    'level',
    'units',
    'calendar',
    '_FillValue',
    'scale_factor',
    'standard_name',
    '99999999',
  ],
];

const AXES = [
  [0, 1e300],
  [1e12, 2e12, 3e12, 4e12],
  [0, 1e-7, 2e-7, 3e-7],
  [5, 5, 5, 5],
  [90, 0, -90, -180],
  [-1e6, Number.NaN, 1e6, Number.POSITIVE_INFINITY],
  [],
];
const UNITS = [
  ...words,
  'constructor',
  'seconds since 9999-12-31',
  'hours since',
  ' since ',
  'Pa',
  'x'.repeat(300),
];

/** A file whose header is in order, and says something else. */
function mutateFixture(random: Random): Uint8Array<ArrayBuffer> {
  const { variables, dimensions, ...rest } = random.pick([full, { ...full, records: random.below(3) }]);
  const sizes = { ...dimensions };
  const changed: Record<string, FixtureVariable> = { ...variables };
  for (let left = 1 + random.below(3); left > 0; left--) {
    const name = random.pick(Object.keys(changed));
    const variable = changed[name];
    switch (random.below(7)) {
      case 0:
        if (Object.keys(changed).length > 1) delete changed[name];
        break;
      case 1:
        changed[name] = {
          ...variable,
          values: random.pick(AXES),
          type: random.pick(['double', 'float', 'int']),
        };
        break;
      case 2: {
        const key = random.pick([
          'units',
          'calendar',
          'standard_name',
          'axis',
          'positive',
          '_FillValue',
          'scale_factor',
        ]);
        const value = random.pick<string | number | Float64Array>([
          random.pick(UNITS),
          0,
          Float64Array.of(1e300),
        ]);
        changed[name] = { ...variable, attributes: { ...variable.attributes, [key]: value } };
        break;
      }
      case 3:
        changed[name] = {
          ...variable,
          dimensions: variable.dimensions.map(() => random.pick(Object.keys(sizes))),
        };
        break;
      case 4:
        changed[random.pick(UNITS)] = variable;
        break;
      case 5:
        sizes[random.pick(Object.keys(sizes))] = random.pick([0, 1, 2, 7]);
        break;
      default:
        changed[name] = { ...variable, type: random.pick(['char', 'short', 'int', 'float', 'double']) };
    }
  }
  return new Uint8Array(
    writeNetcdf({ ...rest, dimensions: sizes, variables: changed, version: random.pick([1, 2, 5]) }),
  );
}

const allows = (error: unknown) => error instanceof DataError;

const mutate: Target['mutate'] = (input, random, corpus) =>
  inputOf('a.nc', mutateBytes(bytesOf(input), random, { others: corpus.map(bytesOf), head: 1000, words }));

async function run(input: ReadonlyMap<string, Uint8Array<ArrayBuffer>>): Promise<void> {
  const { buffer } = bytesOf(input);
  let fault: unknown;
  try {
    datasetFromNetcdf([{ name: 'a.nc', bytes: buffer }]);
  } catch (error) {
    if (!allows(error)) throw error;
    fault = error;
  }
  const opened = await openNetcdfFiles([{ name: 'a.nc', blob: new Blob([buffer]) }]);
  await readNetcdfBox(opened);
  if (fault) throw fault;
}

export const netcdfTarget: Target = {
  name: 'netcdf',
  about: 'NetCDF files of all three versions, up to the data set',
  allows,
  async corpus() {
    const versions = ([1, 2, 5] as const).map(version => writeNetcdf({ ...full, version }));
    const whole = [gridFile('a.nc'), gridFile('b.nc', { times: [0, 1], longitude: [350, 0, 10] }), larger];
    return [...versions, ...whole.map(({ bytes }) => bytes)].map(bytes =>
      inputOf('a.nc', new Uint8Array(bytes)),
    );
  },
  mutate: (input, random, corpus) =>
    random.chance(0.3) ? inputOf('a.nc', mutateFixture(random)) : mutate(input, random, corpus),
  run,
};

/** Debian's libncarg-data. */
const INSTALLED = [
  'cn10n.cdf',
  '941110_P.cdf',
  '941110_UV.cdf',
  'chi200_ud_smooth.nc',
  'Tstorm.cdf',
  'ced1.lf00.t00z.eta.nc',
];

export const installedNetcdfTarget: Target = {
  name: 'netcdf-installed',
  about: 'NetCDF files of libncarg-data, where that is installed',
  allows,
  async corpus() {
    const paths = INSTALLED.map(name => `/usr/share/ncarg/data/cdf/${name}`).filter(path => existsSync(path));
    return paths.map(path => inputOf('a.nc', Uint8Array.from(readFileSync(path))));
  },
  mutate,
  run,
};
