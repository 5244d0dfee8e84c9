/** What one sampled step leaves behind, measured or simulated: when its parts were computed, travelled and waited for. */

/** What gets a span of its own on the device: whatever lies between two exchanges, a layer in one phase, or a kernel. */
export const traceDetails = ['step', 'layer', 'kernel'] as const;
export type TraceDetail = (typeof traceDetails)[number];

/** Times in ms since the run's origin, on rank 0's clock. from/to: range of plan steps [from, to). */
export interface Span {
  /** `data`: the batch is waited for, or on its way to the device. */
  readonly lane: 'device' | 'link' | 'data';
  /** Of a link: the rank at its other end. */
  readonly peer?: number;
  readonly from: number;
  readonly to: number;
  readonly begun: number;
  readonly ended: number;
  /** Of a link: the device stood still for it. */
  readonly exposed?: boolean;
}

export interface StepTrace {
  /** Hash of the plan whose steps the spans count. */
  readonly plan: string;
  readonly rank: number;
  readonly step: number;
  /** Shorter spans than this, in ms, cannot be told apart. */
  readonly resolution: number;
  /** How far, in ms, all times of this rank may be off rank 0's clock; absent where there is one clock. */
  readonly uncertainty?: number;
  readonly spans: readonly Span[];
}

/** Milliseconds in which at least one of these spans was under way. */
export function coveredMs(spans: readonly Pick<Span, 'begun' | 'ended'>[]): number {
  let total = 0;
  let reached = Number.NEGATIVE_INFINITY;
  for (const { begun, ended } of [...spans].sort((a, b) => a.begun - b.begun)) {
    total += Math.max(0, ended - Math.max(begun, reached));
    reached = Math.max(reached, ended);
  }
  return total;
}
