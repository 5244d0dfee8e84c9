/**
 * Turns the graph of one peer into its plan: the order of its steps, and a place for every tensor.
 */
import { ancestors } from './grad.ts';
import type { ParameterLayout } from './layout.ts';
import { assignBlocks, type Lifetime } from './memory.ts';
import type { Block, KernelPlan, Operand } from './op.ts';
import { isCollective } from './ops/collective.ts';
import { reshape } from './ops/copy.ts';
import { affine } from './ops/elementwise.ts';
import { isInput, isParameter } from './ops/leaf.ts';
import { type Buffer, type Parcel, type Placement, type Plan, type PlanStep, planStep } from './plan.ts';
import { type Machine, schedule, type Task } from './schedule.ts';
import { sizeOf, type Tensor } from './tensor.ts';

export interface CompileRequest {
  /** Tensors whose values are wanted after a run; they keep their memory to the end. */
  readonly outputs: Readonly<Record<string, Tensor>>;
  readonly layout: ParameterLayout;
  /** The gradient of every parameter of the layout, for a training plan. */
  readonly gradients?: ReadonlyMap<Tensor, Tensor>;
  /** Hide exchanges behind work on a machine like this; without it every exchange is waited for at once. */
  readonly overlap?: Machine;
}

export function compile({ outputs, layout, gradients = new Map(), overlap }: CompileRequest): Plan {
  const gradientRoots = placeableGradients(gradients);
  const results = [...Object.values(outputs), ...gradientRoots.keys()];
  const order = ancestors(...results);
  const works = inOrder(order.filter(tensor => tensor.op.kernels).flatMap(worksOf), overlap);

  // Last position at which a tensor's memory matters.
  const last = new Map<Tensor, number>();
  works.forEach(({ tensor, kind, plan }, position) => {
    // After its start an exchange needs its inputs no more, but for a block of its own that it keeps.
    if (kind === 'finish' && !plan.exchange?.keep) return;
    for (const operand of tensor.inputs) {
      const root = rootOf(operand);
      last.set(root, Math.max(last.get(root) ?? 0, position));
    }
  });
  for (const tensor of Object.values(outputs)) last.set(rootOf(tensor), works.length);

  // Results that are not gradients of parameters, and the scratch of every op. What is there for exchanges only is
  // kept apart from the rest, since it is what parallelism costs.
  const exchanged = exchangeOnly(order);
  const pools = { arena: memoryPool('arena'), exchange: memoryPool('exchange') };
  const poolOf = (tensor: Tensor) => (exchanged.has(tensor) ? pools.exchange : pools.arena);
  const slotOf = new Map<Tensor, number>();
  const scratchSlots = new Map<Tensor, number[]>();
  /** An input whose memory the result can take over: the arena's, for the last time needed here. */
  const replaceable = (tensor: Tensor, position: number): number =>
    tensor.inputs.findIndex(operand => {
      const root = rootOf(operand);
      const once = tensor.inputs.filter(other => rootOf(other) === root).length === 1;
      return once && slotOf.has(root) && !exchanged.has(root) && last.get(root) === position;
    });
  works.forEach((work, position) => {
    const { tensor, plan, kind } = work;
    if (kind === 'start') return;
    const label = labelOf(tensor);
    const end = last.get(tensor) ?? position;
    const placed = gradientRoots.has(tensor);
    const index = tensor.op.inPlace && !placed && !exchanged.has(tensor) ? replaceable(tensor, position) : -1;
    const inPlace = index < 0 ? undefined : tensor.op.inPlace?.(tensor, index);
    if (inPlace) {
      work.plan = inPlace;
      const slot = slotOf.get(rootOf(tensor.inputs[index]))!;
      pools.arena.extend(slot, end);
      slotOf.set(tensor, slot);
    } else if (!placed) {
      const bytes = 4 * sizeOf(tensor.shape);
      slotOf.set(tensor, poolOf(tensor).add({ bytes, first: position, last: end, label }));
    }
    scratchSlots.set(
      tensor,
      (plan.scratch ?? []).map(floats =>
        (plan.exchange ? pools.exchange : pools.arena).add({
          bytes: 4 * floats,
          first: position,
          last: position,
          label: `scratch of ${label}`,
        }),
      ),
    );
  });
  const arena = pools.arena.assign();
  const exchange = pools.exchange.assign();

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
    return (exchanged.has(root) ? exchange : arena).at(slotOf.get(root)!);
  };

  const exchanges = order.filter(isCollective);
  const steps = works.flatMap((work): PlanStep[] => {
    const { tensor, kind, plan } = work;
    const label = labelOf(tensor);
    const operandOf = (operand: Operand): Placement | null => {
      if (operand.kind === 'input') return place(tensor.inputs[operand.index]);
      if (operand.kind === 'output') return place(tensor);
      if (operand.kind === 'scratch') {
        return (plan.exchange ? exchange : arena).at(scratchSlots.get(tensor)![operand.index]);
      }
      return null;
    };
    const blockAt = ({ operand, offset, size }: Block): Placement => {
      const whole = operandOf(operand)!;
      return { ...whole, offset: whole.offset + 4 * offset, bytes: 4 * size };
    };
    const flops = tensor.op.flops?.(tensor) ?? 0;
    const dispatches = plan.kernels.map((kernel, index) =>
      planStep(label, kernel, kernel.operands.map(operandOf), index === 0 ? flops : 0),
    );
    if (!plan.exchange) return dispatches;
    const { group, sends, receives, keep, exact } = plan.exchange;
    const parcel = (block: Block & { readonly member: number }): Parcel => ({
      peer: group.members[block.member],
      at: blockAt(block),
    });
    const identity = { label, exchange: exchanges.indexOf(tensor), group: group.name, exact };
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
  });

  const flat =
    layout.entries.length > 0 ? [{ bytes: 4 * layout.floats, label: largestParameter(layout) }] : [];
  return {
    steps,
    spaces: {
      arena: arena.buffers,
      ...(exchange.buffers.length > 0 ? { exchange: exchange.buffers } : {}),
      inputs: inputBuffers,
      parameters: flat,
      ...(gradients.size > 0 ? { gradients: flat } : {}),
    },
    inputs,
    outputs: new Map(Object.entries(outputs).map(([name, tensor]) => [name, place(tensor)])),
    exchanges: exchanges.length,
  };
}

/** A tensor to be computed, or one half of a collective: its start sends, its finish receives and combines. */
interface Work {
  readonly tensor: Tensor;
  readonly kind: 'compute' | 'start' | 'finish';
  /** Another one where the result takes the place of an input. */
  plan: KernelPlan;
}

function worksOf(tensor: Tensor): Work[] {
  const plan = tensor.op.kernels!(tensor);
  if (!plan.exchange) return [{ tensor, kind: 'compute', plan }];
  return [
    { tensor, kind: 'start', plan },
    { tensor, kind: 'finish', plan },
  ];
}

/** The works in the order to run them: as the graph was built, or so that exchanges are hidden. */
function inOrder(works: readonly Work[], machine: Machine | undefined): Work[] {
  if (!machine) return [...works];
  const doneBy = new Map<Tensor, number>();
  const tasks = works.map(({ tensor, kind, plan }, index): Task => {
    const inputs = tensor.inputs.flatMap(operand => doneBy.get(rootOf(operand)) ?? []);
    if (kind !== 'start') doneBy.set(tensor, index);
    if (kind === 'start') return { seconds: 0, after: [...new Set(inputs)], urgent: true };
    if (kind === 'finish') {
      const bytes = 4 * plan.exchange!.receives.reduce((total, { size }) => total + size, 0);
      const travel = machine.latencySeconds + bytes / machine.bytesPerSecond;
      return { seconds: machine.secondsPerDispatch * plan.kernels.length, after: [index - 1], travel };
    }
    const flops = tensor.op.flops?.(tensor) ?? 0;
    const elements = [tensor, ...tensor.inputs].reduce((total, { shape }) => total + sizeOf(shape), 0);
    const seconds =
      machine.secondsPerDispatch * plan.kernels.length +
      flops / machine.flopsPerSecond +
      elements / machine.elementsPerSecond;
    return { seconds, after: [...new Set(inputs)] };
  });
  return schedule(tasks).map(index => works[index]);
}

/** Results of collectives, and tensors that nothing but collectives reads. */
function exchangeOnly(order: readonly Tensor[]): Set<Tensor> {
  const sent = new Set<Tensor>();
  const read = new Set<Tensor>();
  for (const tensor of order) {
    if (tensor.op.alias) continue;
    for (const operand of tensor.inputs) (isCollective(tensor) ? sent : read).add(rootOf(operand));
  }
  return new Set(order.filter(tensor => isCollective(tensor) || (sent.has(tensor) && !read.has(tensor))));
}

/** Collects the lifetimes of one space, then shares its blocks among them. */
function memoryPool(space: string) {
  const items: (Lifetime & { readonly label: string })[] = [];
  return {
    /** Returns the item's slot. */
    add: (item: Lifetime & { readonly label: string }) => items.push(item) - 1,
    /** The slot is needed for longer: something else takes the place of the item. */
    extend(slot: number, last: number): void {
      items[slot] = { ...items[slot], last };
    },
    assign() {
      const { block, blocks } = assignBlocks(items);
      return {
        at: (slot: number): Placement => ({ space, block: block[slot], offset: 0, bytes: items[slot].bytes }),
        buffers: blocks.map((bytes, number) => ({
          bytes,
          label: items.find((item, slot) => block[slot] === number && item.bytes === bytes)!.label,
        })),
      };
    },
  };
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
