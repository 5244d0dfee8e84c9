/** The model of a checkpoint as an ONNX file: neither a device nor a browser is needed. */
import type { FieldsChoice } from '../data/choice/choice.ts';
import { ConfigError } from '../models/model.ts';
import { openForecastSource } from '../tasks/forecast/forecast-source.ts';
import { knownNormalisation } from '../tasks/forecast/known-normalisation.ts';
import { forecastOnnx } from '../tasks/forecast/onnx-file.ts';
import { decodeModel, readCheckpointInfo, readNormalisation } from '../train/checkpoint.ts';
import { wholeLayout } from '../train/plans.ts';
import { modelFor } from './api/fitted-model.ts';
import type { RunConfig } from './api/run-config.ts';
import { settingsOf } from './api/settings.ts';
import { fieldsOf, forecastOptions } from './forecast-run.ts';
import { originOf } from './prepared-run.ts';

/**
 * @param config of the run, with data of which the fields without time are taken
 * @throws DataError, ConfigError, CheckpointError
 */
export async function onnxFile(config: RunConfig, checkpoint: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  const preset = settingsOf(config);
  const info = readCheckpointInfo(checkpoint);
  const known = knownNormalisation(readNormalisation(checkpoint));
  const source = await openForecastSource(
    withFewRecords(fieldsOf(config.data)),
    forecastOptions(preset),
    info.channels,
    known,
    { format: 'netcdf', starts: 'all' },
    () => {},
  );
  const model = modelFor(preset, source.frame);
  const layout = wholeLayout(model);
  const { parameters } = decodeModel(checkpoint, model, layout);
  const entries = new Map(layout.entries.map(entry => [entry.name, entry]));
  return forecastOnnx({ model, frame: source.frame }, source.like, originOf(info), name => {
    const entry = entries.get(name);
    if (!entry) throw new ConfigError(`The checkpoint has no parameter ${name}.`);
    return parameters.slice(entry.offset, entry.offset + entry.size);
  });
}

/** What has no time is the same for any record: of what is computed, as few as can be. */
function withFewRecords(choice: FieldsChoice): FieldsChoice {
  return choice.kind === 'embedded' ? { ...choice, days: 2 } : choice;
}
