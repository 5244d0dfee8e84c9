/** NetCDF-4 files, written here by the library that reads them; `cases.test.ts` has one that the NetCDF library wrote. */
import { readFileSync } from 'node:fs';
import h5wasm from 'h5wasm';
import { expect, it, onTestFinished, vi } from 'vitest';
import type { BoxedChoice } from '../../../src/data/choice/choice.ts';
import { loadDataset } from '../../../src/data/load.ts';
import { openBoxed } from '../../../src/data/open-boxed.ts';
import { sliceDataset } from '../../../src/data/slice.ts';
import { COLUMNS, ROWS, STEPS, value, writeHdf5, writeOtherwisePacked } from './write-hdf5.ts';

const bytes = await writeHdf5();
const CASE = new URL('../../fixtures/cases/netcdf4.nc', import.meta.url);
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

it('a file that was cut off is refused, and the library prints nothing of its own', async () => {
  const { FS } = await h5wasm.ready;
  // Where it writes what goes to the terminal, a character at a time.
  const { ops } = Object(Reflect.get(FS, 'getStream'))(2).tty;
  const printed = vi.spyOn(ops, 'put_char');
  onTestFinished(() => printed.mockRestore());
  await expect(loadDataset(choiceOf(bytes.slice(0, 3000)))).rejects.toThrow(
    /^a\.nc is truncated or damaged: the HDF5 library cannot open it/,
  );
  expect(printed).not.toHaveBeenCalled();
});

it('a file with a damaged variable is refused', async () => {
  const damaged = Uint8Array.from(readFileSync(CASE));
  // In the header of z, which has a checksum.
  damaged[4345]++;
  await expect(loadDataset(choiceOf(damaged))).rejects.toThrow(
    /^a\.nc is damaged: the HDF5 library cannot read what is in it \(.*\)\. Copy or download it again\.$/,
  );
});

it('chunks that cannot be unpacked are refused, where the library says nothing and gives what lay in memory', async () => {
  await expect(loadDataset(choiceOf(await writeOtherwisePacked()))).rejects.toThrow(
    /^Cannot read [tp] of a\.nc, which is packed with deflate \(filter returned failure during read\)\. It is damaged, or packed in a way that is not read here\. Repack it: nccopy/,
  );
});
