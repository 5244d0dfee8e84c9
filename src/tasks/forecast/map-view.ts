/** One forecast beside the truth and what it has to beat. */
import { statesOf } from '../../data/dataset.ts';
import { membersOf, recordAhead } from '../../data/record-axis.ts';
import type { Predictor } from '../predictor.ts';
import type { MapView } from '../view.ts';
import { canRollOut, rollOut } from './roll-out.ts';
import type { ForecastTask } from './task.ts';

/** What is shown: counted from 0, but for the steps. */
export interface MapChoice {
  /** A start of the test part. */
  readonly sample: number;
  readonly channel: number;
  /** Model steps ahead; as far as the model and the data reach. */
  readonly steps: number;
}

/** The record of a start of the test part: the nearest that there is. */
export const startOf = ({ test }: ForecastTask, sample: number): number =>
  test[Math.min(Math.max(0, sample), test.length - 1)];

/** Model steps from `time` that the model can make and the data tell the truth of: 1 or more. */
export const furthestFrom = (task: ForecastTask, time: number): number =>
  canRollOut(task) ? stepsKnown(task, time) : 1;

function stepsKnown({ dataset, options }: ForecastTask, time: number): number {
  let steps = 0;
  while (recordAhead(dataset, time, (steps + 1) * options.leadSteps) !== undefined) steps++;
  return steps;
}

export async function mapView(
  model: Predictor,
  task: ForecastTask,
  { sample, channel, steps: wanted }: MapChoice,
): Promise<MapView> {
  const { dataset, options } = task;
  const time = startOf(task, sample);
  const steps = Math.min(Math.max(1, wanted), furthestFrom(task, time));
  const valid = time + steps * options.leadSteps * membersOf(dataset);
  let forecast: Float32Array = new Float32Array();
  for await (const { state } of rollOut(model, task, [time], new Set([steps]), 1)) {
    forecast = task.denormalise(state, valid);
  }
  const states = await statesOf(dataset, [time, valid]);
  const points = dataset.latitude.length * dataset.longitude.length;
  const pick = (fields: Float32Array) => fields.slice(channel * points, (channel + 1) * points);
  return {
    kind: 'map',
    channel: dataset.channels[channel],
    leadHours: steps * options.leadSteps * dataset.stepHours,
    validTime: dataset.times[valid],
    calendar: dataset.calendar,
    truth: pick(states(valid)),
    forecast: pick(forecast),
    persistence: pick(states(time)),
    climatology: pick(task.climatologyAt(valid)),
  };
}
