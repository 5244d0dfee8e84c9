import { expect, test } from 'vitest';
import { forwardFft64, inverseFft64, POINTS, SLOT } from '../../../../src/data/atmosphere/fft64.ts';
import { gaussLegendre } from '../../../../src/data/atmosphere/gauss-legendre.ts';
import { uniform } from '../../../../src/data/atmosphere/random.ts';
import {
  analyse,
  at,
  CELLS,
  H,
  HALF,
  LONGITUDES,
  MU,
  P,
  PLANE,
  SIZE,
  synthesise,
  TRUNCATION,
  WEIGHT,
} from '../../../../src/data/atmosphere/spectral.ts';

/** A real field with random coefficients in every harmonic. */
function randomSpectrum(seed: number): Float64Array {
  const draw = uniform(seed);
  const field = new Float64Array(SIZE);
  for (let m = 0; m <= TRUNCATION; m++) {
    for (let n = m; n <= TRUNCATION; n++) {
      field[at(n, m)] = 2 * draw() - 1;
      if (m > 0) field[PLANE + at(n, m)] = 2 * draw() - 1;
    }
  }
  return field;
}

test.each([1, 2, 5, 32])(
  'Gauss-Legendre quadrature with %i nodes integrates its highest even power',
  count => {
    const { nodes, weights } = gaussLegendre(count);
    const degree = 2 * count - 2;
    const integral = nodes.reduce((sum, x, i) => sum + weights[i] * x ** degree, 0);
    expect(integral).toBeCloseTo(2 / (degree + 1), 13);
  },
);

test('the 64-point transforms agree with the sum that defines them, for each of a batch', () => {
  const draw = uniform(1);
  const count = 3;
  const xRe = Float64Array.from({ length: count * POINTS }, () => draw() - 0.5);
  const xIm = Float64Array.from({ length: count * POINTS }, () => draw() - 0.5);
  const re = xRe.slice();
  const im = xIm.slice();
  forwardFft64(re, im, count);
  for (let block = 0; block < count * POINTS; block += POINTS) {
    for (let k = 0; k < POINTS; k++) {
      let sumRe = 0;
      let sumIm = 0;
      for (let j = 0; j < POINTS; j++) {
        const angle = (2 * Math.PI * j * k) / POINTS;
        sumRe += xRe[block + j] * Math.cos(angle) + xIm[block + j] * Math.sin(angle);
        sumIm += xIm[block + j] * Math.cos(angle) - xRe[block + j] * Math.sin(angle);
      }
      expect(re[block + SLOT[k]]).toBeCloseTo(sumRe, 12);
      expect(im[block + SLOT[k]]).toBeCloseTo(sumIm, 12);
    }
  }
  inverseFft64(re, im, count);
  for (let i = 0; i < re.length; i++) {
    expect(re[i] / POINTS).toBeCloseTo(xRe[i], 13);
    expect(im[i] / POINTS).toBeCloseTo(xIm[i], 13);
  }
});

test('Legendre functions are orthonormal and match closed forms', () => {
  for (let m = 0; m <= TRUNCATION; m++) {
    for (let n = m; n <= TRUNCATION; n++) {
      for (let k = n; k <= TRUNCATION; k += 2) {
        let mean = 0;
        for (let j = 0; j < HALF; j++) mean += WEIGHT[j] * P[j * PLANE + at(n, m)] * P[j * PLANE + at(k, m)];
        expect(mean).toBeCloseTo(n === k ? 1 : 0, 12);
      }
    }
  }
  for (let j = 0; j < HALF; j++) {
    const mu = MU[j];
    expect(P[j * PLANE + at(2, 0)]).toBeCloseTo((Math.sqrt(5) * (3 * mu * mu - 1)) / 2, 13);
    expect(P[j * PLANE + at(2, 1)]).toBeCloseTo(Math.sqrt(7.5) * mu * Math.sqrt(1 - mu * mu), 13);
    expect(H[j * PLANE + at(2, 0)]).toBeCloseTo(Math.sqrt(5) * 3 * mu * (1 - mu * mu), 13);
  }
});

test('a field goes to the grid and back unchanged', () => {
  const field = randomSpectrum(2);
  const grid = new Float64Array(CELLS);
  const back = new Float64Array(SIZE);
  synthesise(field, grid);
  analyse(grid, back);
  const worst = field.reduce((most, value, c) => Math.max(most, Math.abs(value - back[c])), 0);
  expect(worst).toBeLessThan(1e-13);
});

test('one harmonic lands on the grid with its sign, hemisphere and longitude', () => {
  const field = new Float64Array(SIZE);
  field[PLANE + at(4, 3)] = 0.5; // 2 Re(0.5 i P exp(3 i lambda)) = -P sin(3 lambda), odd about the equator.
  const grid = new Float64Array(CELLS);
  synthesise(field, grid);
  for (let row = 0; row < 2 * HALF; row++) {
    const j = Math.min(row, 2 * HALF - 1 - row);
    const value = P[j * PLANE + at(4, 3)] * (row < HALF ? 1 : -1);
    for (let x = 0; x < LONGITUDES; x++) {
      expect(grid[row * LONGITUDES + x]).toBeCloseTo(-value * Math.sin((6 * Math.PI * x) / LONGITUDES), 12);
    }
  }
});
