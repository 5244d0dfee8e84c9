/** A sharded model against the whole one, in float64: loss and every gradient, on odd shapes and odd meshes. */
import { expect, test } from 'vitest';
import { grad } from '../../../src/graph/grad.ts';
import { isInput, isParameter, type ParameterAttributes } from '../../../src/graph/ops/leaf.ts';
import { sizeOf, type Tensor } from '../../../src/graph/tensor.ts';
import { type Mesh, type MeshShape, meshAt, ranksOf } from '../../../src/mesh/mesh.ts';
import { checkMesh } from '../../../src/models/check-mesh.ts';
import type { WeatherMixerConfig } from '../../../src/models/weathermixer-config.ts';
import { weatherMixerKind, weatherMixerOf } from '../../../src/models/weathermixer-kind.ts';
import { boxOf, forecastFrame } from '../../../src/tasks/forecast/frame.ts';
import { lossGraph } from '../../../src/train/plans.ts';
import { interpret } from '../../reference/interpret.ts';
import { interpretMesh, type RankGraph } from '../../reference/interpret-mesh.ts';
import { forecastJob } from '../../reference/jobs.ts';
import { leavesOf, oddModels } from './odd-models.ts';

type Leaves = Map<Tensor, ArrayLike<number>>;

/** Blocks of [batch, channels, height, width] (or without the batch) that a rank reads; padding is zero. */
function cut(
  values: ArrayLike<number>,
  [depth, height, width]: readonly [number, number, number],
  samples: readonly number[],
  channels: readonly number[],
  rows: readonly [number, number],
): number[] {
  const out: number[] = [];
  for (const sample of samples)
    for (const channel of channels)
      for (let y = rows[0]; y < rows[1]; y++)
        for (let x = 0; x < width; x++) {
          const known = channel >= 0 && y < height;
          out.push(known ? values[((sample * depth + channel) * height + y) * width + x] : 0);
        }
  return out;
}

/** Leaves of a rank's graph, taken from those of the whole. */
function shardLeaves(
  results: readonly Tensor[],
  whole: ReadonlyMap<string, ArrayLike<number>>,
  config: WeatherMixerConfig,
  mesh: Mesh,
  batch: number,
  leavesIn: (results: readonly Tensor[]) => readonly Tensor[],
): Leaves {
  const leaves: Leaves = new Map();
  const { inputChannels, outputChannels, rowFrom, rowTo } = boxOf(
    weatherMixerKind.block(config, mesh, mesh.place),
    forecastFrame(config, true),
  );
  const { channels, statics, inputSteps, height, width } = config;
  const inputs = inputSteps * channels + statics;
  for (const leaf of leavesIn(results)) {
    if (isParameter(leaf)) {
      const { name, origin } = leaf.attributes as ParameterAttributes;
      const values = whole.get(origin?.name ?? name)!;
      leaves.set(
        leaf,
        origin
          ? origin.rows.flatMap(row =>
              origin.columns.map(column =>
                row < 0 || column < 0 ? 0 : values[row * origin.rowLength + column],
              ),
            )
          : values,
      );
      continue;
    }
    const [name, part] = (leaf.attributes as { name: string }).name.split(':');
    if (name === 'random') {
      leaves.set(leaf, whole.get(name)!);
      continue;
    }
    const parts = batch / leaf.shape[0];
    const first = mesh.place.replica * batch + (Number(part ?? 0) * batch) / (name === 'weight' ? 1 : parts);
    const samples = name === 'weight' ? [0] : Array.from({ length: leaf.shape[0] }, (_, i) => first + i);
    const isIn = name === 'input';
    leaves.set(
      leaf,
      cut(
        whole.get(name)!,
        [isIn ? inputs : channels, height, width],
        samples,
        isIn ? inputChannels : outputChannels,
        [rowFrom, rowTo],
      ),
    );
  }
  return leaves;
}

const leavesIn = (results: readonly Tensor[]): Tensor[] => {
  const seen = new Set<Tensor>();
  const stack = [...results];
  for (let tensor = stack.pop(); tensor; tensor = stack.pop()) {
    if (seen.has(tensor)) continue;
    seen.add(tensor);
    stack.push(...tensor.inputs);
  }
  return [...seen].filter(tensor => isInput(tensor) || isParameter(tensor));
};

const nameOf = (leaf: Tensor) => (leaf.attributes as { name: string }).name;

/** Six rows of patches and no length that both 2 and 3 divide. */
const base: WeatherMixerConfig = {
  ...oddModels['concat and blend'],
  height: 6,
  channels: 6,
  blocks: 1,
  rollout: 1,
};
const models: Record<string, WeatherMixerConfig> = {
  'concat and blend': base,
  'concat and blend, twice, lengths that divide': {
    ...base,
    embedding: 12,
    tokenHidden: 12,
    channelHidden: 24,
    statics: 2,
    rollout: 2,
  },
  'add and add, padded channels': {
    ...base,
    channels: 5,
    embedding: 10,
    tokenHidden: 9,
    statics: 0,
    latentSkip: 'add',
    head: 'add',
  },
  'add and blend, norms of one group, padded': {
    ...base,
    channels: 5,
    inputSteps: 1,
    embedding: 7,
    normGroups: 1,
    latentSkip: 'add',
  },
};

const meshes: (MeshShape & { microBatches: number })[] = [
  { rows: 1, columns: 2, replicas: 1, microBatches: 1 },
  { rows: 2, columns: 1, replicas: 1, microBatches: 2 },
  { rows: 2, columns: 2, replicas: 1, microBatches: 1 },
  { rows: 2, columns: 3, replicas: 1, microBatches: 1 },
  { rows: 3, columns: 2, replicas: 1, microBatches: 2 },
  { rows: 3, columns: 1, replicas: 1, microBatches: 1 },
  { rows: 2, columns: 2, replicas: 2, microBatches: 1 },
  { rows: 1, columns: 4, replicas: 1, microBatches: 1 },
];

const BATCH = 2;

for (const [name, config] of Object.entries(models)) {
  test.each(meshes)(
    `${name}: %o gives the whole model's loss and gradients`,
    ({ microBatches, ...shape }) => {
      const batch = BATCH * shape.replicas;
      const whole = lossGraph(forecastJob(config, true), batch);
      const leaves = leavesOf(whole.loss);
      const byName = new Map([...leaves].map(([leaf, values]) => [nameOf(leaf), values]));
      const [loss, ...gradients] = interpret([whole.loss, ...grad(whole.loss, whole.parameters)], leaves);

      const shards = Array.from({ length: ranksOf(shape) }, (_, rank) => {
        const mesh = meshAt(shape, rank);
        const graph = lossGraph(forecastJob(config, true), BATCH, { mesh, microBatches });
        const results = [graph.loss, ...grad(graph.loss, graph.parameters)];
        return { ...graph, results, leaves: shardLeaves(results, byName, config, mesh, BATCH, leavesIn) };
      });
      const values = interpretMesh(shards satisfies RankGraph[]);
      const sum = values.reduce((total, [share]) => total + share[0], 0);
      expect(Math.abs(sum - loss[0])).toBeLessThanOrEqual(1e-12 * Math.abs(loss[0]));

      whole.parameters.forEach((parameter, i) => {
        const assembled = new Float64Array(sizeOf(parameter.shape));
        const owners = new Map<number, number>();
        shards.forEach(({ parameters }, rank) => {
          parameters.forEach((shard, j) => {
            const { name: own, origin } = shard.attributes as ParameterAttributes;
            if ((origin?.name ?? own) !== nameOf(parameter)) return;
            const rows = origin?.rows ?? [0];
            const columns = origin?.columns ?? [...assembled.keys()];
            rows.forEach((row, r) => {
              columns.forEach((column, c) => {
                const value = values[rank][1 + j][r * columns.length + c];
                if (row < 0 || column < 0) {
                  expect(value, `gradient of padding in ${own}`).toBe(0);
                  return;
                }
                const at = row * (origin?.rowLength ?? 1) + column;
                assembled[at] += value;
                owners.set(at, (owners.get(at) ?? 0) + 1);
              });
            });
          });
        });
        const copies = new Set(owners.values());
        const matrix = parameter.shape.length > 1;
        expect(owners.size, nameOf(parameter)).toBe(assembled.length);
        // A weight is nowhere twice within an instance; a vector has one copy on each rank of a column or row.
        const most = shape.replicas * (matrix ? 1 : Math.max(shape.rows, shape.columns));
        expect(Math.max(...copies), nameOf(parameter)).toBeLessThanOrEqual(most);
        const scale = Math.hypot(...gradients.map(g => Math.hypot(...g)));
        assembled.forEach((value, at) => {
          expect(Math.abs(value - gradients[i][at]), nameOf(parameter)).toBeLessThanOrEqual(1e-11 * scale);
        });
      });
    },
  );
}

test('an impossible mesh is refused with the reason and the nearest possible ones', () => {
  const refusal = (shape: Omit<MeshShape, 'replicas'>) => () =>
    checkMesh(weatherMixerOf(base), { ...shape, replicas: 1 }, 2);
  expect(refusal({ rows: 4, columns: 1 })).toThrow(
    'The mesh 4x1 is impossible for this model: 6 rows of patches cannot be shared by 4 rows: the last would hold ' +
      'nothing. The nearest possible ones are 2x2, 1x4, 3x1.',
  );
  expect(refusal({ rows: 1, columns: 7 })).toThrow('6 prognostic channels cannot be shared by 7 columns');
  expect(refusal({ rows: 2, columns: 3 })).not.toThrow();
  expect(() => checkMesh(weatherMixerOf(base), { rows: 1, columns: 1, replicas: 2 }, 3)).toThrow(
    'A batch of 3 cannot be shared by 2 replicas: choose a multiple of 2.',
  );
});
