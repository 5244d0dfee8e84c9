/**
 * Turns the graph of one peer into its plan: the order of its steps, and a place for every tensor.
 */

import { ancestors } from '../graph/grad.ts';
import type { Block, Operand } from '../graph/op.ts';
import { isCollective } from '../graph/ops/collective.ts';
import { reshape } from '../graph/ops/copy.ts';
import { affine } from '../graph/ops/elementwise.ts';
import { isInput, isParameter, isState, type StateAttributes } from '../graph/ops/leaf.ts';
import { asPartOf } from '../graph/provenance.ts';
import { rootOf, sizeOf, type Tensor } from '../graph/tensor.ts';
import { arrange, type Overlap } from './arrange.ts';
import { type Assignment, assignment } from './assign.ts';
import { fused } from './fuse.ts';
import { type Instruction, instructionsOf, usesOf } from './instructions.ts';
import type { ParameterLayout, StateEntry, StateLayout } from './layout.ts';
import type { PlacedInstruction } from './placement.ts';
import { type Buffer, type Parcel, type Placement, type Plan, type PlanStep, planStep } from './plan.ts';
import { together } from './together.ts';

export interface CompileRequest {
  /** Tensors whose values are wanted after a run; they keep their memory to the end. */
  readonly outputs: Readonly<Record<string, Tensor>>;
  readonly layout: ParameterLayout;
  /** The gradient of every parameter of the layout, for a training plan. */
  readonly gradients?: ReadonlyMap<Tensor, Tensor>;
  /** Where states lie, and what they are after a run: those without a new value stay as they are. */
  readonly state?: StateLayout;
  readonly assigned?: ReadonlyMap<Tensor, Tensor>;
  /** Hide exchanges behind work; without it every exchange is waited for at once. */
  readonly overlap?: Overlap;
}

export function compile(request: CompileRequest): Plan {
  const { outputs: wanted, layout, gradients = new Map(), assigned = new Map(), state, overlap } = request;
  const computed = placeableGradients(gradients);
  const places = joinedOps([...Object.values(wanted), ...computed.keys(), ...assigned.values()]);
  const outputs = Object.fromEntries(
    Object.entries(wanted).map(([name, tensor]) => [name, places.get(tensor)!]),
  );
  const gradientRoots = new Map([...computed].map(([tensor, parameter]) => [places.get(tensor)!, parameter]));
  const values = [...assigned].map(([state, value]) => [state, places.get(value)!] as const);
  const results = [...Object.values(outputs), ...gradientRoots.keys(), ...values.map(([, value]) => value)];
  const order = ancestors(...results);
  const uses = usesOf(order, results);
  const assignments = values.map(([state, value]) => assignment(state, value, uses));
  const late = new Set(assignments.map(({ instead }) => instead));
  const built = instructionsOf(order, results).filter(({ tensor }) => !late.has(tensor));
  const inGradients = withAccumulators(gradientRoots, built);
  const elsewhere = new Set(inGradients.keys());
  const kept = [...Object.values(outputs), ...assignments.flatMap(({ operands }) => operands)];
  const placed = arrange(built, kept, elsewhere, overlap);

  const inputs = new Map<string, Placement>();
  const inputBuffers: Buffer[] = [];
  for (const tensor of order.filter(isInput)) {
    const bytes = 4 * sizeOf(tensor.shape);
    const { name } = tensor.attributes;
    inputs.set(name, {
      space: 'inputs',
      block: inputBuffers.push({ bytes, label: name }) - 1,
      offset: 0,
      bytes,
    });
  }

  const inFlat = (space: string, { offset, size }: { offset: number; size: number }): Placement => ({
    space,
    block: 0,
    offset: 4 * offset,
    bytes: 4 * size,
  });
  const placeOfRoot = (root: Tensor): Placement => {
    if (isInput(root)) return inputs.get(root.attributes.name)!;
    if (isParameter(root)) return inFlat('parameters', layout.byTensor.get(root)!);
    if (isState(root)) return inFlat('state', stateEntry(state, root));
    const parameter = inGradients.get(root);
    return parameter ? inFlat('gradients', layout.byTensor.get(parameter)!) : placed.at(root);
  };
  // A view begins where its root does, and may be shorter.
  const place = (tensor: Tensor): Placement => ({
    ...placeOfRoot(rootOf(tensor)),
    bytes: 4 * sizeOf(tensor.shape),
  });

  const exchanges = new Map(order.filter(isCollective).map((tensor, number) => [tensor, number]));
  const flat =
    layout.entries.length > 0 ? [{ bytes: 4 * layout.floats, label: largestParameter(layout) }] : [];
  return {
    steps: [
      ...placed.instructions.flatMap(instruction =>
        stepsOf(instruction, place, exchanges.get(instruction.tensor)),
      ),
      ...assignments.flatMap(each => assigning(each, place)),
    ],
    spaces: {
      arena: placed.arena,
      ...(placed.exchange.length > 0 ? { exchange: placed.exchange } : {}),
      inputs: inputBuffers,
      parameters: flat,
      ...(gradients.size > 0 ? { gradients: flat } : {}),
      ...(state && state.floats > 0 ? { state: [{ bytes: 4 * state.floats, label: 'all states' }] } : {}),
    },
    inputs,
    outputs: new Map(Object.entries(outputs).map(([name, tensor]) => [name, place(tensor)])),
    exchanges: exchanges.size,
  };
}

/** @throws Error where a graph reads a state that has no place */
function stateEntry(layout: StateLayout | undefined, state: Tensor<StateAttributes>): StateEntry {
  const entry = layout?.byTensor.get(state);
  if (!entry) throw new Error(`state ${state.attributes.name} is not in the layout of states`);
  return entry;
}

/** The steps that write a state's place. */
function assigning(
  { state, operands, plan, label, provenance }: Assignment,
  place: (tensor: Tensor) => Placement,
): PlanStep[] {
  const operandOf = (operand: Operand): Placement | null => {
    if (operand.kind === 'input') return place(operands[operand.index]);
    return operand.kind === 'output' ? place(state) : null;
  };
  return plan.kernels.map(kernel => planStep(kernel, kernel.operands.map(operandOf), { label, provenance }));
}

/** What takes the place of each of `results` in a graph of fewer ops. */
function joinedOps(results: readonly Tensor[]): Map<Tensor, Tensor> {
  const single = fused(results);
  const paired = together([...single.values()]);
  return new Map(results.map(result => [result, paired.get(single.get(result)!)!]));
}

/** The steps of an instruction; `exchange` is the number of its exchange, if it is half of one. */
function stepsOf(
  { tensor, furthers, operands, kind, plan, scratch, label, provenance }: PlacedInstruction,
  place: (tensor: Tensor) => Placement,
  exchange: number | undefined,
): PlanStep[] {
  const operandOf = (operand: Operand): Placement | null => {
    if (operand.kind === 'input') return place(operands[operand.index]);
    if (operand.kind === 'output') return place(tensor);
    if (operand.kind === 'further') return place(furthers[operand.index]);
    return operand.kind === 'scratch' ? scratch[operand.index] : null;
  };
  const blockAt = ({ operand, offset, size }: Block): Placement => {
    const whole = operandOf(operand)!;
    return { ...whole, offset: whole.offset + 4 * offset, bytes: 4 * size };
  };
  const dispatches = plan.kernels.map(kernel =>
    planStep(kernel, kernel.operands.map(operandOf), { label, provenance }),
  );
  if (!plan.exchange || exchange === undefined) return dispatches;
  const { group, sends, receives, keep, exact } = plan.exchange;
  const parcel = (block: Block & { readonly member: number }): Parcel => ({
    peer: group.members[block.member],
    at: blockAt(block),
  });
  const identity = { label, provenance, exchange, group: group.name, exact };
  if (kind === 'start') return [{ kind, ...identity, sends: sends.map(parcel) }];
  return [
    {
      kind: 'finish',
      ...identity,
      receives: receives.map(parcel),
      ...(keep ? { keep: { from: blockAt(keep.from), to: blockAt(keep.to) } } : {}),
    },
    ...dispatches,
  ];
}

/**
 * For every parameter a tensor that can be computed straight into the gradient array: the gradient itself, or a
 * copy of it where its memory is a leaf's, or larger, or serves another gradient or a later op too.
 */
function placeableGradients(gradients: ReadonlyMap<Tensor, Tensor>): Map<Tensor, Tensor> {
  const placed = new Map<Tensor, Tensor>();
  const usedAsOperand = new Set(
    ancestors(...gradients.values())
      .filter(tensor => !tensor.op.alias)
      .flatMap(tensor => tensor.inputs.map(rootOf)),
  );
  for (const [parameter, gradient] of gradients) {
    const root = rootOf(gradient);
    const whole = sizeOf(root.shape) === sizeOf(parameter.shape);
    const free = whole && root.op.kernels && !placed.has(root) && !usedAsOperand.has(root);
    const copy = () => affine(reshape(gradient, parameter.shape), 1, 0);
    placed.set(free ? root : asPartOf(gradient, copy), parameter);
  }
  return placed;
}

/** Adds the tensors that a gradient takes the place of: the sum of micro-batches grows where the gradient lies. */
function withAccumulators(
  gradients: ReadonlyMap<Tensor, Tensor>,
  instructions: readonly Instruction[],
): Map<Tensor, Tensor> {
  const all = new Map(gradients);
  for (const { tensor, operands, replaces } of [...instructions].reverse()) {
    const parameter = all.get(tensor);
    if (parameter && replaces !== undefined) all.set(rootOf(operands[replaces]), parameter);
  }
  return all;
}

function largestParameter(layout: ParameterLayout): string {
  const largest = layout.entries.reduce((best, entry) => (entry.size > best.size ? entry : best));
  return `all parameters (the largest is ${largest.name}, [${largest.shape.join(' x ')}])`;
}
