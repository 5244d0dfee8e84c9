/** A prediction by a model that lies in shards: every rank is given its block of the input, and gives its block of the output. */
import type { Shape } from '../graph/tensor.ts';
import { placeOf } from '../mesh/mesh.ts';
import { modelKind } from '../models/index.ts';
import { blockShape, predictionOf } from '../models/model.ts';
import { cutBlock, putBlock } from './blocks.ts';
import type { Program } from './program.ts';
import type { ShardCalls } from './rank-calls.ts';

/**
 * @param shards of the ranks of an instance, by rank
 * @param input of all of `batch` samples
 * @param check throws where a rank gave another length than was expected
 */
export async function predictInShards(
  { model: { kind, config }, frame, mesh }: Program,
  shards: readonly Pick<ShardCalls, 'predict'>[],
  input: Float32Array,
  batch: number,
  check: (rank: number, part: Float32Array, length: number) => void,
): Promise<Float32Array<ArrayBuffer>> {
  const { block } = modelKind(kind);
  const { input: given, output } = predictionOf(frame);
  const sizeOf = (shape: Shape) => shape.reduce((product, length) => product * length, batch);
  const prediction = new Float32Array(sizeOf(output.shape));
  await Promise.all(
    shards.map(async (shard, rank) => {
      const held = block(config, mesh, placeOf(mesh, rank));
      const own = cutBlock(input, given.shape, held[given.name], batch);
      const part = await shard.predict({ input: own, batch });
      check(rank, part, sizeOf(blockShape(output.shape, held[output.name])));
      putBlock(part, output.shape, held[output.name], batch, prediction);
    }),
  );
  return prediction;
}
