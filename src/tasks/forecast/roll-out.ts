/** Forecasts by the trained model, step after step, and their scores. */

import { createScorer, type SkillRow } from './skill.ts';
import type { ForecastTask } from './task.ts';

/** A model that makes forecasts, wherever it is trained. */
export interface Forecasts {
  /** Samples of its larger batches; the smaller have one. */
  readonly forecastBatch: number;
  /** [batch, inputs, height, width] normalised, to [batch, channels, height, width] one model step later. */
  predict(input: Float32Array<ArrayBuffer>, batch?: number): Promise<Float32Array<ArrayBuffer>>;
}

/** A forecast of one state: valid `step` model steps after data step `time`. */
export interface ForecastState {
  readonly time: number;
  /** Model steps from the newest input. */
  readonly step: number;
  /** Normalised, [channels, height, width]. */
  readonly state: Float32Array;
}

/** True where the model can be fed its own forecasts: they must follow its inputs at the inputs' spacing. */
export function canRollOut({ options }: ForecastTask): boolean {
  return options.inputSteps === 1 || options.leadSteps === 1;
}

/**
 * Forecasts from all of `times`, `steps` model steps ahead, each step fed with the one before.
 * `batch` is 1 or the model's `forecastBatch`.
 */
export async function* rollOut(
  model: Forecasts,
  task: ForecastTask,
  times: ArrayLike<number>,
  steps: number,
  batch: number,
): AsyncGenerator<ForecastState> {
  const { channels, statics, height, width, options } = task;
  const state = channels * height * width;
  const inputSize = (options.inputSteps * channels + statics) * height * width;
  const input = new Float32Array(batch * inputSize);
  const known = new Float32Array(batch * state);
  for (let start = 0; start < times.length; start += batch) {
    const count = Math.min(batch, times.length - start);
    for (let i = 0; i < count; i++) {
      task.fillInput(times[start + i], input, i * inputSize);
      task.fillMask(times[start + i], known, i * state);
    }
    for (let step = 1; step <= steps; step++) {
      const prediction = await model.predict(input, batch);
      for (let i = 0; i < count; i++) {
        const forecast = prediction.subarray(i * state, (i + 1) * state);
        yield { time: times[start + i], step, state: forecast };
        feedBack(
          input,
          i * inputSize,
          options.inputSteps,
          forecast,
          known.subarray(i * state, (i + 1) * state),
        );
      }
    }
  }
}

/** Moves the input's states one step on and makes the forecast the newest, zero where nothing was ever known. */
function feedBack(
  input: Float32Array,
  offset: number,
  inputSteps: number,
  forecast: Float32Array,
  known: Float32Array,
): void {
  const size = forecast.length;
  input.copyWithin(offset, offset + size, offset + inputSteps * size);
  const newest = offset + (inputSteps - 1) * size;
  for (let i = 0; i < size; i++) input[newest + i] = known[i] === 0 ? 0 : forecast[i];
}

/**
 * Scores on one part at the given numbers of model steps ahead, from at most `maxStarts` evenly spaced starts
 * (all samples of the part where there are no more).
 */
export async function scoreForecasts(
  model: Forecasts,
  task: ForecastTask,
  part: 'validation' | 'test',
  steps: readonly number[],
  maxStarts: number,
): Promise<SkillRow[]> {
  const wanted = new Set(canRollOut(task) ? steps : steps.filter(step => step === 1));
  const longest = Math.max(0, ...wanted);
  const { leadSteps } = task.options;
  const starts = evenly([...task[part]], maxStarts);
  const scorer = createScorer(task);
  for await (const { time, step, state } of rollOut(model, task, starts, longest, model.forecastBatch)) {
    const valid = time + step * leadSteps;
    // Longer leads may end past the part, but there is no truth past the record.
    if (!wanted.has(step) || valid >= task.dataset.times.length) continue;
    scorer.add(time, step * leadSteps, task.denormalise(state, valid));
  }
  return scorer.rows();
}

function evenly<T>(items: readonly T[], count: number): T[] {
  if (items.length <= count) return [...items];
  return Array.from({ length: count }, (_, i) => items[Math.floor(((i + 0.5) * items.length) / count)]);
}
