/**
 * A forecast as one ONNX file, from states in the units of the data to the state that follows: normalisation, climatology,
 * fields without time and the time of year are in it, so nothing of Isobar is needed to use it.
 */
import { inputTensor } from '../../graph/ops/leaf.ts';
import { yearMs } from '../../io/calendar.ts';
import { modelKind } from '../../models/index.ts';
import { unsharded } from '../../models/jigsaw.ts';
import { type Frame, type ModelConfig, predictionOf } from '../../models/model.ts';
import { parameterScope } from '../../models/parameters.ts';
import { OnnxBuilder } from '../onnx/builder.ts';
import { graphToOnnx } from '../onnx/graph.ts';
import { encodeOnnx, type OnnxValue } from '../onnx/model-file.ts';
import { SEASON_CHANNELS } from './guides.ts';
import { padStatics } from './make-task.ts';
import type { ForecastTask } from './task.ts';

/**
 * @param task of any data that the model forecasts from: their fields without time are written too
 * @param origin words on what made the model
 * @param parameters values by name
 * @throws ConfigError where the model is of another kind than those whose ops are written
 */
export function forecastOnnx(
  { model, frame }: { readonly model: ModelConfig; readonly frame: Frame },
  task: ForecastTask,
  origin: string,
  parameters: (name: string) => Float32Array,
): Uint8Array<ArrayBuffer> {
  const { input, output } = predictionOf(frame);
  const apply = modelKind(model.kind).build(parameterScope(), model.config, unsharded);
  const outputs = apply({ [input.name]: inputTensor(input.name, [1, ...input.shape]) }, { kind: 'evaluate' });
  const builder = new OnnxBuilder();
  const time = timeOfYear(builder, task);
  const normalised = normalisedInput(builder, task, time);
  const inputs = new Map([[input.name, normalised]]);
  const prediction = graphToOnnx(outputs[output.name], builder, inputs, parameters);
  inUnits(builder, task, time, prediction);
  return encodeOnnx({
    name: 'forecast',
    about: `${origin}. ${describe(task)}`,
    metadata: metadataOf(task),
    ...signature(task, time !== undefined),
    constants: builder.constants,
    nodes: builder.nodes,
  });
}

/** Names of the inputs and of the result. */
const STATES = 'states';
const TIMES = 'times';
const FORECAST = 'forecast';

const SECOND_MS = 1000;

/** Whether a climatology changes over the year. */
const hasSeasons = ({ normalisation: { kind, harmonics } }: ForecastTask) =>
  kind === 'anomaly' && harmonics > 0;

/** The phase of the year of every time, in radians, where it is needed: [batch, inputSteps + 1]. */
function timeOfYear(builder: OnnxBuilder, task: ForecastTask): string | undefined {
  if (!hasSeasons(task) && !task.options.seasonInputs) return undefined;
  const year = yearMs(task.dataset.calendar) / SECOND_MS;
  const ofYear = builder.node('Mod', [TIMES, builder.integers([year])]);
  const FLOAT = 1;
  const seconds = builder.node('Cast', [ofYear], { to: FLOAT });
  return builder.node('Mul', [seconds, builder.floats(Float32Array.of((2 * Math.PI) / year), [1])]);
}

/** What a state is counted from, whatever the time of year: fits [.., channels, latitude, longitude]. */
function meanOf(builder: OnnxBuilder, { normalisation, channels, dataset }: ForecastTask): string {
  const { kind, mean, climatology } = normalisation;
  if (kind === 'standard') return builder.floats(Float32Array.from(mean), [channels, 1, 1]);
  const grid = [channels, dataset.latitude.length, dataset.longitude.length];
  return builder.floats(
    climatology.subarray(
      0,
      grid.reduce((a, b) => a * b, 1),
    ),
    grid,
  );
}

/**
 * What the climatology of the times `from` to `to` (not included) has beside its mean, [batch, times, channels, latitude,
 * longitude]: apart from it, for in single precision the sum of both would lose digits of what is small.
 */
function seasonOf(
  builder: OnnxBuilder,
  { normalisation, channels, dataset }: ForecastTask,
  phase: string,
  from: number,
  to: number,
): string {
  const { climatology, harmonics } = normalisation;
  const grid = [channels, dataset.latitude.length, dataset.longitude.length];
  const points = grid.reduce((a, b) => a * b, 1);
  const terms = 2 * harmonics;
  const values = (value: (k: number) => number) =>
    builder.floats(
      Float32Array.from({ length: terms }, (_, k) => value(k)),
      [terms],
    );
  const each = builder.reshape(builder.slice(phase, 1, from, to), [0, to - from, 1]);
  // cos p, sin p, cos 2p, sin 2p ...
  const angle = builder.node('Mul', [each, values(k => (k >> 1) + 1)]);
  const cosines = builder.node('Mul', [builder.node('Cos', [angle]), values(k => 1 - (k % 2))]);
  const sines = builder.node('Mul', [builder.node('Sin', [angle]), values(k => k % 2)]);
  const basis = builder.node('Add', [cosines, sines]);
  const coefficients = builder.floats(climatology.subarray(points), [terms, points]);
  return builder.reshape(builder.node('MatMul', [basis, coefficients]), [0, to - from, ...grid]);
}

/** The model's input: [batch, inputSteps * channels + statics, height, width]. */
function normalisedInput(builder: OnnxBuilder, task: ForecastTask, phase: string | undefined): string {
  const { normalisation, channels, dataset, options, height, width } = task;
  const { inputSteps } = options;
  const [rows, columns] = [dataset.latitude.length, dataset.longitude.length];
  const std = builder.floats(Float32Array.from(normalisation.std), [channels, 1, 1]);
  const centred = builder.node('Sub', [STATES, meanOf(builder, task)]);
  const anomaly =
    hasSeasons(task) && phase !== undefined
      ? builder.node('Sub', [centred, seasonOf(builder, task, phase, 0, inputSteps)])
      : centred;
  const scaled = builder.node('Div', [anomaly, std]);
  const zero = builder.floats(Float32Array.of(0), []);
  const known = builder.node('Where', [builder.node('IsNaN', [scaled]), zero, scaled]);
  const fields = builder.reshape(known, [0, inputSteps * channels, rows, columns]);
  const pads = builder.integers([0, 0, 0, 0, 0, 0, height - rows, width - columns]);
  const padded = builder.node('Pad', [fields, pads]);
  const batch = builder.slice(builder.node('Shape', [STATES]), 0, 0, 1);
  const toBatch = (of: string, size: number) => {
    const shape = builder.node('Concat', [batch, builder.integers([size, height, width])], { axis: 0 });
    return builder.node('Expand', [of, shape]);
  };
  const parts = [padded];
  const fixed = dataset.statics.length;
  if (fixed > 0) {
    const values = padStatics(dataset, normalisation, height, width);
    parts.push(toBatch(builder.floats(values, [1, fixed, height, width]), fixed));
  }
  if (options.seasonInputs && phase !== undefined) {
    const newest = builder.slice(phase, 1, inputSteps - 1, inputSteps); // [batch, 1]
    const both = builder.node('Concat', [builder.node('Cos', [newest]), builder.node('Sin', [newest])], {
      axis: 1,
    });
    const even = builder.node('Mul', [both, builder.floats(Float32Array.of(Math.SQRT2), [1])]);
    parts.push(toBatch(builder.reshape(even, [0, SEASON_CHANNELS, 1, 1]), SEASON_CHANNELS));
  }
  return parts.length === 1 ? padded : builder.node('Concat', parts, { axis: 1 });
}

/** The result in the units of the data. */
function inUnits(
  builder: OnnxBuilder,
  task: ForecastTask,
  phase: string | undefined,
  prediction: string,
): void {
  const { normalisation, channels, dataset, options } = task;
  const [rows, columns] = [dataset.latitude.length, dataset.longitude.length];
  const cut = builder.slice(builder.slice(prediction, 2, 0, rows), 3, 0, columns);
  const std = builder.floats(Float32Array.from(normalisation.std), [channels, 1, 1]);
  const anomaly = builder.node('Mul', [cut, std]);
  const { inputSteps } = options;
  let result = anomaly;
  if (hasSeasons(task) && phase !== undefined) {
    const season = seasonOf(builder, task, phase, inputSteps, inputSteps + 1);
    result = builder.node('Add', [anomaly, builder.reshape(season, [0, channels, rows, columns])]);
  }
  builder.node('Add', [result, meanOf(builder, task)], {}, FORECAST);
}

function signature(
  { channels, dataset, options: { inputSteps } }: ForecastTask,
  isTimed: boolean,
): { readonly inputs: readonly OnnxValue[]; readonly outputs: readonly OnnxValue[] } {
  const grid = [channels, dataset.latitude.length, dataset.longitude.length];
  const states: OnnxValue = {
    name: STATES,
    type: 'float',
    shape: ['batch', inputSteps, ...grid],
    about: 'States that follow each other, the newest last, in the units of the data; NaN where missing.',
  };
  const times: OnnxValue = {
    name: TIMES,
    type: 'int64',
    shape: ['batch', inputSteps + 1],
    about: 'Of these states and, last, of the forecast: seconds since 1970-01-01 of the calendar.',
  };
  return {
    inputs: isTimed ? [states, times] : [states],
    outputs: [
      {
        name: FORECAST,
        type: 'float',
        shape: ['batch', ...grid],
        about: 'The forecast, in the units of the data.',
      },
    ],
  };
}

function describe({
  dataset: { stepHours, stepMonths },
  options: { inputSteps, leadSteps },
}: ForecastTask): string {
  const length = stepMonths ? `${stepMonths} months` : `${stepHours} hours`;
  return `From ${inputSteps} states in steps of ${length} to the one ${leadSteps} steps later.`;
}

function metadataOf({ dataset, options }: ForecastTask): Record<string, string> {
  const { channels, latitude, longitude, stepHours, calendar = 'standard' } = dataset;
  return {
    channels: JSON.stringify(channels.map(({ name }) => name)),
    units: JSON.stringify(channels.map(({ units }) => units)),
    latitude: JSON.stringify(Array.from(latitude)),
    longitude: JSON.stringify(Array.from(longitude)),
    calendar,
    step_hours: String(stepHours),
    lead_steps: String(options.leadSteps),
  };
}
