/** What one peer does, one instruction after the other: a tensor to be computed, or one half of a collective. */
import type { KernelPlan } from '../graph/op.ts';
import { isCollective } from '../graph/ops/collective.ts';
import { isAddition } from '../graph/ops/elementwise.ts';
import { isFurther } from '../graph/ops/further.ts';
import { isGradientSoFar, isParameter } from '../graph/ops/leaf.ts';
import { type Provenance, provenanceOf } from '../graph/provenance.ts';
import { rootOf, sizeOf, type Tensor } from '../graph/tensor.ts';

export interface Instruction {
  readonly tensor: Tensor;
  /** What its kernels make besides. */
  readonly furthers: readonly Tensor[];
  /** A start sends; a finish receives and combines. */
  readonly kind: 'compute' | 'start' | 'finish';
  /** What the plan's `input(0)`, `input(1)`, ... are. */
  readonly operands: readonly Tensor[];
  readonly plan: KernelPlan;
  /** The operand whose place the result takes, since the kernels add to what it holds. */
  readonly replaces?: number;
  /** For messages and timelines. */
  readonly label: string;
  readonly provenance: Provenance;
}

/**
 * The instructions of a graph in the order in which it was built.
 *
 * @param order all tensors, inputs before results
 * @param results those whose memory is spoken for: outputs and gradients
 */
export function instructionsOf(order: readonly Tensor[], results: readonly Tensor[]): Instruction[] {
  const uses = usesOf(order, results);
  const accumulated = new Map<Tensor, Instruction>();
  const absorbed = new Set<Tensor>();
  for (const tensor of order) {
    const instruction = accumulation(tensor, uses);
    if (instruction) {
      accumulated.set(tensor, instruction);
      absorbed.add(rootOf(tensor.inputs[1]));
    } else if (tensor.inputs.some(isGradientSoFar)) {
      accumulated.set(tensor, additionInPlace(tensor));
    }
  }
  const furthers = new Map<Tensor, Tensor[]>();
  for (const tensor of order.filter(isFurther)) furthers.set(tensor.inputs[0], [tensor]);
  return order.flatMap((tensor): Instruction[] => {
    if (!tensor.op.kernels || absorbed.has(tensor)) return [];
    const instruction = accumulated.get(tensor);
    if (instruction) return [instruction];
    const plan = tensor.op.kernels(tensor);
    const made = { tensor, furthers: furthers.get(tensor) ?? [] };
    const common = { ...made, operands: tensor.inputs, plan, ...aboutOf(tensor) };
    return plan.exchange
      ? [
          { ...common, kind: 'start' },
          { ...common, kind: 'finish' },
        ]
      : [{ ...common, kind: 'compute' }];
  });
}

/** How often what a tensor's memory holds is read, or wanted as a result. */
export function usesOf(order: readonly Tensor[], results: readonly Tensor[]): Map<Tensor, number> {
  const uses = new Map<Tensor, number>();
  const operands = order.filter(tensor => !tensor.op.alias).flatMap(tensor => tensor.inputs);
  for (const tensor of [...operands, ...results]) {
    const root = rootOf(tensor);
    uses.set(root, (uses.get(root) ?? 0) + 1);
  }
  return uses;
}

/**
 * Whether the second term of a sum is added to the first where that lies, and has no memory of its own: where nothing
 * else needs it, and neither the first.
 */
export function isAccumulation(sum: Tensor, uses: ReadonlyMap<Tensor, number>): boolean {
  if (!isAddition(sum)) return false;
  const [total, term] = sum.inputs.map(rootOf);
  const size = sizeOf(sum.shape);
  const once = [total, term].every(tensor => uses.get(tensor) === 1 && sizeOf(tensor.shape) === size);
  const open = isGradientSoFar(total) || (total.op.kernels !== undefined && !isCollective(total));
  return once && open && term.op.accumulate !== undefined;
}

function accumulation(sum: Tensor, uses: ReadonlyMap<Tensor, number>): Instruction | undefined {
  if (!isAccumulation(sum, uses)) return undefined;
  const [total, term] = sum.inputs.map(rootOf);
  return {
    tensor: sum,
    furthers: [],
    kind: 'compute',
    operands: [...term.inputs, total],
    plan: term.op.accumulate!(term),
    replaces: term.inputs.length,
    ...aboutOf(term),
  };
}

/** A sum that takes the place of its first term, whatever the second is: that of a gradient over passes. */
function additionInPlace(sum: Tensor): Instruction {
  return {
    tensor: sum,
    furthers: [],
    kind: 'compute',
    operands: sum.inputs,
    plan: sum.op.inPlace!(sum, 0)!,
    replaces: 0,
    ...aboutOf(sum),
  };
}

function aboutOf(tensor: Tensor) {
  return { label: labelOf(tensor), provenance: provenanceOf(tensor) };
}

function labelOf(tensor: Tensor): string {
  const parameter = tensor.inputs.map(rootOf).find(isParameter);
  return parameter ? `${tensor.op.name} with ${parameter.attributes.name}` : tensor.op.name;
}
