import { expect, test } from 'vitest';
import { addWaves, initialState, run, standardClimate } from '../../../../src/data/atmosphere/climate.ts';
import {
  DISSIPATION_RATE,
  EKMAN_RATE,
  RELAXATION_RATE,
  ROSSBY_RADIUS_UPPER,
  ROTATION,
  TIME_STEP,
} from '../../../../src/data/atmosphere/coefficients.ts';
import { createModel, inviscid, type Physics, STATE } from '../../../../src/data/atmosphere/model.ts';
import {
  invert,
  planetaryVorticity,
  potentialVorticity,
} from '../../../../src/data/atmosphere/potential-vorticity.ts';
import { at, CELLS, PLANE, SIZE } from '../../../../src/data/atmosphere/spectral.ts';
import { energy, potentialEnstrophy } from './invariants.ts';

const flat = planetaryVorticity(new Float64Array(CELLS));

/** A state whose streamfunction is the given harmonic, `levels[l]` m2 s-1 at level l. */
function oneHarmonic(n: number, m: number, levels: readonly number[]): Float64Array {
  const psi = new Float64Array(STATE);
  const q = new Float64Array(STATE);
  levels.forEach((amplitude, level) => {
    psi[level * SIZE + at(n, m)] = amplitude;
  });
  potentialVorticity(psi, q);
  return q;
}

test('potential vorticity and its inverse undo each other', () => {
  const q = new Float64Array(STATE);
  addWaves(q, 1e-5, 1);
  const psi = new Float64Array(STATE);
  const back = new Float64Array(STATE);
  invert(q, psi);
  potentialVorticity(psi, back);
  const worst = q.reduce((most, value, c) => Math.max(most, Math.abs(value - back[c])), 0);
  expect(worst).toBeLessThan(1e-17);
});

// A single harmonic alike on all levels is an exact solution: it turns at -2 Omega / (n (n + 1)) (Haurwitz 1940).
test.each([
  [3, 1],
  [5, 4],
  [11, 6],
  [21, 21],
])('Rossby-Haurwitz wave n = %i, m = %i keeps its shape and theoretical speed', (n, m) => {
  const q = oneHarmonic(n, m, [1e7, 1e7, 1e7]);
  const start = q.slice();
  const model = createModel(inviscid(flat), TIME_STEP);
  const seconds = 5 * 86_400;
  const theory = (-2 * ROTATION) / (n * (n + 1));
  let phase = 0;
  let before = Math.atan2(0, start[at(n, m)]);
  for (let t = 0; t < seconds; t += TIME_STEP) {
    model.step(q);
    const now = Math.atan2(q[PLANE + at(n, m)], q[at(n, m)]);
    phase += Math.atan2(Math.sin(now - before), Math.cos(now - before));
    before = now;
  }
  const speed = -phase / (m * seconds);
  expect(Math.abs(speed / theory - 1)).toBeLessThan(0.01);
  for (let level = 0; level < 3; level++) {
    const c = level * SIZE + at(n, m);
    expect(Math.hypot(q[c], q[c + PLANE]) / Math.abs(start[c])).toBeCloseTo(1, 3);
    q[c] = 0;
    q[c + PLANE] = 0;
  }
  const elsewhere = q.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  expect(elsewhere / Math.abs(start[at(n, m)])).toBeLessThan(1e-9);
});

test('without forcing and friction, energy and potential enstrophy drift below 0.1 % in ten days', () => {
  const climate = standardClimate();
  const { planetary } = climate.physics;
  const q = initialState(climate, 3);
  run(climate.model, q, 24 * 30); // A developed flow: jets, eddies, all wavenumbers.
  const model = createModel(inviscid(planetary), TIME_STEP);
  const energyBefore = energy(q);
  const enstrophyBefore = potentialEnstrophy(q, planetary);
  // Measured against the flow's own enstrophy: that of f is larger, constant, and would hide a drift.
  const scale = potentialEnstrophy(q, new Float64Array(STATE));
  run(model, q, 24 * 10);
  expect(Math.abs(energy(q) / energyBefore - 1)).toBeLessThan(1e-3);
  expect(Math.abs(potentialEnstrophy(q, planetary) - enstrophyBefore) / scale).toBeLessThan(1e-3);
});

test('a mountain turns a zonal flow into waves and still conserves energy', () => {
  const climate = standardClimate();
  const { planetary } = climate.physics;
  const q = oneHarmonic(1, 0, [-5e7, -5e7, -5e7]);
  const before = energy(q);
  run(createModel(inviscid(planetary), TIME_STEP), q, 24);
  expect(Math.hypot(q[2 * SIZE + at(5, 2)], q[2 * SIZE + PLANE + at(5, 2)])).toBeGreaterThan(1e-8);
  expect(Math.abs(energy(q) / before - 1)).toBeLessThan(1e-3);
});

/** How fast each level's entry of one harmonic of q falls in the first minute, s-1, relative to itself. */
function decayRates(physics: Partial<Physics>, n: number, psi: readonly number[]): number[] {
  const q = oneHarmonic(n, 0, psi);
  const before = q.slice();
  createModel({ ...inviscid(flat), ...physics }, 60).step(q);
  return [0, 1, 2].map(level => (1 - q[level * SIZE + at(n, 0)] / before[level * SIZE + at(n, 0)]) / 60);
}

// Zonal harmonics do not advect themselves, so only the damping acts on them.
test('uniform Ekman drag damps the lowest level only, at its rate', () => {
  const [upper, middle, lower] = decayRates(
    { drag: new Float64Array(CELLS).fill(EKMAN_RATE) },
    4,
    [1e7, 1e7, 1e7],
  );
  expect(lower / EKMAN_RATE).toBeCloseTo(1, 3);
  expect(upper / EKMAN_RATE).toBeCloseTo(0, 9);
  expect(middle / EKMAN_RATE).toBeCloseTo(0, 9);
});

test('selective dissipation has its rate at wavenumber 21 and next to none at 5', () => {
  const shape = [3e6, 2e6, 1e6];
  const physics = { dissipationRate: DISSIPATION_RATE };
  for (const rate of decayRates(physics, 21, shape)) expect(rate / DISSIPATION_RATE).toBeCloseTo(1, 3);
  const scale = ((5 * 6) / (21 * 22)) ** 4;
  for (const rate of decayRates(physics, 5, shape)) expect(rate / DISSIPATION_RATE / scale).toBeCloseTo(1, 2);
});

test('relaxation acts on thickness alone and leaves the vertical sum of potential vorticity', () => {
  const physics = { relaxationRate: RELAXATION_RATE };
  for (const rate of decayRates(physics, 4, [1e7, 1e7, 1e7]))
    expect(rate / RELAXATION_RATE).toBeCloseTo(0, 9);
  const q = oneHarmonic(4, 0, [3e7, 2e7, 1e7]);
  const before = q.slice();
  const sum = (state: Float64Array) => [0, 1, 2].reduce((s, level) => s + state[level * SIZE + at(4, 0)], 0);
  createModel({ ...inviscid(flat), ...physics }, 3600).step(q);
  expect(sum(q) / sum(before)).toBeCloseTo(1, 12);
  // Thickness psi1 - psi2 enters q1 as -1 / R1^2 of itself, and that part loses RELAXATION_RATE of itself.
  const thickness = 1e7 / ROSSBY_RADIUS_UPPER ** 2;
  expect((q[at(4, 0)] - before[at(4, 0)]) / (3600 * RELAXATION_RATE * thickness)).toBeCloseTo(1, 2);
});
