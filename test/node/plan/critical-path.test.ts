/** The longest chain of steps, by hand. */
import { expect, test } from 'vitest';
import type { Access } from '../../../src/graph/op.ts';
import { criticalPath } from '../../../src/plan/critical-path.ts';
import type { DispatchStep, Operand, PlanStep } from '../../../src/plan/plan.ts';
import { roofline, workOf } from '../../../src/plan/work.ts';

const rates = {
  flopsPerSecond: 1,
  bytesPerSecond: 1e9,
  secondsPerDispatch: 0,
  linkBytesPerSecond: 10,
  linkLatencySeconds: 1,
};
const about = { label: 'step', provenance: { layer: '', phase: 'forward', op: 'add', shape: [1] } } as const;
const at = (block: number, access: Access = 'read', offset = 0): Operand => ({
  ...{ space: 'arena', block, offset, bytes: 100, access },
});
/** A kernel of so many seconds. */
const kernel = (flops: number, ...operands: Operand[]): DispatchStep => ({
  ...{
    kind: 'dispatch',
    ...about,
    shader: 'add',
    constants: {},
    params: [],
    operands,
    workgroups: [1, 1, 1],
  },
  work: { kernel: 'pointwise', flops, read: 0, written: 0 },
});

test('what reads waits for what wrote, what does not read waits for nobody', () => {
  const steps = [kernel(2, at(0, 'write')), kernel(5, at(1, 'write')), kernel(1, at(0), at(2, 'write'))];
  expect(criticalPath({ steps }, rates)).toMatchObject({ seconds: 5, steps: [1], deviceSeconds: 8 });
  const joined = [...steps, kernel(4, at(2), at(1, 'update'))];
  expect(criticalPath({ steps: joined }, rates)).toMatchObject({ seconds: 9, steps: [1, 3] });
});

test('a place that is written anew has lost its first writer, but for what is left of it', () => {
  const anew = [kernel(9, at(0, 'write')), kernel(1, at(0, 'write')), kernel(1, at(0))];
  expect(criticalPath({ steps: anew }, rates)).toMatchObject({ seconds: 9, steps: [0] });
  const half = [kernel(9, at(0, 'write')), kernel(1, at(0, 'write', 50)), kernel(1, at(0))];
  expect(criticalPath({ steps: half }, rates)).toMatchObject({ seconds: 10, steps: [0, 2] });
});

test('blocks travel from start to finish, one after the other on a line', () => {
  const parcel = (peer: number, block: number) => ({ peer, at: at(block) });
  const exchange = { ...about, exchange: 0, group: 'row' };
  const steps: PlanStep[] = [
    kernel(2, at(0, 'write')),
    { kind: 'start', ...exchange, sends: [parcel(1, 0), parcel(1, 0), parcel(2, 0)] },
    kernel(3, at(3, 'write')),
    { kind: 'finish', ...exchange, receives: [parcel(1, 4)] },
    kernel(1, at(4), at(5, 'write')),
  ];
  // 2 s, then a second of latency and 200 bytes at 10 a second, then 1 s.
  expect(criticalPath({ steps }, rates)).toEqual({
    seconds: 24,
    exchangeSeconds: 21,
    steps: [0, 1, 3, 4],
    deviceSeconds: 6,
  });
  expect(workOf({ steps })).toMatchObject({ dispatches: 3, flops: 6, sent: 300, received: 100 });
});

test('work takes as long as its operations or as its bytes', () => {
  const machine = { flopsPerSecond: 100, bytesPerSecond: 10 };
  expect(roofline({ flops: 1000, read: 10, written: 20 }, machine)).toBe(10);
  expect(roofline({ flops: 100, read: 10, written: 20 }, machine)).toBe(3);
});
