/**
 * All forecasts of one start in one roll-out, for a slider: step by step what `mapView` gives, without making the steps
 * before it anew each time.
 */
import { type Dataset, statesOf } from '../../data/dataset.ts';
import { membersOf } from '../../data/record-axis.ts';
import type { Predictor } from '../predictor.ts';
import type { RolloutView } from '../view.ts';
import { furthestFrom, startOf } from './map-view.ts';
import { rollOut } from './roll-out.ts';
import { createScorer } from './skill.ts';
import type { ForecastTask } from './task.ts';

/** What is shown, counted from 0. */
export interface RolloutChoice {
  /** A start of the test part. */
  readonly sample: number;
  /** It is there in any case. */
  readonly channel: number;
}

/** Model steps ahead at most. */
const mostSteps = 10;

/**
 * @param mostBytes of forecasts and truth together, where one channel at one lead is not more: 8 MiB are taken over by the
 *   page in a moment
 */
export async function rolloutView(
  model: Predictor,
  task: ForecastTask,
  { sample, channel }: RolloutChoice,
  mostBytes = 8 * 2 ** 20,
): Promise<RolloutView> {
  const { dataset, options } = task;
  const time = startOf(task, sample);
  const chosen = Math.min(Math.max(0, channel), dataset.channels.length - 1);
  const furthest = Math.min(mostSteps, furthestFrom(task, time));
  const { channels, leads } = whatFits(dataset, chosen, furthest, mostBytes);
  const points = dataset.latitude.length * dataset.longitude.length;
  const size = channels.length * points;
  const truth = new Float32Array(leads * size);
  const forecast = new Float32Array(leads * size);
  const pick = (state: Float32Array, out: Float32Array, offset: number) => {
    channels.forEach((c, i) => {
      out.set(state.subarray(c * points, (c + 1) * points), offset + i * points);
    });
  };
  const start = new Float32Array(size);
  pick((await statesOf(dataset, [time]))(time), start, 0);
  const scorer = createScorer(task);
  const wanted = new Set(Array.from({ length: leads }, (_, i) => i + 1));
  for await (const { step, state } of rollOut(model, task, [time], wanted, 1)) {
    const ahead = step * options.leadSteps;
    const valid = time + ahead * membersOf(dataset);
    const fields = task.denormalise(state, valid);
    pick(fields, forecast, (step - 1) * size);
    const states = await statesOf(dataset, [time, valid]);
    pick(states(valid), truth, (step - 1) * size);
    scorer.add(time, ahead, fields, states);
  }
  const rows = scorer.rows(); // [lead, channel of the data]
  const error = (kind: 'rmse' | 'persistence' | 'climatology') =>
    Float32Array.from({ length: leads * channels.length }, (_, i) => {
      const lead = Math.floor(i / channels.length);
      return rows[lead * dataset.channels.length + channels[i % channels.length]][kind];
    });
  return {
    kind: 'rollout',
    startTime: dataset.times[time],
    validTimes: Array.from(
      wanted,
      step => dataset.times[time + step * options.leadSteps * membersOf(dataset)],
    ),
    calendar: dataset.calendar,
    channels,
    leadHours: Array.from(wanted, step => step * options.leadSteps * dataset.stepHours),
    start,
    truth,
    forecast,
    errors: {
      forecast: error('rmse'),
      persistence: error('persistence'),
      climatology: error('climatology'),
    },
  };
}

/** All channels at all leads, or the chosen channel alone at as many leads as fit: one at least. */
function whatFits(
  { channels, latitude, longitude }: Dataset,
  chosen: number,
  leads: number,
  mostBytes: number,
): { readonly channels: readonly number[]; readonly leads: number } {
  const bytesOfLead = 2 * 4 * latitude.length * longitude.length;
  if (channels.length * leads * bytesOfLead <= mostBytes) return { channels: [...channels.keys()], leads };
  return { channels: [chosen], leads: Math.max(1, Math.min(leads, Math.floor(mostBytes / bytesOfLead))) };
}
