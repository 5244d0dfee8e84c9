/** The orders of a step: what is run when, and how much is held meanwhile. */
import { describe, expect, test } from 'vitest';
import { philox } from '../../../src/graph/philox.ts';
import { type MeshShape, meshAt, ranksOf } from '../../../src/mesh/mesh.ts';
import { HeldMemory } from '../../../src/plan/held-memory.ts';
import { type Machine, overlappedOrder, typicalMachine } from '../../../src/plan/overlap.ts';
import { frugalOrder, type Task } from '../../../src/plan/schedule.ts';
import { presets } from '../../../src/session/api/presets.ts';
import { trainingPlan } from '../../../src/train/plans.ts';
import { oddModels } from '../models/odd-models.ts';

const plain: Task = {
  kind: 'compute',
  seconds: 1,
  reads: [],
  bytes: 0,
  scratchBytes: 0,
  inPlace: false,
  kept: false,
  sends: [],
};
const compute = (reads: number[], bytes: number, more: Partial<Task> = {}): Task => ({
  ...plain,
  reads,
  bytes,
  ...more,
});
/** Both halves of an exchange of what task `read` gives. */
const exchange = (read: number, bytes: number, peer = 1): Task[] => [
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
const unlimited = { bytes: Number.POSITIVE_INFINITY, ahead: Number.POSITIVE_INFINITY };

const overlapped = (tasks: readonly Task[], freedom = unlimited) =>
  overlappedOrder(tasks, slow, frugalOrder(tasks).order, freedom);

function mostHeld(tasks: readonly Task[], order: readonly number[]): number {
  const memory = new HeldMemory(tasks);
  for (const index of order) memory.run(index);
  return memory.most;
}

describe('what is held', () => {
  test('a result from its own work to its last reader, scratch during its work', () => {
    const tasks = [
      compute([], 10),
      compute([0], 5, { scratchBytes: 100 }),
      compute([1], 1),
      compute([0, 2], 1),
    ];
    const memory = new HeldMemory(tasks);
    const held = tasks.map((_, index) => {
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

describe('the frugal order', () => {
  test('does first what is the last to need something', () => {
    // Of a large result two things are made: a large one, and a small one. The small one goes first.
    const tasks = [
      compute([], 640),
      compute([0], 640, { inPlace: true }),
      compute([0], 1),
      compute([1, 2], 1),
    ];
    expect(frugalOrder(tasks)).toEqual({ order: [0, 2, 1, 3], bytes: 642 });
  });

  test('waits for every exchange at once', () => {
    const tasks = [compute([], 8), ...exchange(0, 8), compute([0], 0), compute([2], 8)];
    expect(frugalOrder(tasks).order).toEqual([0, 1, 2, 3, 4]);
  });
});

describe('the overlapped order', () => {
  test('sends at once, works meanwhile, and goes on with what has arrived', () => {
    // The exchange takes two seconds; three works of a second each do not need it.
    const works = [compute([], 0), compute([], 0), compute([], 0)];
    const tasks = [compute([], 2), ...exchange(0, 2), compute([2], 0, { seconds: 9 }), ...works];
    expect(overlapped(tasks)).toEqual([0, 1, 4, 5, 2, 3, 6]);
  });

  test('a line carries one message after the other, other lines meanwhile others', () => {
    // On one line the second exchange is there after four seconds, on lines of their own after two.
    const works = Array.from({ length: 6 }, () => compute([], 0));
    const tasks = (peer: number) => [
      compute([], 0, { seconds: 0 }),
      ...exchange(0, 2),
      ...exchange(0, 2, peer),
      ...works,
    ];
    const turnOfSecond = (peer: number) => overlapped(tasks(peer)).indexOf(4);
    expect(turnOfSecond(1)).toBe(8);
    expect(turnOfSecond(2)).toBe(6);
  });

  test('begins with what the longest chain waits for', () => {
    const tasks = [compute([], 0), compute([], 0), compute([1], 0, { seconds: 5 })];
    expect(overlapped(tasks)).toEqual([1, 2, 0]);
  });

  test('waits where work would hold more than it may', () => {
    // While the exchange travels, a large result could be made that is needed much later.
    const tasks = [
      compute([], 4),
      ...exchange(0, 4),
      compute([2], 8),
      compute([3], 0),
      compute([], 8),
      compute([4, 5], 0),
    ];
    const ahead = Number.POSITIVE_INFINITY;
    expect(overlapped(tasks)).toEqual([0, 1, 5, 2, 3, 4, 6]);
    expect(overlapped(tasks, { bytes: 12, ahead })).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });

  test('is as near to the frugal order as it must', () => {
    const tasks = [compute([], 4), ...exchange(0, 4), compute([2], 8), compute([], 1), compute([], 1)];
    expect(overlapped(tasks, { ...unlimited, ahead: 1 }).indexOf(3)).toBeLessThan(4);
    expect(overlapped(tasks).indexOf(3)).toBeGreaterThan(4);
  });

  test('random graphs: nothing is run before what it reads, and what is held stays within the bounds', () => {
    for (let seed = 1; seed <= 60; seed++) {
      const tasks: Task[] = [];
      for (let i = 0; tasks.length < 40; i++) {
        const [kind, a, b, size] = philox(i, 0, 0, 0, seed, 0);
        const results = [...tasks.keys()].filter(index => tasks[index].kind !== 'start');
        const pick = (word: number) => (results.length > 0 ? [results[word % results.length]] : []);
        const bytes = 1 + (size % 100);
        if (kind % 4 === 0 && results.length > 0) tasks.push(...exchange(pick(a)[0], bytes, 1 + (b % 2)));
        else tasks.push(compute([...new Set([...pick(a), ...pick(b)])], bytes, { kept: size % 7 === 0 }));
      }
      const frugal = frugalOrder(tasks);
      expect(mostHeld(tasks, frugal.order)).toBe(frugal.bytes);
      for (const more of [0, 50, 1000]) {
        const order = overlapped(tasks, { ...unlimited, bytes: frugal.bytes + more });
        expect([...order].sort((x, y) => x - y)).toEqual([...tasks.keys()]);
        const at = (index: number) => order.indexOf(index);
        tasks.forEach(({ kind, reads }, index) => {
          for (const other of kind === 'finish' ? [...reads, index - 1] : reads) {
            expect(at(other)).toBeLessThan(at(index));
          }
        });
        expect(mostHeld(tasks, order)).toBeLessThanOrEqual(frugal.bytes + more);
      }
    }
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
      const { plan } = trainingPlan(model, 4, presets.demo.optimizer, true, options);
      return plan.steps.flatMap(step => (step.kind === 'dispatch' ? [] : [`${step.kind} ${step.exchange}`]));
    });
    for (const own of exchanges) expect(own).toEqual(exchanges[0]);
  }
});
