/** What a step sends: the closed formula against the plans, and against the published scheme. */
import { expect, test } from 'vitest';
import { type MeshShape, meshAt, ranksOf } from '../../../src/mesh/mesh.ts';
import { publishedSizes } from '../../../src/models/published-sizes.ts';
import { publishedTraffic } from '../../../src/models/published-traffic.ts';
import type { WeatherMixerConfig } from '../../../src/models/weathermixer-config.ts';
import { presets } from '../../../src/session/api/presets.ts';
import { loadAllKinds } from '../../../src/train/load-kinds.ts';
import { trainingPlan } from '../../../src/train/plans.ts';
import { forecastJob } from '../../reference/jobs.ts';
import { replicaTraffic, type TrafficOptions, trafficOf } from '../../reference/traffic.ts';
import { demo, tiny } from '../models/demo-model.ts';
import { oddModels } from '../models/odd-models.ts';

await loadAllKinds();

const square = { rows: 2, columns: 2, replicas: 1 };
const shapes: MeshShape[] = [
  [1, 2],
  [2, 1],
  [2, 2],
  [2, 3],
  [3, 2],
  [2, 4],
  [4, 2],
].map(([rows, columns]) => ({ rows, columns, replicas: 1 }));

/** Bytes that a rank sends in a step, by its plan; and its layout. */
function planOf(
  config: WeatherMixerConfig,
  shape: MeshShape,
  batch: number,
  rank: number,
  options: TrafficOptions = {},
) {
  const mesh = meshAt(shape, rank);
  const { plan, layout } = trainingPlan(forecastJob(config, true), batch, presets.demo.optimizer, {
    mesh,
    ...options,
  });
  const sends = plan.steps.flatMap(step => (step.kind === 'start' ? step.sends : []));
  return { sent: sends.reduce((sum, { at }) => sum + at.bytes, 0), layout };
}

/** Every length a small power of two: 4 tokens, 8 features of a patch, 8 channels of a token. */
const small: WeatherMixerConfig = {
  ...{ channels: 2, statics: 0, inputSteps: 1, height: 4, width: 4, patch: [2, 2], embedding: 8 },
  ...{ tokenHidden: 4, channelHidden: 8, blocks: 1, normGroups: 2, dropout: 0 },
  ...{ latentSkip: 'add', head: 'add', rollout: 1 },
};

/**
 * Counted by hand for one sample; nothing of the plan's own is used. Four products along channels, 8 to 8, with weights of
 * 64 floats; two along tokens, 4 to 4, with weights of 16. Vectors begin at multiples of 64 floats: ten along channels
 * (the embedding's bias, two of the block's layers, scale and shift of three norms, the recovery's bias), two along tokens.
 * Totals are 128 floats for every other rank. Two groups of channels let norms go without exchanges on two columns.
 */
const byHand: readonly (readonly [MeshShape, number])[] = [
  // A product along channels: half of 8 channels of 4 tokens, there and back. Along tokens: half a weight, and of its gradient.
  [{ rows: 1, columns: 2, replicas: 1 }, 4 * (4 * 2 * 16 + 2 * 2 * 8 + 2 * 64 + 128)],
  // Along channels half a weight, and of its gradient; along tokens 2 of 4 tokens of 8 channels, there and back.
  [{ rows: 2, columns: 1, replicas: 1 }, 4 * (4 * 2 * 32 + 2 * 2 * 16 + 10 * 64 + 128)],
  // Blocks of 2 tokens by 4 channels; a rank holds a quarter of each weight.
  [{ rows: 2, columns: 2, replicas: 1 }, 4 * (4 * 2 * (8 + 16) + 2 * 2 * (8 + 4) + 12 * 64 + 3 * 128)],
  // All parameters: six weights, the smaller two filled up to 64 floats, and twelve vectors.
  [{ rows: 1, columns: 1, replicas: 2 }, 4 * (6 * 64 + 12 * 64 + 128)],
];

test.each(byHand)('%o: every rank sends the bytes counted by hand', (shape, bytes) => {
  for (let rank = 0; rank < ranksOf(shape); rank++) expect(planOf(small, shape, 1, rank).sent).toBe(bytes);
});

const odd = { ...oddModels['concat and blend'], height: 12, channels: 7, embedding: 14 };
/** Its embedding has more channels than a patch has numbers, so that it is the input that is gathered. */
const wide = { ...odd, embedding: 42 };
test.each(shapes)('%o: every rank sends what the formula says', shape => {
  for (const config of [demo, tiny, odd, wide, { ...odd, normGroups: 1, latentSkip: 'add' as const }]) {
    for (const wire of ['f32', 'f16'] as const) {
      const { total } = trafficOf(config, shape, 2, { wire });
      for (let rank = 0; rank < ranksOf(shape); rank++) {
        expect(planOf(config, shape, 2, rank, { wire }).sent).toBe(total);
      }
    }
  }
});

test.each([1, 2, 3])('%i replicas send their gradients as the formula says', replicas => {
  const shape = { rows: 2, columns: 1, replicas };
  for (const wire of ['f32', 'f16'] as const) {
    for (let rank = 0; rank < ranksOf(shape); rank++) {
      const { sent, layout } = planOf(demo, shape, 2, rank, { wire });
      const { place } = meshAt(shape, rank);
      const sums = replicaTraffic(layout, replicas, place.replica, wire);
      expect(sent).toBe(trafficOf(demo, shape, 2, { wire }).total + sums);
      // In whole numbers: all of the rank's parameters once for two replicas, 4/3 of them for three, in f32.
      const share = [0, 1, 4 / 3][replicas - 1] * 4 * layout.floats * (wire === 'f16' ? 65 / 128 : 1);
      expect(Math.abs(sums - share)).toBeLessThanOrEqual(0.02 * share);
    }
  }
});

test('micro-batches send the same', () => {
  const shape = { rows: 2, columns: 2, replicas: 1 };
  const { sent } = planOf(demo, shape, 4, 3, { microBatches: 2 });
  expect(sent).toBe(trafficOf(demo, shape, 4).total);
  // In half precision as well, but for what blocks of an odd length are filled up with.
  const packed = { microBatches: 2, wire: 'f16' } as const;
  expect(planOf(odd, shape, 4, 3, packed).sent).toBe(trafficOf(odd, shape, 4, packed).total);
});

test('several passes send activations once, and weights in each', () => {
  const passes = { accumulate: 2, microBatches: 2, wire: 'f16' } as const;
  for (const shape of [square, { rows: 2, columns: 3, replicas: 2 }]) {
    const mesh = meshAt(shape, 3);
    const { plan, earlierPass, layout } = trainingPlan(forecastJob(odd, true), 4, presets.demo.optimizer, {
      mesh,
      ...passes,
    });
    const sent = [earlierPass!, plan]
      .flatMap(({ steps }) => steps)
      .flatMap(step => (step.kind === 'start' ? step.sends.map(({ at }) => at.bytes) : []))
      .reduce((sum, bytes) => sum + bytes);
    const sums = replicaTraffic(layout, shape.replicas, mesh.place.replica, 'f16');
    expect(sent).toBe(trafficOf(odd, shape, 4, passes).total + sums);
  }
  const [one, two] = [1, 2].map(accumulate => trafficOf(demo, square, 4, { accumulate }));
  expect(two).toEqual({ ...one, weights: 2 * one.weights, total: one.total + one.weights });
});

test('half precision sends half the bytes', () => {
  for (const replicas of [1, 2]) {
    const sent = (wire: 'f32' | 'f16') =>
      planOf(demo, { rows: 2, columns: 2, replicas }, 2, 1, { wire }).sent;
    const ratio = sent('f16') / sent('f32');
    expect(ratio).toBeGreaterThan(0.5);
    expect(ratio).toBeLessThan(0.52);
  }
});

test.each([
  ...Object.entries(publishedSizes).map(([name, config]) => [name, config, 1] as const),
  ['demo', demo, presets.demo.batch] as const,
  ['tiny', tiny, presets.tiny.batch] as const,
])('%s: a 2x2 step sends at most what the published scheme sends', (_, config, batch) => {
  // Ours in bytes of one rank, theirs in elements of four.
  expect(trafficOf(config, square, batch).total).toBeLessThanOrEqual(publishedTraffic(config, batch).step);
});
