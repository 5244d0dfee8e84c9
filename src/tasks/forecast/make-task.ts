/** Makes the forecasting task of a data set: samples, normalisation and padding. */

import { type Dataset, type States, stateAt } from '../../data/dataset.ts';
import { membersOf, timeOfRecord } from '../../data/record-axis.ts';
import { DataError } from '../../io/data-error.ts';
import { cellWeights } from './area-weights.ts';
import { evaluateClimatology } from './climatology.ts';
import { SEASON_CHANNELS, seasonAt, withPosition } from './guides.ts';
import { fitNormalisation } from './normalise.ts';
import { samplesOf, splitTime } from './split.ts';
import type { ForecastTask, Normalisation, TaskOptions } from './task.ts';

/** What is found by looking at the training part, and at which steps are known. */
export type Findings = Pick<ForecastTask, 'normalisation' | 'train' | 'validation' | 'test'>;

/**
 * @param findings of all ranks together, where this one does not hold the training part
 * @throws DataError where the data do not suffice, RangeError where the options make no sense
 */
export function makeTask(given: Dataset, options: TaskOptions, findings?: Findings): ForecastTask {
  const dataset = options.positionInputs ? withPosition(given) : given;
  checkOptions(dataset, options);
  return taskOf(dataset, options, findings ?? findIn(dataset, options));
}

/** @param dataset with the fields of position, where the options want them */
export function taskOf(dataset: Dataset, options: TaskOptions, found: Findings): ForecastTask {
  const norm = found.normalisation;
  const { inputSteps, leadSteps, patch } = options;
  const rows = dataset.latitude.length;
  const columns = dataset.longitude.length;
  const channels = dataset.channels.length;
  const fixed = dataset.statics.length;
  const season = options.seasonInputs ? SEASON_CHANNELS : 0;
  const [height, width] = paddedGrid(dataset, patch);

  const { calendar } = dataset;
  const members = membersOf(dataset);
  const timeOf = (record: number) => timeOfRecord(dataset, record);
  const climatologyOf = (time: number) =>
    evaluateClimatology(norm.climatology, norm.harmonics, time, calendar);
  const climatologyAt = (record: number) => climatologyOf(timeOf(record));
  /** What is subtracted from a state of this time, [C, lat, lon], or from each channel where undefined. */
  const baseOf = (time: number) => (norm.kind === 'anomaly' ? climatologyOf(time) : undefined);

  const resident: States = record => stateAt(dataset, record);
  /** Calls `put` with every point of the state at a step: where it lies in [C, height, width], and its value. */
  const eachPoint = (step: number, states: States, put: (at: number, normalised: number) => void) => {
    const base = baseOf(timeOf(step));
    const state = states(step);
    let p = 0; // in [C, lat, lon]
    for (let c = 0; c < channels; c++) {
      for (let y = 0; y < rows; y++) {
        let at = (c * height + y) * width;
        for (let x = 0; x < columns; x++, p++) {
          put(at++, (state[p] - (base ? base[p] : norm.mean[c])) / norm.std[c]);
        }
      }
    }
  };
  const fillState = (step: number, out: Float32Array, offset: number, states: States) => {
    out.fill(0, offset, offset + channels * height * width);
    eachPoint(step, states, (at, value) => {
      out[offset + at] = Number.isNaN(value) ? 0 : value;
    });
  };
  const denormaliseAt = (state: Float32Array, time: number) => {
    const base = baseOf(time);
    const out = new Float32Array(channels * rows * columns); // [C, lat, lon]
    let p = 0;
    for (let c = 0; c < channels; c++) {
      for (let y = 0; y < rows; y++) {
        for (let x = 0; x < columns; x++, p++) {
          out[p] = state[(c * height + y) * width + x] * norm.std[c] + (base ? base[p] : norm.mean[c]);
        }
      }
    }
    return out;
  };
  const staticInput = padStatics(dataset, norm, height, width); // [S, height, width]

  return {
    normalisation: norm,
    train: found.train,
    validation: found.validation,
    test: found.test,
    dataset,
    options,
    channels,
    statics: fixed + season,
    height,
    width,
    fillInput(time, out, offset, states = resident) {
      const state = channels * height * width;
      for (let i = 0; i < inputSteps; i++) {
        fillState(time - (inputSteps - 1 - i) * members, out, offset + i * state, states);
      }
      out.set(staticInput, offset + inputSteps * state);
      if (season === 0) return;
      const points = height * width;
      seasonAt(timeOf(time), calendar).forEach((value, i) => {
        const start = offset + inputSteps * state + (fixed + i) * points;
        out.fill(value, start, start + points);
      });
    },
    fillMask(time, out, offset, states = resident) {
      out.fill(0, offset, offset + channels * height * width);
      eachPoint(time + leadSteps * members, states, (at, value) => {
        out[offset + at] = Number.isNaN(value) ? 0 : 1;
      });
    },
    denormalise: (state, record) => denormaliseAt(state, timeOf(record)),
    denormaliseAt,
    climatologyAt,
  };
}

function findIn(dataset: Dataset, options: TaskOptions): Findings {
  const { train, validation, test } = splitTime(dataset, options);
  return {
    train: samplesOf(dataset, 'train', train, options),
    validation: samplesOf(dataset, 'validation', validation, options),
    test: samplesOf(dataset, 'test', test, options),
    normalisation: fitNormalisation(dataset, train.from, train.to, options),
  };
}

/** Height and width of the grid, padded to whole patches. */
export function paddedGrid(
  { latitude, longitude }: Pick<Dataset, 'latitude' | 'longitude'>,
  patch: TaskOptions['patch'],
): [number, number] {
  return [
    Math.ceil(latitude.length / patch[0]) * patch[0],
    Math.ceil(longitude.length / patch[1]) * patch[1],
  ];
}

export function checkOptions(
  dataset: Pick<Dataset, 'latitude' | 'longitude'>,
  { inputSteps, leadSteps, patch, harmonics }: TaskOptions,
): void {
  const positive = { inputSteps, leadSteps, 'patch height': patch[0], 'patch width': patch[1] };
  for (const [name, value] of Object.entries(positive)) {
    if (!Number.isInteger(value) || value < 1) {
      throw new RangeError(`${name} is ${value}; it must be 1 or more, and whole.`);
    }
  }
  if (!Number.isInteger(harmonics) || harmonics < 0) {
    throw new RangeError(`harmonics is ${harmonics}; it must be 0 or more, and whole.`);
  }
  const [rows, columns] = [dataset.latitude.length, dataset.longitude.length];
  if (rows < patch[0] || columns < patch[1]) {
    throw new DataError(
      `The grid of ${rows} x ${columns} points is smaller than one patch of ${patch[0]} x ${patch[1]}. Use a smaller patch or a larger region.`,
    );
  }
}

/** Root of area weight times variable weight of every channel and row, mean square 1: [C, latitude]. */
export function rowWeights(
  { channels, latitude }: Pick<Dataset, 'channels' | 'latitude'>,
  { variableWeights = {} }: Pick<TaskOptions, 'variableWeights'>,
): Float64Array {
  const area = cellWeights(latitude); // mean 1
  const weights = channels.map(
    ({ name, variable }) => variableWeights[name] ?? variableWeights[variable] ?? 1,
  );
  const mean = weights.reduce((a, b) => a + b, 0) / weights.length;
  if (weights.some(weight => !(weight >= 0)) || !(mean > 0)) {
    throw new RangeError(
      `The variable weights ${weights.join(', ')} must be 0 or more, and at least one above 0.`,
    );
  }
  const rows = area.length;
  return Float64Array.from({ length: weights.length * rows }, (_, i) =>
    Math.sqrt((area[i % rows] * weights[Math.floor(i / rows)]) / mean),
  );
}

/** Static fields, normalised, missing and padding 0: [S, height, width]. */
export function padStatics(
  { statics, longitude }: Pick<Dataset, 'statics' | 'longitude'>,
  norm: Normalisation,
  height: number,
  width: number,
): Float32Array<ArrayBuffer> {
  const columns = longitude.length;
  const out = new Float32Array(statics.length * height * width);
  statics.forEach(({ values }, s) => {
    values.forEach((value, p) => {
      const at = (s * height + Math.floor(p / columns)) * width + (p % columns);
      out[at] = Number.isNaN(value) ? 0 : (value - norm.staticMean[s]) / norm.staticStd[s];
    });
  });
  return out;
}
