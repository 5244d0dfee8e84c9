/** Parameters of a model while its graph is built, and their initial values. */

import type { ParameterLayout } from '../graph/layout.ts';
import { type Initializer, parameterTensor } from '../graph/ops/leaf.ts';
import { hashName, philox } from '../graph/philox.ts';
import type { Shape, Tensor } from '../graph/tensor.ts';

export interface ParameterScope {
  /** A new parameter; names are unique in a scope. `group` is the optimizer's parameter group. */
  parameter(name: string, shape: Shape, initializer: Initializer, group: string): Tensor;
  /** In the order in which they were made. */
  readonly parameters: readonly Tensor[];
}

export function parameterScope(): ParameterScope {
  const parameters: Tensor[] = [];
  const names = new Set<string>();
  return {
    parameters,
    parameter(name, shape, initializer, group) {
      if (names.has(name)) throw new Error(`two parameters are named ${name}`);
      names.add(name);
      const tensor = parameterTensor({ name, shape, initializer, group });
      parameters.push(tensor);
      return tensor;
    },
  };
}

/**
 * Initial values of all parameters as the flat array of `layout`. Element i of a parameter is a function of (seed,
 * name, i) alone, so that a shard can draw just what the whole would have drawn there.
 */
export function drawParameters(layout: ParameterLayout, seed: number): Float32Array<ArrayBuffer> {
  const flat = new Float32Array(layout.floats);
  for (const { name, offset, size, attributes } of layout.entries) {
    const { centre, bound } = attributes.initializer;
    if (bound === 0) {
      flat.fill(centre, offset, offset + size);
      continue;
    }
    const stream = hashName(name);
    for (let block = 0; block * 4 < size; block++) {
      const words = philox(block, stream, 0, 0, seed, 0);
      for (let lane = 0; lane < 4 && block * 4 + lane < size; lane++) {
        flat[offset + block * 4 + lane] = centre + bound * (words[lane] / 2 ** 31 - 1);
      }
    }
  }
  return flat;
}
