/**
 * What ranks of other browsers send each other of the data of a forecast: every field, its range, and that arrays are as
 * long as those who read them count on.
 */
import * as v from 'valibot';
import type { BareChoice, BoxedChoice, DataPart, ZarrSelection } from '../../data/choice/choice.ts';
import type { Region, Thinning } from '../../data/choice/part.ts';
import type { SyntheticChoice } from '../../data/choice/synthetic.ts';
import type { Channel } from '../../data/dataset.ts';
import {
  address,
  anyNumber,
  bytes,
  count,
  type Fields,
  floats,
  hasKey,
  indices,
  integers,
  most,
  real,
  type Schema,
  size,
  text,
  whole,
  word,
} from '../../io/schemas.ts';
import type { SampleWindows, TaskWire } from '../task.ts';
import type { GivenPart, MeasuredPart, PartOrder } from './held-part.ts';
import type { Moments, PartMoments, SharedStatistics } from './slice-moments.ts';
import type { ForecastShard, InputSource, ShardBox } from './slice-task.ts';
import type { RecordExtent, TaskOptions } from './task.ts';
import type { ForecastTypes, ReadOrder } from './types.ts';

const options = v.object({
  inputSteps: size,
  leadSteps: size,
  patch: v.tuple([size, size]),
  split: v.variant('kind', [
    v.object({
      kind: v.literal('fraction'),
      train: real,
      validation: real,
      madeFor: v.optional(
        v.object({ first: word, last: word, stepHours: real } satisfies Fields<RecordExtent>),
      ),
    }),
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
const every = v.optional(whole(1, 10_000));
const part = {
  variables: v.optional(v.array(word)),
  levels: v.optional(v.array(real)),
  region: v.optional(v.object({ west: real, south: real, east: real, north: real } satisfies Fields<Region>)),
  from: v.optional(word),
  to: v.optional(word),
  thin: v.optional(v.object({ points: every, means: every, steps: every } satisfies Fields<Thinning>)),
  member: v.optional(real),
} satisfies Fields<DataPart>;
const selection = v.object({
  channels: v.optional(v.array(channel)),
  statics: v.optional(v.array(channel)),
  ...part,
} satisfies Fields<ZarrSelection>);
/** What has addresses can be read anywhere; of the rest the page of the rank must have been given it. */
const choices = {
  files: v.object({
    kind: v.literal('files'),
    files: v.optional(v.array(v.object({ url: address }))),
    part: v.optional(v.object(part)),
    keep: v.optional(address),
  }),
  zarr: v.object({
    kind: v.literal('zarr'),
    selection,
    source: v.optional(v.object({ kind: v.literal('url'), url: address, names: v.optional(v.array(word)) })),
    keep: v.optional(address),
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
const order = { data: whole(0, most), box, memory: size } satisfies Fields<PartOrder>;

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
  notes: v.optional(v.pipe(v.array(text(4000)), v.maxLength(20))),
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
    leadRecords: size,
    channels: v.array(count),
    values: floats,
    known: v.optional(bytes),
    statics: floats,
    season: v.optional(floats),
    inputs: v.array(inputSource),
    targets: indices,
    lossWeight: floats,
    train: integers,
    windows: v.optional(v.object({ starts: integers, runs: size } satisfies Fields<SampleWindows>)),
  } satisfies Fields<ForecastShard>),
  v.check(value => fits(value), 'arrays that do not fit together'),
);

/** All that is read of a shard lies in it. */
function fits(shard: ForecastShard): boolean {
  const { box, height, width, gridRows, channels, inputs, targets, leadRecords, train } = shard;
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
    train.every(time => time >= oldest && time + leadRecords < steps && time < seasons) &&
    // With these every sample lies in a run.
    (shard.windows?.starts.every((start, i, starts) => (i === 0 ? start === 0 : start > starts[i - 1])) ??
      true)
  );
}

const given = v.object({
  order: v.object(order),
  measured: v.object(measuredPart),
  shared: statistics,
  shard,
} satisfies Fields<GivenPart>);

export const wire: TaskWire<ForecastTypes> = {
  order: v.object({ ...order, choice, options } satisfies Fields<ReadOrder>),
  answer: v.lazy(value =>
    hasKey(value, 'part') ? v.object(measuredPart) : v.object({ unreadable: text(4000) }),
  ),
  command: v.lazy(value => {
    if (hasKey(value, 'shard')) return v.object({ shard });
    return hasKey(value, 'given') ? v.object({ given }) : v.object({ shared: statistics });
  }),
};
