/** Parameters of a model while its graph is built. */

import { type ParameterAttributes, parameterTensor } from '../graph/ops/leaf.ts';
import { inLayer } from '../graph/provenance.ts';
import type { Tensor } from '../graph/tensor.ts';

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
