/** Swaps of blocks between two ranks, as a plan. */
import type { Plan, PlanStep } from '../src/plan/plan.ts';

/** To a rank that swaps: its place and its link, and then, as often as it is to, so many rounds. */
export type SwapOrder = { readonly rank: number; readonly port: MessagePort } | number;

/** Of a round, one after the other. */
export const EXCHANGES = 20;
const BLOCK_BYTES = 64 * 1024;

/** Of a rank that does nothing else. */
export function swaps(peer: number): Plan {
  const at = (block: number) => ({ space: 'exchange', block, offset: 0, bytes: BLOCK_BYTES });
  const steps = Array.from({ length: EXCHANGES }, (_, exchange): PlanStep[] => {
    const provenance = { layer: 'none', phase: 'forward', op: 'swap', shape: [BLOCK_BYTES / 4] } as const;
    const identity = { label: 'a swap', exchange, group: 'row', provenance };
    return [
      { kind: 'start', ...identity, sends: [{ peer, at: at(0) }] },
      { kind: 'finish', ...identity, receives: [{ peer, at: at(1) }] },
    ];
  }).flat();
  const buffer = { bytes: BLOCK_BYTES, label: 'block' };
  return {
    steps,
    spaces: { exchange: [buffer, buffer] },
    inputs: new Map(),
    outputs: new Map(),
    exchanges: EXCHANGES,
  };
}
