/**
 * The plan: what `compile` makes of a graph, and all that the executor, the memory bars and the scaling formulas
 * read. An ordered list of dispatches, with every buffer known, and placed, before the first one runs.
 */
import { ancestors } from './grad.ts';
import type { ParameterLayout } from './layout.ts';
import { assignBlocks, type Lifetime } from './memory.ts';
import type { Kernel, Operand } from './op.ts';
import { reshape } from './ops/copy.ts';
import { affine } from './ops/elementwise.ts';
import { isInput, isParameter } from './ops/leaf.ts';
import { sizeOf, type Tensor } from './tensor.ts';

/** A range of a buffer: buffer `block` of the space. */
export interface Placement {
  /** `arena`, `inputs`, `parameters`, `gradients`, or a space of the optimizer's. */
  readonly space: string;
  readonly block: number;
  readonly offset: number;
  readonly bytes: number;
}

export interface PlanStep {
  readonly label: string;
  readonly shader: string;
  readonly constants: Readonly<Record<string, number>>;
  readonly params: readonly number[];
  /** Null: a dummy for an operand that this variant of the shader does not read. */
  readonly operands: readonly (Placement | null)[];
  readonly workgroups: readonly [number, number, number];
  readonly flops: number;
}

export interface Buffer {
  readonly bytes: number;
  /** The largest tensor in it, for messages. */
  readonly label: string;
}

export interface Plan {
  readonly steps: readonly PlanStep[];
  /** Buffers of every space that the plan touches. */
  readonly spaces: Readonly<Record<string, readonly Buffer[]>>;
  readonly inputs: ReadonlyMap<string, Placement>;
  readonly outputs: ReadonlyMap<string, Placement>;
}

export interface CompileRequest {
  /** Tensors whose values are wanted after a run; they keep their memory to the end. */
  readonly outputs: Readonly<Record<string, Tensor>>;
  readonly layout: ParameterLayout;
  /** The gradient of every parameter of the layout, for a training plan. */
  readonly gradients?: ReadonlyMap<Tensor, Tensor>;
}

export function compile({ outputs, layout, gradients = new Map() }: CompileRequest): Plan {
  const gradientRoots = placeableGradients(gradients);
  const results = [...Object.values(outputs), ...gradientRoots.keys()];
  const order = ancestors(...results);
  const computed = order.filter(tensor => tensor.op.kernels);
  const kernelPlans = computed.map(tensor => tensor.op.kernels!(tensor));

  const last = new Map<Tensor, number>();
  computed.forEach((tensor, step) => {
    for (const operand of tensor.inputs) last.set(rootOf(operand), step);
  });
  for (const tensor of Object.values(outputs)) last.set(rootOf(tensor), computed.length);

  // Arena: results that are not gradients of parameters, and the scratch of every op.
  const lifetimes: (Lifetime & { label: string })[] = [];
  const slotOf = new Map<Tensor, number>();
  const scratchSlots: number[][] = [];
  computed.forEach((tensor, step) => {
    const label = labelOf(tensor);
    if (!gradientRoots.has(tensor)) {
      const bytes = 4 * sizeOf(tensor.shape);
      const end = last.get(tensor) ?? step;
      slotOf.set(tensor, lifetimes.push({ bytes, first: step, last: end, label }) - 1);
    }
    scratchSlots.push(
      (kernelPlans[step].scratch ?? []).map(
        floats =>
          lifetimes.push({ bytes: 4 * floats, first: step, last: step, label: `scratch of ${label}` }) - 1,
      ),
    );
  });
  const { block, blocks } = assignBlocks(lifetimes);
  const arenaPlacement = (slot: number): Placement => ({
    space: 'arena',
    block: block[slot],
    offset: 0,
    bytes: lifetimes[slot].bytes,
  });

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
  const place = (tensor: Tensor): Placement => {
    const root = rootOf(tensor);
    if (isInput(root)) return inputs.get(root.attributes.name)!;
    if (isParameter(root)) return inFlat('parameters', layout.byTensor.get(root)!);
    const parameter = gradientRoots.get(root);
    if (parameter) return inFlat('gradients', layout.byTensor.get(parameter)!);
    return arenaPlacement(slotOf.get(root)!);
  };

  const steps = computed.flatMap((tensor, step) => {
    const operandOf = (operand: Operand): Placement | null => {
      if (operand.kind === 'input') return place(tensor.inputs[operand.index]);
      if (operand.kind === 'output') return place(tensor);
      if (operand.kind === 'scratch') return arenaPlacement(scratchSlots[step][operand.index]);
      return null;
    };
    const { kernels } = kernelPlans[step];
    const flops = tensor.op.flops?.(tensor) ?? 0;
    return kernels.map((kernel, index) =>
      planStep(labelOf(tensor), kernel, kernel.operands.map(operandOf), index === 0 ? flops : 0),
    );
  });

  const flat =
    layout.entries.length > 0 ? [{ bytes: 4 * layout.floats, label: largestParameter(layout) }] : [];
  return {
    steps,
    spaces: {
      arena: blocks.map((bytes, number) => ({
        bytes,
        label: lifetimes.find((item, slot) => block[slot] === number && item.bytes === bytes)!.label,
      })),
      inputs: inputBuffers,
      parameters: flat,
      ...(gradients.size > 0 ? { gradients: flat } : {}),
    },
    inputs,
    outputs: new Map(Object.entries(outputs).map(([name, tensor]) => [name, place(tensor)])),
  };
}

export function planStep(
  label: string,
  kernel: Omit<Kernel, 'operands'>,
  operands: readonly (Placement | null)[],
  flops = 0,
): PlanStep {
  const { shader, constants = {}, params, workgroups } = kernel;
  return { label, shader, constants, params, operands, workgroups, flops };
}

/** The tensor that owns the memory which `tensor` is a view of. */
function rootOf(tensor: Tensor): Tensor {
  let root = tensor;
  while (root.op.alias) root = root.inputs[0];
  return root;
}

/**
 * For every parameter a tensor that can be computed straight into the gradient array: the gradient itself, or a
 * copy of it where its memory is a leaf's or serves another gradient or a later op too.
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
    const free = root.op.kernels && !placed.has(root) && !usedAsOperand.has(root);
    placed.set(free ? root : affine(reshape(gradient, parameter.shape), 1, 0), parameter);
  }
  return placed;
}

function labelOf(tensor: Tensor): string {
  const parameter = tensor.inputs.map(rootOf).find(isParameter);
  return parameter ? `${tensor.op.name} with ${parameter.attributes.name}` : tensor.op.name;
}

function largestParameter(layout: ParameterLayout): string {
  const largest = layout.entries.reduce((best, entry) => (entry.size > best.size ? entry : best));
  return `all parameters (the largest is ${largest.name}, [${largest.shape.join(' x ')}])`;
}
