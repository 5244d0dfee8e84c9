/** A checkpoint of a small model in shards, without a device. */

import { type MeshShape, meshAt } from '../../../src/mesh/mesh.ts';
import { weatherMixerOf } from '../../../src/models/weathermixer-kind.ts';
import type { ShardCopy } from '../../../src/parallel/shard-copies.ts';
import { cutShard } from '../../../src/parallel/shards.ts';
import { shardLayout, wholeLayout } from '../../../src/train/plans.ts';
import { freshPlateau } from '../../../src/train/schedule.ts';
import type { CheckpointInfo } from '../../../src/train/trainer-state.ts';
import { oddModels, uniform } from '../models/odd-models.ts';

const model = weatherMixerOf(oddModels['concat and blend']);
const layout = wholeLayout(model);

export function infoOf(savedAt: number): CheckpointInfo {
  const losses = { lossFirst: Number.NaN, lossLast: 0.5 };
  const told = { preset: 'tiny', source: 'waves', channels: ['a', 'b'], seed: 3 };
  return { ...told, ...losses, model, step: 10 * savedAt, steps: 100, plateau: freshPlateau, savedAt };
}

/** Parameters and a moment; what lies between parameters is zero. */
export function wholeState(seed: number) {
  const values = (offset: number) => {
    const drawn = uniform(layout.floats, seed + offset);
    const flat = new Float32Array(layout.floats);
    for (const { offset: at, size } of layout.entries) flat.set(drawn.subarray(at, at + size), at);
    return flat;
  };
  return { parameters: values(0), moment1: values(100) };
}

/** The shards of the first instance. */
export function shardsOf(mesh: MeshShape, savedAt: number, run = 1): ShardCopy[] {
  const state = wholeState(savedAt);
  return Array.from({ length: mesh.rows * mesh.columns }, (_, rank) => {
    const own = shardLayout(model, meshAt(mesh, rank));
    const cut = (whole: Float32Array) => cutShard(own, layout, 'parameters', whole);
    const shard = { parameters: cut(state.parameters), moment1: cut(state.moment1) };
    return { run, mesh, rank, info: infoOf(savedAt), config: { preset: 'tiny' }, state: shard };
  });
}
