/** Steps that the device has not finished: few may wait, and the time in which it had any is counted. */

/** Enough to keep the device busy, few enough to stop at once. */
const STEPS_IN_FLIGHT = 2;

export class StepQueue {
  readonly #queue: GPUQueue;
  readonly #inFlight: Promise<unknown>[] = [];
  #busySeconds = 0;
  #lastDone = 0;

  constructor(queue: GPUQueue) {
    this.#queue = queue;
  }

  /** Seconds in which the device had steps to work on, from submission to completion. */
  get busySeconds(): number {
    return this.#busySeconds;
  }

  /**
   * All of a step is submitted. Resolves when few enough steps wait.
   * @param begun when its first part was, by `performance.now`
   */
  async add(begun: number): Promise<void> {
    this.#inFlight.push(this.#queue.onSubmittedWorkDone().then(() => this.#account(begun)));
    if (this.#inFlight.length >= STEPS_IN_FLIGHT) await this.#inFlight.shift();
  }

  #account(begun: number): void {
    const now = performance.now();
    this.#busySeconds += (now - Math.max(begun, this.#lastDone)) / 1000;
    this.#lastDone = now;
  }
}
