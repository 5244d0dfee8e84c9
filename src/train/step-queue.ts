/** Steps that the device has not finished: few may wait, and when it had any is known. */

/** Enough to keep the device busy, few enough to stop at once. */
const STEPS_IN_FLIGHT = 2;

export class StepQueue {
  readonly #queue: GPUQueue;
  readonly #inFlight: Promise<unknown>[] = [];
  #unfinished = 0;
  #busySeconds = 0;
  #lastDone = Number.NEGATIVE_INFINITY;

  constructor(queue: GPUQueue) {
    this.#queue = queue;
  }

  /** Seconds in which the device had steps to work on, from submission to completion. */
  get busySeconds(): number {
    return this.#busySeconds;
  }

  /** Since when the device has no step to work on, by `performance.now`; undefined while it has one. */
  get idleSince(): number | undefined {
    return this.#unfinished > 0 ? undefined : this.#lastDone;
  }

  /**
   * All of a step is submitted. Resolves when few enough steps wait.
   * @param begun when its first part was, by `performance.now`
   */
  async add(begun: number): Promise<void> {
    this.#unfinished++;
    this.#inFlight.push(this.#queue.onSubmittedWorkDone().then(() => this.#account(begun)));
    if (this.#inFlight.length >= STEPS_IN_FLIGHT) await this.#inFlight.shift();
  }

  /** Resolves when the device has done all steps. */
  async drained(): Promise<void> {
    await Promise.all(this.#inFlight);
  }

  #account(begun: number): void {
    const now = performance.now();
    this.#busySeconds += (now - Math.max(begun, this.#lastDone)) / 1000;
    this.#lastDone = now;
    this.#unfinished--;
  }
}
