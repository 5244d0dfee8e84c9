/**
 * Forecasts by the trained model, step after step, and their scores. Where nothing is missing, what is fed back stays on
 * the device; else it passes through the host, which knows the gaps.
 */

import { type States, statesOf } from '../../data/dataset.ts';
import { membersOf, recordAhead } from '../../data/record-axis.ts';
import type { Predictor, RollOut, StateGrid } from '../predictor.ts';
import { createScorer, type SkillRow } from './skill.ts';
import type { ForecastTask } from './task.ts';

/** A forecast of one state: valid `step` model steps after data step `time`. */
export interface ForecastState {
  readonly time: number;
  /** Model steps from the newest input. */
  readonly step: number;
  /** Normalised, [channels, height, width]. */
  readonly state: Float32Array;
}

/** True where the model can be fed its own forecasts: they must follow its inputs at the inputs' spacing. */
export function canRollOut({ options }: Pick<ForecastTask, 'options'>): boolean {
  return options.inputSteps === 1 || options.leadSteps === 1;
}

/**
 * Forecasts from all of `times` at the `wanted` numbers of model steps ahead, each step fed with the one before. The
 * next step is under way while one is looked at.
 *
 * @param batch 1 or the model's `forecastBatch`
 */
export async function* rollOut(
  model: Predictor,
  task: ForecastTask,
  times: ArrayLike<number>,
  wanted: ReadonlySet<number>,
  batch: number,
): AsyncGenerator<ForecastState> {
  const { channels, statics, height, width, options } = task;
  const state = channels * height * width;
  const inputSize = (options.inputSteps * channels + statics) * height * width;
  const input = new Float32Array(batch * inputSize);
  const steps = Math.max(0, ...wanted);
  const grid = gridOf(task);
  const known: KnownStates = {};
  const rolling = (grid && model.rollOut(batch, grid)) ?? hostRollOut(model, task, batch, known);
  let ahead: ReturnType<RollOut['next']> = Promise.resolve(undefined);
  const goOn = (step: number) => {
    ahead = rolling.next(wanted.has(step));
    // Awaited below; a failure before that must not count as unhandled.
    ahead.catch(ignore);
  };
  try {
    for (let start = 0; start < times.length; start += batch) {
      const count = Math.min(batch, times.length - start);
      const starts = Int32Array.from({ length: count }, (_, i) => times[start + i]);
      const states = await statesOf(task.dataset, recordsNeeded(task, starts));
      starts.forEach((time, i) => {
        task.fillInput(time, input, i * inputSize, states);
      });
      known.states = states;
      rolling.start(input, starts);
      if (steps > 0) goOn(1);
      for (let step = 1; step <= steps; step++) {
        const prediction = await ahead;
        if (step < steps) goOn(step + 1);
        for (let i = 0; prediction && i < count; i++) {
          yield { time: starts[i], step, state: prediction.subarray(i * state, (i + 1) * state) };
        }
      }
    }
  } finally {
    await ahead.catch(ignore);
    rolling.end();
  }
}

/** Of the starts that are rolled out. */
interface KnownStates {
  states?: States;
}

/** Records of the inputs of some starts, and of their targets where there are gaps. */
function recordsNeeded({ dataset, options, height, width }: ForecastTask, starts: Int32Array): number[] {
  const { inputSteps, leadSteps } = options;
  const members = membersOf(dataset);
  const isMasked = dataset.hasMissing || dataset.latitude.length < height || dataset.longitude.length < width;
  return [...starts].flatMap(time => [
    ...Array.from({ length: inputSteps }, (_, age) => time - age * members),
    ...(isMasked && recordAhead(dataset, time, leadSteps) !== undefined ? [time + leadSteps * members] : []),
  ]);
}

const ignore = () => undefined;

/** How forecasts are fed back where nothing is missing; undefined where something is, or columns are padded. */
function gridOf({ dataset, options, channels, height, width }: ForecastTask): StateGrid | undefined {
  const { hasMissing, latitude, longitude } = dataset;
  if (hasMissing || longitude.length < width) return undefined;
  return { inputSteps: options.inputSteps, channels, height, width, rows: latitude.length };
}

/** Feeds back on the host: zero where nothing was ever known. */
function hostRollOut(model: Predictor, task: ForecastTask, batch: number, of: KnownStates): RollOut {
  const { channels, statics, height, width, options, dataset } = task;
  const { inputSteps, leadSteps } = options;
  const state = channels * height * width;
  const inputSize = (inputSteps * channels + statics) * height * width;
  /** Points known in the target or, where the data end before it, in the newest input. */
  const fillKnown = (time: number, out: Float32Array, offset: number) => {
    const isThere = recordAhead(dataset, time, leadSteps) !== undefined;
    task.fillMask(isThere ? time : time - leadSteps * membersOf(dataset), out, offset, of.states);
  };
  const isPadded = dataset.latitude.length < height || dataset.longitude.length < width;
  /** Of every sample, or, where only padding is unknown, of all; absent where all is known. */
  const known = dataset.hasMissing || isPadded ? new Float32Array(state * batch) : undefined;
  let input: Float32Array<ArrayBuffer> = new Float32Array();
  let last: Float32Array | undefined;

  const feedBack = (prediction: Float32Array) => {
    for (let i = 0; i < batch; i++) {
      const offset = i * inputSize;
      input.copyWithin(offset, offset + state, offset + inputSteps * state);
      const newest = offset + (inputSteps - 1) * state;
      input.set(prediction.subarray(i * state, (i + 1) * state), newest);
      for (let p = 0; known && p < state; p++) {
        if (known[i * state + p] === 0) input[newest + p] = 0;
      }
    }
  };
  return {
    start(first, times) {
      input = first.slice();
      last = undefined;
      if (!known) return;
      known.fill(0);
      for (let i = 0; i < batch; i++) {
        if (dataset.hasMissing && i < times.length) fillKnown(times[i], known, i * state);
        // Padding alone is the same at all times.
        else if (!dataset.hasMissing) fillKnown(times[0], known, i * state);
      }
    },
    async next(wanted) {
      if (last) feedBack(last);
      const prediction = await model.predict(input, batch);
      last = prediction;
      return wanted ? prediction : undefined;
    },
    end: ignore,
  };
}

/**
 * Scores on one part at the given numbers of model steps ahead, from at most `maxStarts` evenly spaced starts
 * (all samples of the part where there are no more).
 */
export async function scoreForecasts(
  model: Predictor,
  task: ForecastTask,
  part: 'validation' | 'test',
  steps: readonly number[],
  maxStarts: number,
): Promise<SkillRow[]> {
  const wanted = new Set(canRollOut(task) ? steps : steps.filter(step => step === 1));
  const { leadSteps } = task.options;
  const starts = evenly([...task[part]], maxStarts);
  const scorer = createScorer(task);
  for await (const { time, step, state } of rollOut(model, task, starts, wanted, model.forecastBatch)) {
    const valid = recordAhead(task.dataset, time, step * leadSteps);
    // Longer leads may end past the part, but there is no truth past the record, nor in a gap.
    if (valid === undefined) continue;
    const states = await statesOf(task.dataset, [time, valid]);
    scorer.add(time, step * leadSteps, task.denormalise(state, valid), states);
  }
  return scorer.rows();
}

/** So many of them at most, from all over. */
export function evenly<T>(items: readonly T[], count: number): T[] {
  if (items.length <= count) return [...items];
  return Array.from({ length: count }, (_, i) => items[Math.floor(((i + 0.5) * items.length) / count)]);
}
