/**
 * Ranks of a mesh whose data do not fit: each reads its own block where the data lie, and together they have the losses of one
 * rank with all data in memory. Losses are computed in float64 from the very batches that the ranks fill.
 */
import { describe, expect, test } from 'vitest';
import type { BoxedChoice } from '../../../src/data/choice/choice.ts';
import { HEAD_BYTES } from '../../../src/data/file-forms.ts';
import { isParameter, type ParameterAttributes } from '../../../src/graph/ops/leaf.ts';
import type { Tensor } from '../../../src/graph/tensor.ts';
import { meshAt } from '../../../src/mesh/mesh.ts';
import type { Frame } from '../../../src/models/model.ts';
import { weatherMixerKind, weatherMixerOf } from '../../../src/models/weathermixer-kind.ts';
import { createRankPart } from '../../../src/tasks/forecast/rank-part.ts';
import { readRank } from '../../../src/tasks/forecast/rank-reading.ts';
import { openShard } from '../../../src/tasks/forecast/shard-reader.ts';
import { gridFrame, mergeMoments, shardOfSlice } from '../../../src/tasks/forecast/slice-moments.ts';
import { createDataReader } from '../../../src/tasks/forecast/stream/data-reader.ts';
import { openForecast } from '../../../src/tasks/forecast/supply.ts';
import type { ForecastOptions } from '../../../src/tasks/forecast/task.ts';
import type { ForecastTypes } from '../../../src/tasks/forecast/types.ts';
import type { Batch, OpenContext } from '../../../src/tasks/task.ts';
import { batchesOf } from '../../../src/train/batches.ts';
import { loadAllKinds } from '../../../src/train/load-kinds.ts';
import { localInputs, lossGraph } from '../../../src/train/plans.ts';
import { interpret } from '../../reference/interpret.ts';
import { interpretMesh } from '../../reference/interpret-mesh.ts';
import { rangedSource, writeHdf5 } from '../data/chunked-hdf5.ts';
import { writeNetcdf } from '../data/write-netcdf.ts';
import { writeZarr } from '../data/write-zarr.ts';
import { leavesOf, oddModels } from '../models/odd-models.ts';

await loadAllKinds();

const options: ForecastOptions = {
  inputSteps: 2,
  leadSteps: 1,
  patch: [2, 16],
  split: { kind: 'fraction', train: 0.6, validation: 0.2 },
  normalisation: 'anomaly',
  harmonics: 0,
  scoredStarts: 4,
  scoredSteps: [1],
};
const shape = { rows: 2, columns: 2, replicas: 1 };
const ranks = [0, 1, 2, 3];
const BATCH = 2;
const STEPS = 2;

/** Forty days of four fields on rows of 1.25 kB: what lies between the blocks of two ranks is more than a request costs. */
const [RECORDS, ROWS, COLUMNS] = [40, 8, 320];
const NAMES = ['a', 'b', 'c', 'd'];
/** Days of a chunk of the store, of half a map each. */
const CHUNK = 5;
const axes = {
  time: {
    dimensions: ['time'],
    attributes: { units: 'days since 2001-01-01' },
    values: Array.from({ length: RECORDS }, (_, t) => t),
  },
  lat: {
    dimensions: ['lat'],
    attributes: { units: 'degrees_north' },
    values: Array.from({ length: ROWS }, (_, y) => 70 - 20 * y),
  },
  lon: {
    dimensions: ['lon'],
    attributes: { units: 'degrees_east' },
    values: Array.from({ length: COLUMNS }, (_, x) => (360 * x) / COLUMNS),
  },
};
const value = (c: number, t: number, y: number, x: number) =>
  10 * c + Math.sin(0.3 * t + 0.5 * y + c) + Math.cos(0.04 * x * (c + 1) - 0.2 * t);
const fieldOf = (c: number) =>
  Float32Array.from({ length: RECORDS * ROWS * COLUMNS }, (_, i) =>
    value(c, Math.floor(i / (ROWS * COLUMNS)), Math.floor(i / COLUMNS) % ROWS, i % COLUMNS),
  );
const file = writeNetcdf({
  dimensions: { time: RECORDS, lat: ROWS, lon: COLUMNS },
  variables: {
    ...axes,
    ...Object.fromEntries(
      NAMES.map((name, c) => [name, { dimensions: ['time', 'lat', 'lon'], values: fieldOf(c) }]),
    ),
  },
});
const stored = await writeZarr({
  format: 2,
  arrays: {
    ...Object.fromEntries(
      Object.entries(axes).map(([name, { values, ...axis }]) => [
        name,
        { ...axis, shape: [values.length], chunks: [values.length], value: (i: number) => values[i] },
      ]),
    ),
    ...Object.fromEntries(
      NAMES.map((name, c) => [
        name,
        {
          dimensions: ['time', 'lat', 'lon'],
          shape: [RECORDS, ROWS, COLUMNS],
          chunks: [CHUNK, ROWS / 2, COLUMNS],
          value: (t: number, y: number, x: number) => value(c, t, y, x),
        },
      ]),
    ),
  },
});
const blobs = new Map(Array.from(stored, ([path, bytes]) => [path, new Blob([bytes])]));
/** Of a rank's block in memory, a quarter of all; and less, of which a fifth holds a chunk of both of its fields. */
const blockBytes = (RECORDS * NAMES.length * ROWS * COLUMNS * 4) / 4;
const little = 0.8 * blockBytes;

const modelOf = ({ sizes }: Frame) =>
  weatherMixerKind.fit({ ...oddModels['concat and blend'], patch: options.patch }, { ...frameLike, sizes });
const frameLike = { task: 'forecast', inputs: [], outputs: [] };

/** What the ranks fill their batches from, and how they came by it. */
async function open(choice: BoxedChoice, memory: number, isMesh: boolean) {
  const parts = ranks.map(() => createRankPart());
  const context: OpenContext<ForecastTypes> = {
    ranks: isMesh ? 4 : 1,
    instance: isMesh ? 4 : 1,
    blocksOf: frame =>
      (isMesh ? ranks : [0]).map(rank => {
        const { place, ...mesh } = meshAt(isMesh ? shape : { rows: 1, columns: 1, replicas: 1 }, rank);
        return weatherMixerKind.block(modelOf(frame), mesh, place);
      }),
    ask: (rank, order) => parts[rank].measure(structuredClone(order), choice),
    memory,
    progress: () => {},
  };
  const { data, others } = await openForecast(choice, options, context);
  const shards = [
    data.own,
    ...(await Promise.all(others.map((command, i) => parts[i + 1].shardOf(structuredClone(command()))))),
  ];
  return { data, shards: shards.map(shard => openShard(shard)) };
}

const nameOf = (leaf: Tensor) => (leaf.attributes as { name: string }).name;

/** A rank's block of a parameter of the whole. */
function cutParameter(leaf: Tensor, whole: ReadonlyMap<string, ArrayLike<number>>): ArrayLike<number> {
  const { name, origin } = leaf.attributes as ParameterAttributes;
  const values = whole.get(origin?.name ?? name)!;
  if (!origin) return values;
  return origin.rows.flatMap(row =>
    origin.columns.map(column => (row < 0 || column < 0 ? 0 : values[row * origin.rowLength + column])),
  );
}

/** The losses of the first steps, with the parameters that the model begins with. */
async function lossesOf({ data, shards }: Awaited<ReturnType<typeof open>>): Promise<number[]> {
  const { frame } = data.task;
  const job = { model: weatherMixerOf(modelOf(frame)), frame };
  const whole = leavesOf(lossGraph(job, BATCH).loss);
  const byName = new Map([...whole].map(([leaf, values]) => [nameOf(leaf), values]));
  const meshes = shards.map((_, rank) =>
    meshAt(shards.length > 1 ? shape : { rows: 1, columns: 1, replicas: 1 }, rank),
  );
  const sources = shards.map((shard, rank) =>
    batchesOf(shard, localInputs(job, meshes[rank]), { batch: BATCH, globalBatch: BATCH, offset: 0 }),
  );
  const losses: number[] = [];
  for (let step = 1; step <= STEPS; step++) {
    const graphs = await Promise.all(
      shards.map(async (shard, rank) => {
        const batch = sources[rank].allocate();
        await Promise.all([0, 1].map(i => sources[rank].fill(batch, i, step, 7)));
        const { loss } = lossGraph(job, BATCH, { mesh: meshes[rank] });
        return { results: [loss], leaves: leavesFor(loss, { ...shard.constants, ...batch }, byName) };
      }),
    );
    const values =
      graphs.length > 1 ? interpretMesh(graphs) : [interpret(graphs[0].results, graphs[0].leaves)];
    losses.push(values.reduce((sum, [share]) => sum + share[0], 0));
  }
  return losses;
}

function leavesFor(loss: Tensor, given: Batch, byName: ReadonlyMap<string, ArrayLike<number>>) {
  const leaves = new Map<Tensor, ArrayLike<number>>();
  for (const leaf of leavesOf(loss).keys()) {
    const name = nameOf(leaf);
    leaves.set(leaf, isParameter(leaf) ? cutParameter(leaf, byName) : (given[name] ?? byName.get(name)!));
  }
  return leaves;
}

describe.each([
  ['a file', { kind: 'files', files: [{ name: 'a.nc', blob: new Blob([file]) }] }],
  ['a store', { kind: 'zarr', source: { kind: 'files', name: 'a.zarr', files: blobs }, selection: {} }],
] as const satisfies readonly (readonly [string, BoxedChoice])[])('2 x 2 ranks read %s', (kind, choice) => {
  test('where it lies, and their losses are those of one rank in memory', async () => {
    const whole = await open(choice, 2 ** 30, false);
    const mesh = await open(choice, 2 ** 30, true);
    const streamed = await open(choice, little, true);
    expect(mesh.shards.map(({ reading }) => reading)).toEqual(ranks.map(() => undefined));
    const expected = await lossesOf(whole);
    const [inMemory, read] = [await lossesOf(mesh), await lossesOf(streamed)];
    expect(new Set(expected).size).toBe(STEPS);
    for (const losses of [inMemory, read]) {
      losses.forEach((loss, i) => {
        expect(Math.abs(loss / expected[i] - 1)).toBeLessThan(1e-6);
      });
    }
  });

  test('each its own block once for the statistics, and counts what steps read beside the ideal', async () => {
    const { data, shards } = await open(choice, little, true);
    const measured = data.reading!.bytesRead;
    const chunksOf = (half: number, names: readonly string[]) =>
      names
        .flatMap(name => Array.from({ length: RECORDS / CHUNK }, (_, t) => `${name}/${t}.${half}.0`))
        .reduce((sum, path) => sum + stored.get(path)!.length, 0);
    // Rows are cut by the rows of the mesh, fields by its columns.
    if (kind === 'a file') {
      for (const bytes of measured) {
        expect(bytes).toBeLessThanOrEqual(blockBytes);
        // What lies beside the header came with it.
        expect(bytes).toBeGreaterThanOrEqual(blockBytes - HEAD_BYTES);
      }
    } else {
      const expected = [0, 1].flatMap(half => [chunksOf(half, ['a', 'b']), chunksOf(half, ['c', 'd'])]);
      expect(measured).toEqual(expected);
    }
    await lossesOf({ data, shards });
    shards.forEach(({ reading, samples }, rank) => {
      const { bytes, idealBytesPerSample } = reading!.reads;
      // 24 of 40 records train.
      expect(idealBytesPerSample).toBeCloseTo((measured[rank] * 24) / 40 / samples.length, 6);
      // Four samples of three records each, and no more of them than there are.
      expect(bytes).toBeGreaterThanOrEqual(STEPS * BATCH * idealBytesPerSample);
      expect(bytes).toBeLessThanOrEqual(measured[rank]);
    });
  });
});

describe('2 x 2 ranks read HDF5', () => {
  const bytesOfChunk = 20 * (ROWS / 2) * COLUMNS * 4;

  test('by the chunks of their rows, each once a pass, and make the samples that they make in memory', async () => {
    const bytes = await writeHdf5({
      axes: Object.values(axes),
      values: fieldOf(0),
      chunks: [20, ROWS / 2, COLUMNS],
    });
    const taskOptions = { ...options, patch: [1, 4] as const, inputSteps: 1 };
    const choice: BoxedChoice = { kind: 'files', files: [] };
    const boxes = [0, 4].map(rowFrom => ({
      inputChannels: [0],
      outputChannels: [0],
      rowFrom,
      rowTo: rowFrom + 4,
    }));
    // A fifth of it holds a chunk.
    const memory = 5.2 * bytesOfChunk;
    const opened = await Promise.all(boxes.map(() => rangedSource('a.nc', bytes)));
    const readers = opened.map(({ source }) =>
      createDataReader({ open: async () => source, storeOf: () => undefined }),
    );
    const before = opened.map(({ count }) => count.bytes);
    const measured = [];
    for (const [rank, reader] of readers.entries()) {
      measured.push(await reader.measure({ choice, options: taskOptions, memory }, boxes[rank], () => {}));
      // Two of four chunks, and where they lie.
      const read = opened[rank].count.bytes - before[rank];
      expect(read).toBeGreaterThanOrEqual(2 * bytesOfChunk);
      expect(read).toBeLessThan(2 * bytesOfChunk + 2 ** 17);
      expect(measured[rank].bytesRead).toBe(read);
    }
    const frame = gridFrame(opened[0].source.fields, taskOptions);
    const shared = mergeMoments(
      frame,
      measured.map(({ part }) => part),
    );
    for (const [rank, reader] of readers.entries()) {
      const reading = await readRank(opened[rank].source, taskOptions, boxes[rank]);
      const inMemory = openShard(shardOfSlice(frame, boxes[rank], reading, shared));
      const { ahead, idealBytesPerSample } = await reader.prepare(shared);
      expect(ahead).toBeGreaterThan(0);
      expect(idealBytesPerSample).toBeCloseTo((measured[rank].bytesRead * 24) / 40 / shared.train.length, 6);
      for (const time of [0, 9, 22]) {
        const sample = await reader.sample(time);
        const expected = { input: new Float32Array(4 * COLUMNS), target: new Float32Array(4 * COLUMNS) };
        await inMemory.fill(expected, 0, time, { seed: 1, drawn: 0 });
        for (const name of ['input', 'target'] as const) {
          const furthest = expected[name].reduce(
            (most, wanted, i) => Math.max(most, Math.abs(wanted - sample[name][i])),
            0,
          );
          expect(furthest).toBeLessThan(1e-5);
        }
      }
    }
  });
});
