/** The writer of NetCDF classic files against the reader here; `forecast-file.test.ts` holds it against xarray. */
import { expect, it } from 'vitest';
import { readHeader, readNetcdf } from '../../../src/data/netcdf/file.ts';
import { readValues } from '../../../src/data/netcdf/values.ts';
import { type NetcdfOutline, startNetcdf } from '../../../src/data/netcdf/write.ts';

const outline = (columns: number): NetcdfOutline => ({
  dimensions: new Map([
    ['time', 3],
    ['x', columns],
  ]),
  record: 'time',
  attributes: { title: 'ä test' },
  variables: [
    { name: 'time', type: 'double', dimensions: ['time'], attributes: { units: 'days since 2001-01-01' } },
    { name: 'n', type: 'int', dimensions: ['x'], attributes: {} },
    {
      name: 'v',
      type: 'float',
      dimensions: ['time', 'x'],
      attributes: { units: 'K', _FillValue: Number.NaN },
    },
  ],
});

it('writes records and fixed variables where they belong, in any order', async () => {
  const parts: { position: number; bytes: Uint8Array }[] = [];
  const file = await startNetcdf(outline(5), async (_, position, bytes) => {
    parts.push({ position, bytes });
  });
  for (const t of [2, 0, 1]) {
    await file.put('v', t, 3, [t + 0.5, Number.NaN]);
    await file.put('v', t, 0, [t, t + 0.25, -t]);
    await file.put('time', t, 0, [1e6 + t]);
  }
  await file.put('n', 0, 0, [1, -2, 3, 2 ** 31 - 1, -(2 ** 31)]);
  expect(file.version).toBe(2);
  const whole = new Uint8Array(file.bytes);
  for (const { position, bytes } of parts) whole.set(bytes, position);
  const read = readNetcdf(whole.buffer, 'a.nc');
  const valuesOf = (name: string) => Array.from(readValues(read, read.variables.get(name)!));
  expect(valuesOf('n')).toEqual([1, -2, 3, 2 ** 31 - 1, -(2 ** 31)]);
  expect(valuesOf('time')).toEqual([1e6, 1e6 + 1, 1e6 + 2]);
  expect(valuesOf('v').slice(5)).toEqual([1, 1.25, -1, 1.5, Number.NaN, 2, 2.25, -2, 2.5, Number.NaN]);
  expect(read.variables.get('v')!.attributes.get('units')).toBe('K');
  await expect(file.put('v', 3, 0, [1])).rejects.toThrow('v has no 1 values from 0 on, at 3');
});

it('goes over to CDF-5 where a variable has more than 4 GiB a record', async () => {
  let header = new Uint8Array();
  const positions: number[] = [];
  const columns = 1.5 * 2 ** 30;
  const file = await startNetcdf(outline(columns), async (_, position, bytes) => {
    if (position === 0) header = bytes;
    else positions.push(position);
  });
  expect(file.version).toBe(5);
  await file.put('v', 2, columns - 1, [1]);
  const size = file.bytes;
  expect(positions).toEqual([size - 4]);
  const bytes = { size, view: () => new Uint8Array() };
  const read = readHeader(Uint8Array.from(header).buffer, bytes, 'large.nc');
  const v = read.variables.get('v')!;
  expect(v.shape).toEqual([3, columns]);
  expect(v.begin + 2 * v.stride + 4 * (columns - 1)).toBe(size - 4);
});
