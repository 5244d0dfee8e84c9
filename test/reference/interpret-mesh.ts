/** The float64 truth of a mesh: the graphs of all ranks, op by op in step, with collectives by their definition. */
import { ancestors } from '../../src/graph/grad.ts';
import type { Group } from '../../src/graph/op.ts';
import type { Tensor } from '../../src/graph/tensor.ts';
import { compute } from './interpret.ts';

/** What one rank computes, and the values of its leaves. */
export interface RankGraph {
  readonly results: readonly Tensor[];
  readonly leaves: ReadonlyMap<Tensor, ArrayLike<number>>;
}

interface Collective {
  readonly group: Group;
  readonly to: number;
  readonly from: number;
}

/** Values of the results of every rank. @throws Error where the graphs of two ranks differ in their ops. */
export function interpretMesh(ranks: readonly RankGraph[]): Float64Array[][] {
  const orders = ranks.map(({ results }) => ancestors(...results));
  const values = ranks.map(() => new Map<Tensor, Float64Array>());
  orders[0].forEach((first, position) => {
    const tensors = orders.map(order => order[position]);
    if (tensors.some(tensor => tensor?.op !== first.op)) {
      throw new Error(`op ${position} is ${tensors.map(tensor => tensor?.op.name).join(', ')} on the ranks`);
    }
    const inputOf = (rank: number) => values[rank].get(tensors[rank].inputs[0])!;
    const across: Record<string, (rank: number, collective: Collective) => Float64Array> = {
      swap: (_, { group, from }) => inputOf(group.members[from]),
      allGather: (_, { group }) => Float64Array.from(group.members.flatMap(member => [...inputOf(member)])),
      reduceScatter: (rank, { group }) => {
        const size = inputOf(rank).length / group.members.length;
        const start = group.index * size;
        const blocks = group.members.map(member => inputOf(member).subarray(start, start + size));
        return blocks[0].map((_, i) => blocks.reduce((sum, block) => sum + block[i], 0));
      },
    };
    tensors.forEach((tensor, rank) => {
      const given = ranks[rank].leaves.get(tensor);
      const collective = across[tensor.op.name];
      if (given) values[rank].set(tensor, Float64Array.from(given));
      else if (collective) values[rank].set(tensor, collective(rank, tensor.attributes as Collective));
      else
        values[rank].set(
          tensor,
          compute(
            tensor,
            tensor.inputs.map(operand => values[rank].get(operand)!),
          ),
        );
    });
  });
  return ranks.map(({ results }, rank) => results.map(tensor => values[rank].get(tensor)!));
}
