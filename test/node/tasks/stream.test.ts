/** Data that are read while a model trains: the same batches, statistics and scores as in memory, whatever the memory is. */
import { deflateSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import type { BoxedChoice } from '../../../src/data/choice/choice.ts';
import { weatherBench2Channels } from '../../../src/data/choice/weatherbench2.ts';
import { openBoxed } from '../../../src/data/open-boxed.ts';
import { sliceDataset } from '../../../src/data/slice.ts';
import type { Frame } from '../../../src/models/model.ts';
import { openShard } from '../../../src/tasks/forecast/shard-reader.ts';
import { gridFrame, type Moments, momentsOf } from '../../../src/tasks/forecast/slice-moments.ts';
import { createPieceCache } from '../../../src/tasks/forecast/stream/piece-cache.ts';
import { piecesOf } from '../../../src/tasks/forecast/stream/pieces.ts';
import { streamedMoments } from '../../../src/tasks/forecast/stream/streamed-moments.ts';
import { windowsOf, windowWords } from '../../../src/tasks/forecast/stream/windows.ts';
import { openForecast } from '../../../src/tasks/forecast/supply.ts';
import type { ForecastOptions } from '../../../src/tasks/forecast/task.ts';
import type { ForecastTypes } from '../../../src/tasks/forecast/types.ts';
import type { Predictor } from '../../../src/tasks/predictor.ts';
import type { OpenContext, TaskShard } from '../../../src/tasks/task.ts';
import { batchesOf, sampleOrder } from '../../../src/train/batches.ts';
import { makeDataset } from '../data/fixtures.ts';
import { type Served, serveFiles } from '../data/serve-files.ts';
import { waveFile, waveStore } from '../data/wave-store.ts';
import { writeNetcdf } from '../data/write-netcdf.ts';
import { writeZarr } from '../data/write-zarr.ts';

const options: ForecastOptions = {
  inputSteps: 2,
  leadSteps: 1,
  patch: [3, 4],
  split: { kind: 'fraction', train: 0.6, validation: 0.2 },
  normalisation: 'anomaly',
  harmonics: 0,
  positionInputs: true,
  seasonInputs: true,
  scoredStarts: 4,
  scoredSteps: [1, 3],
};
const files: BoxedChoice = { kind: 'files', files: [{ name: 'waves.nc', blob: new Blob([waveFile()]) }] };
const stored = new Map([...(await writeZarr(waveStore()))].map(([path, bytes]) => [path, new Blob([bytes])]));
const store: BoxedChoice = {
  kind: 'zarr',
  source: { kind: 'files', name: 'waves.zarr', files: stored },
  selection: {},
};
/** Three members, whose records follow each other at every time. */
const ensemble: BoxedChoice = {
  kind: 'files',
  files: [{ name: 'ensemble.nc', blob: new Blob([ensembleFile()]) }],
};
const inMemory = 2 ** 30;

function ensembleFile(): ArrayBuffer {
  const [times, members, rows, columns] = [41, 3, 12, 64];
  const along = (length: number, first: number, step: number) =>
    Array.from({ length }, (_, i) => first + i * step);
  return writeNetcdf({
    dimensions: { time: times, number: members, lat: rows, lon: columns },
    variables: {
      time: {
        dimensions: ['time'],
        attributes: { units: 'days since 2001-01-01' },
        values: along(times, 0, 1),
      },
      number: { dimensions: ['number'], values: along(members, 0, 1) },
      lat: { dimensions: ['lat'], attributes: { units: 'degrees_north' }, values: along(rows, 66, -12) },
      lon: { dimensions: ['lon'], attributes: { units: 'degrees_east' }, values: along(columns, 0, 5.625) },
      t: {
        dimensions: ['time', 'number', 'lat', 'lon'],
        values: along(times * members * rows * columns, 0, 1).map(i =>
          i === 9999 ? Number.NaN : Math.sin(0.37 * i) + Math.cos(i / 900),
        ),
      },
    },
  });
}

const context = (memory: number): OpenContext<ForecastTypes> => ({
  ranks: 1,
  instance: 1,
  blocksOf: () => [{}],
  ask: () => expect.unreachable(),
  memory,
  progress: () => {},
});

async function open(choice: BoxedChoice, memory: number, changed: Partial<ForecastOptions> = {}) {
  const { data } = await openForecast(choice, { ...options, ...changed }, context(memory));
  return { ...data, shard: openShard(data.own) };
}

/** What the first steps train on. */
async function drawn(shard: TaskShard, { inputs }: Frame, steps: number) {
  const source = batchesOf(shard, inputs, { batch: 3, globalBatch: 3, offset: 0 });
  const batches = [];
  for (let step = 1; step <= steps; step++) {
    const batch = source.allocate();
    await Promise.all([0, 1, 2].map(i => source.fill(batch, i, step, 7)));
    batches.push(batch);
  }
  return batches;
}

const furthest = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);

describe.each([
  ['a file', files],
  ['a store', store],
  ['an ensemble', ensemble],
] as const)('%s that does not fit', (_, choice) => {
  test.each(['standard', 'anomaly'] as const)(
    'gives the batches that it gives in memory, %s',
    async normalisation => {
      const whole = await open(choice, inMemory, { normalisation });
      const expected = await drawn(whole.shard, whole.task.frame, 15);
      for (const memory of [2 ** 15, 2 ** 17]) {
        const read = await open(choice, memory, { normalisation });
        expect(read.reading?.notes[0]).toContain('they are read while the model trains');
        const batches = await drawn(read.shard, read.task.frame, 15);
        batches.forEach((batch, i) => {
          expect(Object.keys(batch)).toEqual(['input', 'target', 'mask']);
          for (const [name, values] of Object.entries(batch)) {
            expect(furthest(values, expected[i][name])).toBeLessThan(1e-5);
          }
        });
      }
    },
  );

  test('is scored as it is in memory', async () => {
    const [whole, read] = [await open(choice, inMemory), await open(choice, 2 ** 15)];
    const { channels, height, width } = whole.task.frame.sizes;
    const state = channels * height * width;
    // The newest state, as the forecast.
    const persistence: Predictor = {
      forecastBatch: 2,
      predict: async (input, batch = 2) => {
        const size = input.length / batch;
        const out = new Float32Array(batch * state);
        for (let i = 0; i < batch; i++) {
          out.set(input.subarray(i * size + state, i * size + 2 * state), i * state);
        }
        return out;
      },
      rollOut: () => undefined,
    };
    for (const part of ['validation', 'test'] as const) {
      const [expected, scores] = [
        await whole.task.evaluate(persistence, part),
        await read.task.evaluate(persistence, part),
      ];
      expect(scores.length).toBeGreaterThan(0);
      expect(scores.map(({ value }) => value)).toEqual(expected.map(({ value }) => expect.closeTo(value, 3)));
    }
    const [map, other] = [
      await whole.task.view(persistence, 'forecast', { sample: 3 }),
      await read.task.view(persistence, 'forecast', { sample: 3 }),
    ];
    if (map.kind !== 'map' || other.kind !== 'map') return expect.unreachable();
    expect(other.truth).toEqual(map.truth);
    expect(other.persistence).toEqual(map.persistence);
  });

  test('counts what it reads, beside the ideal', async () => {
    const { shard, task } = await open(choice, 2 ** 15);
    expect(shard.reading?.reads.bytes).toBe(0);
    await drawn(shard, task.frame, 5);
    const { bytes, idealBytesPerSample } = shard.reading!.reads;
    expect(idealBytesPerSample).toBeGreaterThan(0);
    expect(bytes).toBeGreaterThan(15 * idealBytesPerSample);
  });
});

test('a part that cannot be sent to a rank is not, and the message says what can be done', async () => {
  const block = { input: ['all', 'all', 'all'], prediction: ['all', 'all', 'all'] } as const;
  const two = {
    ...context(2 ** 15),
    ranks: 2,
    blocksOf: () => [block, block],
    ask: async () => ({ unreadable: 'no such file' }),
  };
  await expect(openForecast(files, options, two)).rejects.toThrow(
    'Rank 1 cannot read the data itself (no such file), and its part of them takes',
  );
});

describe('statistics in one pass', () => {
  const dataset = makeDataset({
    steps: 80,
    stepHours: 240,
    channels: ['a', 'b', 'c'],
    latitude: [-40, -20, 0, 20, 40],
    longitude: [0, 50, 100, 150, 200, 250, 300],
    statics: [Array.from({ length: 35 }, (_, p) => (p === 8 ? Number.NaN : Math.sin(p)))],
    // Some points are never known, some now and then, some only in one season; means are a thousand deviations.
    value: (t, c, y, x) =>
      t === 20 || (y === 0 && x === 0) || (y === 1 && t % 36 > 9) || (t + 3 * y + x + c) % 11 === 0
        ? Number.NaN
        : (c + 1) * Math.sin(t * 0.7 + y * 1.3 + x * 0.9) + 1e3 * c + 3 * Math.cos(t / 6),
  });
  const box = { inputChannels: [0, 1, 2, 3], outputChannels: [0, 2], rowFrom: 0, rowTo: 5 };

  test.each([
    ['standard', 0],
    ['standard', 2],
    ['anomaly', 0],
    ['anomaly', 2],
  ] as const)('are those in memory: %s, %i harmonics', (normalisation, harmonics) => {
    const { times, stepHours, channels, latitude, longitude } = dataset;
    const fields = { times, stepHours, channels, latitude, longitude, statics: 1 };
    const frame = gridFrame(fields, { ...options, inputSteps: 1, patch: [1, 1], normalisation, harmonics });
    const expected = momentsOf(frame, box, dataset);
    const streamed = streamedMoments(frame, box);
    for (let from = 0; from < 80; from += 7) {
      const all = { channels: [0, 1, 2], statics: [], latitudeFrom: 0, latitudeTo: 5 };
      streamed.add(sliceDataset(dataset, { ...all, timeFrom: from, timeTo: Math.min(80, from + 7) }), from);
    }
    const { part, climatology } = streamed.finish(dataset.statics);
    expect(part.known).toBe(expected.part.known);
    expect(part.hasMissing).toBe(true);
    const deviation = ({ count, squares }: Moments) => Math.sqrt(squares / count);
    part.channels.forEach(([channel, moments], i) => {
      const [other, wanted] = expected.part.channels[i];
      expect(channel).toBe(other);
      expect(moments.count).toBe(wanted.count);
      expect(Math.abs(moments.mean - wanted.mean)).toBeLessThanOrEqual(1e-6 * Math.abs(wanted.mean));
      expect(Math.abs(deviation(moments) / deviation(wanted) - 1)).toBeLessThan(1e-6);
    });
    expect(part.statics).toEqual(expected.part.statics);
    climatology.forEach((value, i) => {
      const wanted = expected.climatology[i];
      if (Number.isNaN(wanted)) expect(value).toBeNaN();
      else expect(Math.abs(value - wanted)).toBeLessThanOrEqual(1e-6 * Math.max(1, Math.abs(wanted)));
    });
  });
});

describe('the order of samples', () => {
  const samples = Int32Array.from({ length: 95 }, (_, i) => i + 3);
  const windows = { starts: Int32Array.from({ length: 10 }, (_, i) => 10 * i), runs: 3 };

  test('takes some runs at a time, all samples once a pass', () => {
    const draw = sampleOrder(samples, windows);
    const pass = Array.from({ length: 95 }, (_, i) => draw(i, 5));
    expect(pass.toSorted((a, b) => a - b)).toEqual([...samples]);
    const runsOf = (part: readonly number[]) => new Set(part.map(sample => Math.floor(sample / 10)));
    // All but the first and the last run have ten samples.
    let seen = 0;
    for (const run of [...runsOf(pass)].slice(0, 3))
      seen += pass.filter(s => Math.floor(s / 10) === run).length;
    expect(runsOf(pass.slice(0, seen)).size).toBe(3);
    expect(pass.slice(0, seen)).not.toEqual(pass.slice(0, seen).toSorted((a, b) => a - b));
    const next = Array.from({ length: 95 }, (_, i) => draw(95 + i, 5));
    expect(next.toSorted((a, b) => a - b)).toEqual([...samples]);
    expect(next).not.toEqual(pass);
  });

  test('is a function of the seed and the number drawn', () => {
    const [a, b] = [sampleOrder(samples, windows), sampleOrder(samples, windows)];
    const wanted = [200, 3, 96, 190, 4].map(i => [a(i, 1), a(i, 2)]);
    expect([200, 3, 96, 190, 4].toReversed().map(i => [b(i, 1), b(i, 2)])).toEqual(wanted.toReversed());
  });

  test('has windows only where the data are large and stored in runs', async () => {
    const { fields } = await openBoxed(store);
    // Chunks of twenty steps.
    expect(fields.blocks).toEqual(Int32Array.of(0, 20, 40));
    expect((await openBoxed(files)).fields.blocks).toBeUndefined();
    const small = { ...fields, options };
    expect(windowsOf(small)).toBeUndefined();
    expect(windowWords(small)).toBeUndefined();
    // 996 MB in chunks of 332.
    const fine = { latitude: new Float64Array(721), longitude: new Float64Array(1440) };
    expect(windowsOf({ ...small, ...fine })).toBeUndefined();
    const records = 20_000;
    const large = {
      ...small,
      times: Float64Array.from({ length: records }, (_, t) => t),
      latitude: new Float64Array(721),
      longitude: new Float64Array(1440),
      blocks: Int32Array.from({ length: records / 4 }, (_, i) => 4 * i),
    };
    // 16.6 MB a record, 66 MB a run, of which four are 256 MiB.
    expect(windowsOf(large)).toEqual({ starts: large.blocks.slice(0, 3000), runs: 4 });
    expect(windowWords(large)).toMatch(/from 4 chunks of 4 records at a time \(253\sMiB unpacked\)/);
    expect(windowsOf({ ...large, blocks: undefined })).toBeUndefined();
  });
});

describe('pieces in memory', () => {
  const cacheOf = (failing: readonly number[] = []) => {
    const read: number[] = [];
    let most = 0;
    const cache = createPieceCache<number>({
      read: async index => {
        read.push(index);
        most = Math.max(most, cache.bytes);
        if (failing.includes(index) && read.filter(i => i === index).length === 1)
          throw new Error('no answer');
        return index;
      },
      bytesOf: () => 10,
      most: 40,
      mostAtOnce: 20,
    });
    return { cache, read, most: () => most };
  };
  const settled = () => new Promise(resolve => setImmediate(resolve));

  test('are read in the order in which they are needed, as many as fit, and what is needed last goes', async () => {
    const { cache, read, most } = cacheOf();
    cache.expect([5, 6, 7, 8, 9]);
    await settled();
    expect(read).toEqual([5, 6, 7, 8]);
    cache.expect([8, 1, 5]);
    await settled();
    expect(read).toEqual([5, 6, 7, 8, 1]);
    expect(await cache.get(5)).toBe(5);
    expect(await cache.get(8)).toBe(8);
    expect(read).toHaveLength(5);
    expect(await cache.get(3)).toBe(3);
    expect(most()).toBeLessThanOrEqual(40);
  });

  test('that could not be read are read again', async () => {
    const { cache } = cacheOf([2]);
    await expect(cache.get(2)).rejects.toThrow('no answer');
    expect(await cache.get(2)).toBe(2);
  });

  test('are what is stored together, or parts of it where that is too much', () => {
    const blocks = Int32Array.of(0, 20, 40);
    const pieces = piecesOf(50, blocks, 100, { least: 500, most: 2000 });
    expect([pieces.count, pieces.isCut, pieces.rangeOf(2)]).toEqual([3, false, [40, 50]]);
    const cut = piecesOf(50, blocks, 100, { least: 500, most: 1500 });
    expect([cut.isCut, cut.of(14), cut.of(15), cut.rangeOf(1)]).toEqual([true, 0, 1, [15, 20]]);
    const single = piecesOf(50, undefined, 100, { least: 500, most: 2000 });
    expect([single.count, single.isCut, single.rangeOf(9)]).toEqual([10, false, [45, 50]]);
  });
});

describe("forty years in WeatherBench 2's layout", () => {
  const steps = 40 * 1461;
  const [lon, lat] = [64, 32];
  const array = (shape: readonly number[], chunks: readonly number[], dtype = '<f4') => ({
    ...{ zarr_format: 2, shape, chunks, dtype, order: 'C', filters: null, fill_value: 'NaN' },
    compressor: { id: 'zlib', level: 1 },
  });
  const axes = {
    time: Array.from({ length: steps }, (_, t) => 6 * t),
    latitude: Array.from({ length: lat }, (_, y) => -87.1875 + 5.625 * y),
    longitude: Array.from({ length: lon }, (_, x) => 5.625 * x),
  };
  const units = { time: 'hours since 1979-01-01', latitude: 'degrees_north', longitude: 'degrees_east' };
  const names = ['2m_temperature', 'mean_sea_level_pressure', 'total_precipitation'];
  const metadata: Record<string, object> = { '.zgroup': { zarr_format: 2 } };
  const served = new Map<string, Uint8Array>();
  for (const [name, values] of Object.entries(axes)) {
    metadata[`${name}/.zarray`] = array([values.length], [values.length], '<f8');
    metadata[`${name}/.zattrs`] = { _ARRAY_DIMENSIONS: [name], units: units[name as keyof typeof units] };
    served.set(`era5.zarr/${name}/0`, deflateSync(Float64Array.from(values)));
  }
  for (const name of names) {
    metadata[`${name}/.zarray`] = array([steps, lon, lat], [100, lon, lat]);
    metadata[`${name}/.zattrs`] = { _ARRAY_DIMENSIONS: ['time', 'longitude', 'latitude'], units: 'K' };
  }
  const text = (value: object) => new TextEncoder().encode(JSON.stringify(value));
  served.set('era5.zarr/.zmetadata', text({ zarr_consolidated_format: 1, metadata }));
  served.set('era5.zarr/.zgroup', text(metadata['.zgroup']));
  const chunk = (path: string) => /^era5\.zarr\/(\w+)\/(\d+)\.0\.0$/.exec(path);
  let server: Served | undefined;
  afterAll(() => server?.close());

  test('open by their metadata, and no more is read than the period that is chosen', async () => {
    server = await serveFiles(served, path => {
      const [, name, index] = chunk(path) ?? [];
      if (name === undefined) return undefined;
      const values = Float32Array.from({ length: 100 * lon * lat }, (_, i) =>
        Math.sin(Number(index) + i / 7),
      );
      return deflateSync(values, { level: 1 });
    });
    const { paths, url } = server;
    const choice: BoxedChoice = {
      kind: 'zarr',
      source: { kind: 'url', url: `${url}era5.zarr` },
      selection: {
        channels: weatherBench2Channels.filter(({ name }) => ['t2m', 'msl'].includes(name)),
        from: '2010-01-01',
        to: '2010-07-01',
      },
    };
    const source = await openBoxed(choice);
    expect(source.fields.times).toHaveLength(181 * 4);
    expect(paths.filter(path => chunk(path))).toEqual([]);
    const { shard, task } = await open(choice, 2 ** 23, { patch: [4, 4] });
    await drawn(shard, task.frame, 5);
    const read = paths.flatMap(path => {
      const [, name, index] = chunk(path) ?? [];
      return name === undefined ? [] : [{ name, index: Number(index) }];
    });
    expect(new Set(read.map(({ name }) => name))).toEqual(new Set(names.slice(0, 2)));
    // Steps of 31 years, of which eight have a leap day.
    const first = (31 * 365 + 8) * 4;
    const indices = read.map(({ index }) => index);
    expect(Math.min(...indices)).toBe(Math.floor(first / 100));
    expect(Math.max(...indices)).toBe(Math.floor((first + 181 * 4 - 1) / 100));
  });
});
