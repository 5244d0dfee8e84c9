/** A forecasting task as a run scores and shows it: see `RunTask`. */

import type { DataChoice } from '../../data/choice/choice.ts';
import { gapsOf } from '../../data/gaps.ts';
import { count, leadTime } from '../../io/number-text.ts';
import type { Frame } from '../../models/model.ts';
import type { RunTask } from '../task.ts';
import { mapView } from './map-view.ts';
import { scoreForecasts } from './roll-out.ts';
import { rolloutView } from './rollout-view.ts';
import type { ForecastOrigin } from './save-forecasts.ts';
import { savedNormalisation } from './saved-normalisation.ts';
import { briefHeads, briefScores, fullScores } from './scores.ts';
import { leftOut, splitTime } from './split.ts';
import type { ForecastOptions, ForecastTask } from './task.ts';

const modelAtmosphere =
  'This is a model atmosphere: weather computed by a simple set of equations, not observations.';
const notWeather = 'Made-up waves, to try speed and memory without the data: its scores mean nothing.';

/** @param choice what the data are */
export function runTask(
  task: ForecastTask,
  frame: Frame,
  preset: ForecastOptions,
  choice: DataChoice['kind'],
): RunTask {
  const { scoredStarts, scoredSteps } = preset;
  const { dataset, train, validation, test, options } = task;
  const { channels, latitude, longitude } = dataset;
  const stepHours = dataset.stepHours * options.leadSteps;
  const grid = { channels, latitude, longitude, stepHours, starts: test.length };
  const size = `${longitude.length} x ${latitude.length} points, ${channels.length} ${channels.length === 1 ? 'channel' : 'channels'}`;
  return {
    frame,
    source: dataset.source,
    synthetic: dataset.synthetic,
    ...(dataset.synthetic ? { notice: choice === 'synthetic' ? notWeather : modelAtmosphere } : {}),
    summary: [`${size}, forecasts in steps of ${leadTime(stepHours)}.`, gapWords(task)]
      .filter(Boolean)
      .join(' '),
    names: channels.map(({ name }) => name),
    samples: { train: train.length, validation: validation.length, test: test.length },
    byteLength: dataset.values.byteLength,
    normalisation: savedNormalisation(task),
    validationScores: validation.length > 0 ? briefHeads(channels, stepHours) : [],
    views: [
      { kind: 'map', name: 'forecast', label: 'Forecast', ...grid },
      { kind: 'rollout', name: 'rollout', label: 'Forecasts of one start', ...grid },
    ],
    async evaluate(model, part) {
      const steps = part === 'validation' ? [1] : scoredSteps;
      const rows = await scoreForecasts(model, task, part, steps, scoredStarts);
      return part === 'validation' ? briefScores(rows, channels) : fullScores(rows, channels);
    },
    view: (model, name, { sample = 0, channel = 0, steps = 1 }) =>
      name === 'rollout'
        ? rolloutView(model, task, { sample, channel })
        : mapView(model, task, { sample, channel, steps }),
    async saveForecasts(model, request, origin, write, progress) {
      // Loaded when a file is asked for.
      const { saveForecasts, scoredRecords, stepsAhead } = await import('./save-forecasts.ts');
      const records = scoredRecords(task, preset);
      const starts = [...new Set(records.map(record => dataset.times[record]))];
      const steps = stepsAhead(request, task, scoredSteps);
      const file = { starts, steps, format: request.format };
      const about = forecastOrigin(origin, dataset, choice);
      return saveForecasts(model, task, [{ task, records }], file, about, write, progress);
    },
  };
}

/** @param origin words on what made the forecasts */
export function forecastOrigin(
  origin: string,
  { source, synthetic }: Pick<ForecastTask['dataset'], 'source' | 'synthetic'>,
  choice: DataChoice['kind'],
): ForecastOrigin {
  return {
    title: `Forecasts from ${source}`,
    source: origin,
    ...(synthetic && { comment: choice === 'synthetic' ? notWeather : modelAtmosphere }),
  };
}

/** Nothing where no step is lacking. */
function gapWords({ dataset, options }: ForecastTask): string {
  const gaps = gapsOf(dataset).length;
  if (gaps === 0) return '';
  const lost = Object.values(splitTime(dataset, options)).reduce(
    (sum, part) => sum + leftOut(dataset, part, options),
    0,
  );
  return `${count(lost)} ${lost === 1 ? 'sample is' : 'samples are'} left out, which would cross ${gaps === 1 ? 'a gap' : `one of ${count(gaps)} gaps`} in time.`;
}
