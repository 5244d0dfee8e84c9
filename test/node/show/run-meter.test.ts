/** The meter of a run, on events with a known law: 200 W, 100 W, a clock that jumps, ranks on one card. */
import { describe, expect, test } from 'vitest';
import type { Band } from '../../../src/energy/band.ts';
import type { GpuPower } from '../../../src/energy/gpu-power.ts';
import { cardId, type Machines, machinesOf, type PlaceOfRank } from '../../../src/energy/machines.ts';
import { gramsOf, joulesPerSample, wattHours } from '../../../src/energy/meter.ts';
import { usualSettings } from '../../../src/energy/settings.ts';
import type { Span } from '../../../src/plan/trace.ts';
import type { RankReport, RunEvent } from '../../../src/session/api/api.ts';
import { bandText, evidenceText, hostText } from '../../../src/show/energy-words.ts';
import { type MeteredRun, RunMeter } from '../../../src/show/run-meter.ts';

const exact = (value: number): Band => ({ low: value, central: value, high: value });

/** 100 W at rest, 300 W at full load; a TFLOP/s. */
const gpu: GpuPower = {
  idle: exact(100),
  full: exact(300),
  rates: { flops: exact(1e12), bandwidth: exact(1e15) },
  kind: 'desktop',
  name: 'plain',
  evidence: 'all known',
};
const oneCard: Machines = {
  cards: [{ id: 'card', host: 'here', gpu }],
  hosts: new Map([['here', { watts: exact(50), pue: 1.2 }]]),
  cardOf: new Map([[0, 'card']]),
  ...{ names: new Map(), processors: new Map() },
  notes: [],
};
const flopsOfStep = 1e12;
const run: MeteredRun = {
  machines: oneCard,
  work: [{ flops: flopsOfStep, bytes: 0, dispatches: 0 }],
  batch: 4,
};

const status = (name: 'running' | 'paused'): RunEvent => ({ type: 'status', status: name });
const metrics = (steps: number, seconds: number, gpuBusySeconds = 0): RunEvent => ({
  type: 'metrics',
  step: steps,
  losses: Array.from({ length: steps }, () => 1),
  learningRates: [],
  gradientNorms: [],
  seconds,
  samplesPerSecond: 1,
  dataMs: 0,
  secondsLeft: 1,
  gpuBusySeconds,
});
const span = (begun: number, ended: number): Span => ({ lane: 'device', from: 0, to: 1, begun, ended });
const trace = (...spansOfRanks: Span[][]): RunEvent => ({
  type: 'trace',
  origin: 0,
  traces: spansOfRanks.map((spans, rank) => ({ plan: '', rank, step: 1, resolution: 0, spans })),
});

/** A meter with a clock of its own, in seconds. */
function metered(of: MeteredRun = run) {
  const clock = { seconds: 1000 };
  const meter = new RunMeter(of, () => 1000 * clock.seconds);
  return { clock, meter };
}

describe('a run on one card', () => {
  test('always busy at the peak: 300 W, and 50 W of the machine, and what the building adds', () => {
    const { clock, meter } = metered();
    meter.hear(status('running'));
    meter.hear(trace([span(0, 10)]));
    clock.seconds += 2;
    // Two steps of a TFLOP in two seconds.
    expect(meter.hear(metrics(2, 2))).toBe(true);
    const { totals, watts, gpuWatts, load } = meter.now;
    expect(load).toBe('traces');
    expect(gpuWatts).toEqual(exact(300));
    expect(watts?.central).toBeCloseTo(1.2 * 350, 9);
    expect(totals.gpuJoules.central).toBeCloseTo(600, 9);
    expect(totals.joules.central).toBeCloseTo(840, 9);
    expect(totals.samples).toBe(8);
    expect(joulesPerSample(totals)?.central).toBeCloseTo(105, 9);
    expect(wattHours(totals.joules).central).toBeCloseTo(840 / 3600, 9);
    expect(gramsOf(totals.joules, 475).central).toBeCloseTo((0.475 * 840) / 3600, 9);
  });

  test('half of the time busy, at a quarter of the peak', () => {
    const { clock, meter } = metered();
    meter.hear(status('running'));
    meter.hear(trace([span(0, 5), { ...span(5, 10), lane: 'link', exposed: true }]));
    clock.seconds += 8;
    meter.hear(metrics(1, 8));
    expect(meter.now.gpuWatts?.central).toBeCloseTo(100 + 200 * 0.5 * Math.sqrt(0.25), 9);
    expect(meter.now.roofShare?.central).toBeCloseTo(0.25, 9);
  });

  test('without traces the queue tells, and without that the band is wide', () => {
    const { clock, meter } = metered();
    meter.hear(status('running'));
    clock.seconds += 2;
    meter.hear(metrics(2, 2, 2));
    expect(meter.now.load).toBe('queue');
    const queue = meter.now.gpuWatts!;
    clock.seconds += 2;
    // A session that was resumed counts from zero: what the queue says of this report is not known.
    meter.hear(metrics(2, 2, 0));
    expect(meter.now.load).toBe('nothing');
    const nothing = meter.now.gpuWatts!;
    expect(nothing.high - nothing.low).toBeGreaterThan(queue.high - queue.low);
    expect(nothing.low).toBeGreaterThan(100);
  });

  test('a reading takes the place of the estimate, and says so', () => {
    const { clock, meter } = metered();
    meter.hear(status('running'));
    meter.read('card', { source: 'nvidia-smi', watts: 210 });
    meter.read('card', { source: 'nvidia-smi', watts: 230 });
    meter.read('another', { source: 'nvidia-smi', watts: 500 });
    meter.read('card', { source: 'nvidia-smi', watts: Number.NaN });
    clock.seconds += 1;
    meter.hear(metrics(1, 1));
    expect(meter.now.gpuWatts?.central).toBe(220);
    expect(meter.now.sources).toEqual(['nvidia-smi']);
    expect(meter.now.totals.readSeconds).toBe(1);
    // What was read a second ago still holds, what was read long ago does not.
    clock.seconds += 1;
    meter.hear(metrics(1, 1));
    expect(meter.now.gpuWatts?.central).toBe(230);
    clock.seconds += 10;
    meter.hear(metrics(1, 10));
    expect(meter.now.totals.readSeconds).toBe(2);
  });

  test('scores and checkpoints between steps are time too; a pause is not', () => {
    const { clock, meter } = metered();
    meter.hear(status('running'));
    clock.seconds += 5;
    meter.hear(metrics(1, 2));
    expect(meter.now.totals.seconds).toBe(5);
    meter.hear(status('paused'));
    clock.seconds += 300;
    meter.hear(status('running'));
    clock.seconds += 1;
    meter.hear(metrics(1, 1));
    expect(meter.now.totals.seconds).toBe(6);
    expect(meter.now.notes).toEqual([]);
  });

  test('what is in use of the processor at most bounds the load of a GPU in software, and of no other', () => {
    const wattsWith = (kind: 'software' | 'desktop', most?: number) => {
      const software: GpuPower = { ...gpu, kind, rates: undefined };
      const machines = { ...oneCard, cards: [{ id: 'card', host: 'here', gpu: software }] };
      const { clock, meter } = metered({ ...run, machines });
      if (most !== undefined) meter.hearProcessor(most);
      meter.hear(status('running'));
      clock.seconds += 2;
      // Nobody says how long the card had work.
      meter.hear(metrics(2, 2, Number.NaN));
      return meter.now.gpuWatts!;
    };
    const unbounded = { low: 100 + 200 * 0.2, central: 100 + 200 * 0.7, high: 300 };
    expect(wattsWith('software')).toEqual(unbounded);
    // A busy processor may be busy with something else: that raises nothing.
    expect(wattsWith('software', 1)).toEqual(unbounded);
    expect(wattsWith('software', 0.65)).toEqual({ low: 140, central: 230, high: 230 });
    expect(wattsWith('desktop', 0.65)).toEqual(unbounded);
  });

  test('training and scoring are apart, whether scores come between steps or after the last', () => {
    const { clock, meter } = metered();
    meter.hear(status('running'));
    meter.hear(trace([span(0, 10)]));
    clock.seconds += 2;
    meter.hear(metrics(2, 2));
    clock.seconds += 3;
    // Told a second before the next steps begin.
    expect(meter.hear({ type: 'scores', step: 2, part: 'validation', scores: [] })).toBe(false);
    clock.seconds += 3;
    meter.hear(metrics(2, 2));
    clock.seconds += 5;
    meter.hear({ type: 'scores', step: 4, part: 'test', scores: [] });
    clock.seconds += 1;
    meter.hear({ type: 'status', status: 'done' });
    const { totals } = meter.now;
    expect(totals.seconds).toBeCloseTo(14, 9);
    expect(totals.trainingSeconds).toBeCloseTo(4, 9);
    // 420 W while it trains, and between a GPU at rest and one at work while it scores.
    expect(totals.trainingJoules.central).toBeCloseTo(4 * 420, 9);
    expect(totals.joules.central - totals.trainingJoules.central).toBeCloseTo(10 * 1.2 * 250, 9);
    expect(joulesPerSample(totals)?.central).toBeCloseTo((4 * 420) / 16, 9);
  });

  test('a long run has few points, and they keep its energy', () => {
    const { clock, meter } = metered();
    meter.hear(status('running'));
    for (let i = 0; i < 3000; i++) {
      clock.seconds += 0.25;
      meter.hear(metrics(1, 0.25, 0.05 * i));
    }
    const { points, totals } = meter.now;
    expect(points.length).toBeLessThanOrEqual(480);
    expect(points.at(-1)?.at).toBeCloseTo(750, 6);
    const lengths = points.slice(0, -1).map(({ seconds }) => seconds);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(2 * Math.min(...lengths) + 1e-9);
    const joules = points.reduce((sum, { watts, seconds }) => sum + watts.high * seconds, 0);
    expect(joules / totals.joules.high).toBeCloseTo(1, 9);
  });
});

describe('a clock that jumps', () => {
  test('a machine that slept: the night is not counted, and said', () => {
    const { clock, meter } = metered();
    meter.hear(status('running'));
    clock.seconds += 8 * 3600;
    meter.hear(metrics(1, 2));
    expect(meter.now.totals.seconds).toBe(2);
    expect(meter.now.notes).toEqual([
      'For 480 min nothing was heard, as when a machine sleeps: not counted.',
    ]);
  });

  test('back: the run has its own clock', () => {
    const { clock, meter } = metered();
    meter.hear(status('running'));
    clock.seconds -= 3600;
    meter.hear(metrics(1, 2));
    expect(meter.now.totals.seconds).toBe(2);
    expect(meter.now.notes).toEqual(["The clock went back by 3600.0 s: the run's own time is counted."]);
  });

  test('a report that claims more time than there was, or none', () => {
    const { clock, meter } = metered();
    meter.hear(status('running'));
    clock.seconds += 2;
    meter.hear(metrics(1, 5000));
    expect(meter.now.totals.seconds).toBe(2);
    meter.hear(metrics(1, -3));
    meter.hear(metrics(1, Number.NaN));
    expect(meter.now.totals.seconds).toBe(2);
    expect(meter.now.notes).toEqual([
      'Steps took 5000 s by their clock and 2 s by this one: the less is counted.',
      'Steps that took -3 s cannot be: they are not counted.',
      'Steps that took NaN s cannot be: they are not counted.',
    ]);
  });
});

describe('ranks', () => {
  const rtx3060 = { vendor: 'nvidia', architecture: 'ampere', description: 'NVIDIA GeForce RTX 3060' };
  const intel = { vendor: 'intel', architecture: 'gen-12lp', description: '' };
  const report = (rank: number, stepMs: number, exposedExchangeMs: number): RankReport => ({
    rank,
    bytesSent: 0,
    messagesSent: 0,
    stepMs,
    dataMs: 0,
    exchangeMs: exposedExchangeMs,
    exposedExchangeMs,
  });

  test('with the same host and adapter are on one card; a machine counts once', () => {
    const places = [
      { rank: 0, host: 'a', clues: rtx3060 },
      { rank: 1, host: 'a', clues: rtx3060 },
      { rank: 2, host: 'a', clues: intel },
      { rank: 3, host: 'b', clues: rtx3060 },
    ];
    const machines = machinesOf(places, { ...usualSettings, hostWatts: 40 });
    expect(machines.cards).toHaveLength(3);
    expect([...machines.hosts.keys()]).toEqual(['a', 'b']);
    expect(machines.cardOf.get(1)).toBe(cardId('a', rtx3060));
    expect(machines.cardOf.get(3)).toBe(cardId('b', rtx3060));
    // What the user says is of the own machine.
    expect(machines.hosts.get('a')?.watts).toEqual(exact(40));
    expect(machines.hosts.get('b')?.watts.central).toBe(60);
    // What is to be said of a card is said once.
    const unknown = { vendor: '', architecture: '', description: '' };
    const twice = [0, 1].map(rank => ({ rank, host: 'a', clues: unknown }));
    expect(machinesOf(twice, usualSettings).notes).toHaveLength(1);
    const typed = machinesOf(places.slice(0, 1), { ...usualSettings, gpu: { kind: 'watts', watts: 99 } });
    expect(typed.cards[0].gpu.full.central).toBe(99);
  });

  const shared: MeteredRun = {
    machines: { ...oneCard, cardOf: new Map([0, 1].map(rank => [rank, 'card'])) },
    work: [
      { flops: 0.25e12, bytes: 0, dispatches: 0 },
      { flops: 0.25e12, bytes: 0, dispatches: 0 },
    ],
    batch: 4,
  };

  test('that share a card are one meter: idle once, work of both', () => {
    const { clock, meter } = metered(shared);
    meter.hear(status('running'));
    // One after the other: together they keep it busy.
    meter.hear(trace([span(0, 5)], [span(5, 10)]));
    clock.seconds += 2;
    meter.hear(metrics(1, 2));
    expect(meter.now.gpuWatts?.central).toBeCloseTo(100 + 200 * Math.sqrt(0.25), 9);
  });

  test('without traces their reports tell', () => {
    const { clock, meter } = metered(shared);
    meter.hear(status('running'));
    meter.hear({ type: 'ranks', step: 1, ranks: [report(0, 10, 6), report(1, 10, 4)] });
    clock.seconds += 2;
    meter.hear(metrics(1, 2, 2));
    expect(meter.now.load).toBe('ranks');
    // Busy for 60 % by the one rank, at most all the time by both.
    const { low, high } = meter.now.gpuWatts!;
    expect(low).toBeGreaterThan(100);
    expect(high).toBeLessThanOrEqual(300);
  });

  test('on two cards are two meters, and the sum counts', () => {
    const two: MeteredRun = {
      machines: {
        cards: [
          { id: 'card', host: 'here', gpu },
          { id: 'other', host: 'there', gpu },
        ],
        hosts: new Map([
          ['here', { watts: exact(0), pue: 1 }],
          ['there', { watts: exact(0), pue: 2 }],
        ]),
        cardOf: new Map([
          [0, 'card'],
          [1, 'other'],
        ]),
        ...{ names: new Map(), processors: new Map() },
        notes: [],
      },
      work: [
        { flops: 1e12, bytes: 0, dispatches: 0 },
        { flops: 0.25e12, bytes: 0, dispatches: 0 },
      ],
      batch: 4,
    };
    const { clock, meter } = metered(two);
    meter.hear(status('running'));
    meter.hear(trace([span(0, 10)], [span(0, 10)]));
    clock.seconds += 1;
    meter.hear(metrics(1, 1));
    expect(meter.now.gpuWatts?.central).toBeCloseTo(300 + 200, 9);
    expect(meter.now.watts?.central).toBeCloseTo(300 + 2 * 200, 9);
  });
});

describe('machines', () => {
  const ampere = { vendor: 'nvidia', architecture: 'ampere', description: '' };
  /** One software card here, one with a wall meter of which its page tells, one of which nobody knows anything. */
  const own: PlaceOfRank = { rank: 0, host: 'here', clues: { software: true }, threads: 2 };
  const read: PlaceOfRank = {
    ...{ rank: 1, host: 'mark', name: 'Ada', clues: ampere },
    said: {
      gpu: { kind: 'wall', idleWatts: 40, loadWatts: 240, activity: exact(1) },
      renderer: 'NVIDIA GeForce RTX 3060',
    },
  };
  const unknown: PlaceOfRank = {
    rank: 2,
    host: 'guest',
    name: 'Bob',
    clues: { vendor: '', architecture: '' },
  };
  const workOf = (places: readonly PlaceOfRank[]) =>
    places.map(() => ({ flops: 1e14, bytes: 0, dispatches: 0 }));
  const of = (...places: PlaceOfRank[]): MeteredRun => ({
    machines: machinesOf(places, { ...usualSettings, hostWatts: 10 }),
    work: workOf(places),
    batch: 4,
  });
  const step = (clock: { seconds: number }, meter: RunMeter, seconds: number) => {
    clock.seconds += seconds;
    meter.hear(metrics(1, seconds));
  };
  const busy = (ranks: number) => trace(...Array.from({ length: ranks }, () => [span(0, 10)]));

  test('each has its row, by what its power is known, and they add up', () => {
    const { clock, meter } = metered(of(own, read, unknown));
    meter.hear(status('running'));
    meter.hear(busy(3));
    step(clock, meter, 2);
    const { machines, totals, watts } = meter.now;
    expect(machines.map(({ name, ranks }) => [name, ranks])).toEqual([
      [undefined, [0]],
      ['Ada', [1]],
      ['Bob', [2]],
    ]);
    // At the load of its reading the wall meter has the whole machine, to the watt.
    expect(machines[1].watts?.central).toBeCloseTo(240, 9);
    expect(machines[1].joules.central).toBeCloseTo(480, 9);
    expect(machines[1].gpus).toEqual([
      { name: 'GeForce RTX 3060', evidence: 'model known; power: calibrated with a wall meter' },
    ]);
    expect(machines[2].gpus[0].evidence).toContain('GPU unknown');
    const width = ({ low, central, high }: Band) => (high - low) / central;
    expect(width(machines[2].joules)).toBeGreaterThan(5 * width(machines[1].joules));
    for (const end of ['low', 'central', 'high'] as const) {
      const sum = (of: (machine: (typeof machines)[number]) => Band) =>
        machines.reduce((total, machine) => total + of(machine)[end], 0);
      expect(sum(({ joules }) => joules) / totals.joules[end]).toBeCloseTo(1, 12);
      expect(sum(({ watts }) => watts!) / watts![end]).toBeCloseTo(1, 12);
    }
  });

  test('one that leaves keeps what it took in the sum, and takes no more; what was counted goes on', () => {
    const { clock, meter } = metered(of(own, read));
    meter.hear(status('running'));
    meter.hear(busy(2));
    step(clock, meter, 2);
    const before = meter.now;
    meter.hear(status('paused'));
    clock.seconds += 100;
    meter.regroup(of(own));
    meter.hear(status('running'));
    meter.hear(busy(1));
    step(clock, meter, 3);
    const { machines, totals } = meter.now;
    expect(totals.seconds).toBeCloseTo(5, 9);
    expect(machines.map(({ name, ranks, watts }) => [name, ranks, watts !== undefined])).toEqual([
      [undefined, [0], true],
      ['Ada', [], false],
    ]);
    expect(machines[1].joules).toEqual(before.machines[1].joules);
    expect(totals.joules.central).toBeCloseTo(
      machines[0].joules.central + before.machines[1].joules.central,
      9,
    );
    // It comes back, and counts on in its row.
    meter.regroup(of(own, read));
    meter.hear(busy(2));
    step(clock, meter, 1);
    expect(meter.now.machines).toHaveLength(2);
    expect(meter.now.machines[1].joules.central).toBeCloseTo(before.machines[1].joules.central + 240, 9);
  });

  test('what is learned of one counts from then on, and its load is still known', () => {
    const typed = (watts: number) => ({ ...read, said: { gpu: { kind: 'watts', watts } as const } });
    const { clock, meter } = metered(of(own, typed(100)));
    meter.hear(status('running'));
    meter.hear(busy(2));
    step(clock, meter, 1);
    const first = meter.now.machines[1].joules.central;
    meter.learn(of(own, typed(200)).machines);
    step(clock, meter, 1);
    expect(meter.now.load).toBe('traces');
    const { joules } = meter.now.machines[1];
    expect(joules.central).toBeCloseTo(2 * first + 100, 9);
  });

  test('how busy the processor of another machine is bounds a GPU in software there, and nowhere else', () => {
    const software = (processor?: number): PlaceOfRank => ({
      ...{ rank: 1, host: 'mark', name: 'Ada', clues: { software: true } },
      said: { gpu: { kind: 'watts', watts: 100, idle: 10 }, threads: 8, hostWatts: 0, processor },
    });
    const wattsOf = (processor?: number) => {
      const { clock, meter } = metered(of(own, software(processor)));
      meter.hear(status('running'));
      meter.hear(busy(2));
      step(clock, meter, 1);
      return meter.now.machines.map(({ watts }) => watts!.central);
    };
    const [ownFree, free] = wattsOf();
    const [ownBound, bound] = wattsOf(0.5);
    expect(free).toBeCloseTo(100, 9);
    expect(bound).toBeCloseTo(10 + 90 * 0.5, 9);
    expect(ownBound).toBe(ownFree);
  });
});

test('a band in words is three numbers', () => {
  expect(bandText({ low: 95.2, central: 142, high: 190 }, 'W')).toBe('142\u00a0W (95.2 to 190)');
  expect(bandText({ low: 12_000, central: 15_000, high: 20_000 }, 'J')).toBe('15\u00a0kJ (12 to 20)');
  expect(bandText({ low: 0.01, central: 0.02, high: 0.04 }, 'Wh')).toBe('20\u00a0mWh (10 to 40)');
  expect(bandText(exact(5), 'W')).toBe('5\u00a0W');
  expect(evidenceText('model known', 'traces', [])).toBe('model known; load: from traces of sampled steps');
  expect(evidenceText('model known', 'queue', ['RAPL'])).toContain('where it was not read by RAPL');
  expect(hostText({ watts: exact(50), pue: 1 })).toBe(
    'rest of the machine 50\u00a0W; nothing for the building (PUE 1)',
  );
});
