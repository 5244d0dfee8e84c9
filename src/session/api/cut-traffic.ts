/** What a rank sends in a step, read off its plans and sorted by what it is for. */
import { isDispatch, type Plan, type StartStep } from '../../plan/plan.ts';

/**
 * Blocks of inputs or results of products, forward and backward; weights gathered before their use; their gradients,
 * scattered after it; statistics of norms that reach over ranks; gradients of vectors that several ranks hold copies of;
 * gradients over the copies of the whole model; and the loss and the gradient's norm.
 */
export const trafficKinds = [
  'activations',
  'weights',
  'gradients',
  'norms',
  'vectors',
  'replicas',
  'totals',
] as const;
export type TrafficKind = (typeof trafficKinds)[number];

export interface Traffic {
  /** Bytes that the rank sends to all its peers together. */
  readonly bytes: Readonly<Record<TrafficKind, number>>;
  readonly exchanges: Readonly<Record<TrafficKind, number>>;
  readonly totalBytes: number;
  readonly totalExchanges: number;
}

/** @param passes all passes of a step */
export function trafficOf(passes: readonly Plan[]): Traffic {
  const nothing = () =>
    Object.fromEntries(trafficKinds.map(kind => [kind, 0])) as Record<TrafficKind, number>;
  const [bytes, exchanges] = [nothing(), nothing()];
  for (const step of passes.flatMap(({ steps }) => steps)) {
    if (step.kind !== 'start') continue;
    const kind = kindOf(step);
    bytes[kind] += step.sends.reduce((sum, { at }) => sum + at.bytes, 0);
    exchanges[kind]++;
  }
  const sum = (of: Record<TrafficKind, number>) => trafficKinds.reduce((total, kind) => total + of[kind], 0);
  return { bytes, exchanges, totalBytes: sum(bytes), totalExchanges: sum(exchanges) };
}

function kindOf({ provenance: { phase, op }, group, exact }: StartStep): TrafficKind {
  if (phase === 'reduce') {
    if (group === 'world') return 'totals';
    return group === 'replica' ? 'replicas' : 'vectors';
  }
  // Only statistics travel as they are, whatever the precision of the wire.
  if (exact) return 'norms';
  if (op === 'swap') return 'activations';
  return phase === 'backward' ? 'gradients' : 'weights';
}

/** FLOPs of the products and convolutions of a step, and how many kernels they are. */
export function productsOf(passes: readonly Plan[]): { readonly flops: number; readonly count: number } {
  const products = passes
    .flatMap(({ steps }) => steps)
    .filter(isDispatch)
    .filter(({ work: { kernel } }) => kernel === 'product' || kernel === 'convolution');
  return { flops: products.reduce((sum, { work }) => sum + work.flops, 0), count: products.length };
}
