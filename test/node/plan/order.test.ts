/** The orders of a step: what is run when, and how much is held meanwhile. */
import { describe, expect, test } from 'vitest';
import { philox } from '../../../src/graph/philox.ts';
import { type MeshShape, meshAt, ranksOf } from '../../../src/mesh/mesh.ts';
import { HeldMemory } from '../../../src/plan/held-memory.ts';
import type { Job } from '../../../src/plan/job.ts';
import { type Machine, typicalMachine } from '../../../src/plan/machine.ts';
import { overlappedOrder } from '../../../src/plan/overlap.ts';
import { Rest } from '../../../src/plan/rest.ts';
import { dependencies, frugalOrder } from '../../../src/plan/schedule.ts';
import { presets } from '../../../src/session/api/presets.ts';
import { loadAllKinds } from '../../../src/train/load-kinds.ts';
import { trainingPlan } from '../../../src/train/plans.ts';
import { forecastJob } from '../../reference/jobs.ts';
import { naiveFrugalOrder, naiveOverlappedOrder } from '../../reference/naive-order.ts';
import { oddModels } from '../models/odd-models.ts';

await loadAllKinds();

const plain: Job = {
  kind: 'compute',
  seconds: 1,
  reads: [],
  bytes: 0,
  scratchBytes: 0,
  inPlace: false,
  kept: false,
  sends: [],
};
const compute = (reads: number[], bytes: number, more: Partial<Job> = {}): Job => ({
  ...plain,
  reads,
  bytes,
  ...more,
});
/** Both halves of an exchange of what job `read` gives. */
const exchange = (read: number, bytes: number, peer = 1): Job[] => [
  { ...plain, kind: 'start', seconds: 0, reads: [read], sends: [{ peer, bytes }] },
  { ...plain, kind: 'finish', seconds: 0 },
];
/** A byte a second, and no time else. */
const slow: Machine = {
  flopsPerSecond: 1,
  elementsPerSecond: 1,
  secondsPerDispatch: 0,
  latencySeconds: 0,
  bytesPerSecond: 1,
};
/** Random graphs that orders are compared on. */
const RANDOM = 100;
const unlimited = { bytes: Number.POSITIVE_INFINITY, ahead: Number.POSITIVE_INFINITY };

const overlapped = (jobs: readonly Job[], freedom = unlimited) =>
  overlappedOrder(jobs, slow, frugalOrder(jobs).order, freedom);

/** At least `count` of all kinds; what they read is mostly young, but for a few results that many read. */
function randomJobs(seed: number, count: number): Job[] {
  const jobs: Job[] = [];
  for (let i = 0; jobs.length < count; i++) {
    const [kind, a, b, c] = philox(i, 0, 0, 0, seed, 0);
    const [size, scratch, time, traits] = philox(i, 1, 0, 0, seed, 0);
    const results = [...jobs.keys()].filter(index => jobs[index].kind !== 'start');
    const young = (word: number) => results.slice(-6).at(word % Math.min(6, results.length || 1)) ?? [];
    const any = (word: number) => results[word % 5] ?? [];
    const reads = [...new Set([young(a), young(b), c % 3 === 0 ? any(c >>> 8) : []].flat())];
    // Few sizes, so that a result can take the place of another.
    const bytes = [0, 1, 10, 64, 64, 640][size % 6];
    if (kind % 4 === 0 && reads.length > 0) {
      const keep = traits % 2 === 0 ? [reads[0]] : [];
      const [start, finish] = exchange(reads[0], 1 + (size % 100), 1 + (b % 2));
      jobs.push(start, { ...finish, reads: keep });
      continue;
    }
    jobs.push(
      compute(reads, bytes, {
        seconds: time % 20,
        scratchBytes: scratch % 3 === 0 ? 100 : 0,
        inPlace: traits % 2 === 0,
        kept: traits % 16 === 1,
      }),
    );
  }
  return jobs;
}

function mostHeld(jobs: readonly Job[], order: readonly number[]): number {
  const memory = new HeldMemory(jobs);
  for (const index of order) memory.run(index);
  return memory.most;
}

describe('what is held', () => {
  test('a result from its own work to its last reader, scratch during its work', () => {
    const jobs = [
      compute([], 10),
      compute([0], 5, { scratchBytes: 100 }),
      compute([1], 1),
      compute([0, 2], 1),
    ];
    const memory = new HeldMemory(jobs);
    const held = jobs.map((_, index) => {
      memory.run(index);
      return [memory.held, memory.most];
    });
    expect(held).toEqual([
      [10, 10],
      [15, 115],
      [11, 115],
      [1, 115],
    ]);
  });

  test('a result in the place of what it reads last, one that is kept to the end', () => {
    const inPlace = [compute([], 10), compute([0], 10, { inPlace: true }), compute([1], 10)];
    expect(mostHeld(inPlace, [0, 1])).toBe(10);
    expect(mostHeld(inPlace, [0, 1, 2])).toBe(20);
    expect(mostHeld([compute([], 10, { kept: true }), compute([0], 10, { inPlace: true })], [0, 1])).toBe(20);
  });
});

test('a result takes the place of one only of what it reads last', () => {
  const replacing = compute([0, 1], 64, { inPlace: true, scratchBytes: 100 });
  const jobs = [
    compute([], 64),
    compute([], 64),
    replacing,
    compute([0], 0),
    compute([1], 0),
    compute([], 1),
  ];
  const rest = new Rest(jobs, [...jobs.keys()]);
  // Both readers that came after it go ahead of it.
  for (const index of [0, 1, 3, 4]) rest.run(index);
  expect(rest.mostWith(5)).toBe(64 + 64 + 100 + 1);
});

test('random graphs: what the rest would hold is what going through it gives', () => {
  for (let seed = 1; seed <= 60; seed++) {
    const jobs = randomJobs(seed, 40);
    const { order } = frugalOrder(jobs);
    const rest = new Rest(jobs, order);
    const { first, released } = dependencies(jobs);
    const ready = [...first];
    const done: number[] = [];
    for (let turn = 0; ready.length > 0; turn++) {
      for (const index of ready) {
        const memory = new HeldMemory(jobs);
        for (const other of done) memory.run(other);
        memory.most = 0;
        const left = order.filter(other => other !== index && !done.includes(other));
        for (const other of [index, ...left]) memory.run(other);
        expect(rest.mostWith(index), `seed ${seed}, turn ${turn}`).toBe(memory.most);
      }
      const [next] = ready.splice(philox(turn, 2, 0, 0, seed, 0)[0] % ready.length, 1);
      rest.run(next);
      done.push(next);
      ready.push(...released(next));
    }
  }
});

describe('the frugal order', () => {
  test('does first what is the last to need something', () => {
    // Of a large result two things are made: a large one, and a small one. The small one goes first.
    const jobs = [
      compute([], 640),
      compute([0], 640, { inPlace: true }),
      compute([0], 1),
      compute([1, 2], 1),
    ];
    expect(frugalOrder(jobs)).toEqual({ order: [0, 2, 1, 3], bytes: 642 });
  });

  test('waits for every exchange at once', () => {
    const jobs = [compute([], 8), ...exchange(0, 8), compute([0], 0), compute([2], 8)];
    expect(frugalOrder(jobs).order).toEqual([0, 1, 2, 3, 4]);
  });
});

describe('the overlapped order', () => {
  test('sends at once, works meanwhile, and goes on with what has arrived', () => {
    // The exchange takes two seconds; three jobs of a second each do not need it.
    const meanwhile = [compute([], 0), compute([], 0), compute([], 0)];
    const jobs = [compute([], 2), ...exchange(0, 2), compute([2], 0, { seconds: 9 }), ...meanwhile];
    expect(overlapped(jobs)).toEqual([0, 1, 4, 5, 2, 3, 6]);
  });

  test('a line carries one message after the other, other lines meanwhile others', () => {
    // On one line the second exchange is there after four seconds, on lines of their own after two.
    const meanwhile = Array.from({ length: 6 }, () => compute([], 0));
    const jobs = (peer: number) => [
      compute([], 0, { seconds: 0 }),
      ...exchange(0, 2),
      ...exchange(0, 2, peer),
      ...meanwhile,
    ];
    const turnOfSecond = (peer: number) => overlapped(jobs(peer)).indexOf(4);
    expect(turnOfSecond(1)).toBe(8);
    expect(turnOfSecond(2)).toBe(6);
  });

  test('begins with what the longest chain waits for', () => {
    const jobs = [compute([], 0), compute([], 0), compute([1], 0, { seconds: 5 })];
    expect(overlapped(jobs)).toEqual([1, 2, 0]);
  });

  test('waits where work would hold more than it may', () => {
    // While the exchange travels, a large result could be made that is needed much later.
    const jobs = [
      compute([], 4),
      ...exchange(0, 4),
      compute([2], 8),
      compute([3], 0),
      compute([], 8),
      compute([4, 5], 0),
    ];
    const ahead = Number.POSITIVE_INFINITY;
    expect(overlapped(jobs)).toEqual([0, 1, 5, 2, 3, 4, 6]);
    expect(overlapped(jobs, { bytes: 12, ahead })).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });

  test('is as near to the frugal order as it must', () => {
    const jobs = [compute([], 4), ...exchange(0, 4), compute([2], 8), compute([], 1), compute([], 1)];
    expect(overlapped(jobs, { ...unlimited, ahead: 1 }).indexOf(3)).toBeLessThan(4);
    expect(overlapped(jobs).indexOf(3)).toBeGreaterThan(4);
  });

  test('computes while exchanges travel, however many of them come first in the frugal order', () => {
    const jobs = [
      compute([], 1),
      ...exchange(0, 4),
      ...exchange(0, 4),
      ...exchange(0, 4),
      compute([2, 4, 6], 1),
      compute([], 1),
    ];
    const order = overlapped(jobs, { ...unlimited, ahead: 2 });
    expect(order.indexOf(8)).toBeLessThan(order.indexOf(2));
  });

  test('random graphs: nothing is run before what it reads, and what is held stays within the bounds', () => {
    for (let seed = 1; seed <= 60; seed++) {
      const jobs = randomJobs(seed, 40);
      const frugal = frugalOrder(jobs);
      expect(mostHeld(jobs, frugal.order)).toBe(frugal.bytes);
      for (const more of [0, 50, 1000]) {
        const order = overlapped(jobs, { ...unlimited, bytes: frugal.bytes + more });
        expect([...order].sort((x, y) => x - y)).toEqual([...jobs.keys()]);
        const at = (index: number) => order.indexOf(index);
        jobs.forEach(({ kind, reads }, index) => {
          for (const other of kind === 'finish' ? [...reads, index - 1] : reads) {
            expect(at(other)).toBeLessThan(at(index));
          }
        });
        expect(mostHeld(jobs, order)).toBeLessThanOrEqual(frugal.bytes + more);
      }
    }
  });

  test('random graphs: both orders are those that looking at everything at every turn gives', () => {
    for (let seed = 1; seed <= RANDOM; seed++) {
      const jobs = randomJobs(seed, 1 + (seed % 97));
      const frugal = frugalOrder(jobs);
      expect(frugal, `seed ${seed}`).toEqual(naiveFrugalOrder(jobs));
      for (const more of [0, 0.1, 1]) {
        for (const ahead of [1, 2, 5, Number.POSITIVE_INFINITY]) {
          const freedom = { bytes: (1 + more) * frugal.bytes, ahead };
          const order = overlappedOrder(jobs, slow, frugal.order, freedom);
          expect(order, `seed ${seed}`).toEqual(naiveOverlappedOrder(jobs, slow, frugal.order, freedom));
        }
      }
    }
  });

  test('less than the frugal order holds is refused', () => {
    const jobs = [compute([], 8), compute([0], 8)];
    expect(() => overlapped(jobs, { ...unlimited, bytes: 15 })).toThrow(
      'no order of these 2 jobs holds 15 bytes at most',
    );
  });
});

const shapes: [MeshShape, number][] = [
  [{ rows: 2, columns: 3, replicas: 1 }, 2],
  [{ rows: 3, columns: 2, replicas: 2 }, 1],
  [{ rows: 1, columns: 4, replicas: 1 }, 4],
];

test.each(shapes)('all ranks of %o exchange in the same order', (shape, microBatches) => {
  const odd = oddModels['concat and blend'];
  const model = { ...odd, height: 6, channels: 7, embedding: 14, blocks: 1, rollout: 1 };
  for (const overlap of [undefined, typicalMachine]) {
    const exchanges = Array.from({ length: ranksOf(shape) }, (_, rank) => {
      const options = { mesh: meshAt(shape, rank), microBatches, overlap };
      const { plan } = trainingPlan(forecastJob(model, true), 4, presets.demo.optimizer, options);
      return plan.steps.flatMap(step => (step.kind === 'dispatch' ? [] : [`${step.kind} ${step.exchange}`]));
    });
    for (const own of exchanges) expect(own).toEqual(exchanges[0]);
  }
});
