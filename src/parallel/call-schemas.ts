/**
 * What the arguments and answers of the calls between ranks must be, where they come from another browser: every field,
 * its range, and that arrays are as long as those who read them count on. Ranks of one page run the same code and pass
 * each other what it says.
 */
import * as v from 'valibot';
import type { BareChoice, BoxedChoice, ZarrSelection } from '../data/choice/choice.ts';
import type { SyntheticChoice } from '../data/choice/synthetic.ts';
import type { Channel } from '../data/dataset.ts';
import { modelConfigSchema as model } from '../models/index.ts';
import type { Frame, InputSpec } from '../models/model.ts';
import type { Machine } from '../plan/machine.ts';
import type { Span, StepTrace } from '../plan/trace.ts';
import type { Moments, PartMoments, SharedStatistics } from '../tasks/forecast/slice-moments.ts';
import type { ForecastShard, InputSource, ShardBox } from '../tasks/forecast/slice-task.ts';
import type { TaskOptions } from '../tasks/forecast/task.ts';
import { formsByAdapterSchema, measuredFormsSchema } from '../train/measured-forms.ts';
import type { OptimizerOptions } from '../train/optimizer.ts';
import type { PlateauState, ScheduleOptions } from '../train/schedule.ts';
import type { CheckpointInfo, CheckpointLabel } from '../train/trainer-state.ts';
import type { Program, RankTimes, ShardBytes, TrainCommand } from './program.ts';
import type {
  AskedName,
  CallAnswer,
  CallArguments,
  CallName,
  MeasureCommand,
  PredictCommand,
  StateCommand,
} from './rank-calls.ts';
import type { GivenPart, MeasuredPart, PartOrder } from './rank-part.ts';
import type { ShardCopy, ShardHeading } from './shard-copies.ts';
import type { RankForms, UsedForms } from './tuning.ts';

type Schema<T> = v.GenericSchema<unknown, T>;
/** A schema for every field of a type, so that none is forgotten which is added to it. */
type Fields<T> = { readonly [K in keyof T]-?: Schema<T[K]> };

const most = 2 ** 32 - 1;
const whole = (least: number, highest: number) =>
  v.pipe(v.number(), v.safeInteger(), v.minValue(least), v.maxValue(highest));
const count = whole(0, Number.MAX_SAFE_INTEGER);
const size = whole(1, 2 ** 31);
/** -1 stands for padding. */
const index = whole(-1, 2 ** 31);
const indices = v.array(index);
const real = v.pipe(v.number(), v.finite());
const positive = v.pipe(real, v.minValue(0));
/** One that may be no number, as the loss before the first step, or not finite. */
const anyNumber = v.custom<number>(value => typeof value === 'number', 'no number');
const text = (longest: number) => v.pipe(v.string(), v.maxLength(longest));
const word = text(500);
const address = v.pipe(text(4000), v.regex(/^https?:\/\//, 'no http(s) address'));

const floats = v.custom<Float32Array<ArrayBuffer>>(value => value instanceof Float32Array, 'no Float32Array');
const integers = v.custom<Int32Array>(value => value instanceof Int32Array, 'no Int32Array');
const bytes = v.custom<Uint8Array<ArrayBuffer>>(value => value instanceof Uint8Array, 'no Uint8Array');
const state = v.record(word, floats);

const array = {
  name: word,
  shape: v.array(size),
  dtype: v.picklist(['f32', 'u32']),
} satisfies Fields<Frame['outputs'][number]>;
const frame = v.object({
  task: word,
  inputs: v.array(
    v.object({
      ...array,
      per: v.picklist(['sample', 'run']),
      for: v.picklist(['model', 'loss']),
      like: v.optional(word),
    } satisfies Fields<InputSpec>),
  ),
  outputs: v.array(v.object(array)),
  sizes: v.record(word, real),
} satisfies Fields<Frame>);

const optimizer = v.object({
  kind: v.picklist(['adam', 'adamw', 'sgd']),
  beta1: real,
  beta2: real,
  epsilon: real,
  weightDecay: real,
  decayVectors: v.boolean(),
  clipNorm: real,
  rateScale: v.record(word, real),
  averageDecay: real,
} satisfies Fields<OptimizerOptions>);

type Schedule<Kind> = Fields<Extract<ScheduleOptions, { readonly kind: Kind }>>;
const schedule = v.variant('kind', [
  v.object({
    kind: v.literal('cosine'),
    peak: real,
    floor: real,
    warmup: count,
  } satisfies Schedule<'cosine'>),
  v.object({
    kind: v.literal('plateau'),
    peak: real,
    warmup: count,
    factor: real,
    patience: count,
  } satisfies Schedule<'plateau'>),
  v.object({ kind: v.literal('constant'), peak: real, warmup: count } satisfies Schedule<'constant'>),
]);

const meshShape = v.object({ rows: whole(1, 1024), columns: whole(1, 1024), replicas: whole(1, 1024) });

const program = v.object({
  run: whole(0, most),
  model,
  frame,
  optimizer,
  schedule,
  steps: size,
  seed: whole(0, most),
  mesh: meshShape,
  copyTo: v.array(count),
  globalBatch: size,
  accumulate: size,
  microBatches: size,
  overlap: v.optional(
    v.object({
      flopsPerSecond: positive,
      elementsPerSecond: positive,
      secondsPerDispatch: positive,
      latencySeconds: positive,
      bytesPerSecond: positive,
    } satisfies Fields<Machine>),
  ),
  wire: v.optional(v.picklist(['f32', 'f16'])),
  softwareBudget: v.optional(positive),
  trace: v.optional(v.object({ detail: v.picklist(['step', 'layer', 'kernel']), origin: real })),
  forms: v.optional(formsByAdapterSchema),
} satisfies Fields<Program>);

const options = v.object({
  inputSteps: size,
  leadSteps: size,
  patch: v.tuple([size, size]),
  split: v.variant('kind', [
    v.object({ kind: v.literal('fraction'), train: real, validation: real }),
    v.object({ kind: v.literal('date'), validationFrom: word, testFrom: word }),
  ]),
  normalisation: v.picklist(['standard', 'anomaly']),
  harmonics: whole(0, 1000),
  positionInputs: v.optional(v.boolean()),
  seasonInputs: v.optional(v.boolean()),
  variableWeights: v.optional(v.record(word, real)),
} satisfies Fields<TaskOptions>);

const channel = v.object({
  name: word,
  longName: word,
  units: word,
  variable: word,
  levelHPa: v.optional(real),
} satisfies Fields<Channel>);
const selection = v.object({
  channels: v.optional(v.array(channel)),
  statics: v.optional(v.array(channel)),
  variables: v.optional(v.array(word)),
  from: v.optional(word),
  to: v.optional(word),
} satisfies Fields<ZarrSelection>);
/** What has addresses can be read anywhere; of the rest the page of the rank must have been given it. */
const choices = {
  files: v.object({ kind: v.literal('files'), files: v.optional(v.array(v.object({ url: address }))) }),
  zarr: v.object({
    kind: v.literal('zarr'),
    selection,
    source: v.optional(v.object({ kind: v.literal('url'), url: address, names: v.optional(v.array(word)) })),
  }),
  synthetic: v.object({
    kind: v.literal('synthetic'),
    like: v.picklist(['atmosphere', 'weatherbench2']),
    height: size,
    width: size,
    steps: size,
    seed: whole(0, most),
  } satisfies Fields<SyntheticChoice>),
} satisfies {
  readonly [Kind in BoxedChoice['kind']]: Schema<Extract<BoxedChoice | BareChoice, { readonly kind: Kind }>>;
};
const choice = v.variant('kind', [choices.files, choices.zarr, choices.synthetic]);

const box = v.object({
  inputChannels: indices,
  outputChannels: indices,
  rowFrom: count,
  rowTo: count,
} satisfies Fields<ShardBox>);
const order = { data: whole(0, most), box } satisfies Fields<PartOrder>;

const moments = v.object({ count, mean: anyNumber, squares: anyNumber } satisfies Fields<Moments>);
const measuredPart = {
  part: v.object({
    channels: v.array(v.tuple([count, moments])),
    statics: v.array(v.tuple([count, moments])),
    known: v.pipe(v.string(), v.regex(/^[01]*$/, 'other digits than 0 and 1')),
    hasMissing: v.boolean(),
  } satisfies Fields<PartMoments>),
  climatology: floats,
  bytesRead: count,
  unreadable: v.optional(text(4000)),
} satisfies Fields<MeasuredPart>;

const statistics = v.object({
  mean: v.array(real),
  std: v.array(real),
  staticMean: v.array(real),
  staticStd: v.array(real),
  train: integers,
  validation: integers,
  test: integers,
  masked: v.boolean(),
} satisfies Fields<SharedStatistics>);

const inputSource = v.variant('kind', [
  v.object({ kind: v.literal('state'), channel: count, age: count }),
  v.object({ kind: v.literal('static'), field: count }),
  v.object({ kind: v.literal('season'), term: whole(0, 1) }),
  v.object({ kind: v.literal('padding') }),
]) satisfies Schema<InputSource>;

const shard = v.pipe(
  v.object({
    box,
    height: count,
    width: size,
    gridRows: count,
    leadSteps: size,
    channels: v.array(count),
    values: floats,
    known: v.optional(bytes),
    statics: floats,
    season: v.optional(floats),
    inputs: v.array(inputSource),
    targets: indices,
    lossWeight: floats,
    train: integers,
  } satisfies Fields<ForecastShard>),
  v.check(value => fits(value), 'arrays that do not fit together'),
);

/** All that is read of a shard lies in it. */
function fits(shard: ForecastShard): boolean {
  const { box, height, width, gridRows, channels, inputs, targets, leadSteps, train } = shard;
  const points = height * width;
  const state = channels.length * points;
  const steps = state === 0 ? Number.POSITIVE_INFINITY : shard.values.length / state;
  const isInput = (source: InputSource): boolean => {
    if (source.kind === 'state') return source.channel < channels.length;
    if (source.kind === 'static') return (source.field + 1) * points <= shard.statics.length;
    return source.kind === 'padding' || shard.season !== undefined;
  };
  const oldest = Math.max(0, ...inputs.map(source => (source.kind === 'state' ? source.age : 0)));
  const seasons = (shard.season?.length ?? Number.POSITIVE_INFINITY) / 2;
  return (
    // With these the other sizes are bounded by what was sent.
    targets.length > 0 &&
    inputs.length > 0 &&
    box.rowTo - box.rowFrom === height &&
    gridRows <= height &&
    inputs.length === box.inputChannels.length &&
    targets.length === box.outputChannels.length &&
    (Number.isInteger(steps) || state === 0) &&
    (shard.known === undefined || shard.known.length === shard.values.length) &&
    shard.lossWeight.length === targets.length * points &&
    inputs.every(isInput) &&
    targets.every(target => target < channels.length) &&
    train.length > 0 &&
    train.every(time => time >= oldest && time + leadSteps < steps && time < seasons)
  );
}

const given = v.object({
  order: v.object(order),
  measured: v.object(measuredPart),
  shared: statistics,
  shard,
} satisfies Fields<GivenPart>);

const plateau = v.object({
  best: anyNumber,
  waited: count,
  reductions: count,
} satisfies Fields<PlateauState>);

/** Loose: another page may note more, and gets it back. */
const info = v.looseObject({
  preset: word,
  model,
  channels: v.array(word),
  source: text(4000),
  seed: whole(0, most),
  step: count,
  steps: count,
  lossFirst: anyNumber,
  lossLast: anyNumber,
  plateau,
  savedAt: positive,
  forms: v.optional(formsByAdapterSchema),
} satisfies Fields<CheckpointInfo>);
const label = { info, config: v.unknown() } satisfies Fields<CheckpointLabel>;
const heading = {
  ...label,
  run: whole(0, most),
  mesh: meshShape,
  rank: count,
} satisfies Fields<ShardHeading>;

const span = v.object({
  lane: v.picklist(['device', 'link', 'data']),
  peer: v.optional(count),
  from: count,
  to: count,
  begun: real,
  ended: real,
  exposed: v.optional(v.boolean()),
} satisfies Fields<Span>);
const trace = v.object({
  plan: word,
  rank: count,
  step: count,
  resolution: positive,
  uncertainty: v.optional(positive),
  spans: v.pipe(v.array(span), v.maxLength(100_000)),
} satisfies Fields<StepTrace>);

const nothing = v.pipe(
  v.null(),
  v.transform(() => undefined),
);
const hasKey = (value: unknown, key: string) => typeof value === 'object' && value !== null && key in value;

/** Of the arguments. */
export const argumentSchemas: { readonly [Name in CallName]: Schema<CallArguments<Name>[0]> } = {
  measure: v.object({ ...order, choice, options } satisfies Fields<MeasureCommand>),
  tune: program,
  prepare: v.lazy(value => {
    if (hasKey(value, 'shard')) return v.object({ program, shard });
    return hasKey(value, 'given') ? v.object({ program, given }) : v.object({ program, shared: statistics });
  }),
  reset: whole(0, most),
  predict: v.object({ input: floats, batch: size } satisfies Fields<PredictCommand>),
  readState: v.nullable(v.object(label)),
  writeState: v.object({ state, step: count } satisfies Fields<StateCommand>),
  train: v.object({ seed: whole(0, most), plateau } satisfies Fields<TrainCommand>),
  times: v.object({
    steps: count,
    bytesSent: count,
    messagesSent: count,
    wallMs: real,
    dataMs: real,
    exchangeMs: real,
    exposedExchangeMs: real,
  } satisfies Fields<RankTimes>),
  warning: text(4000),
  traces: v.pipe(v.array(trace), v.maxLength(4096)),
  keepCopy: v.object({ ...heading, state } satisfies Fields<ShardCopy>),
  copies: nothing,
  readCopy: v.object(heading),
};

/** Of the answers. */
export const answerSchemas: { readonly [Name in AskedName]: Schema<CallAnswer<Name>> } = {
  measure: v.lazy(value =>
    hasKey(value, 'part') ? v.object(measuredPart) : v.object({ unreadable: text(4000) }),
  ),
  tune: v.nullable(
    v.object({
      adapter: word,
      forms: measuredFormsSchema,
      warnings: v.pipe(v.array(text(4000)), v.maxLength(10)),
    } satisfies Fields<RankForms>),
  ),
  prepare: v.object({
    bytes: v.record(word, count),
    dataBytes: count,
    forms: v.object({
      usual: v.picklist(['tiles', 'lanes', 'direct']),
      measured: measuredFormsSchema,
    } satisfies Fields<UsedForms>),
  } satisfies Fields<ShardBytes>),
  reset: nothing,
  predict: floats,
  readState: state,
  writeState: nothing,
  copies: v.array(v.object(heading)),
  readCopy: v.nullable(v.object({ ...heading, state })),
};
