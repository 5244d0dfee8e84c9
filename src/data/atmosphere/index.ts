/**
 * The embedded atmosphere as a data set: six-hourly fields of the three-level model, under the names and units that
 * analyses use. It is a model atmosphere in perpetual winter, not observations; `docs/atmosphere.md` says what it is.
 */

import { DataError } from '../../io/data-error.ts';
import { bytes, count } from '../../io/number-text.ts';
import type { Dataset, Progress, ProgressField } from '../dataset.ts';
import { CHANNELS, channelFields, SEEN_CHANNEL, STATIC_CHANNELS, seenField } from './channels.ts';
import { initialState, run, standardClimate } from './climate.ts';
import type { Geography } from './geography.ts';
import { CELLS, LONGITUDES, MU } from './spectral.ts';
import { SPIN_UP_DAYS } from './spun-up.ts';

/** Hours between two samples. */
const STEP_HOURS = 6;
const STEPS_PER_DAY = 24 / STEP_HOURS;
const FIRST_TIME = Date.UTC(2001, 0, 1);
/** Progress calls in the spin-up and in the output each. */
const REPORTS = 50;
/** Least milliseconds between two reports with a field: five a second are seen as motion. */
const FIELD_PAUSE = 200;

export interface EmbeddedOptions {
  /** Length of the data set in days; whole six-hour steps. */
  readonly days: number;
  /** Any whole number. The same seed gives the same bits. */
  readonly seed: number;
  /** Days run before the first sample (100). */
  readonly spinUpDays?: number;
  /** The state [3, SIZE], s-1, that those days end in, where it is known: they are not run then. */
  readonly spunUp?: Float64Array;
}

/**
 * Computes `days` of the model atmosphere, [4 days, 14 channels, 32, 64], in this thread. Two years take 335 MB.
 * @throws DataError where an option is out of range or the fields do not fit in memory.
 */
export function embeddedAtmosphere(options: EmbeddedOptions, progress?: Progress): Dataset {
  const { days, seed, spinUpDays = SPIN_UP_DAYS, spunUp } = options;
  const samples = wholeSteps('days', days, 1);
  const spinUpSteps = wholeSteps('spinUpDays', spinUpDays, 0);
  if (!Number.isSafeInteger(seed)) {
    throw new DataError(`seed is ${seed}; give a whole number.`);
  }
  const values = allocate(samples);
  const climate = standardClimate();
  const q = spunUp?.slice() ?? initialState(climate, seed);
  const first = spunUp ? spinUpSteps : 0;
  const total = spinUpSteps + samples;
  const stride = Math.max(1, Math.floor((total - first) / (2 * REPORTS)));
  const latitude = Float64Array.from(MU, mu => (Math.asin(mu) * 180) / Math.PI);
  const longitude = Float64Array.from({ length: LONGITUDES }, (_, x) => (x * 360) / LONGITUDES);
  let nextField = 0;
  /** What is to be seen at this step, where it is time. */
  const seenAt = (step: number): ProgressField | undefined => {
    if (!progress || performance.now() < nextField) return undefined;
    nextField = performance.now() + FIELD_PAUSE;
    return {
      channel: SEEN_CHANNEL,
      latitude,
      longitude,
      values: seenField(q),
      day: step / STEPS_PER_DAY,
    };
  };
  for (let step = first; step < total; step++) {
    const spinningUp = step < spinUpSteps;
    if ((step - first) % stride === 0) {
      const stage = spinningUp ? 'spinning up' : 'computing the atmosphere';
      progress?.(stage, (step - first) / (total - first), seenAt(step));
    }
    if (!spinningUp) channelFields(q, values, (step - spinUpSteps) * CHANNELS.length * CELLS);
    if (step < total - 1) run(climate.model, q, STEP_HOURS);
  }
  progress?.('computing the atmosphere', 1);
  return {
    source: `embedded model atmosphere (three-level quasi-geostrophic, T21, seed ${seed})`,
    synthetic: true,
    channels: CHANNELS,
    statics: statics(climate.geography),
    latitude,
    longitude,
    periodic: true,
    times: Float64Array.from({ length: samples }, (_, t) => FIRST_TIME + t * STEP_HOURS * 3_600_000),
    stepHours: STEP_HOURS,
    values,
    hasMissing: false,
  };
}

function wholeSteps(name: string, days: number, least: number): number {
  const steps = days * STEPS_PER_DAY;
  if (!Number.isInteger(steps) || steps < least) {
    throw new DataError(
      `${name} is ${days}; give a multiple of ${1 / STEPS_PER_DAY} days, at least ${least / STEPS_PER_DAY}.`,
    );
  }
  return steps;
}

function allocate(samples: number): Float32Array {
  const length = samples * CHANNELS.length * CELLS;
  try {
    return new Float32Array(length);
  } catch {
    const days = samples / STEPS_PER_DAY;
    throw new DataError(
      `${count(days)} days take ${bytes(4 * length)}, more than can be had here: ask for fewer days.`,
    );
  }
}

function statics(geography: Geography): Dataset['statics'] {
  const sine = Float64Array.from({ length: CELLS }, (_, cell) => MU[Math.floor(cell / LONGITUDES)]);
  return [geography.orography, geography.land, sine].map((field, s) => ({
    channel: STATIC_CHANNELS[s],
    values: Float32Array.from(field),
  }));
}
