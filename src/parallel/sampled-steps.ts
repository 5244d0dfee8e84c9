/** Traces of sampled steps as they come in from the ranks, until those of one step are all there. */
import type { StepTrace } from '../plan/trace.ts';

/** Sampled steps that are waited for at once: there is one a second. */
const MOST_STEPS = 4;

export class SampledSteps {
  readonly #expected: number;
  readonly #ranks: number;
  readonly #byStep = new Map<number, StepTrace[]>();
  #whole: readonly StepTrace[] | undefined;

  /** @param passes traces of a step from each rank */
  constructor(ranks: number, passes: number) {
    this.#ranks = ranks;
    this.#expected = ranks * passes;
  }

  /** What rank `from` says of itself; that of others is not its to tell. */
  add(traces: readonly StepTrace[], from: number): void {
    for (const trace of traces) {
      if (trace.rank !== from || from >= this.#ranks) continue;
      const all = [...(this.#byStep.get(trace.step) ?? []), trace];
      this.#byStep.set(trace.step, all);
      if (all.length < this.#expected) continue;
      this.#whole = all.sort((a, b) => a.rank - b.rank);
      this.#byStep.delete(trace.step);
    }
    // Those that a rank left out are never whole.
    while (this.#byStep.size > MOST_STEPS) this.#byStep.delete(Math.min(...this.#byStep.keys()));
  }

  /** The newest step of which all is there, once. */
  take(): readonly StepTrace[] | undefined {
    const whole = this.#whole;
    this.#whole = undefined;
    return whole;
  }
}
