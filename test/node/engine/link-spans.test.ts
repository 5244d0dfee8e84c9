/** What of exchanges was hidden and what exposed, by hand. */
import { expect, test } from 'vitest';
import { linkSpans, travelsOf } from '../../../src/engine/link-spans.ts';
import type { PlanStep } from '../../../src/plan/plan.ts';
import type { Span } from '../../../src/plan/trace.ts';

const device = (from: number, to: number, begun: number, ended: number): Span => ({
  lane: 'device',
  from,
  to,
  begun,
  ended,
});
const travel = (exchange: number, from: number, to: number) => ({ exchange, from, to, peers: [1] });
/** What is left of the spans of one peer. */
const short = (spans: readonly Span[]) => spans.map(({ begun, ended, exposed }) => [begun, ended, exposed]);

// Kernels 0, start 1, kernels 2 to 4, finish 5, kernels 6.
const kernels = [device(0, 1, 0, 10), device(2, 5, 10, 20), device(6, 7, 26, 30)];

test('what arrives while the device works is hidden', () => {
  const spans = linkSpans([travel(0, 1, 6)], kernels, { sentAt: [12], arrivedAt: [19] });
  expect(short(spans)).toEqual([[10, 19, false]]);
  expect(spans[0]).toMatchObject({ lane: 'link', peer: 1, from: 1, to: 6 });
});

test('what the device waits for is exposed until it goes on', () => {
  const spans = linkSpans([travel(0, 1, 6)], kernels, { sentAt: [12], arrivedAt: [24] });
  expect(short(spans)).toEqual([
    [10, 20, false],
    [20, 26, true],
  ]);
});

test('of several that are waited for at once, the last holds the device until it goes on', () => {
  // Starts 1 and 2, finishes 3 and 4.
  const both = [device(0, 1, 0, 10), device(5, 6, 31, 40)];
  const spans = linkSpans([travel(0, 1, 4), travel(1, 2, 5)], both, {
    sentAt: [11, 12],
    arrivedAt: [30, 15],
  });
  expect(short(spans)).toEqual([
    [10, 31, true],
    [10, 15, true],
  ]);
});

test('the exchanges of a plan, each with its peers once', () => {
  const at = { space: 'arena', block: 0, offset: 0, bytes: 4 };
  const about = {
    label: 'x',
    group: 'row',
    provenance: { layer: '', phase: 'forward', op: 'swap', shape: [1] },
  } as const;
  const steps: PlanStep[] = [
    { kind: 'start', exchange: 3, ...about, sends: [1, 2, 2].map(peer => ({ peer, at })) },
    { kind: 'finish', exchange: 3, ...about, receives: [2, 3].map(peer => ({ peer, at })) },
  ];
  expect(travelsOf(steps)).toEqual([{ exchange: 3, from: 0, to: 2, peers: [1, 2, 3] }]);
});
