/**
 * What the kernels of one span are likely to have taken of it. A browser's clock cannot tell them apart, so this is an
 * **estimate** from the plan: by their FLOPs; where none has any, by the bytes that they read and write.
 */
import type { PlanStep } from '../plan/plan.ts';
import type { Span } from '../plan/trace.ts';

export interface KernelShare {
  readonly shader: string;
  readonly kernels: number;
  /** Of the span, from 0 to 1; estimated. */
  readonly share: number;
}

/** @returns by shader, the largest first; empty for a span that is no work, or of a plan that is not known */
export function kernelShares(span: Span, steps: readonly PlanStep[] | undefined): KernelShare[] {
  const own = span.lane === 'device' ? (steps?.slice(span.from, span.to) ?? []) : [];
  const kernels = own.flatMap(step => (step.kind === 'dispatch' ? [step] : []));
  const counted = kernels.some(({ work }) => work.flops > 0)
    ? kernels.map(({ work }) => work.flops)
    : kernels.map(({ work }) => work.read + work.written);
  const whole = counted.reduce((sum, each) => sum + each, 0);
  const shares = new Map<string, KernelShare>();
  kernels.forEach(({ shader }, i) => {
    const before = shares.get(shader) ?? { shader, kernels: 0, share: 0 };
    const share = whole > 0 ? counted[i] / whole : 0;
    shares.set(shader, { shader, kernels: before.kernels + 1, share: before.share + share });
  });
  return [...shares.values()].sort((a, b) => b.share - a.share);
}
