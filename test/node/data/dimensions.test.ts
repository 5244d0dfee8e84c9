/** Dimensions that are neither the grid nor time nor levels: members, versions, lead times; of NetCDF files and Zarr stores alike. */
import { describe, expect, it } from 'vitest';
import type { BoxedChoice, DataPart } from '../../../src/data/choice/choice.ts';
import { openBoxed } from '../../../src/data/open-boxed.ts';
import { sliceDataset } from '../../../src/data/slice.ts';
import { gridFile } from './fixtures.ts';
import { writeZarr } from './write-zarr.ts';

const STEPS = 6;

interface Extra {
  readonly name: string;
  /** Values of its coordinate; without one where absent. */
  readonly values?: readonly number[];
  readonly count: number;
  readonly attributes?: Readonly<Record<string, string>>;
  /** Where it stands among time, latitude and longitude. */
  readonly place?: number;
  readonly value?: (t: number, extra: number, y: number, x: number) => number;
}

const number = (t: number, extra: number, y: number, x: number) => 1000 * extra + 100 * t + 10 * y + x;

function shaped<T>({ name, place = 1 }: Extra, of: (dimension: string) => T): { at: number; all: T[] } {
  const dimensions = ['time', 'lat', 'lon'];
  dimensions.splice(place, 0, name);
  return { at: place, all: dimensions.map(of) };
}

const sizes = ({ name, count }: Extra) => ({ time: STEPS, lat: 2, lon: 3, [name]: count });

/** The value at indices in the order of the variable's dimensions. */
function valueAt(extra: Extra, index: readonly number[]): number {
  const others = [...index];
  const [own] = others.splice(extra.place ?? 1, 1);
  const [t, y, x] = others;
  return (extra.value ?? number)(t, own, y, x);
}

function file(extra: Extra, part?: DataPart): BoxedChoice {
  const { name, values, count, attributes = {} } = extra;
  const { all } = shaped(extra, dimension => ({ dimension, size: sizes(extra)[dimension] }));
  const total = all.reduce((product, { size }) => product * size, 1);
  const indexOf = (i: number) => {
    let rest = i;
    return all.map(({ size }, d) => {
      const inner = all.slice(d + 1).reduce((product, next) => product * next.size, 1);
      const at = Math.floor(rest / inner) % size;
      rest -= at * inner;
      return at;
    });
  };
  const { bytes } = gridFile('a.nc', {
    times: Array.from({ length: STEPS }, (_, t) => t),
    dimensions: { [name]: count },
    variables: {
      ...(values && { [name]: { dimensions: [name], type: 'int', values, attributes } }),
      t: {
        dimensions: all.map(({ dimension }) => dimension),
        values: Array.from({ length: total }, (_, i) => valueAt(extra, indexOf(i))),
      },
    },
  });
  return { kind: 'files', files: [{ name: 'a.nc', blob: new Blob([bytes]) }], part };
}

async function store(extra: Extra, part: DataPart = {}): Promise<BoxedChoice> {
  const { name, values, count, attributes } = extra;
  const axis = (dimension: string, of: readonly number[], words = {}) => ({
    dimensions: [dimension],
    shape: [of.length],
    chunks: [of.length],
    attributes: words,
    value: (i: number) => of[i],
  });
  const { all } = shaped(extra, dimension => dimension);
  const shape = all.map(dimension => sizes(extra)[dimension]);
  const files = await writeZarr({
    format: 2,
    arrays: {
      time: axis(
        'time',
        Array.from({ length: STEPS }, (_, t) => t),
        { units: 'days since 2001-01-01' },
      ),
      lat: axis('lat', [40, 50], { units: 'degrees_north' }),
      lon: axis('lon', [0, 10, 20], { units: 'degrees_east' }),
      ...(values && { [name]: axis(name, values.slice(0, count), attributes) }),
      t: {
        dimensions: all,
        shape,
        // Each member or version in a chunk of its own, as writers do it.
        chunks: all.map((dimension, d) => (dimension === name ? 1 : dimension === 'time' ? 4 : shape[d])),
        value: (...index: number[]) => valueAt(extra, index),
      },
    },
  });
  const blobs = new Map([...files].map(([path, bytes]) => [path, new Blob([bytes])]));
  return { kind: 'zarr', source: { kind: 'files', name: 'a.zarr', files: blobs }, selection: part };
}

const both = [
  ['NetCDF', async (extra: Extra, part?: DataPart) => file(extra, part)],
  ['Zarr', store],
] as const;

describe.each(both)('%s', (_, choiceOf) => {
  const read = async (extra: Extra, part?: DataPart) =>
    (await (await openBoxed(await choiceOf(extra, part))).read()).dataset;
  const failure = (extra: Extra, part?: DataPart) => read(extra, part).then(() => 'no error', String);

  const ensembles: readonly Extra[] = [
    { name: 'number', values: [0, 4, 9], count: 3, attributes: { standard_name: 'realization' } },
    { name: 'member', values: [0, 4, 9], count: 3, place: 0 },
    { name: 'ens', values: [0, 4, 9], count: 3, place: 3 },
  ];
  it.each(ensembles)(
    'members along $name are records of one channel, each time of all members',
    async extra => {
      const dataset = await read(extra);
      expect(dataset.channels.map(({ name }) => name)).toEqual(['t']);
      expect(dataset.members).toEqual([0, 4, 9]);
      expect(dataset.times.length).toBe(3 * STEPS);
      expect(dataset.times[2]).toBe(dataset.times[0]);
      expect(dataset.times[3] - dataset.times[2]).toBe(86_400_000);
      const expected = Array.from({ length: STEPS }, (_, t) =>
        [0, 1, 2].flatMap(m => [0, 1].flatMap(y => [0, 1, 2].map(x => number(t, m, y, x)))),
      );
      expect([...dataset.values]).toEqual(expected.flat());
    },
  );

  it('members without numbers are counted from 1, and their boxes are parts of the whole', async () => {
    const extra = { name: 'realization', count: 3 };
    const dataset = await read(extra);
    expect(dataset.members).toEqual([1, 2, 3]);
    const source = await openBoxed(await choiceOf(extra));
    const box = { channels: [0], statics: [], latitudeFrom: 1, latitudeTo: 2, timeFrom: 3, timeTo: 12 };
    expect((await source.read(box)).dataset).toEqual(sliceDataset(dataset, box));
    expect(source.fields.times).toEqual(dataset.times);
  });

  it('one member can be chosen, by its number', async () => {
    const dataset = await read(ensembles[0], { member: 4 });
    expect(dataset.members).toBeUndefined();
    expect([...dataset.values.subarray(0, 7)]).toEqual([1000, 1001, 1002, 1010, 1011, 1012, 1100]);
    expect(await failure(ensembles[0], { member: 2 })).toMatch(
      /^DataError: .* no member 2; its members are 0, 4 and 9/,
    );
  });

  it('the final version counts where it is known, else the preliminary one, whatever their order', async () => {
    const value = (t: number, version: number, y: number, x: number) =>
      version === 1 && t > 2 ? Number.NaN : version === 0 && t < 2 ? Number.NaN : number(t, version, y, x);
    // Stored with the preliminary version (5) first: the second is final.
    const dataset = await read({ name: 'expver', values: [5, 1], count: 2, value });
    expect(dataset.channels.map(({ name }) => name)).toEqual(['t']);
    const first = Array.from({ length: STEPS }, (_, t) => dataset.values[6 * t]);
    expect(first).toEqual([1000, 1100, 1200, 300, 400, 500]);
  });

  it('forecasts by start and lead time are refused, a single lead is not', async () => {
    const extra = { name: 'step', values: [6, 12], count: 2 };
    expect(await failure(extra)).toMatch(
      /^DataError: a\.\w+: t has forecasts by start \(time, 6\) and lead time \(step, 2\): .*ncks -d step,0 in\.nc out\.nc/,
    );
    expect(await failure({ name: 'prediction_timedelta', count: 2 })).toMatch(/forecasts by start/);
    expect((await read({ ...extra, values: [6], count: 1 })).channels.map(({ name }) => name)).toEqual(['t']);
  });
});

it('fields with other members are refused', async () => {
  const { bytes } = gridFile('a.nc', {
    dimensions: { number: 2 },
    variables: {
      t: { dimensions: ['time', 'number', 'lat', 'lon'], values: new Float32Array(48) },
      u: { dimensions: ['time', 'lat', 'lon'], values: new Float32Array(24) },
    },
  });
  const choice: BoxedChoice = { kind: 'files', files: [{ name: 'a.nc', blob: new Blob([bytes]) }] };
  await expect(openBoxed(choice)).rejects.toThrow(
    't of a.nc has 2 members (1 and 2), but u of a.nc has one member.',
  );
});
