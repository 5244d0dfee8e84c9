/** Where a plan's results and scratch lie: in blocks of the arena, or of what is there for exchanges only. */

import type { KernelPlan } from '../graph/op.ts';
import { isCollective } from '../graph/ops/collective.ts';
import { rootOf, sizeOf, type Tensor } from '../graph/tensor.ts';
import type { Instruction } from './instructions.ts';
import { type Apart, assignBlocks, type Lifetime } from './memory.ts';
import type { Buffer, Placement } from './plan.ts';

/** An instruction with its place in memory; its plan is another one where the result takes the place of an operand. */
export interface PlacedInstruction extends Omit<Instruction, 'replaces'> {
  /** Of the plan's scratch buffers. */
  readonly scratch: readonly Placement[];
}

export interface Placing {
  readonly instructions: readonly PlacedInstruction[];
  /** The place of a computed tensor that does not lie elsewhere. */
  at(tensor: Tensor): Placement;
  readonly arena: readonly Buffer[];
  readonly exchange: readonly Buffer[];
}

/**
 * @param instructions in the order in which they are run
 * @param kept tensors whose contents matter to the end
 * @param elsewhere tensors that have a place already
 */
export function placeInstructions(
  instructions: readonly Instruction[],
  kept: readonly Tensor[],
  elsewhere: ReadonlySet<Tensor>,
): Placing {
  const last = lastUses(instructions, kept);
  // What parallelism costs is kept apart from the rest.
  const exchanged = exchangeOnly(instructions);
  const pools = { arena: memoryPool('arena'), exchange: memoryPool('exchange') };
  const poolOf = (tensor: Tensor) => (exchanged.has(tensor) ? pools.exchange : pools.arena);
  const slotOf = new Map<Tensor, number>();

  /** The operand whose place the result takes, and the kernels for it: one of the arena's that ends here. */
  const replacement = (
    instruction: Instruction,
    position: number,
  ): { operand: Tensor; plan: KernelPlan } | undefined => {
    const { tensor, operands, plan, replaces } = instruction;
    if (replaces !== undefined) return { operand: rootOf(operands[replaces]), plan };
    const { inPlace } = tensor.op;
    if (!inPlace || elsewhere.has(tensor) || exchanged.has(tensor)) return undefined;
    for (const [index, operand] of operands.map(rootOf).entries()) {
      const once = operands.filter(other => rootOf(other) === operand).length === 1;
      const free = once && slotOf.has(operand) && !exchanged.has(operand) && last.get(operand) === position;
      const own = free && sizeOf(operand.shape) === sizeOf(tensor.shape) && inPlace(tensor, index);
      if (own) return { operand, plan: own };
    }
    return undefined;
  };

  const placed = instructions.map((instruction, position) => {
    const { tensor, furthers, operands, kind } = instruction;
    if (kind === 'start') return { instruction, plan: instruction.plan, scratch: [] };
    const replaced = replacement(instruction, position);
    const plan = replaced?.plan ?? instruction.plan;
    const end = last.get(tensor) ?? position;
    if (!elsewhere.has(tensor)) {
      if (replaced) {
        const slot = slotOf.get(replaced.operand)!;
        poolOf(tensor).extend(slot, end);
        slotOf.set(tensor, slot);
      } else {
        const bytes = 4 * sizeOf(tensor.shape);
        slotOf.set(
          tensor,
          poolOf(tensor).add({ bytes, first: position, last: end, label: instruction.label }),
        );
      }
    }
    for (const result of furthers) {
      if (elsewhere.has(result)) continue;
      const bytes = 4 * sizeOf(result.shape);
      const until = last.get(result) ?? position;
      slotOf.set(
        result,
        poolOf(result).add({ bytes, first: position, last: until, label: instruction.label }),
      );
    }
    const scratchPool = plan.exchange ? pools.exchange : pools.arena;
    const scratch = (plan.scratch ?? []).map(floats =>
      scratchPool.add({
        bytes: 4 * floats,
        first: position,
        last: position,
        label: `scratch of ${instruction.label}`,
      }),
    );
    const slotsIn = (pool: unknown, tensors: readonly Tensor[]) =>
      tensors.flatMap(other => {
        const root = rootOf(other);
        return (poolOf(root) === pool ? slotOf.get(root) : undefined) ?? [];
      });
    for (const pool of [pools.arena, pools.exchange]) {
      const written = [...slotsIn(pool, [tensor, ...furthers]), ...(pool === scratchPool ? scratch : [])];
      if (written.length > 0) pool.separate(written, [...written, ...slotsIn(pool, operands)]);
    }
    return { instruction, plan, scratch, scratchPool };
  });

  const spaces = { arena: pools.arena.assign(), exchange: pools.exchange.assign() };
  const spaceOf = (pool: unknown) => (pool === pools.arena ? spaces.arena : spaces.exchange);
  return {
    instructions: placed.map(({ instruction, plan, scratch, scratchPool }) => ({
      ...instruction,
      plan,
      scratch: scratch.map(slot => spaceOf(scratchPool).at(slot)),
    })),
    at: tensor => spaceOf(poolOf(tensor)).at(slotOf.get(tensor)!),
    arena: spaces.arena.buffers,
    exchange: spaces.exchange.buffers,
  };
}

/** Last position at which a tensor's memory matters. */
function lastUses(instructions: readonly Instruction[], kept: readonly Tensor[]): Map<Tensor, number> {
  const last = new Map<Tensor, number>();
  instructions.forEach(({ operands, kind, plan }, position) => {
    // After its start an exchange needs its inputs no more, but for a block of its own that it keeps.
    if (kind === 'finish' && !plan.exchange?.keep) return;
    for (const operand of operands) last.set(rootOf(operand), position);
  });
  for (const tensor of kept) last.set(rootOf(tensor), instructions.length);
  return last;
}

/** Results of collectives, and tensors that nothing but collectives reads. */
export function exchangeOnly(instructions: readonly Instruction[]): Set<Tensor> {
  const sent = new Set<Tensor>();
  const read = new Set<Tensor>();
  for (const { tensor, operands } of instructions) {
    for (const operand of operands) (isCollective(tensor) ? sent : read).add(rootOf(operand));
  }
  const only = (tensor: Tensor) => isCollective(tensor) || (sent.has(tensor) && !read.has(tensor));
  const exchanged = new Set(instructions.map(({ tensor }) => tensor).filter(only));
  // What a sum grows in is where the sum is.
  for (const { tensor, operands, replaces } of [...instructions].reverse()) {
    if (replaces !== undefined && exchanged.has(tensor)) exchanged.add(rootOf(operands[replaces]));
  }
  return exchanged;
}

/** Collects the lifetimes of one space, then shares its blocks among them. */
function memoryPool(space: string) {
  const items: (Lifetime & { readonly label: string })[] = [];
  /** Of every slot those that may not lie in one block with it. */
  const apart: Set<number>[] = [];
  const isApart: Apart = (item, other) => apart[item].has(other);
  return {
    /** Returns the item's slot. */
    add(item: Lifetime & { readonly label: string }): number {
      apart.push(new Set());
      return items.push(item) - 1;
    },
    /** The slot is needed for longer: something else takes the place of the item. */
    extend(slot: number, last: number): void {
      items[slot] = { ...items[slot], last };
    },
    /** One dispatch writes the first and uses the others. */
    separate(written: readonly number[], others: readonly number[]): void {
      for (const slot of written) {
        for (const other of others) {
          if (slot === other) continue;
          apart[slot].add(other);
          apart[other].add(slot);
        }
      }
    },
    assign() {
      const { block, offset, blocks } = assignBlocks(items, isApart);
      const labels = new Array<string | undefined>(blocks.length);
      items.forEach(({ bytes, label }, slot) => {
        if (bytes === blocks[block[slot]]) labels[block[slot]] ??= label;
      });
      return {
        at: (slot: number): Placement => ({
          space,
          block: block[slot],
          offset: offset[slot],
          bytes: items[slot].bytes,
        }),
        buffers: blocks.map((bytes, number) => ({ bytes, label: labels[number]! })),
      };
    },
  };
}
