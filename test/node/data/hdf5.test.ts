/** NetCDF-4 files, written here by the library that reads them; `cases.test.ts` has one that the NetCDF library wrote. */
import h5wasm from 'h5wasm';
import { expect, it } from 'vitest';
import type { BoxedChoice } from '../../../src/data/choice/choice.ts';
import { loadDataset } from '../../../src/data/load.ts';
import { openBoxed } from '../../../src/data/open-boxed.ts';
import { sliceDataset } from '../../../src/data/slice.ts';

const STEPS = 7;
const [ROWS, COLUMNS] = [4, 6];
const value = (t: number, y: number, x: number) => 100 * t + 10 * y + x;

/** Fields in a group, packed in chunks that fit no dimension, along axes of the root; time is unlimited. */
async function write(): Promise<Uint8Array<ArrayBuffer>> {
  const { FS } = await h5wasm.ready;
  const file = new h5wasm.File('/written.nc', 'w');
  const axes = [
    ['time', Float64Array.from({ length: STEPS }, (_, t) => t), 'days since 2001-01-01'],
    ['lat', Float64Array.from({ length: ROWS }, (_, y) => 10 * y), 'degrees_north'],
    ['lon', Float64Array.from({ length: COLUMNS }, (_, x) => 60 * x), 'degrees_east'],
  ] as const;
  for (const [name, data, units] of axes) {
    const isTime = name === 'time';
    const axis = file.create_dataset({
      name,
      data,
      maxshape: isTime ? [null] : undefined,
      chunks: isTime ? [4] : undefined,
    });
    axis.create_attribute('units', units);
    axis.make_scale(name);
  }
  file.create_attribute('title', 'A test');
  const group = file.create_group('surface');
  const field = (name: string, data: Float32Array | Int16Array) => {
    const dataset = group.create_dataset({
      name,
      data,
      shape: [STEPS, ROWS, COLUMNS],
      chunks: [3, 3, 4],
      compression: 'gzip',
      compression_opts: [4],
    });
    axes.forEach(([axis], d) => {
      dataset.attach_scale(d, `/${axis}`);
    });
    return dataset;
  };
  const values = Array.from({ length: STEPS * ROWS * COLUMNS }, (_, i) =>
    value(Math.floor(i / 24), Math.floor(i / 6) % 4, i % 6),
  );
  field('t', Float32Array.from(values)).create_attribute('units', 'K');
  const packed = field('p', Int16Array.from(values));
  packed.create_attribute('scale_factor', 0.5);
  packed.create_attribute('valid_max', Int16Array.of(599));
  file.create_dataset({ name: 'station', data: ['one', 'two'] });
  file.close();
  return Uint8Array.from(FS.readFile('/written.nc'));
}

const bytes = await write();
const choiceOf = (part: Uint8Array<ArrayBuffer>): BoxedChoice => ({
  kind: 'files',
  files: [{ name: 'a.nc', blob: new Blob([part]) }],
});

it('groups, unlimited dimensions, packed chunks and attributes are read', async () => {
  const { dataset } = await loadDataset(choiceOf(bytes));
  expect(dataset.source).toBe('A test (a.nc)');
  expect(dataset.channels.map(({ name }) => name).toSorted()).toEqual(['p', 't']);
  expect(dataset.times.length).toBe(STEPS);
  expect(dataset.periodic).toBe(true);
  const at = (name: string, t: number, y: number, x: number) => {
    const c = dataset.channels.findIndex(channel => channel.name === name);
    return dataset.values[((t * 2 + c) * ROWS + y) * COLUMNS + x];
  };
  for (let t = 0; t < STEPS; t++) {
    for (let y = 0; y < ROWS; y++) {
      for (let x = 0; x < COLUMNS; x++) {
        expect(at('t', t, y, x)).toBe(value(t, y, x));
        expect(at('p', t, y, x)).toBe(t < 6 ? value(t, y, x) / 2 : Number.NaN);
      }
    }
  }
});

it('boxes are parts of the whole', async () => {
  const source = await openBoxed(choiceOf(bytes));
  const { dataset: whole } = await source.read();
  for (const box of [
    { channels: [1], statics: [], latitudeFrom: 1, latitudeTo: 3, timeFrom: 2, timeTo: 6 },
    { channels: [1, 0], statics: [], latitudeFrom: 3, latitudeTo: 4 },
  ]) {
    expect((await source.read(box)).dataset).toEqual(sliceDataset(whole, box));
  }
});

it('a file that was cut off is refused', async () => {
  await expect(loadDataset(choiceOf(bytes.slice(0, 3000)))).rejects.toThrow(
    /^a\.nc is truncated or damaged: the HDF5 library cannot open it/,
  );
});
