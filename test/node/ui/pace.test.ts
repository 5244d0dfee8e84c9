/** Predictions go by the pace of the last sampled steps: what computing takes changes, what a link takes does not. */
import { expect, test } from 'vitest';
import type { Prediction } from '../../../src/session/api/cut-prediction.ts';
import type { StepLanes } from '../../../src/show/lanes.ts';
import { asPredicted, createPace, paced } from '../../../src/ui/board/pace.ts';

const memory = {
  parameters: 1,
  gradients: 1,
  optimizer: 1,
  activations: 1,
  inputs: 1,
  exchange: 1,
  data: 0,
  total: 6,
};
const prediction: Prediction = {
  mesh: { rows: 1, columns: 2, replicas: 1 },
  memory,
  steps: [
    { name: 'here', seconds: 0.1, waitingSeconds: 0.04, busySeconds: 0.08, aloneSeconds: 0.06 },
    { name: 'wifi', seconds: 0.3, waitingSeconds: 0.25, aloneSeconds: 0.06 },
  ],
};
/** A step of two ranks, both on one card or each on its own. */
const lanes = (busyMs: number, wallMs: number, cards = [[0, 1]]) => ({
  cards: cards.map(ranks => ({ card: `${ranks}`, ranks, turns: [], busyMs })),
  ranks: [0, 1].map(rank => ({ rank }) as StepLanes['ranks'][number]),
  wallMs,
});

test('before a step was sampled predictions stand as they are', () => {
  const pace = createPace();
  expect(pace.now()).toEqual(asPredicted);
  expect(paced(prediction, pace.now())).toBe(prediction);
  expect(paced(undefined, { factor: 2, oneCard: 2 })).toBeUndefined();
});

test('a busy machine computes longer, and waits for a link as long as before', () => {
  const pace = createPace();
  pace.add(lanes(240, 320), prediction);
  expect(pace.now()).toEqual({ factor: 3, oneCard: 3, step: { ms: 320, steps: 1 } });
  const [here, wifi] = paced(prediction, pace.now()).steps;
  expect(here.seconds).toBeCloseTo(0.3, 12);
  expect(here.waitingSeconds).toBeCloseTo(0.12, 12);
  expect(here.aloneSeconds).toBeCloseTo(0.18, 12);
  expect(wifi.seconds).toBeCloseTo(0.25 + 3 * 0.05, 12);
  expect(wifi.waitingSeconds).toBe(0.25);
  expect(wifi.aloneSeconds).toBeCloseTo(0.18, 12);
});

test('one slow step among the last five changes nothing, and small changes are not followed', () => {
  const pace = createPace();
  for (const busy of [80, 82, 900, 85, 78]) pace.add(lanes(busy, busy + 20), prediction);
  expect(pace.now()).toEqual({ factor: 1, oneCard: 1, step: { ms: 102, steps: 5 } });
  for (const busy of [160, 170, 160]) pace.add(lanes(busy, busy + 20), prediction);
  expect(pace.now().factor).toBeCloseTo(2, 12);
});

test('what ranks on one card exchange takes as long as it was seen to, unless the link was made slow', () => {
  const pace = createPace();
  // Four times as much computing, but the whole step took only twice as long.
  pace.add(lanes(320, 200), prediction);
  expect(pace.now()).toMatchObject({ factor: 4, oneCard: 2 });
  const [here, wifi] = paced(prediction, pace.now()).steps;
  expect(here.seconds).toBeCloseTo(0.2, 12);
  expect(here.aloneSeconds).toBeCloseTo(0.24, 12);
  expect(wifi.seconds).toBeCloseTo(0.25 + 4 * 0.05, 12);
  const slow = createPace();
  slow.add(lanes(160, 9000), prediction);
  expect(slow.now()).toMatchObject({ factor: 2, oneCard: 2 });
});

test('a card that has one of two ranks has half of the work, and a link does not count', () => {
  const pace = createPace();
  pace.add(lanes(80, 5000, [[0], [1]]), prediction);
  expect(pace.now()).toEqual({ factor: 2, oneCard: 2, step: { ms: 5000, steps: 1 } });
});

test('another run keeps the pace, and forgets the steps', () => {
  const pace = createPace();
  pace.add(lanes(160, 200), prediction);
  pace.forget();
  expect(pace.now()).toEqual({ factor: 2, oneCard: 2 });
  // Of older recordings there is no such prediction.
  pace.add(lanes(800, 900), undefined);
  expect(pace.now()).toEqual({ factor: 2, oneCard: 2, step: { ms: 900, steps: 1 } });
});
