/**
 * Forecasts by the model of a checkpoint: nothing is trained, so there is neither an optimizer's state nor more of the data
 * than the forecasts start from. They are computed by the plans, and in the forms, that the run has scored itself with.
 */
import type { DataChoice, FieldsChoice } from '../data/choice/choice.ts';
import { isBoxed } from '../data/choice/choice.ts';
import type { Progress } from '../data/dataset.ts';
import { usage } from '../gpu/usage.ts';
import { DataError } from '../io/data-error.ts';
import type { WriteAt } from '../io/write-at.ts';
import { ConfigError, type Frame, type ModelConfig } from '../models/model.ts';
import { tableOf } from '../parallel/program.ts';
import { type Tuning, usedForms } from '../parallel/tuning.ts';
import { inSpace, STATE_SPACE } from '../plan/layout.ts';
import { checkLimits } from '../plan/limits.ts';
import { lower } from '../plan/lower.ts';
import { openForecastSource } from '../tasks/forecast/forecast-source.ts';
import { knownNormalisation } from '../tasks/forecast/known-normalisation.ts';
import { forecastOrigin } from '../tasks/forecast/run-task.ts';
import { saveForecasts, stepsAhead } from '../tasks/forecast/save-forecasts.ts';
import type { ForecastOptions } from '../tasks/forecast/task.ts';
import type { Predictor } from '../tasks/predictor.ts';
import type { ForecastRequest, SavedForecasts } from '../tasks/task.ts';
import { decodeModel, readCheckpointInfo, readNormalisation, type SavedModel } from '../train/checkpoint.ts';
import { Forecaster } from '../train/forecaster.ts';
import { forecastPlan, wholeLayout } from '../train/plans.ts';
import { modelFor } from './api/fitted-model.ts';
import type { Preset } from './api/presets.ts';
import type { RunConfig } from './api/run-config.ts';
import { settingsOf } from './api/settings.ts';
import { SOFTWARE_BUDGET_BYTES } from './make-trainer.ts';
import { originOf } from './prepared-run.ts';
import type { OpenDevice } from './session-device.ts';

/**
 * @param config of the run, with the data to start from
 * @throws DataError, ConfigError, CheckpointError, TooLargeError
 */
export async function forecastRun(
  device: OpenDevice,
  tuning: Tuning,
  config: RunConfig,
  checkpoint: Uint8Array,
  request: ForecastRequest,
  write: WriteAt,
  progress: Progress,
): Promise<SavedForecasts> {
  const preset = settingsOf(config);
  const options = forecastOptions(preset);
  const choice = fieldsOf(config.data);
  const info = readCheckpointInfo(checkpoint);
  const known = knownNormalisation(readNormalisation(checkpoint));
  const source = await openForecastSource(choice, options, info.channels, known, request, progress);
  const steps = stepsAhead(request, source.like, options.scoredSteps);
  const model = modelFor(preset, source.frame);
  const saved = decodeModel(checkpoint, model, wholeLayout(model));
  const predictor = await openPredictor(device, tuning, { model, frame: source.frame }, saved, preset);
  try {
    const { starts } = source;
    const origin = forecastOrigin(originOf(info), source, choice.kind);
    const file = { starts, steps, format: request.format };
    return await saveForecasts(predictor, source.like, source.parts(), file, origin, write, progress);
  } finally {
    predictor.close();
  }
}

/** @throws ConfigError where the run forecasts nothing */
export function forecastOptions({ task: { kind, options } }: Preset): ForecastOptions {
  if ('scoredSteps' in options) return options as ForecastOptions;
  throw new ConfigError(`The run is one of ${kind}: only of forecasts can files be written.`);
}

export function fieldsOf(data: DataChoice): FieldsChoice {
  if (data.kind === 'embedded' || isBoxed(data)) return data;
  throw new DataError(
    'These are images; a forecast needs fields on a grid, in NetCDF files or a Zarr store.',
  );
}

/** The whole model on one device, without what training takes. */
async function openPredictor(
  { gpu, pipelines }: OpenDevice,
  tuning: Tuning,
  job: { readonly model: ModelConfig; readonly frame: Frame },
  { info, parameters, states }: SavedModel,
  { batch, accumulate = 1 }: Preset,
): Promise<Predictor & { close(): void }> {
  const forecastBatch = batch / accumulate;
  const compiled = [1, forecastBatch].map(size => [size, forecastPlan(job, size)] as const);
  const { layout } = compiled[0][1];
  const plain = compiled.map(([, { plan }]) => plan);
  const table = tableOf(usedForms(gpu, () => plain, info.forms, tuning));
  const plans = new Map(compiled.map(([size, { plan }]) => [size, lower(plan, table)]));
  const budget = gpu.software ? SOFTWARE_BUDGET_BYTES : undefined;
  for (const plan of plans.values()) checkLimits(plan, gpu.limits, budget);
  const bufferOf = (space: string, values: Float32Array<ArrayBuffer>) => {
    const { floats } = inSpace(layout, space);
    const size = Math.ceil((4 * floats) / 16) * 16;
    const buffer = gpu.device.createBuffer({ label: space, size, usage: usage.storage });
    gpu.device.queue.writeBuffer(buffer, 0, values);
    return buffer;
  };
  const shared = {
    parameters: [bufferOf('parameters', parameters)],
    ...(states && { [STATE_SPACE]: [bufferOf(STATE_SPACE, states)] }),
  };
  const forecaster = await Forecaster.create(gpu, pipelines, plans, shared, job.frame);
  return {
    forecastBatch,
    predict: (input, size = forecastBatch) => forecaster.predict(input, size, info.step, undefined),
    rollOut: (size, grid) => forecaster.rollOut(size, grid),
    close() {
      forecaster.destroy();
      for (const buffer of Object.values(shared).flat()) buffer.destroy();
    },
  };
}
