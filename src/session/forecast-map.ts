/** One forecast beside the truth and what it has to beat. */
import { stateAt } from '../data/dataset.ts';
import { canRollOut, type Forecasts, rollOut } from '../tasks/forecast/roll-out.ts';
import type { ForecastTask } from '../tasks/forecast/task.ts';
import type { ForecastMap } from './api/api.ts';

/** From the `sample`-th test start, `leadSteps` model steps ahead, or as far as the model and the data reach. */
export async function forecastMap(
  model: Forecasts,
  task: ForecastTask,
  sample: number,
  channel: number,
  leadSteps: number,
): Promise<ForecastMap> {
  const { dataset, options } = task;
  const time = task.test[Math.min(Math.max(0, sample), task.test.length - 1)];
  const furthest = Math.floor((dataset.times.length - 1 - time) / options.leadSteps);
  const steps = canRollOut(task) ? Math.min(Math.max(1, leadSteps), furthest) : 1;
  const valid = time + steps * options.leadSteps;
  let forecast: Float32Array = new Float32Array();
  for await (const { state } of rollOut(model, task, [time], new Set([steps]), 1)) {
    forecast = task.denormalise(state, valid);
  }
  const points = dataset.latitude.length * dataset.longitude.length;
  const pick = (fields: Float32Array) => fields.slice(channel * points, (channel + 1) * points);
  return {
    channel: dataset.channels[channel],
    leadHours: steps * options.leadSteps * dataset.stepHours,
    validTime: dataset.times[valid],
    truth: pick(stateAt(dataset, valid)),
    forecast: pick(forecast),
    persistence: pick(stateAt(dataset, time)),
    climatology: pick(task.climatologyAt(valid)),
  };
}
