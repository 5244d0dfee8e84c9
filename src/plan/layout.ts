/**
 * Where parameters live: all in one flat array, gradients and optimizer state in others of the same layout. So an
 * optimizer is one dispatch, a checkpoint is one copy, and an all-reduce sees long messages.
 */
import { isParameter, isState, type ParameterAttributes, type StateAttributes } from '../graph/ops/leaf.ts';
import { type Shape, sizeOf, type Tensor } from '../graph/tensor.ts';
import { aligned } from './align.ts';

export interface ParameterEntry {
  readonly name: string;
  readonly shape: Shape;
  readonly attributes: ParameterAttributes;
  /** First float and number of floats in the flat array. */
  readonly offset: number;
  readonly size: number;
}

/** A run of the flat array that one set of optimizer settings applies to, and that the same peers hold copies of. */
export interface GroupRange extends Pick<ParameterAttributes, 'part' | 'decays' | 'copies'> {
  /** Such as `blocks.matrices`, for messages. */
  readonly name: string;
  readonly offset: number;
  readonly size: number;
}

export interface ParameterLayout {
  readonly entries: readonly ParameterEntry[];
  readonly byTensor: ReadonlyMap<Tensor, ParameterEntry>;
  readonly groups: readonly GroupRange[];
  /** Length of the flat array; what lies between parameters is zero and stays so. */
  readonly floats: number;
  /** Trained values, without the padding. */
  readonly count: number;
  /** Where the states of the same model lie, in an array of their own. */
  readonly states: StateLayout;
}

function groupName({ part, decays, copies }: ParameterAttributes): string {
  return `${part}.${decays ? 'matrices' : 'vectors'}${copies === undefined ? '' : `.${copies}`}`;
}

export function layoutParameters(
  parameters: readonly Tensor[],
  states: readonly Tensor[] = [],
): ParameterLayout {
  const entries: ParameterEntry[] = [];
  const byTensor = new Map<Tensor, ParameterEntry>();
  const groups: GroupRange[] = [];
  let offset = 0;
  const typed = parameters.filter(isParameter);
  for (const group of new Set(typed.map(({ attributes }) => groupName(attributes)))) {
    const start = offset;
    const members = typed.filter(({ attributes }) => groupName(attributes) === group);
    for (const parameter of members) {
      const { attributes, shape } = parameter;
      const entry = { name: attributes.name, shape, attributes, offset, size: sizeOf(shape) };
      entries.push(entry);
      byTensor.set(parameter, entry);
      offset += aligned(entry.size);
    }
    const { part, decays, copies } = members[0].attributes;
    groups.push({ name: group, part, decays, copies, offset: start, size: offset - start });
  }
  const count = entries.reduce((total, entry) => total + entry.size, 0);
  return { entries, byTensor, groups, floats: offset, count, states: layoutStates(states) };
}

export interface StateEntry {
  readonly name: string;
  readonly shape: Shape;
  readonly attributes: StateAttributes;
  readonly offset: number;
  readonly size: number;
}

/** Where states lie: in one flat array of their own. */
export interface StateLayout {
  readonly entries: readonly StateEntry[];
  readonly byTensor: ReadonlyMap<Tensor, StateEntry>;
  readonly floats: number;
}

export function layoutStates(states: readonly Tensor[]): StateLayout {
  const byTensor = new Map<Tensor, StateEntry>();
  let offset = 0;
  for (const state of states.filter(isState)) {
    const { attributes, shape } = state;
    byTensor.set(state, { name: attributes.name, shape, attributes, offset, size: sizeOf(shape) });
    offset += aligned(sizeOf(shape));
  }
  return { entries: [...byTensor.values()], byTensor, floats: offset };
}

/** The space of the states; every other space of a model's state is laid out like the parameters. */
export const STATE_SPACE = 'state';

/** What lies where in a space of a model's state. */
export function inSpace(
  layout: ParameterLayout,
  space: string,
): Pick<StateLayout, 'floats'> & { readonly entries: readonly (ParameterEntry | StateEntry)[] } {
  return space === STATE_SPACE ? layout.states : layout;
}
