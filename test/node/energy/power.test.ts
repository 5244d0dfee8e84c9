/** Power from load: known points of the formula, bands that widen with what is not known, and what makes no sense. */
import { describe, expect, test } from 'vitest';
import type { Band } from '../../../src/energy/band.ts';
import { calibrated } from '../../../src/energy/calibration.ts';
import { elsewhere, roofShare } from '../../../src/energy/elsewhere.ts';
import { type GpuPower, powerOf, powerOfRow, typedPower } from '../../../src/energy/gpu-power.ts';
import { gpuRows, rowNamed } from '../../../src/energy/gpu-rows.ts';
import { activity, busyOf, type Load, powerUnder, unknownPower } from '../../../src/energy/load.ts';
import { recognise } from '../../../src/energy/recognise.ts';
import {
  checkSettings,
  gpuPowerOf,
  hostPowerOf,
  settingsFrom,
  usualSettings,
} from '../../../src/energy/settings.ts';
import type { Span, StepTrace } from '../../../src/plan/trace.ts';

const exact = (value: number): Band => ({ low: value, central: value, high: value });
const width = ({ low, central, high }: Band) => (high - low) / central;
const isBand = ({ low, central, high }: Band) => low <= central && central <= high;

/** 100 W idle, 500 W at full load, 1 TFLOP/s, 1 TB/s: all of it known. */
const plain: GpuPower = {
  idle: exact(100),
  full: exact(500),
  rates: { flops: exact(1e12), bandwidth: exact(1e12) },
  kind: 'desktop',
  name: 'plain',
  evidence: '',
};
const load = (flops: number, bytes: number, busy: number): Load => ({
  seconds: 1,
  flops,
  bytes,
  busy: exact(busy),
});

describe('P = idle + (full - idle) busy u^k', () => {
  test('nothing to do, all it can, and a quarter of it', () => {
    expect(powerUnder(load(0, 0, 0), plain)).toEqual(exact(100));
    expect(powerUnder(load(1e12, 0, 1), plain)).toEqual(exact(500));
    // u = 1/4, k = 0.9, 0.5 and 0.3.
    const quarter = powerUnder(load(0.25e12, 0, 1), plain);
    expect(quarter.central).toBeCloseTo(300, 9);
    expect(quarter.low).toBeCloseTo(100 + 400 * 0.25 ** 0.9, 9);
    expect(quarter.high).toBeCloseTo(100 + 400 * 0.25 ** 0.3, 9);
  });

  test('of compute and bandwidth the one that is used more counts, in the busy time', () => {
    expect(powerUnder(load(0.1e12, 0.25e12, 1), plain)).toEqual(powerUnder(load(0.25e12, 0, 1), plain));
    // Half of the time, at half of the rate.
    expect(powerUnder(load(0.25e12, 0, 0.5), plain).central).toBeCloseTo(100 + 400 * 0.5 * Math.SQRT1_2, 9);
    // Caches give more than the memory can: still all of it.
    expect(powerUnder(load(0, 9e12, 1), plain)).toEqual(exact(500));
  });

  test('a processor is in use or it is not, and takes power by its threads', () => {
    const found = recognise({ software: true });
    expect(powerOf(found, 16).full.central).toBe(80);
    expect(powerOf(found, 16).evidence).toBe('a processor of 16 threads; power: an estimate for each');
    expect(powerOf(recognise({ renderer: 'Apple M4' }), 10)).toEqual(powerOfRow(rowNamed('M4')));
    const software = powerOf(found);
    expect(activity(load(1, 1, 0.5), software.rates).central).toBe(0.5);
  });

  test('more load is never less power, and every band is in order, of every row', () => {
    for (const row of gpuRows) {
      const gpu = powerOfRow(row);
      let before = exact(0);
      for (const share of [0, 0.01, 0.1, 0.3, 0.6, 1]) {
        const watts = powerUnder({ ...load(share * row.f32.value, 0, share), busy: exact(share) }, gpu);
        expect(isBand(watts), `${row.name} at ${share}`).toBe(true);
        expect(watts.low).toBeGreaterThan(0);
        for (const end of ['low', 'central', 'high'] as const) {
          expect(watts[end]).toBeGreaterThanOrEqual(before[end] - 1e-9);
        }
        before = watts;
      }
      expect(isBand(unknownPower(gpu))).toBe(true);
    }
  });
});

describe('the band follows the evidence', () => {
  const nvidia = recognise({ vendor: 'nvidia' });
  const ampere = recognise({ vendor: 'nvidia', architecture: 'ampere' });
  const model = recognise({ renderer: 'NVIDIA GeForce RTX 3060' });
  const step = load(3e12, 1e11, 0.9);

  test('model, class, maker, nothing: each wider than the one before, none empty', () => {
    const full = [model, ampere, nvidia, recognise({})].map(found => powerOf(found).full);
    for (const [i, band] of full.entries()) {
      expect(isBand(band)).toBe(true);
      expect(band.low).toBeGreaterThan(0);
      if (i > 0) expect(width(band)).toBeGreaterThan(width(full[i - 1]));
    }
    expect(powerOf(model).evidence).toBe('model known; power: the rating of the board');
    expect(powerOf(ampere).evidence).toMatch(
      /^class known, model not; power: \d+ to \d+ W in the table, of \d+ models$/,
    );
  });

  test('power typed in, and busy time known, narrow it', () => {
    const typed = typedPower(powerOf(model), 150);
    expect(width(powerUnder(step, typed))).toBeLessThan(width(powerUnder(step, powerOf(model))));
    const loose = { ...step, busy: { low: 0.3, central: 0.9, high: 1 } };
    expect(width(powerUnder(step, powerOf(model)))).toBeLessThan(width(powerUnder(loose, powerOf(model))));
  });

  test('what was measured lies inside', () => {
    // A whole card in games and under FurMark, in W: what reviews read at its connectors (RX 7900 XT and XTX).
    for (const [name, reading] of [
      ['Radeon RX 7900 XT', 315],
      ['Radeon RX 7900 XTX', 355],
    ] as const) {
      const { full } = powerOfRow(rowNamed(name));
      expect(reading).toBeGreaterThan(full.low);
      expect(reading).toBeLessThanOrEqual(full.high);
    }
    // 8 H100 in training: 76 % of the node's rating, and the highest 82 %.
    const h100 = powerOfRow(rowNamed('H100 SXM')).full;
    expect(h100.low).toBeLessThan(0.76 * 700);
    expect(h100.high).toBeGreaterThan(0.82 * 700);
    // The GPU of an M4 Max, by what its machine took more than at rest.
    expect(powerOfRow(rowNamed('M4 Max')).full.high).toBeGreaterThan(179);
  });
});

describe('calibration with a wall meter', () => {
  const gpu = powerOf(recognise({ renderer: 'NVIDIA GeForce RTX 3060' }));
  const step = load(2e12, 1e11, 0.9);
  const readings = { idleWatts: 60, loadWatts: 180, activity: activity(step, gpu.rates) };
  const fixed = calibrated(gpu, readings);

  test('gives both readings back, and little band is left', () => {
    expect(powerUnder(load(0, 0, 0), fixed).central).toBeCloseTo(60, 9);
    const under = powerUnder(step, fixed);
    expect(under.central).toBeCloseTo(180, 9);
    expect(width(under)).toBeCloseTo(0.1, 9);
    expect(hostPowerOf(fixed, usualSettings).watts).toEqual(exact(0));
  });

  test('away from the load of the reading the band opens, in order on both sides', () => {
    const [half, twice] = [load(1e12, 5e10, 0.9), load(4e12, 2e11, 0.9)].map(l => powerUnder(l, fixed));
    for (const band of [half, twice]) {
      expect(isBand(band)).toBe(true);
      expect(width(band)).toBeGreaterThan(0.11);
    }
    expect(half.central).toBeLessThan(180);
    expect(twice.central).toBeGreaterThan(180);
  });

  test('readings that cannot be are refused, in words', () => {
    expect(() => calibrated(gpu, { ...readings, loadWatts: 55 })).toThrow(
      'The meter showed 60 W at rest and 55 W while training: the second must be more.',
    );
    expect(() => calibrated(gpu, { ...readings, idleWatts: -3 })).toThrow(
      'The reading at rest is -3 W; it must be a number from 0.1 to 20000.',
    );
    expect(() => calibrated(gpu, { ...readings, activity: exact(0.001) })).toThrow('too little to tell');
    expect(() => calibrated(gpu, { ...readings, activity: exact(Number.NaN) })).toThrow(RangeError);
  });
});

describe('settings', () => {
  const found = recognise({ renderer: 'NVIDIA GeForce RTX 3060' });

  test('a picked row, typed power', () => {
    expect(gpuPowerOf(found, { kind: 'row', name: 'M4 Max' }).name).toBe('M4 Max');
    const typed = gpuPowerOf(found, { kind: 'watts', watts: 120, idle: 12 });
    expect(typed.full.central).toBe(120);
    expect(typed.idle.central).toBe(12);
    expect(typed.evidence).toBe('model known; power: typed in');
    // Of an unknown GPU too: that it is not in the table does not matter then.
    expect(gpuPowerOf(recognise({}), { kind: 'watts', watts: 3 }).full.central).toBe(3);
  });

  test.each([
    [{ kind: 'watts', watts: -5 }, 'The power at full load is -5 W; it must be a number from 0.1 to 20000.'],
    [{ kind: 'watts', watts: Number.NaN }, 'The power at full load is NaN W'],
    [
      { kind: 'watts', watts: 100, idle: 100 },
      'At rest 100 W and at full load 100 W: at rest it must be less.',
    ],
    [{ kind: 'row', name: 'Voodoo 2' }, 'No GPU named "Voodoo 2" in the table.'],
  ] as const)('%o is refused', (choice, message) => {
    expect(() => gpuPowerOf(found, choice)).toThrow(message);
  });

  test('PUE and grid', () => {
    expect(() => checkSettings({ ...usualSettings, pue: 0.5 })).toThrow('A PUE of 0.5 cannot be');
    expect(() => checkSettings({ ...usualSettings, gramsPerKwh: -1 })).toThrow('-1 g of CO2 a kWh cannot be');
    expect(() => checkSettings({ ...usualSettings, hostWatts: -20 })).toThrow(
      'The power of the rest of the machine is -20 W',
    );
    expect(checkSettings({ ...usualSettings, hostWatts: 0 }).hostWatts).toBe(0);
    const server = powerOfRow(rowNamed('H100 SXM'));
    expect(hostPowerOf(server, usualSettings).pue).toBe(1.58);
    expect(hostPowerOf(server, { ...usualSettings, pue: 1.1, hostWatts: 70 })).toEqual({
      watts: exact(70),
      pue: 1.1,
    });
  });

  test('are kept as JSON, and damaged ones are the usual', () => {
    const wall = { kind: 'wall', idleWatts: 60, loadWatts: 180, activity: exact(0.4) } as const;
    const settings = { ...usualSettings, gpu: wall, hostWatts: 40, place: 'France', gramsPerKwh: 56 };
    expect(settingsFrom(JSON.parse(JSON.stringify(settings)))).toEqual(settings);
    expect(settingsFrom({ ...settings, gpu: { kind: 'watts', watts: -1 } })).toBe(usualSettings);
    expect(settingsFrom('settings')).toBe(usualSettings);
  });
});

describe('busy share of a sampled step', () => {
  const device = (begun: number, ended: number): Span => ({ lane: 'device', from: 0, to: 1, begun, ended });
  const link = (begun: number, ended: number): Span => ({
    ...device(begun, ended),
    lane: 'link',
    exposed: true,
  });
  const trace = (rank: number, ...spans: Span[]): StepTrace => ({
    plan: '',
    rank,
    step: 1,
    resolution: 0.1,
    spans,
  });

  test('one rank: its kernels over the time of the step', () => {
    const busy = busyOf([trace(0, device(0, 4), link(4, 6), device(6, 10))]);
    expect(busy?.central).toBeCloseTo(0.8, 12);
    expect(busy?.low).toBeCloseTo(0.79, 12);
    expect(busy?.high).toBeCloseTo(0.81, 12);
  });

  test('ranks that share a card are one: what both do at a time counts once', () => {
    const busy = busyOf([trace(0, device(0, 6)), trace(1, device(4, 8), link(8, 10))]);
    expect(busy?.central).toBeCloseTo(0.8, 12);
  });

  test('no time, no share', () => {
    expect(busyOf([trace(0, device(3, 3))])).toBeUndefined();
    expect(busyOf([])).toBeUndefined();
  });
});

describe('on another GPU', () => {
  const work = { flops: 1e12, bytes: 1e10, dispatches: 0 };

  test('the same share of the roofline: a card twice as fast takes half the time', () => {
    const here = powerOfRow(rowNamed('GeForce RTX 3060'));
    // 12.7 TFLOP/s: 0.0787 s at the peak; it took twice that.
    const share = roofShare(work, 2 * (1e12 / 12.7e12), here);
    expect(share?.central).toBeCloseTo(0.5, 9);
    const there = elsewhere('GeForce RTX 3060', work, 100, usualSettings, share);
    expect(there.seconds.central).toBeCloseTo(100 * 2 * (1e12 / 12.7e12), 9);
    expect(isBand(there.seconds)).toBe(true);
    expect(isBand(there.joules)).toBe(true);
    const faster = elsewhere('GeForce RTX 4090', work, 100, usualSettings, share);
    expect(faster.seconds.central).toBeCloseTo((there.seconds.central * 12.7) / 82.6, 9);
  });

  test('kernels take time to start: a tiny step is bound by that on any card', () => {
    const tiny = { flops: 1e6, bytes: 1e6, dispatches: 300 };
    const [slow, fast] = ['GeForce RTX 3060', 'GeForce RTX 4090'].map(name =>
      elsewhere(name, tiny, 1, usualSettings),
    );
    expect(fast.seconds.central).toBeCloseTo(300 * 10e-6, 4);
    expect(slow.seconds.central / fast.seconds.central).toBeLessThan(1.1);
    // What is reached of the roofline is told without the starts, as far as they leave any time.
    const here = powerOfRow(rowNamed('GeForce RTX 3060'));
    const started = { flops: 12.7e12 * 1e-3, bytes: 0, dispatches: 100 };
    expect(roofShare(started, 5e-3, here)?.central).toBeCloseTo(0.25, 9);
  });

  test('where nothing was measured the band is wide; software is refused', () => {
    expect(roofShare(work, 1, powerOf(recognise({ software: true })))).toBeUndefined();
    const there = elsewhere('A100 SXM 80 GB', work, 1, usualSettings);
    expect(there.joules.high / there.joules.low).toBeGreaterThan(5);
    expect(() => elsewhere('SwiftShader (on the processor)', work, 1, usualSettings)).toThrow(
      'its time cannot be told',
    );
  });
});
