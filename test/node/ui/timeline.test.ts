/** What the timeline computes without a page: the part in view, bars of a width, the replay's clock, steps that are kept, words. */
import { describe, expect, test } from 'vitest';
import type { PlanStep } from '../../../src/plan/plan.ts';
import type { Span, StepTrace } from '../../../src/plan/trace.ts';
import { lanesOf } from '../../../src/show/lanes.ts';
import { pathStrip } from '../../../src/show/path-strip.ts';
import { cameraIn, cameraWords } from '../../../src/ui/timeline/camera.ts';
import { factsOf } from '../../../src/ui/timeline/facts.ts';
import {
  holding,
  holdingNumber,
  type KeptSteps,
  moved,
  noSteps,
  pinning,
  shownStep,
  withoutSteps,
  withStep,
} from '../../../src/ui/timeline/kept-steps.ts';
import { actionOf, nearest, neighbour } from '../../../src/ui/timeline/keys.ts';
import { idsOf, partnersOf, spansNamed } from '../../../src/ui/timeline/pointing.ts';
import { createReplay, slowdownOf } from '../../../src/ui/timeline/replay.ts';
import { rowsOf } from '../../../src/ui/timeline/rows.ts';
import { found } from '../../../src/ui/timeline/search.ts';
import { stacksOf } from '../../../src/ui/timeline/stacks.ts';
import { panned, showing, ticksOf, whole, zoomed } from '../../../src/ui/timeline/viewport.ts';
import { bound, cardWords, stripWords } from '../../../src/ui/timeline/words.ts';

describe('the part in view', () => {
  test('zooms around a point, which stays where it is, and never leaves the step', () => {
    const closer = zoomed(whole(100), 100, 25, 1 / 2);
    expect(closer).toEqual({ from: 12.5, to: 62.5 });
    expect(zoomed(closer, 100, 25, 2)).toEqual({ from: 0, to: 100 });
    expect(zoomed(whole(100), 100, 90, 1 / 2)).toEqual({ from: 45, to: 95 });
    const closest = zoomed(closer, 100, 30, 1e-9);
    expect(closest.to - closest.from).toBeCloseTo(100 / 20_000, 12);
    expect(panned(closer, 100, 80)).toEqual({ from: 50, to: 100 });
    expect(panned(closer, 100, -80)).toEqual({ from: 0, to: 50 });
  });

  test('moves no further than shows a span', () => {
    const view = { from: 20, to: 40 };
    expect(showing(view, 100, { begun: 25, ended: 30 })).toBe(view);
    expect(showing(view, 100, { begun: 45, ended: 50 })).toEqual({ from: 30, to: 50 });
    expect(showing(view, 100, { begun: 5, ended: 10 })).toEqual({ from: 5, to: 25 });
    expect(showing(view, 100, { begun: 50, ended: 90 })).toEqual({ from: 50, to: 70 });
  });

  test('has round times on its axis', () => {
    expect(ticksOf({ from: 3, to: 47 }, 5)).toEqual([10, 20, 30, 40]);
    expect(ticksOf({ from: 0, to: 1 }, 2)).toEqual([0, 0.5, 1]);
  });
});

describe('the address', () => {
  test.each([
    ['step=254&from=0.030&to=0.062', { step: 254, view: { from: 30, to: 62 } }],
    ['step=0', { step: 0 }],
    ['from=0&to=0.5', { view: { from: 0, to: 500 } }],
    ['step=-1&from=0.2&to=0.1', {}],
    ['step=1.5&from=x&to=1', {}],
    ['step=&from=&to=', {}],
    ['from=0&to=Infinity', {}],
  ])('%s is read', (text, camera) => {
    expect(cameraIn(Object.fromEntries(new URLSearchParams(text)))).toEqual(camera);
  });

  test('has as many digits as the part in view needs, and is read as it was written', () => {
    expect(cameraWords({ step: 254, view: { from: 30, to: 62 } })).toEqual({
      ...{ step: '254', from: '0.03', to: '0.062' },
    });
    expect(cameraWords({})).toEqual({});
    const view = { from: 12.34567, to: 12.34667 };
    const read = cameraIn(cameraWords({ view })).view!;
    expect(Math.abs(read.from - view.from)).toBeLessThan((view.to - view.from) / 1000);
    expect(Math.abs(read.to - view.to)).toBeLessThan((view.to - view.from) / 1000);
  });

  test('holds a step that is kept, by its number', () => {
    const traces = (step: number): StepTrace[] => [{ plan: '', rank: 0, step, resolution: 0, spans: [] }];
    const kept = [3, 4, 5].map(traces).reduce(withStep, noSteps);
    expect(shownStep(holdingNumber(kept, 4) ?? noSteps)?.[0].step).toBe(4);
    expect(holdingNumber(kept, 7)).toBeUndefined();
  });
});

describe('bars', () => {
  const add = ({ kind }: { kind: number }, weight: number, shares: Float64Array) => {
    shares[kind] += weight;
  };
  const shown = (stacks: ReturnType<typeof stacksOf>) =>
    stacks.map(({ x, width, shares }) => [x, width, ...shares]);

  test('are as wide as what they show; what is narrower than a pixel has its part of a column', () => {
    const intervals = [
      { begun: 0, ended: 4, kind: 0 },
      { begun: 4, ended: 4.25, kind: 0 },
      { begun: 4.25, ended: 4.5, kind: 1 },
      { begun: 4.5, ended: 4.75, kind: 1 },
      { begun: 6, ended: 10, kind: 1 },
    ];
    expect(shown(stacksOf(intervals, 2, add, { from: 0, to: 10 }, 10))).toEqual([
      [0, 4, 1, 0],
      [4, 1, 0.25, 0.5],
      [6, 4, 0, 1],
    ]);
    expect(shown(stacksOf(intervals, 2, add, { from: 2, to: 7 }, 10))).toEqual([
      [0, 4, 1, 0],
      [4, 1, 0.5, 0.5],
      [5, 1, 0, 0.5],
      [8, 2, 0, 1],
    ]);
  });

  test('are no more than pixels, however many spans there are, and leave no time out', () => {
    const intervals = Array.from({ length: 20_000 }, (_, i) => ({ begun: i, ended: i + 1, kind: i % 2 }));
    const stacks = stacksOf(intervals, 2, add, { from: 0, to: 20_000 }, 1000);
    expect(stacks).toHaveLength(1000);
    const sums = stacks.reduce(([a, b], { shares }) => [a + shares[0], b + shares[1]], [0, 0]);
    expect(sums.map(Math.round)).toEqual([500, 500]);
  });
});

describe('a replay', () => {
  test('is slower by a round number, so that a step takes about 8 s', () => {
    expect(slowdownOf(80)).toBe(100);
    expect(slowdownOf(279)).toBe(20);
    expect(slowdownOf(7)).toBe(1000);
    expect(slowdownOf(0)).toBe(1);
  });

  test('goes on where it was stopped, begins anew at the end, and can be moved', () => {
    const replay = createReplay({ wallMs: 80, slowdown: 100 });
    expect(replay.at(5)).toBe(0);
    replay.play(1000);
    expect(replay.at(3000)).toBe(20);
    replay.pause(4000);
    expect(replay.at(9000)).toBe(30);
    replay.play(10_000);
    expect(replay.at(10_500)).toBe(35);
    expect(replay.at(16_000)).toBe(10);
    replay.seek(70, 16_000);
    expect(replay.at(16_500)).toBe(75);
    expect(replay.isPlaying()).toBe(true);
  });

  test('jumps from span to span where less motion is asked for, and rests at each', () => {
    const replay = createReplay({ wallMs: 80, slowdown: 100, moments: [0, 1, 4, 6, 30] });
    replay.play(0);
    // Half a second of the viewer is 5 ms of the step.
    expect([0, 100, 450, 600, 1000, 2900, 3000, 7900].map(now => replay.at(now))).toEqual([
      ...[0, 0, 0, 6, 6, 6, 30, 30],
    ]);
  });
});

const provenance = { layer: 'blocks.0', phase: 'forward', op: 'matmul', shape: [1] } as const;
const kernel = (shader: string, layer: string): PlanStep => ({
  ...{ kind: 'dispatch', label: shader, shader, constants: {}, params: [], operands: [] },
  ...{ workgroups: [1, 1, 1], provenance: { ...provenance, layer } },
  work: { kernel: 'product', flops: 3e6, read: 1000, written: 24 },
});
const at = { space: 'exchange', block: 0, offset: 0, bytes: 8192 };
const exchange = {
  label: 'swap',
  exchange: 3,
  group: 'row',
  provenance: { ...provenance, op: 'swap' },
} as const;
const stepsTo = (peer: number): PlanStep[] => [
  kernel('matmul', 'blocks.0'),
  { kind: 'start', ...exchange, sends: [{ peer, at }] },
  { kind: 'finish', ...exchange, receives: [{ peer, at }] },
  kernel('norm', 'blocks.1'),
];
const plans = new Map([
  ['zero', stepsTo(1)],
  ['one', stepsTo(0)],
]);
const spansTo = (peer: number, late: number): Span[] => [
  { lane: 'device', from: 0, to: 1, begun: 0, ended: 2 + late },
  { lane: 'link', peer, from: 1, to: 3, begun: 2 + late, ended: 8, exposed: true },
  { lane: 'device', from: 3, to: 4, begun: 8, ended: 10 },
];
const traces: StepTrace[] = [
  { plan: 'zero', rank: 0, step: 4, resolution: 0.1, spans: spansTo(1, 0) },
  { plan: 'one', rank: 1, step: 4, resolution: 0.1, spans: spansTo(0, 1) },
];
const lanes = lanesOf(
  traces,
  hash => plans.get(hash),
  () => 'host',
)!;
const [work, sends] = lanes.ranks[0].spans;

test('steps are kept up to twenty; what is held stays, and what is pinned outlives the run', () => {
  const steps = Array.from({ length: 25 }, (): StepTrace[] => []);
  const all = (kept: KeptSteps, from: number, to: number) => steps.slice(from, to).reduce(withStep, kept);
  const five = holding(all(noSteps, 0, 5));
  expect(shownStep(five)).toBe(steps[4]);
  const later = all(five, 5, 25);
  expect(later.all).toHaveLength(20);
  expect(later.all.at(0)).toBe(steps[4]);
  expect(shownStep(later)).toBe(steps[4]);
  expect(later.all.at(1)).toBe(steps[6]);
  expect(shownStep(moved(later, 1))).toBe(steps[6]);
  expect(shownStep(moved(later, -1))).toBe(steps[4]);
  expect(moved(later, 100).held).toBe(undefined);
  const reading = { traces, lanes, strip: pathStrip(lanes) };
  const pinned = pinning(later, reading);
  expect(withoutSteps(pinned)).toEqual({ ...noSteps, pinned: reading });
  expect(pinning(pinned, reading).pinned).toBe(undefined);
  // A step that is told of twice is one step.
  expect(withStep(later, steps[24])).toBe(later);
});

test('keys have meanings, and spans neighbours', () => {
  expect(actionOf('ArrowLeft')).toEqual({ kind: 'span', by: -1 });
  expect(actionOf('a')).toBe(undefined);
  const { spans } = lanes.ranks[0];
  expect(neighbour(spans, work, 0, 1)).toBe(sends);
  expect(neighbour(spans, work, 0, -1)).toBe(work);
  expect(neighbour(spans, undefined, 9, 1)).toBe(spans[2]);
  expect(nearest([], 1)).toBe(undefined);
});

test('a span is named for all views; an exchange lights up on all ranks, and only that one', () => {
  expect(idsOf(work, lanes)).toEqual(['r:0', 's:0', 'l:blocks.0']);
  expect(idsOf(sends, lanes)).toEqual(['x:3']);
  expect(partnersOf(sends, lanes)).toEqual([sends, lanes.ranks[1].spans[1]]);
  expect(partnersOf(work, lanes)).toEqual([work]);
  expect(spansNamed(['x:3'], lanes)).toEqual([sends, lanes.ranks[1].spans[1]]);
  expect(spansNamed(['r:1', 's:3'], lanes)).toEqual([lanes.ranks[1].spans[2]]);
  expect(spansNamed(['l:blocks.0'], lanes)).toEqual(lanes.ranks.map(({ spans }) => spans[0]));
  expect(spansNamed(['r:1'], lanes)).toEqual([]);
});

test('spans are found by layer, phase, op and kernel', () => {
  expect(found(lanes, 'SWAP row')).toHaveLength(2);
  expect(found(lanes, 'norm')).toEqual(lanes.ranks.map(({ spans }) => spans[2]));
  expect(found(lanes, 'blocks.0 backward')).toEqual([]);
  expect(found(lanes, '  ')).toBe(undefined);
});

test('words tell the path, the card and a span, and mark what is estimated', () => {
  const strip = pathStrip(lanes);
  // On rank 1 until it has sent at 3, half of which the card had others for 2 ms; then on rank 0.
  expect(stripWords(strip).replaceAll(/\s/g, ' ')).toBe(
    'own work ~30 % · card shared ~20 % · waits for others 50 % = 10 ms',
  );
  expect(bound(strip)).toBe('bound by the links');
  expect(cardWords(lanes)).toBe('one card, two ranks take turns');
  const facts = factsOf(work, lanes);
  expect(facts.title).toBe('matmul, forward blocks.0 on rank 0');
  expect(facts.lines.join('; ')).toMatch(
    /^2.ms ± 0.1 \(browser's clock\), from 0.ms; of it ~1.ms its own, ~1.ms waiting for the card \(estimated\); 1 kernel, 3.MFLOP, 1.0.KiB read and written$/,
  );
  expect(factsOf(sends, lanes).lines[1]).toMatch(/^sends 8.0.KiB; nothing else was done meanwhile$/);
  const alone = lanesOf(traces, hash => plans.get(hash))!;
  expect(cardWords(alone)).toBe('two cards, a rank on each');
  expect(stripWords(pathStrip(alone))).not.toContain('~');
});

test('the lane of this page comes first, where it is one among others', () => {
  const reading = { traces, lanes, strip: pathStrip(lanes) };
  const namesFor = (own?: number) =>
    rowsOf({ reading, cards: [], own }).flatMap(({ kind, label }) => (kind === 'rank' ? label : []));
  expect(namesFor()).toEqual(['rank 0', 'rank 1']);
  expect(namesFor(1)).toEqual(['rank 1, you', 'rank 0']);
});
