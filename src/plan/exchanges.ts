/** Which exchanges what is computed waits for. */
import { isCollective } from '../graph/ops/collective.ts';
import type { Tensor } from '../graph/tensor.ts';

/** The number of the last exchange that each tensor waits for; 0 where there is none. */
export function latestExchanges(order: readonly Tensor[]): Map<Tensor, number> {
  const latest = new Map<Tensor, number>();
  let exchanges = 0;
  for (const tensor of order) {
    const own = isCollective(tensor) ? ++exchanges : 0;
    latest.set(tensor, Math.max(own, ...tensor.inputs.map(operand => latest.get(operand)!)));
  }
  return latest;
}
