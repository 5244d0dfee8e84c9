/** Parts of a source: levels, a region, a period, thinned. Truth is the whole source, indexed by hand. */
import { describe, expect, it } from 'vitest';
import type { BoxedSource } from '../../../src/data/boxed-source.ts';
import type { BoxedChoice, DataPart } from '../../../src/data/choice/choice.ts';
import { chosenSource } from '../../../src/data/chosen-source.ts';
import type { Dataset } from '../../../src/data/dataset.ts';
import { loadDataset } from '../../../src/data/load.ts';
import { openBoxed } from '../../../src/data/open-boxed.ts';
import { type DataBox, sliceDataset } from '../../../src/data/slice.ts';
import { type DatasetOptions, gridFile, makeDataset } from './fixtures.ts';
import { waveStore } from './wave-store.ts';
import { writeZarr } from './write-zarr.ts';

const from = (first: number, step: number, n: number) =>
  Array.from({ length: n }, (_, i) => first + i * step);
const failure = (reading: Promise<unknown>) => reading.then(() => 'no error', String);
const value: DatasetOptions['value'] = (t, c, y, x) => 1e5 * t + 1e4 * c + 100 * y + x;

/** Global, 10 degrees, daily from 2001-01-01, on 500 and 850 hPa and at the surface. */
function world(change: Partial<DatasetOptions> = {}): Dataset {
  const dataset = makeDataset({
    steps: 12,
    channels: ['z500', 'z850', 'slp'],
    latitude: from(85, -10, 18),
    longitude: from(0, 10, 36),
    statics: [from(0, 1, 18 * 36)],
    value,
    ...change,
  });
  const levels = [500, 850];
  return {
    ...dataset,
    periodic: dataset.longitude.length === 36,
    channels: dataset.channels.map((channel, c) => ({ ...channel, levelHPa: levels[c] })),
  };
}

/** Counts what is asked for. */
function sourceOf(dataset: Dataset, asked: DataBox[] = []): BoxedSource {
  return {
    fields: { ...dataset, statics: dataset.statics.length },
    about: { source: 'world', format: 'memory', leftOut: [], storage: [] },
    async read(box) {
      if (!box) throw new Error('all was asked for');
      asked.push(box);
      return { dataset: sliceDataset(dataset, box), bytesRead: 1 };
    },
    describeSplit: boxes => boxes.map(box => JSON.stringify(box)),
  };
}

const read = async (part: DataPart, dataset = world()) =>
  (await chosenSource(sourceOf(dataset), part).read()).dataset;

/** Value at a time, channel, row and column of a data set. */
function at({ values, channels, latitude, longitude }: Dataset, t: number, c: number, y: number, x: number) {
  return values[((t * channels.length + c) * latitude.length + y) * longitude.length + x];
}

describe('a part of a source', () => {
  it('is the source itself where nothing is chosen', () => {
    const source = sourceOf(world());
    expect(chosenSource(source, {})).toBe(source);
    expect(chosenSource(source, { member: 1, variables: ['a'] })).toBe(source);
  });

  it('has the levels that are named, and what lies on none', async () => {
    const { channels, values } = await read({ levels: [850] });
    expect(channels.map(({ name }) => name)).toEqual(['z850', 'slp']);
    expect(values[0]).toBe(1e4);
    expect(await failure(read({ levels: [700] }))).toBe(
      'DataError: There is no level of 700 hPa; there are 500 and 850 hPa.',
    );
  });

  it('is a box, in the order of the rows, with the edges in it', async () => {
    const { latitude, longitude, values, statics, periodic } = await read({
      region: { west: 10, south: 35, east: 40, north: 55 },
    });
    expect([...latitude]).toEqual([55, 45, 35]);
    expect([...longitude]).toEqual([10, 20, 30, 40]);
    expect([...values.subarray(0, 12)]).toEqual([301, 302, 303, 304, 401, 402, 403, 404, 501, 502, 503, 504]);
    expect([...statics[0].values]).toEqual([3, 4, 5].flatMap(y => from(36 * y + 1, 1, 4)));
    expect(periodic).toBe(false);
  });

  it.each([
    ['the prime meridian', { west: -20, east: 10 }, [-20, -10, 0, 10], [34, 35, 0, 1]],
    ['the date line', { west: 170, east: -170 }, [170, 180, 190], [17, 18, 19]],
    ['the seam, counted on', { west: 340, east: 370 }, [340, 350, 360, 370], [34, 35, 0, 1]],
  ])('goes across %s', async (_, { west, east }, degrees, columns) => {
    const { longitude, values } = await read(
      { region: { west, south: 80, east, north: 90 } },
      {
        ...world(),
        latitude: Float64Array.from(from(89, -0.5, 18)),
      },
    );
    expect([...longitude]).toEqual(degrees);
    expect([...values.subarray(0, columns.length)]).toEqual(columns);
  });

  it('of a region goes round through nothing that is not there', async () => {
    const regional = world({ longitude: from(-60, 10, 13) });
    expect(await failure(read({ region: { west: 40, south: 0, east: -40, north: 50 } }, regional))).toBe(
      'DataError: The region from 40 to -40 degrees east goes round through longitudes that the data do not have: they run from -60 to 60.',
    );
    const { longitude } = await read({ region: { west: 340, south: 0, east: 10, north: 50 } }, regional);
    expect([...longitude]).toEqual([340, 350, 360, 370]);
  });

  it('of all longitudes stays a circle that begins where it did', async () => {
    const { longitude, periodic } = await read({ region: { west: -180, south: -60, east: 180, north: 60 } });
    expect(longitude[0]).toBe(0);
    expect(periodic).toBe(true);
  });

  it('is refused where a region holds no grid', async () => {
    expect(await failure(read({ region: { west: 11, south: 0, east: 19, north: 50 } }))).toBe(
      'DataError: The region has 0 longitudes; at least two are needed. The data have 36, from 0 to 350.',
    );
  });

  it('is a period, and steps of it', async () => {
    const { times, stepHours, values } = await read({
      from: '2001-01-03',
      to: '2001-01-10',
      thin: { steps: 3 },
    });
    expect(Array.from(times, time => new Date(time).toISOString().slice(0, 10))).toEqual([
      '2001-01-03',
      '2001-01-06',
      '2001-01-09',
    ]);
    expect(stepHours).toBe(72);
    expect(values[3 * 18 * 36]).toBe(5e5);
    expect(await failure(read({ from: '2001-01-12' }))).toBe(
      'DataError: There are 1 steps from 2001-01-12 to the last; the data run from 2001-01-01 to 2001-01-12. A forecast needs at least two.',
    );
    expect(await failure(read({ from: 'spring' }))).toMatch(/"spring" is no date/);
  });

  it('counts steps by their numbers where some are lacking, and keeps members together', async () => {
    const dataset = world({ steps: 12 });
    // Two members of six times: steps 0, 1, 2, 4, 5, 6.
    const steps = Int32Array.from([0, 1, 2, 4, 5, 6].flatMap(step => [step, step]));
    const part = await read(
      { thin: { steps: 2 } },
      { ...dataset, steps, members: [3, 7], times: Float64Array.from(steps, step => step * 86_400_000) },
    );
    expect([...(part.steps ?? [0, 0, 1, 1, 2, 2, 3, 3])]).toEqual([0, 0, 1, 1, 2, 2, 3, 3]);
    expect(from(0, 1, 8).map(record => at(part, record, 0, 0, 0))).toEqual(
      [0, 1, 4, 5, 6, 7, 10, 11].map(t => 1e5 * t),
    );
    expect(part.members).toEqual([3, 7]);
  });

  it('is one point in so many', async () => {
    const { latitude, longitude, values, periodic } = await read({ thin: { points: 3 } });
    expect([...latitude]).toEqual(from(85, -30, 6));
    expect([...longitude]).toEqual(from(0, 30, 12));
    expect([...values.subarray(12, 15)]).toEqual([300, 303, 306]);
    expect(periodic).toBe(true);
    expect(await failure(read({ thin: { points: 5 } }))).toBe(
      'DataError: The 36 longitudes go round the whole circle, and cannot be thinned evenly by 5. Thin by 2, 3, 4, 6, 9, 12 and 18, or choose a region.',
    );
  });

  it('is means by area over what is known; what fills no square is named', async () => {
    const holes: DatasetOptions['value'] = (t, c, y, x) =>
      y === 0 && x === 0 ? Number.NaN : value(t, c, y, x);
    const source = chosenSource(sourceOf(world({ value: holes })), { thin: { means: 4 } });
    const { dataset } = await source.read();
    expect([...dataset.latitude]).toEqual([70, 30, -10, -50]);
    expect([...dataset.longitude]).toEqual(from(15, 40, 9));
    const area = (degrees: number) =>
      Math.sin(((degrees + 5) * Math.PI) / 180) - Math.sin(((degrees - 5) * Math.PI) / 180);
    let [sum, weight] = [0, 0];
    for (const y of [0, 1, 2, 3]) {
      for (const x of [0, 1, 2, 3]) {
        if (y === 0 && x === 0) continue;
        sum += area(85 - 10 * y) * (100 * y + x);
        weight += area(85 - 10 * y);
      }
    }
    expect(at(dataset, 0, 0, 0, 0)).toBeCloseTo(sum / weight, 3);
    expect(source.about?.leftOut.map(({ name, why }) => `${name} ${why}`)).toEqual([
      'latitude -75 is left over by means of 4 x 4 points',
      'latitude -85 is left over by means of 4 x 4 points',
    ]);
  });

  it('is cut in boxes as a data set is, and reads no more rows and times than it needs', async () => {
    const part: DataPart = {
      levels: [850],
      region: { west: -40, south: -55, east: 60, north: 55 },
      from: '2001-01-02',
      thin: { points: 2, steps: 2 },
    };
    const asked: DataBox[] = [];
    const source = chosenSource(sourceOf(world(), asked), part);
    const whole = (await source.read()).dataset;
    const box = { channels: [1], statics: [0], latitudeFrom: 1, latitudeTo: 3, timeFrom: 1, timeTo: 4 };
    asked.length = 0;
    expect((await source.read(box)).dataset).toEqual(sliceDataset(whole, box));
    expect(asked.map(({ timeFrom, timeTo }) => [timeFrom, timeTo])).toEqual([
      [3, 4],
      [5, 6],
      [7, 8],
    ]);
    expect(asked[0]).toMatchObject({ channels: [2], latitudeFrom: 5, latitudeTo: 8 });
    expect(JSON.parse(source.describeSplit([box])[0])).toMatchObject({
      timeFrom: 3,
      timeTo: 8,
      channels: [2],
    });
  });
});

it('files and a store have the same part as what is read whole', async () => {
  const part: DataPart = {
    region: { west: 0, south: 40, east: 10, north: 50 },
    from: '2001-01-02',
    thin: { steps: 2 },
  };
  const { name, bytes } = gridFile('a.nc', { times: from(0, 1, 8) });
  const files: BoxedChoice = { kind: 'files', files: [{ name, blob: new Blob([bytes]) }], part };
  const { dataset } = await loadDataset(files);
  expect([...dataset.values]).toEqual([1, 3, 5, 7].flatMap(t => [0, 1, 10, 11].map(v => 100 * t + v)));

  const written = await writeZarr(waveStore());
  const place = {
    kind: 'files' as const,
    name: 'waves.zarr',
    files: new Map(
      Array.from(written, ([path, content]) => [path, new Blob([content as Uint8Array<ArrayBuffer>])]),
    ),
  };
  const open = (selection: DataPart) => openBoxed({ kind: 'zarr', source: place, selection });
  const whole = (await (await open({})).read()).dataset;
  const few = (await (await open({ thin: { points: 2 } })).read()).dataset;
  expect(few.longitude).toEqual(whole.longitude.filter((_, x) => x % 2 === 0));
  expect(at(few, 3, 0, 2, 5)).toBe(at(whole, 3, 0, 4, 10));
});
