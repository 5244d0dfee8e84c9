/**
 * What states are after a run. They are written behind all else, when nothing needs what they were: by the kernels of the value
 * itself where these can work in the state's place, else by a copy.
 */
import type { KernelPlan } from '../graph/op.ts';
import { affine } from '../graph/ops/elementwise.ts';
import { isState, type StateAttributes } from '../graph/ops/leaf.ts';
import { asPartOf, type Provenance, provenanceOf } from '../graph/provenance.ts';
import { rootOf, sizeOf, type Tensor } from '../graph/tensor.ts';

export interface Assignment {
  readonly state: Tensor<StateAttributes>;
  /** What is needed up to the end. */
  readonly operands: readonly Tensor[];
  /** One kernel, whose output is the state's place. */
  readonly plan: KernelPlan;
  /** The tensor that these kernels make, which then has no place of its own. */
  readonly instead?: Tensor;
  readonly label: string;
  readonly provenance: Provenance;
}

/**
 * @param value of the graph that is computed
 * @param uses how often what a tensor's memory holds is read, or wanted
 * @throws Error where a value has another size than its state, or is itself a state
 */
export function assignment(state: Tensor, value: Tensor, uses: ReadonlyMap<Tensor, number>): Assignment {
  if (!isState(state)) throw new Error(`a ${state.op.name} is assigned, which is no state`);
  const { name } = state.attributes;
  if (sizeOf(state.shape) !== sizeOf(value.shape)) {
    throw new Error(`state ${name} [${state.shape}] is assigned [${value.shape}]`);
  }
  const root = rootOf(value);
  // Both would be one buffer, which no kernel may read and write.
  if (isState(root)) throw new Error(`state ${name} is assigned the state ${root.attributes.name} as it is`);
  const about = { label: `${root.op.name} of ${name}`, provenance: provenanceOf(value) };
  const places = root.inputs.map(rootOf);
  const own = places.indexOf(state);
  const alone = places.filter(isState).length === 1 && uses.get(root) === 1 && own >= 0;
  const inPlace =
    alone && sizeOf(root.shape) === sizeOf(state.shape) ? root.op.inPlace?.(root, own) : undefined;
  if (inPlace) return { state, operands: root.inputs, plan: inPlace, instead: root, ...about };
  const copy = asPartOf(value, () => affine(value, 1, 0));
  return { state, operands: [value], plan: copy.op.kernels!(copy), ...about };
}
