/**
 * What is left of an order of which jobs are run ahead of their turn: how much the rest would hold is known without
 * going through it anew, from the bytes held at each of its jobs and what a job that goes ahead adds to them.
 */

import { HeldMemory } from './held-memory.ts';
import type { Job } from './job.ts';
import { Peaks } from './peaks.ts';

/** A job that reads a result, among the others that do and are still to be run. */
interface Reader {
  readonly result: number;
  readonly job: number;
  before: Reader | undefined;
  after: Reader | undefined;
}

/** A job becomes the last to read something, since what came after it goes ahead. */
interface Release {
  readonly place: number;
  /** That it frees. */
  bytes: number;
  /** Of its own result, which takes the place of what it frees, and had one of its own before. */
  replaced: number;
}

export class Rest {
  readonly #jobs: readonly Job[];
  readonly #memory: HeldMemory;
  /** The order, and the place of every job in it. */
  readonly #order: readonly number[];
  readonly #placeOf: Int32Array;
  /** Places after and before which a job is still to be run; the last place is the end. */
  readonly #next: Int32Array;
  readonly #previous: Int32Array;
  /** Bytes held while each job runs, by place. */
  readonly #peaks: Peaks;
  /** Results that take the place of what is read, if everything keeps its turn from now on. */
  readonly #replaces: boolean[];
  readonly #readings: readonly Reader[][];

  constructor(jobs: readonly Job[], order: readonly number[]) {
    const count = order.length;
    this.#jobs = jobs;
    this.#order = order;
    this.#memory = new HeldMemory(jobs);
    this.#placeOf = new Int32Array(count);
    order.forEach((index, place) => {
      this.#placeOf[index] = place;
    });
    // What is before the first place is the last entry of both, so that they close a ring.
    this.#next = Int32Array.from({ length: count + 1 }, (_, place) => (place + 1) % (count + 1));
    this.#previous = Int32Array.from({ length: count + 1 }, (_, place) => (place + count) % (count + 1));
    const memory = new HeldMemory(jobs);
    this.#replaces = new Array<boolean>(count);
    const peaks = order.map(index => {
      const peak = memory.peak(index);
      this.#replaces[index] = memory.replaces(index);
      memory.run(index);
      return peak;
    });
    this.#peaks = new Peaks(peaks);
    this.#readings = readingsOf(jobs, order);
  }

  /** Bytes that a job would add to what is held, if it ran now. */
  growth(index: number): number {
    return this.#memory.growth(index);
  }

  /** The computation is among the first `count` that are still to be run; exchanges among them, which travel, do not count. */
  isAmongFirst(index: number, count: number): boolean {
    if (count === Number.POSITIVE_INFINITY) return true;
    let place = this.#order.length;
    for (let seen = 0; seen < count; ) {
      place = this.#next[place];
      if (place === this.#placeOf[index]) return true;
      if (place === this.#order.length) return false;
      if (this.#jobs[this.#order[place]].kind === 'compute') seen++;
    }
    return false;
  }

  /** The most bytes that would be held from now on, if this job ran now and the others in their turn. */
  mostWith(index: number): number {
    const own = this.#placeOf[index];
    let most = Math.max(this.#memory.peak(index), this.#peaks.most(own + 1, this.#order.length));
    let added = this.#memory.growth(index);
    let from = 0;
    for (const { place, bytes, replaced } of this.#releases(index)) {
      const before = this.#peaks.most(from, place);
      const there = this.#peaks.most(place, place + 1) - replaced;
      most = Math.max(most, before + added, there + added);
      added -= bytes;
      from = place + 1;
    }
    return Math.max(most, this.#peaks.most(from, own) + added);
  }

  /** @returns jobs that would now add less than before */
  run(index: number): number[] {
    const own = this.#placeOf[index];
    this.#peaks.add(0, own, this.#memory.growth(index));
    for (const { place, bytes, replaced } of this.#releases(index)) {
      this.#peaks.add(place + 1, own, -bytes);
      if (replaced > 0) this.#replaces[this.#order[place]] = true;
      this.#peaks.add(place, place + 1, -replaced);
    }
    this.#peaks.add(own, own + 1, Number.NEGATIVE_INFINITY);
    for (const { before, after } of this.#readings[index]) {
      if (before) before.after = after;
      if (after) after.before = before;
    }
    this.#next[this.#previous[own]] = this.#next[own];
    this.#previous[this.#next[own]] = this.#previous[own];
    return this.#memory.run(index);
  }

  /** What others would free, because this job does not come after them: in the order of their places. */
  #releases(index: number): Release[] {
    const releases: Release[] = [];
    for (const { result, before, after } of this.#readings[index]) {
      const { bytes, kept } = this.#jobs[result];
      if (!before || after || kept) continue;
      const { job } = before;
      const place = this.#placeOf[job];
      let release = releases.find(other => other.place === place);
      if (!release) {
        release = { place, bytes: 0, replaced: 0 };
        releases.push(release);
      }
      release.bytes += bytes;
      const fits = this.#jobs[job].inPlace && this.#jobs[job].bytes === bytes;
      if (fits && !this.#replaces[job]) release.replaced = bytes;
    }
    return releases.sort((a, b) => a.place - b.place);
  }
}

/** Of every job what it reads, beside those that read the same before and after it. */
function readingsOf(jobs: readonly Job[], order: readonly number[]): Reader[][] {
  const last = new Array<Reader | undefined>(jobs.length);
  const readings = new Array<Reader[]>(jobs.length);
  for (const job of order) {
    readings[job] = jobs[job].reads.map(result => {
      const reader: Reader = { result, job, before: last[result], after: undefined };
      if (reader.before) reader.before.after = reader;
      last[result] = reader;
      return reader;
    });
  }
  return readings;
}
