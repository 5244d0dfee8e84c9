/** Safetensors, and the checkpoints in them. */

import { parameterTensor } from '../../../src/graph/ops/leaf.ts';
import { readSafetensors, SafetensorsError, writeSafetensors } from '../../../src/io/safetensors.ts';
import { weatherMixerOf } from '../../../src/models/weathermixer-kind.ts';
import { layoutParameters } from '../../../src/plan/layout.ts';
import { decodeCheckpoint, encodeCheckpoint, readCheckpointInfo } from '../../../src/train/checkpoint.ts';
import { CheckpointError } from '../../../src/train/checkpoint-error.ts';
import { freshPlateau } from '../../../src/train/schedule.ts';
import type { CheckpointInfo } from '../../../src/train/trainer-state.ts';
import { oddModels } from '../../node/models/odd-models.ts';
import { mutateBytes } from '../mutate-bytes.ts';
import { mutateJson } from '../mutate-json.ts';
import type { Random } from '../random.ts';
import { bytesOf, encode, type Input, inputOf, type Target } from '../target.ts';

const LENGTH_BYTES = 8;
const name = 'checkpoint.safetensors';

/** The header as text, and the data behind it. */
function split(file: Uint8Array<ArrayBuffer>) {
  const length = Number(new DataView(file.buffer).getBigUint64(0, true));
  return {
    header: new TextDecoder().decode(file.subarray(LENGTH_BYTES, LENGTH_BYTES + length)),
    data: file.subarray(LENGTH_BYTES + length),
  };
}

function joined(header: string, data: Uint8Array): Uint8Array<ArrayBuffer> {
  const json = encode(header);
  const file = new Uint8Array(LENGTH_BYTES + json.length + data.length);
  new DataView(file.buffer).setBigUint64(0, BigInt(json.length), true);
  file.set(json, LENGTH_BYTES);
  file.set(data, LENGTH_BYTES + json.length);
  return file;
}

function mutate(input: Input, random: Random, corpus: readonly Input[]): Input {
  const file = bytesOf(input);
  const others = corpus.map(bytesOf);
  if (random.chance(0.3))
    return inputOf(name, mutateBytes(file, random, { others, head: 600, littleEndian: true }));
  const { header, data } = split(file);
  const headers = others.map(other => split(other).header);
  const { __metadata__: metadata = {}, ...tensors } = JSON.parse(header);
  // The JSON within the JSON.
  if (metadata.info && random.chance(0.5)) {
    const info = mutateJson(metadata.info, random, headers);
    return inputOf(name, joined(JSON.stringify({ __metadata__: { ...metadata, info }, ...tensors }), data));
  }
  if (!random.chance(0.2)) return inputOf(name, joined(mutateJson(header, random, headers), data));
  // Many names for the same bytes.
  const [entry] = Object.values(tensors);
  const many = Array.from({ length: random.pick([100, 5000]) }, (_, i) => [`x${i}`, entry]);
  return inputOf(
    name,
    joined(JSON.stringify({ __metadata__: metadata, ...tensors, ...Object.fromEntries(many) }), data),
  );
}

export const safetensorsTarget: Target = {
  name: 'safetensors',
  about: 'safetensors: the length, the header, the offsets',
  allows: error => error instanceof SafetensorsError,
  async corpus() {
    const tensors = new Map([
      ['blocks.0.weight', { shape: [2, 3], values: Float32Array.of(1, -2, 3.5, 0.1, 1e-38, -0) }],
      ['scalar', { shape: [], values: Float32Array.of(42) }],
      ['empty', { shape: [0, 7], values: new Float32Array() }],
    ]);
    const large = new Map([['w', { shape: [64, 128], values: new Float32Array(8192).fill(0.5) }]]);
    return [
      writeSafetensors(tensors, { preset: 'tiny' }),
      writeSafetensors(large, {}),
      writeSafetensors(new Map(), {}),
    ].map(bytes => inputOf(name, bytes));
  },
  mutate,
  run: input => readSafetensors(bytesOf(input)),
};

const model = weatherMixerOf(oddModels['concat and blend']);
const initializer = { centre: 0, bound: 1 };
const layout = layoutParameters([
  parameterTensor({ name: 'embed.weight', shape: [6, 26], initializer, part: 'all', decays: true }),
  parameterTensor({ name: 'embed.bias', shape: [6], initializer, part: 'all', decays: false }),
]);

export const checkpointTarget: Target = {
  name: 'checkpoint',
  about: 'checkpoints: what they say of themselves, and their state',
  allows: error => error instanceof CheckpointError,
  async corpus() {
    const info: CheckpointInfo = {
      ...{ preset: 'tiny', source: 'waves', channels: ['a', 'b'], seed: 3, model, step: 10, steps: 100 },
      ...{ lossFirst: Number.NaN, lossLast: 0.5, plateau: freshPlateau, savedAt: 7 },
    };
    const state = { parameters: new Float32Array(layout.floats), moment1: new Float32Array(layout.floats) };
    return [inputOf(name, encodeCheckpoint({ info, state }, layout))];
  },
  mutate,
  run(input) {
    readCheckpointInfo(bytesOf(input));
    decodeCheckpoint(bytesOf(input), model, layout, ['parameters', 'moment1']);
  },
};
