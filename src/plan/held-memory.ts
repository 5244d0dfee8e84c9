/** Bytes that are held while jobs are run one after the other. */
import type { Job } from './job.ts';

export class HeldMemory {
  /** Bytes held now, and the most that were held while a job ran. */
  held = 0;
  most = 0;
  readonly #jobs: readonly Job[];
  readonly #readersLeft: Float64Array;
  /** Sum of their indices: the index of the last one. */
  readonly #indicesLeft: Float64Array;

  constructor(jobs: readonly Job[]) {
    this.#jobs = jobs;
    this.#readersLeft = Float64Array.from(jobs, ({ kept }) => (kept ? Number.POSITIVE_INFINITY : 0));
    this.#indicesLeft = new Float64Array(jobs.length);
    jobs.forEach(({ reads }, index) => {
      for (const other of reads) {
        this.#readersLeft[other]++;
        this.#indicesLeft[other] += index;
      }
    });
  }

  /** Bytes that a job would add to what is held, when it is done. */
  growth(index: number): number {
    const { reads, bytes } = this.#jobs[index];
    return reads.reduce((sum, other) => sum - this.#freed(other), bytes);
  }

  /** The result of a job would take the place of what it reads. */
  replaces(index: number): boolean {
    const { reads, bytes, inPlace } = this.#jobs[index];
    return inPlace && reads.some(other => this.#freed(other) === bytes);
  }

  /** Bytes that would be held while a job ran. */
  peak(index: number): number {
    const { bytes, scratchBytes } = this.#jobs[index];
    return this.held + (this.replaces(index) ? 0 : bytes) + scratchBytes;
  }

  /** @returns jobs that would now add less than before: they have become the last to read something. */
  run(index: number): number[] {
    this.most = Math.max(this.most, this.peak(index));
    this.held += this.growth(index);
    const lighter: number[] = [];
    for (const other of this.#jobs[index].reads) {
      this.#indicesLeft[other] -= index;
      if (--this.#readersLeft[other] === 1) lighter.push(this.#indicesLeft[other]);
    }
    return lighter;
  }

  /** Bytes that the next reader of a result frees. */
  #freed(index: number): number {
    return this.#readersLeft[index] === 1 ? this.#jobs[index].bytes : 0;
  }
}
