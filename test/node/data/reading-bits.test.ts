/**
 * What is read is what was always read, bit for bit: fields of every kind of file, whole and in boxes, and the batches that are made of
 * them while a model trains. The digests are those of a reader that took value by value.
 */
import { createHash } from 'node:crypto';
import { describe, expect, it, test } from 'vitest';
import type { BoxedChoice, DataPart } from '../../../src/data/choice/choice.ts';
import type { Dataset } from '../../../src/data/dataset.ts';
import { openBoxed } from '../../../src/data/open-boxed.ts';
import { annualBasis } from '../../../src/tasks/forecast/climatology.ts';
import { gridFrame, mergeMoments } from '../../../src/tasks/forecast/slice-moments.ts';
import { createPartReader } from '../../../src/tasks/forecast/stream/part-reader.ts';
import type { TaskOptions } from '../../../src/tasks/forecast/task.ts';
import { caseChoice } from './case-files.ts';
import { type FixtureVariable, writeNetcdf } from './write-netcdf.ts';
import { writeZarr } from './write-zarr.ts';

/** Whole numbers that look like chance, the same everywhere. */
const noise = (i: number) => ((i * 7919 + 12_345) % 60_013) - 30_000;
const STEPS = 40;
const [ROWS, COLUMNS] = [6, 8];
const along = (length: number, first: number, step: number) =>
  Array.from({ length }, (_, i) => first + i * step);

/** Six-hourly, from north to south and from east to west, packed and not, in several orders of the dimensions. */
function packedFile(times: readonly number[]): ArrayBuffer {
  const field = (
    dimensions: readonly string[],
    length: number,
    rest: Omit<FixtureVariable, 'dimensions' | 'values'>,
    value = noise,
  ): FixtureVariable => ({ dimensions, ...rest, values: Array.from({ length }, (_, i) => value(i)) });
  const maps = times.length * ROWS * COLUMNS;
  return writeNetcdf({
    dimensions: { time: times.length, lev: 2, lat: ROWS, lon: COLUMNS },
    variables: {
      time: {
        dimensions: ['time'],
        type: 'double',
        attributes: { units: 'hours since 1999-12-20' },
        values: times,
      },
      lev: { dimensions: ['lev'], attributes: { units: 'hPa' }, values: [500, 850] },
      lat: { dimensions: ['lat'], attributes: { units: 'degrees_north' }, values: along(ROWS, 50, -20) },
      lon: { dimensions: ['lon'], attributes: { units: 'degrees_east' }, values: along(COLUMNS, 315, -45) },
      packed: field(['time', 'lat', 'lon'], maps, {
        type: 'short',
        attributes: {
          scale_factor: 0.01,
          add_offset: Float64Array.of(273.15),
          _FillValue: -29_999,
          valid_min: -29_990,
        },
      }),
      deep: field(
        ['time', 'lev', 'lon', 'lat'],
        2 * maps,
        { attributes: { missing_value: 77 } },
        i => noise(i) / 7,
      ),
      turned: field(
        ['lat', 'lon', 'time'],
        maps,
        { type: 'double', attributes: { valid_max: Float64Array.of(29_000) } },
        i => noise(i) * 1.1,
      ),
      whole: field(['time', 'lat', 'lon'], maps, { type: 'int', attributes: { add_offset: 3 } }),
      mask: field(['lat', 'lon'], ROWS * COLUMNS, {}, i => (i % 3) / 2),
    },
  });
}

async function packedStore(): Promise<BoxedChoice> {
  const axis = (name: string, values: readonly number[], units: string) => ({
    dimensions: [name],
    shape: [values.length],
    chunks: [values.length],
    attributes: { units },
    value: (i: number) => values[i],
  });
  const field = (dimensions: readonly string[], shape: readonly number[], chunks: readonly number[]) => ({
    dimensions,
    shape,
    chunks,
    value: (...index: number[]) => noise(index.reduce((at, i, d) => at * shape[d] + i, 0)),
  });
  const files = await writeZarr({
    format: 2,
    arrays: {
      time: { ...axis('time', along(STEPS, 0, 6), 'hours since 1999-12-20'), type: 'int64' },
      level: { ...axis('level', [500, 850], 'hPa'), type: 'int32' },
      latitude: axis('latitude', along(ROWS, 50, -20), 'degrees_north'),
      longitude: axis('longitude', along(COLUMNS, -135, 45), 'degrees_east'),
      deep: {
        ...field(['time', 'level', 'longitude', 'latitude'], [STEPS, 2, COLUMNS, ROWS], [7, 1, 3, 4]),
        fill: 'NaN',
        attributes: { missing_value: -29_000 },
        absent: ['1.0.1.0'],
      },
      packed: {
        ...field(['time', 'latitude', 'longitude'], [STEPS, ROWS, COLUMNS], [10, 6, 5]),
        type: 'int32',
        attributes: { scale_factor: 0.001, add_offset: 250, _FillValue: noise(100) },
      },
      long: { ...field(['longitude', 'latitude', 'time'], [COLUMNS, ROWS, STEPS], [8, 3, 9]), type: 'int64' },
      mask: field(['latitude', 'longitude'], [ROWS, COLUMNS], [4, 4]),
    },
  });
  return {
    kind: 'zarr',
    source: {
      kind: 'files',
      name: 'packed.zarr',
      files: new Map(Array.from(files, ([path, bytes]) => [path, new Blob([bytes])])),
    },
    selection: {},
  };
}

const fileOf = (times: readonly number[]): BoxedChoice => ({
  kind: 'files',
  files: [{ name: 'packed.nc', blob: new Blob([packedFile(times)]) }],
});
const regular = along(STEPS, 0, 6);
const file = fileOf(regular);
/** Two steps are lacking, and the others stand in no order. */
const jumbled = fileOf(
  regular.filter(time => time !== 30 && time !== 120).toSorted((a, b) => noise(a) - noise(b)),
);
const store = await packedStore();
const part = (choice: BoxedChoice, chosen: DataPart): BoxedChoice =>
  choice.kind === 'zarr'
    ? { ...choice, selection: chosen }
    : choice.kind === 'files'
      ? { ...choice, part: chosen }
      : choice;

const parts: Readonly<Record<string, DataPart>> = {
  'across the date line': { region: { west: 130, south: -40, east: -100, north: 40 } },
  'a box': { region: { west: -60, south: -15, east: 60, north: 35 } },
  'one point in two': { thin: { points: 2 } },
  'means of 2 x 2': { thin: { means: 2 } },
  'one step in three': { thin: { steps: 3 } },
  'a level': { levels: [850] },
};
const cases: Readonly<Record<string, BoxedChoice>> = {
  'a file': file,
  'a file in no order': jumbled,
  'a store': store,
  ...Object.fromEntries(
    Object.entries(parts).flatMap(([name, chosen]) => [
      [`a file, ${name}`, part(file, chosen)],
      [`a store, ${name}`, part(store, chosen)],
    ]),
  ),
  ...Object.fromEntries(
    [
      'calendar-360.nc',
      'calendar-noleap.nc',
      'compressed.nc.gz',
      'ensemble.nc',
      'expver.nc',
      'fill-zero.zarr',
      'fixed-scale.zarr',
      'nanoseconds.zarr',
      'netcdf4.nc',
      'radians.nc',
      'store.zarr.zip',
      'unsigned-byte.nc',
      'valid-range.nc',
    ].map(name => [name, caseChoice(name)]),
  ),
};

/** One digest for all numbers that are none. */
function digestOf(...arrays: readonly Float32Array[]): string {
  const hash = createHash('sha256');
  for (const values of arrays)
    hash.update(new Uint8Array(values.map(value => (Number.isNaN(value) ? Number.NaN : value)).buffer));
  return hash.digest('hex').slice(0, 16);
}
const fieldsOf = ({ values, statics }: Dataset) => [values, ...statics.map(({ values }) => values)];

const digests: Readonly<Record<string, readonly [whole: string, box: string]>> = {
  'a file': ['65e00d01758b5b99', '3a00248163966ee6'],
  'a file in no order': ['c173dae24359a2a7', 'defbb0de21c67a3c'],
  'a store': ['ca34fcf6a2ad150d', 'dfe2afe7c21812c8'],
  'a file, across the date line': ['493c1d6451682da0', '8563b7d5a04c2ba4'],
  'a store, across the date line': ['5784e0c73f60c493', '70ebe4f6da51c798'],
  'a file, a box': ['b39630798dd212ba', '5481694e329f86c4'],
  'a store, a box': ['0719af0c996514fd', 'e10e470309131dbb'],
  'a file, one point in two': ['cd955425eecea235', '1b6e24e266025436'],
  'a store, one point in two': ['dd42d670c21102ec', '1ad78ec309b1e17c'],
  'a file, means of 2 x 2': ['46a3da3dfd580f7e', '74a047ca227ddacc'],
  'a store, means of 2 x 2': ['6857f997841bbc3c', '2105c147f3d6ebe3'],
  'a file, one step in three': ['4450e7e5badf425d', '80e01a14f86c5e5d'],
  'a store, one step in three': ['e83168417f203808', 'c3f1f48b5c6c59d7'],
  'a file, a level': ['d7b2121dd2316bc8', 'd61d1d2ee7bf2b90'],
  'a store, a level': ['9b39f6535fb2114d', '32f36c53de6c6c4f'],
  'calendar-360.nc': ['4c10fd3e6846556e', '6d16842b639434f4'],
  'calendar-noleap.nc': ['20b06a1400cab9d3', 'd8b7cb7f07ac4606'],
  'compressed.nc.gz': ['b7911939771134a5', '591a7a0b0083723c'],
  'ensemble.nc': ['a07f0d8cafc215f5', '009ceee51d59986c'],
  'expver.nc': ['a2052c2218348ea0', '718e99858875a2d5'],
  'fill-zero.zarr': ['7c7409ee7f934494', '5fea5919a3c9073b'],
  'fixed-scale.zarr': ['6010de51815f5b19', 'fb8eac538620166e'],
  'nanoseconds.zarr': ['af40ba79c3b3cce7', '35892da209045ecb'],
  'netcdf4.nc': ['457c2d9833688b26', '3d7d49e902720539'],
  'radians.nc': ['4e41cde578b2faa6', 'ffce5a2817f662d5'],
  'store.zarr.zip': ['0c7869a6af16d7b6', '5f3d00a635493b95'],
  'unsigned-byte.nc': ['01dab4a010ca5e38', 'f9905144c8cdaa98'],
  'valid-range.nc': ['ddddc1fed27e6450', 'd7f8e5e934112b9c'],
};

test.each(Object.entries(cases))('%s', async (name, choice) => {
  const source = await openBoxed(choice);
  const { channels, latitude, times, members } = source.fields;
  const { dataset: whole } = await source.read();
  const each = members?.length ?? 1;
  const { dataset: box } = await source.read({
    channels: channels.map((_, c) => channels.length - 1 - c).filter(c => c !== 1),
    statics: [],
    latitudeFrom: 1,
    latitudeTo: latitude.length,
    timeFrom: each * Math.floor(times.length / each / 3),
    timeTo: times.length - each,
  });
  expect([digestOf(...fieldsOf(whole)), digestOf(...fieldsOf(box))]).toEqual(digests[name]);
});

const options: TaskOptions = {
  inputSteps: 2,
  leadSteps: 1,
  patch: [4, 4],
  split: { kind: 'fraction', train: 0.6, validation: 0.2 },
  normalisation: 'standard',
  harmonics: 0,
};

/** The samples of the training part, one after the other, as they are made where they are read. */
async function samplesOf(choice: BoxedChoice, changed: Partial<TaskOptions> = {}) {
  const source = await openBoxed(choice);
  const frame = gridFrame(source.fields, { ...options, ...changed });
  const { inputSteps } = options;
  const all = (length: number) => Array.from({ length }, (_, i) => i);
  const { channels, statics, latitude, longitude } = frame;
  const box = {
    inputChannels: all(inputSteps * channels.length + statics),
    outputChannels: all(channels.length),
    rowFrom: 0,
    rowTo: 4 * Math.ceil(latitude.length / 4),
  };
  const memory = 20 * 4 * channels.length * latitude.length * longitude.length;
  const reader = createPartReader({ choice, source, frame, box, memory, store: undefined });
  const { part, climatology } = await reader.measure(() => undefined);
  const shared = mergeMoments(frame, [part]);
  const { head } = reader.prepare(shared);
  const samples = [];
  for (const time of head.train) samples.push(await reader.sample(time));
  return { source, head, climatology, samples, std: shared.std };
}

describe('batches', () => {
  it.each([
    ['a file', 'a7238dc742c6f174'],
    ['a store', '029ea51d88825744'],
    ['a file, one point in two', '08c18706d1bb857f'],
    ['ensemble.nc', '339d8d8beb726444'],
  ])('of %s are what they were', async (name, digest) => {
    const { samples } = await samplesOf(cases[name]);
    const arrays = samples.flatMap(({ input, target, mask }) => [input, target, ...(mask ? [mask] : [])]);
    expect(digestOf(...arrays)).toBe(digest);
  });

  it.each([
    ['a file in no order', 2],
    ['a store', 1],
    ['calendar-360.nc', 2],
    ['calendar-noleap.nc', 1],
  ])('of %s have their climatology taken off, with %i harmonics', async (name, harmonics) => {
    const { source, head, climatology, samples, std } = await samplesOf(cases[name], {
      normalisation: 'anomaly',
      harmonics,
    });
    const { dataset } = await source.read();
    const { channels, latitude, longitude, calendar } = dataset;
    const points = latitude.length * longitude.length;
    const state = channels.length * points;
    samples.forEach(({ target, mask }, i) => {
      const time = head.train[i] + head.leadRecords;
      const basis = annualBasis(dataset.times[time], harmonics, calendar);
      // One value after the other, term by term.
      const base = Float32Array.from({ length: state }, (_, p) =>
        basis.reduce((sum, factor, k) => sum + factor * climatology[k * state + p], 0),
      );
      const [expected, known] = [new Float32Array(target.length), new Float32Array(target.length)];
      for (let p = 0; p < state; p++) {
        const [c, row] = [Math.floor(p / points), Math.floor((p % points) / longitude.length)];
        const value = (dataset.values[time * state + p] - base[p]) / std[c];
        const at = (c * head.height + row) * head.width + (p % longitude.length);
        expected[at] = Number.isNaN(value) ? 0 : value;
        known[at] = Number.isNaN(value) ? 0 : 1;
      }
      if (mask) expect(mask).toEqual(known);
      expect(target).toEqual(expected);
    });
  });
});
