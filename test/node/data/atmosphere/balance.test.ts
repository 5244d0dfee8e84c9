import { expect, test } from 'vitest';
import { linearBalance, standardGeopotential } from '../../../../src/data/atmosphere/balance.ts';
import { addWaves } from '../../../../src/data/atmosphere/climate.ts';
import { EARTH_RADIUS, GRAVITY, ROTATION } from '../../../../src/data/atmosphere/coefficients.ts';
import { STATE } from '../../../../src/data/atmosphere/model.ts';
import { LAPLACIAN } from '../../../../src/data/atmosphere/potential-vorticity.ts';
import {
  analyse,
  CELLS,
  DEGREE,
  LONGITUDES,
  MU,
  PLANE,
  SIZE,
  synthesise,
} from '../../../../src/data/atmosphere/spectral.ts';

const laplacian = (field: Float64Array) => field.map((value, c) => LAPLACIAN[DEGREE[c % PLANE]] * value);

/** Spectrum of f times a field, by way of the grid. */
function timesCoriolis(field: Float64Array): Float64Array {
  const grid = new Float64Array(CELLS);
  const product = new Float64Array(SIZE);
  synthesise(field, grid);
  analyse(
    grid.map((value, cell) => 2 * ROTATION * MU[Math.floor(cell / LONGITUDES)] * value),
    product,
  );
  return product;
}

test('linear balance solves del2 Phi = div(f grad psi)', () => {
  const state = new Float64Array(STATE);
  addWaves(state, 1e7, 1);
  const psi = state.subarray(0, SIZE);
  const phi = new Float64Array(SIZE);
  linearBalance(psi, phi);
  // div(f grad psi) = (del2(f psi) + f del2 psi - psi del2 f) / 2, and del2 f = -2 f / a^2.
  const product = timesCoriolis(psi);
  const first = laplacian(product);
  const second = timesCoriolis(laplacian(psi));
  const left = laplacian(phi);
  const size = left.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  left.forEach((value, c) => {
    const right = (first[c] + second[c] + (2 * product[c]) / EARTH_RADIUS ** 2) / 2;
    expect(Math.abs(value - right) / size).toBeLessThan(1e-12);
  });
});

test('the standard atmosphere has its tabled heights', () => {
  // ISO 2533: 500 hPa lies at 5 574 m and 200 hPa, above the tropopause, at 11 784 m.
  expect(standardGeopotential(500) / GRAVITY).toBeCloseTo(5574, -1);
  expect(standardGeopotential(200) / GRAVITY).toBeCloseTo(11784, -1);
});
