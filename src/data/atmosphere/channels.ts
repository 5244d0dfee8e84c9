/** What the learner sees of a state: fourteen named channels on the grid, in SI units. */
import type { Channel } from '../dataset.ts';
import { kelvinPerThickness, linearBalance, standardGeopotential } from './balance.ts';
import { EARTH_RADIUS, LEVELS_HPA } from './coefficients.ts';
import { invert, LAPLACIAN } from './potential-vorticity.ts';
import {
  CELLS,
  DEGREE,
  H,
  LATITUDES,
  LONGITUDES,
  MU,
  ORDER_START,
  PLANE,
  SIZE,
  synthesise,
} from './spectral.ts';

const LEVELS = LEVELS_HPA.length;
/** Mean pressure of the two layers between levels, hPa: where their temperature is said to be. */
const LAYERS_HPA = LEVELS_HPA.slice(1).map((lower, layer) => (lower + LEVELS_HPA[layer]) / 2);

const FAMILIES = [
  { variable: 'geopotential', prefix: 'z', longName: 'geopotential', units: 'm2 s-2', levels: LEVELS_HPA },
  { variable: 'u', prefix: 'u', longName: 'eastward wind', units: 'm s-1', levels: LEVELS_HPA },
  { variable: 'v', prefix: 'v', longName: 'northward wind', units: 'm s-1', levels: LEVELS_HPA },
  { variable: 'vorticity', prefix: 'vo', longName: 'relative vorticity', units: 's-1', levels: LEVELS_HPA },
  { variable: 'temperature', prefix: 't', longName: 'temperature', units: 'K', levels: LAYERS_HPA },
];

/** The channels, family by family, top level first: z200 ... z800, u, v, vo, t350, t650. */
export const CHANNELS: readonly Channel[] = FAMILIES.flatMap(family =>
  family.levels.map(levelHPa => ({
    name: `${family.prefix}${levelHPa}`,
    longName: `${family.longName} at ${levelHPa} hPa`,
    units: family.units,
    variable: family.variable,
    levelHPa,
  })),
);

/** The fields that do not change in time. */
export const STATIC_CHANNELS: readonly Channel[] = [
  { name: 'orography', longName: 'height of the ground', units: 'm', variable: 'orography' },
  { name: 'land', longName: 'land mask (1 on land)', units: '1', variable: 'land' },
  { name: 'sine_latitude', longName: 'sine of latitude', units: '1', variable: 'sine_latitude' },
];

const psi = new Float64Array(LEVELS * SIZE);
const spectrum = new Float64Array(SIZE);
const grid = new Float64Array(CELLS);

/** Writes all channels of a state q [3, SIZE] to `out` from `offset`: [channel, latitude, longitude], north first. */
export function channelFields(q: Float64Array, out: Float32Array, offset: number): void {
  invert(q, psi);
  for (let level = 0; level < LEVELS; level++) {
    const levelPsi = psi.subarray(level * SIZE, (level + 1) * SIZE);
    const place = (family: number) => offset + (family * LEVELS + level) * CELLS;

    geopotential(level, out, place(0));

    // u = -cos(latitude)/a dpsi/dmu = -H series / (a cos(latitude)), v = dpsi/dlambda / (a cos(latitude)).
    synthesise(levelPsi, grid, H);
    store(out, place(1), row => -1 / (EARTH_RADIUS * Math.sqrt(1 - MU[row] ** 2)), 0);
    eastDerivative(levelPsi, spectrum);
    synthesise(spectrum, grid);
    store(out, place(2), row => 1 / (EARTH_RADIUS * Math.sqrt(1 - MU[row] ** 2)), 0);

    for (let c = 0; c < SIZE; c++) spectrum[c] = LAPLACIAN[DEGREE[c % PLANE]] * levelPsi[c];
    synthesise(spectrum, grid);
    store(out, place(3), () => 1, 0);
  }
  for (let layer = 0; layer < LEVELS - 1; layer++) {
    const upper = offset + layer * CELLS;
    const kelvin = kelvinPerThickness(LEVELS_HPA[layer + 1], LEVELS_HPA[layer]);
    const place = offset + (4 * LEVELS + layer) * CELLS;
    for (let cell = 0; cell < CELLS; cell++) {
      out[place + cell] = kelvin * (out[upper + cell] - out[upper + CELLS + cell]);
    }
  }
}

/** The channel that a state is looked at by while it is computed. */
const SEEN = CHANNELS.findIndex(({ variable, levelHPa }) => variable === 'geopotential' && levelHPa === 500);
export const SEEN_CHANNEL = CHANNELS[SEEN];

/** That channel of a state q [3, SIZE], [latitude, longitude], north first: a fifteenth of the work of all channels. */
export function seenField(q: Float64Array): Float32Array<ArrayBuffer> {
  const out = new Float32Array(CELLS);
  invert(q, psi);
  geopotential(SEEN, out, 0);
  return out;
}

/** The geopotential of a level of `psi` at `out[place...]`; the channels begin with it, level by level. */
function geopotential(level: number, out: Float32Array, place: number): void {
  linearBalance(psi.subarray(level * SIZE, (level + 1) * SIZE), spectrum);
  synthesise(spectrum, grid);
  store(out, place, () => 1, standardGeopotential(LEVELS_HPA[level]));
}

/** out = scale(row) grid + shift, one field. */
function store(out: Float32Array, place: number, scale: (row: number) => number, shift: number): void {
  for (let row = 0; row < LATITUDES; row++) {
    const factor = scale(row);
    for (let cell = row * LONGITUDES; cell < (row + 1) * LONGITUDES; cell++) {
      out[place + cell] = factor * grid[cell] + shift;
    }
  }
}

/** d/dlambda of a spectral field: i m times each coefficient. */
function eastDerivative(field: Float64Array, out: Float64Array): void {
  for (let m = 0; m < ORDER_START.length - 1; m++) {
    for (let c = ORDER_START[m]; c < ORDER_START[m + 1]; c++) {
      out[c] = -m * field[PLANE + c];
      out[PLANE + c] = m * field[c];
    }
  }
}
