/** Parameters of a model while its graph is built. */

import { type Initializer, type Origin, parameterTensor } from '../graph/ops/leaf.ts';
import type { Shape, Tensor } from '../graph/tensor.ts';

export interface ParameterScope {
  /** A new parameter; names are unique in a scope. `group` is the optimizer's parameter group. */
  parameter(name: string, shape: Shape, initializer: Initializer, group: string, origin?: Origin): Tensor;
  /** In the order in which they were made. */
  readonly parameters: readonly Tensor[];
}

export function parameterScope(): ParameterScope {
  const parameters: Tensor[] = [];
  const names = new Set<string>();
  return {
    parameters,
    parameter(name, shape, initializer, group, origin) {
      if (names.has(name)) throw new Error(`two parameters are named ${name}`);
      names.add(name);
      const tensor = parameterTensor({ name, shape, initializer, group, origin });
      parameters.push(tensor);
      return tensor;
    },
  };
}
