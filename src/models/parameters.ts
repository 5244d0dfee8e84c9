/** Parameters and states of a model while its graph is built. */

import {
  type ParameterAttributes,
  parameterTensor,
  type StateAttributes,
  stateTensor,
} from '../graph/ops/leaf.ts';
import { inLayer } from '../graph/provenance.ts';
import type { Tensor } from '../graph/tensor.ts';

export interface ParameterScope {
  /** A new parameter; names are unique in a scope. */
  parameter(attributes: ParameterAttributes): Tensor;
  /** Something that is kept from step to step and not trained, such as the running statistics of a norm. */
  state(attributes: StateAttributes): Tensor;
  /** What a state is by now: as the step found it, or as an earlier application of the model in this step left it. */
  latest(state: Tensor): Tensor;
  /** Gives a state its next value, which it has after the step where no later one is given. */
  assign(state: Tensor, next: Tensor): void;
  /** Names the layer of what `make` makes, such as `blocks.0.tokens`: for whoever reads the plan. */
  layer(name: string, make: () => Tensor): Tensor;
  /** In the order in which they were made. */
  readonly parameters: readonly Tensor[];
  readonly states: readonly Tensor[];
  /** By state: its value after the step; those without one stay as they are. */
  readonly assigned: ReadonlyMap<Tensor, Tensor>;
}

export function parameterScope(): ParameterScope {
  const parameters: Tensor[] = [];
  const states: Tensor[] = [];
  const assigned = new Map<Tensor, Tensor>();
  const names = new Set<string>();
  const claim = (name: string) => {
    if (names.has(name)) throw new Error(`two parameters are named ${name}`);
    names.add(name);
  };
  return {
    parameters,
    states,
    assigned,
    layer: inLayer,
    parameter(attributes) {
      claim(attributes.name);
      const tensor = parameterTensor(attributes);
      parameters.push(tensor);
      return tensor;
    },
    state(attributes) {
      claim(attributes.name);
      const tensor = stateTensor(attributes);
      states.push(tensor);
      return tensor;
    },
    latest: state => assigned.get(state) ?? state,
    assign: (state, next) => void assigned.set(state, next),
  };
}
