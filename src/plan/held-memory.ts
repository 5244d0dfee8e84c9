/** Bytes that are held while tasks are run one after the other. */
import type { Task } from './schedule.ts';

export class HeldMemory {
  /** Bytes held now, and the most that were held while a task ran. */
  held = 0;
  most = 0;
  readonly #tasks: readonly Task[];
  readonly #readersLeft: Float64Array;

  constructor(tasks: readonly Task[], before?: HeldMemory) {
    this.#tasks = tasks;
    if (before) {
      this.held = before.held;
      this.#readersLeft = before.#readersLeft.slice();
      return;
    }
    this.#readersLeft = Float64Array.from(tasks, ({ kept }) => (kept ? Number.POSITIVE_INFINITY : 0));
    for (const { reads } of tasks) for (const other of reads) this.#readersLeft[other]++;
  }

  /** Bytes that a task would add to what is held, when it is done. */
  growth(index: number): number {
    const { reads, bytes } = this.#tasks[index];
    return reads.reduce((sum, other) => sum - this.#freed(other), bytes);
  }

  run(index: number): void {
    const { reads, bytes, scratchBytes, inPlace } = this.#tasks[index];
    const replaces = inPlace && reads.some(other => this.#freed(other) === bytes);
    this.most = Math.max(this.most, this.held + (replaces ? 0 : bytes) + scratchBytes);
    this.held += this.growth(index);
    for (const other of reads) this.#readersLeft[other]--;
  }

  /** Bytes that the next reader of a result frees. */
  #freed(index: number): number {
    return this.#readersLeft[index] === 1 ? this.#tasks[index].bytes : 0;
  }
}
