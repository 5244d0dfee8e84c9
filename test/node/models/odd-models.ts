/** Small models that leave no length round and no option at its default, shared by the tests of whole models. */
import { ancestors } from '../../../src/graph/grad.ts';
import { isInput, isParameter } from '../../../src/graph/ops/leaf.ts';
import { philox } from '../../../src/graph/philox.ts';
import { sizeOf, type Tensor } from '../../../src/graph/tensor.ts';
import type { WeatherMixerConfig } from '../../../src/models/weathermixer-config.ts';

/** 6 tokens of 1 x 2 points, 13 input channels; dropout on, grouped norms, the block stack applied twice. */
const concatBlend: WeatherMixerConfig = {
  channels: 6,
  statics: 1,
  inputSteps: 2,
  height: 3,
  width: 4,
  patch: [1, 2],
  embedding: 6,
  tokenHidden: 5,
  channelHidden: 7,
  blocks: 2,
  normGroups: 2,
  dropout: 0.2,
  latentSkip: 'concat',
  head: 'blend',
  rollout: 2,
};

export const oddModels: Readonly<Record<string, WeatherMixerConfig>> = {
  'concat and blend': concatBlend,
  'add and add': {
    ...concatBlend,
    channels: 3,
    statics: 0,
    patch: [3, 1],
    embedding: 9,
    normGroups: 3,
    latentSkip: 'add',
    head: 'add',
  },
  'concat and add': { ...concatBlend, channels: 1, statics: 2, inputSteps: 3, head: 'add', rollout: 3 },
  'add and blend, norms that do not divide': {
    ...concatBlend,
    channels: 5,
    inputSteps: 1,
    latentSkip: 'add',
    rollout: 1,
    blocks: 1,
  },
};

/** Deterministic values, uniform in (-1, 1). */
export function uniform(size: number, seed: number): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length: size }, (_, i) => philox(i, 0, 0, 0, seed, 0)[0] / 2 ** 31 - 1);
}

/** Seed (low, high word) and step of the dropout masks that `leavesOf` gives. */
export const maskSeed = 0x1234567;

/**
 * Values for every leaf of a loss graph, none of them zero by construction: norms start away from 1 and 0, and an
 * added head away from persistence.
 */
export function leavesOf(loss: Tensor): Map<Tensor, Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>> {
  const leaves = new Map<Tensor, Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>>();
  ancestors(loss).forEach((tensor, i) => {
    const values = uniform(sizeOf(tensor.shape), i + 1);
    if (isParameter(tensor)) {
      const { centre } = tensor.attributes.initializer;
      leaves.set(
        tensor,
        values.map(value => centre + 0.5 * value),
      );
    } else if (isInput(tensor)) {
      const { name } = tensor.attributes;
      if (name === 'random') leaves.set(tensor, Uint32Array.of(maskSeed, 0, 1, 0));
      else if (name === 'mask')
        leaves.set(
          tensor,
          values.map(value => (value > -0.6 ? 1 : 0)),
        );
      else leaves.set(tensor, values);
    }
  });
  return leaves;
}
