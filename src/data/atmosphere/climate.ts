/** The model as it is used for data: its physics, its first state, and a driver that runs it for whole hours. */
import { DISSIPATION_RATE, INITIAL_VORTICITY_NOISE, RELAXATION_RATE, TIME_STEP } from './coefficients.ts';
import { equilibriumStreamfunction } from './equilibrium.ts';
import { type Geography, idealisedEarth } from './geography.ts';
import { createModel, type Model, type Physics, STATE } from './model.ts';
import { planetaryVorticity, potentialVorticity } from './potential-vorticity.ts';
import { uniform } from './random.ts';
import { ORDER_START, PLANE } from './spectral.ts';

export interface Climate {
  readonly geography: Geography;
  readonly physics: Physics;
  readonly model: Model;
}

/** The standard atmosphere of this project: MM93 physics on an idealised earth, stepped by `TIME_STEP`. */
export function standardClimate(): Climate {
  const geography = idealisedEarth();
  const physics: Physics = {
    planetary: planetaryVorticity(geography.orography),
    drag: geography.drag,
    equilibrium: equilibriumStreamfunction(),
    relaxationRate: RELAXATION_RATE,
    dissipationRate: DISSIPATION_RATE,
  };
  return { geography, physics, model: createModel(physics, TIME_STEP) };
}

/** A state q [3, SIZE], s-1: the equilibrium shear and, in every wave, noise drawn from `seed`. */
export function initialState(climate: Climate, seed: number): Float64Array {
  const q = new Float64Array(STATE);
  potentialVorticity(climate.physics.equilibrium, q);
  addWaves(q, INITIAL_VORTICITY_NOISE, seed);
  return q;
}

/** Adds to every wave (m > 0) of a state uniform noise within `amplitude` (s-1) either way, in place. */
export function addWaves(q: Float64Array, amplitude: number, seed: number): void {
  const draw = uniform(seed);
  for (let plane = 0; plane < STATE; plane += PLANE) {
    for (let m = 1; m < ORDER_START.length - 1; m++) {
      const degrees = ORDER_START.length - 1 - m;
      for (let k = 0; k < degrees; k++) q[plane + ORDER_START[m] + k] += amplitude * (2 * draw() - 1);
    }
  }
}

/** Runs the model for `hours`, a multiple of its time step, in place. */
export function run(model: Model, q: Float64Array, hours: number): void {
  const steps = Math.round((hours * 3600) / model.timeStep);
  for (let step = 0; step < steps; step++) model.step(q);
}
