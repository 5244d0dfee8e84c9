/**
 * The three-level quasi-geostrophic model of the sphere: its tendency and its time step.
 *
 *   dq/dt = -J(psi, q + static) + relaxation of temperature - Ekman friction (lowest level) - selective dissipation
 *
 * The state is q (the part of potential vorticity that depends on psi), [3 levels, SIZE], in s-1.
 */
import { addRelaxation, invert, LAPLACIAN } from './potential-vorticity.ts';
import { CELLS, DEGREE, PLANE, SIZE, TRUNCATION } from './spectral.ts';
import { transport } from './transport.ts';

/** Numbers in a state. */
export const STATE = 3 * SIZE;

/** What drives and damps the flow. */
export interface Physics {
  /** [3, SIZE] f and orography's part of potential vorticity, s-1. */
  readonly planetary: Float64Array;
  /** [32, 64] Ekman friction rate at the lowest level, s-1. */
  readonly drag: Float64Array;
  /** [3, SIZE] streamfunction whose thicknesses temperature relaxes to, m2 s-1. */
  readonly equilibrium: Float64Array;
  /** Rate of that relaxation, s-1. */
  readonly relaxationRate: number;
  /** Damping rate of wavenumber 21 by del to the eighth, s-1. */
  readonly dissipationRate: number;
}

/** Neither forcing nor damping: what conserves energy and potential enstrophy. */
export function inviscid(planetary: Float64Array): Physics {
  return {
    planetary,
    drag: new Float64Array(CELLS),
    equilibrium: new Float64Array(STATE),
    relaxationRate: 0,
    dissipationRate: 0,
  };
}

export interface Model {
  /** Seconds that one step advances. */
  readonly timeStep: number;
  /** Advances the state q [3, SIZE] by one step, in place. */
  step(q: Float64Array): void;
}

/** A model that steps by `timeStep` seconds with the classical fourth-order Runge-Kutta scheme. */
export function createModel(physics: Physics, timeStep: number): Model {
  const damping = selectiveDamping(physics.dissipationRate);
  const psi = new Float64Array(STATE);
  const absolute = new Float64Array(STATE);
  const slope = new Float64Array(STATE);
  const stage = new Float64Array(STATE);
  const sum = new Float64Array(STATE);

  /** slope = dq/dt at q. */
  function tendency(q: Float64Array): void {
    invert(q, psi);
    for (let c = 0; c < STATE; c++) absolute[c] = q[c] + physics.planetary[c];
    transport(psi, absolute, physics.drag, slope);
    addRelaxation(psi, physics.equilibrium, physics.relaxationRate, slope);
    for (let c = 0; c < STATE; c++) slope[c] -= damping[c] * q[c];
  }

  /** Counts the slope with `weight` and sets the next stage `ahead` seconds from q. */
  function advance(q: Float64Array, weight: number, ahead: number): void {
    for (let c = 0; c < STATE; c++) {
      sum[c] += weight * slope[c];
      stage[c] = q[c] + ahead * slope[c];
    }
  }

  return {
    timeStep,
    step(q) {
      sum.fill(0);
      tendency(q);
      advance(q, timeStep / 6, timeStep / 2);
      tendency(stage);
      advance(q, timeStep / 3, timeStep / 2);
      tendency(stage);
      advance(q, timeStep / 3, timeStep);
      tendency(stage);
      for (let c = 0; c < STATE; c++) q[c] += sum[c] + (timeStep / 6) * slope[c];
    },
  };
}

/** [3, SIZE] damping rate of every harmonic, s-1: `rate` at wavenumber 21, falling as the fourth power of n (n + 1). */
function selectiveDamping(rate: number): Float64Array {
  return Float64Array.from(
    { length: STATE },
    (_, c) => rate * (LAPLACIAN[DEGREE[c % PLANE]] / LAPLACIAN[TRUNCATION]) ** 4,
  );
}
