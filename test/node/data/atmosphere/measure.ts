/** Measures of the model's climate, shared by the tests and by `report.ts`. */
import { addWaves, type Climate, run } from '../../../../src/data/atmosphere/climate.ts';
import { EARTH_RADIUS } from '../../../../src/data/atmosphere/coefficients.ts';
import { STATE } from '../../../../src/data/atmosphere/model.ts';
import { invert, LAPLACIAN } from '../../../../src/data/atmosphere/potential-vorticity.ts';
import {
  CELLS,
  DEGREE,
  H,
  innerProduct,
  LATITUDES,
  LONGITUDES,
  MU,
  PLANE,
  SIZE,
  synthesise,
} from '../../../../src/data/atmosphere/spectral.ts';

/** Latitudes of the grid in degrees north, north first. */
export const DEGREES_NORTH = Float64Array.from(MU, mu => (Math.asin(mu) * 180) / Math.PI);

/** [32] zonal-mean eastward wind, m s-1, of a state at a level (0 is 200 hPa). */
export function zonalMeanWind(q: Float64Array, level: number): Float64Array {
  const psi = new Float64Array(STATE);
  const slope = new Float64Array(CELLS);
  invert(q, psi);
  synthesise(psi.subarray(level * SIZE, (level + 1) * SIZE), slope, H);
  return Float64Array.from({ length: LATITUDES }, (_, row) => {
    const circle = slope.subarray(row * LONGITUDES, (row + 1) * LONGITUDES);
    const mean = circle.reduce((sum, value) => sum + value, 0) / LONGITUDES;
    return -mean / (EARTH_RADIUS * Math.sqrt(1 - MU[row] ** 2));
  });
}

export interface TwinExperiment {
  /** Start states, well apart in time. */
  readonly starts: readonly Float64Array[];
  /** Largest noise added to each wave of the twin's potential vorticity, s-1. */
  readonly amplitude: number;
  /** Growth is taken between these two days: after the noise has found the growing patterns, before it saturates. */
  readonly fromDay: number;
  readonly toDay: number;
}

export interface Growth {
  /** Days in which the root mean square error of the 500 hPa wind doubles, from the geometric mean over the twins. */
  readonly doublingDays: number;
  /** Geometric mean of that error at `toDay`, m s-1: small against the spread of the climate, or growth saturated. */
  readonly errorAtEnd: number;
}

/** Error growth between each start and a twin that differs from it by a little noise. */
export function errorGrowth(climate: Climate, experiment: TwinExperiment): Growth {
  const { starts, amplitude, fromDay, toDay } = experiment;
  let logFrom = 0;
  let logTo = 0;
  starts.forEach((start, twinSeed) => {
    const truth = start.slice();
    const twin = start.slice();
    addWaves(twin, amplitude, twinSeed);
    run(climate.model, truth, 24 * fromDay);
    run(climate.model, twin, 24 * fromDay);
    logFrom += Math.log2(windError(truth, twin)) / starts.length;
    run(climate.model, truth, 24 * (toDay - fromDay));
    run(climate.model, twin, 24 * (toDay - fromDay));
    logTo += Math.log2(windError(truth, twin)) / starts.length;
  });
  return { doublingDays: (toDay - fromDay) / (logTo - logFrom), errorAtEnd: 2 ** logTo };
}

/** Root mean square vector wind difference at 500 hPa, m s-1: minus the mean of psi times vorticity. */
function windError(a: Float64Array, b: Float64Array): number {
  const psi = new Float64Array(STATE);
  invert(
    a.map((value, c) => value - b[c]),
    psi,
  );
  const middle = psi.subarray(SIZE, 2 * SIZE);
  const vorticity = middle.map((value, c) => LAPLACIAN[DEGREE[c % PLANE]] * value);
  return Math.sqrt(-innerProduct(middle, vorticity));
}
