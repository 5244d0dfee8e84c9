/** Parameters of a model while its graph is built, and their initial values. */

import { type Initializer, type ParameterAttributes, parameterTensor } from '../graph/ops/leaf.ts';
import { hashName, philox } from '../graph/philox.ts';
import { inLayer } from '../graph/provenance.ts';
import type { Tensor } from '../graph/tensor.ts';
import type { ParameterLayout } from '../plan/layout.ts';

export interface ParameterScope {
  /** A new parameter; names are unique in a scope. */
  parameter(attributes: ParameterAttributes): Tensor;
  /** Names the layer of what `make` makes, such as `blocks.0.tokens`: for whoever reads the plan. */
  layer(name: string, make: () => Tensor): Tensor;
  /** In the order in which they were made. */
  readonly parameters: readonly Tensor[];
}

export function parameterScope(): ParameterScope {
  const parameters: Tensor[] = [];
  const names = new Set<string>();
  return {
    parameters,
    layer: inLayer,
    parameter(attributes) {
      const { name } = attributes;
      if (names.has(name)) throw new Error(`two parameters are named ${name}`);
      names.add(name);
      const tensor = parameterTensor(attributes);
      parameters.push(tensor);
      return tensor;
    },
  };
}

/**
 * Initial values of all parameters as the flat array of `layout`. Element i of a parameter is a function of (seed,
 * name, i) alone, so that a shard draws just what the whole would have drawn there.
 */
export function drawParameters(layout: ParameterLayout, seed: number): Float32Array<ArrayBuffer> {
  const flat = new Float32Array(layout.floats);
  for (const { name, offset, size, attributes } of layout.entries) {
    const { initializer, origin } = attributes;
    const draw = drawer(origin?.name ?? name, initializer, seed);
    if (!origin) {
      for (let i = 0; i < size; i++) flat[offset + i] = draw(i);
      continue;
    }
    let at = offset;
    for (const row of origin.rows) {
      for (const column of origin.columns) {
        flat[at++] = row < 0 || column < 0 ? 0 : draw(row * origin.rowLength + column);
      }
    }
  }
  return flat;
}

/** Element i of a parameter. Four neighbours come from one block of random words, which is kept for the next call. */
function drawer(name: string, { centre, bound }: Initializer, seed: number): (i: number) => number {
  if (bound === 0) return () => centre;
  const stream = hashName(name);
  let block = -1;
  let words: ArrayLike<number> = [];
  return i => {
    if (i >>> 2 !== block) {
      block = i >>> 2;
      words = philox(block, stream, 0, 0, seed, 0);
    }
    return centre + bound * (words[i & 3] / 2 ** 31 - 1);
  };
}
