/**
 * Which steps are sampled. The first rank asks for a sample with a flag that goes with the blocks of the step before, so
 * that all ranks sample the same step; what a sample leaves behind is read late, while training goes on.
 */
import type { TraceStamp } from '../engine/trace-buffer.ts';
import type { StepTrace, TraceDetail } from '../plan/trace.ts';

/** Flag of the blocks of a step after which a step is sampled. */
export const SAMPLE = 2;

export interface Tracing {
  readonly detail: TraceDetail;
  /** Milliseconds between two samples, at least; undefined for a rank that is told when. */
  readonly everyMs?: number;
  /** When the newest batch was asked for, and when it was there, by `performance.now`. */
  readonly batchTaken: () => { readonly asked: number; readonly taken: number };
  /** Undefined as long as the time of rank 0 is not known. */
  readonly stamp: () => Omit<TraceStamp, 'step'> | undefined;
  readonly onTraces: (traces: readonly StepTrace[]) => void;
}

export class Sampler {
  readonly tracing: Tracing;
  #lastAsked = Number.NEGATIVE_INFINITY;
  #next = false;
  /** The buffers of the sample before are still being read. */
  #busy = false;

  constructor(tracing: Tracing) {
    this.tracing = tracing;
  }

  /** Whether the step that begins now is a sample. */
  get samples(): boolean {
    return this.#next && !this.#busy;
  }

  /** The flag that goes with the blocks of the step that begins now. */
  flag(): number {
    const { everyMs } = this.tracing;
    const now = performance.now();
    if (everyMs === undefined || this.#busy || now - this.#lastAsked < everyMs) return 0;
    this.#lastAsked = now;
    return SAMPLE;
  }

  /** A step was run; `flags` went with its blocks. */
  ran(flags: number): void {
    this.#next = (flags & SAMPLE) !== 0;
  }

  /** Hands on what a sample left behind. A device that is lost meanwhile has its own way of being told. */
  read(step: number, read: (stamp: TraceStamp) => Promise<readonly StepTrace[]>): void {
    const stamp = this.tracing.stamp();
    if (!stamp) return;
    this.#busy = true;
    const done = () => {
      this.#busy = false;
    };
    void read({ ...stamp, step }).then(traces => {
      done();
      this.tracing.onTraces(traces);
    }, done);
  }
}
