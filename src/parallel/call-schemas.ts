/**
 * What the arguments and answers of the calls between ranks must be, where they come from another browser: every field,
 * its range, and that arrays are as long as those who read them count on. Ranks of one page run the same code and pass
 * each other what it says.
 */
import * as v from 'valibot';
import {
  anyNumber,
  count,
  type Fields,
  floats,
  most,
  positive,
  real,
  type Schema,
  size,
  text,
  whole,
  word,
} from '../io/schemas.ts';
import type { Frame, InputSpec } from '../models/model.ts';
import { modelConfigSchema as model } from '../models/schemas.ts';
import type { Look, Looked } from '../plan/look.ts';
import type { Machine } from '../plan/machine.ts';
import type { Span, StepTrace } from '../plan/trace.ts';
import { taskWires } from '../tasks/wires.ts';
import type { OptimizerOptions } from '../train/optimizer-options.ts';
import { formsByAdapterSchema, measuredFormsSchema } from '../train/read-forms.ts';
import type { PlateauState, ScheduleOptions } from '../train/schedule.ts';
import type { CheckpointInfo, CheckpointLabel } from '../train/trainer-state.ts';
import type { Program, RankTimes, ShardBytes, TrainCommand } from './program.ts';
import type {
  AskedName,
  CallAnswer,
  CallArguments,
  CallName,
  LookCommand,
  PredictCommand,
  RehearseCommand,
  StateCommand,
} from './rank-calls.ts';
import type { ShardCopy, ShardHeading } from './shard-copies.ts';
import type { RankForms, UsedForms } from './tuning.ts';

const state = v.record(word, floats);

const array = {
  name: word,
  shape: v.array(size),
  dtype: v.picklist(['f32', 'u32']),
} satisfies Fields<Frame['outputs'][number]>;
const task = v.picklist(taskWires.map(({ kind }) => kind));
const frame = v.object({
  task,
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
  nesterov: v.optional(v.boolean()),
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
  v.object({
    kind: v.literal('milestones'),
    peak: real,
    warmup: count,
    factor: real,
    at: v.pipe(v.array(real), v.maxLength(1000)),
  } satisfies Schedule<'milestones'>),
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
  recompute: v.optional(v.boolean()),
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

const traces = v.pipe(v.array(trace), v.maxLength(4096));

const look = v.object({
  step: count,
  operand: count,
  from: count,
  rows: size,
  columns: size,
} satisfies Fields<Look>);

const nothing = v.pipe(
  v.null(),
  v.transform(() => undefined),
);
/** Of the arguments. */
export const argumentSchemas: { readonly [Name in CallName]: Schema<CallArguments<Name>[0]> } = {
  measure: v.variant(
    'task',
    taskWires.map(({ kind, wire }) => v.object({ task: v.literal(kind), order: wire.order })),
  ),
  tune: program,
  prepare: v.pipe(
    v.variant(
      'task',
      taskWires.map(({ kind, wire }) => v.object({ task: v.literal(kind), program, command: wire.command })),
    ),
    v.check(({ task, program }) => program.frame.task === task, 'data of another task'),
  ),
  reset: whole(0, most),
  predict: v.object({ input: floats, batch: size } satisfies Fields<PredictCommand>),
  readState: v.nullable(v.object(label)),
  writeState: v.object({ state, step: count } satisfies Fields<StateCommand>),
  look: v.object({
    step: count,
    seed: whole(0, most),
    looks: v.pipe(v.array(look), v.maxLength(1000)),
  } satisfies Fields<LookCommand>),
  rehearse: v.object({ step: count, seed: whole(0, most) } satisfies Fields<RehearseCommand>),
  train: v.object({ seed: whole(0, most), plateau } satisfies Fields<TrainCommand>),
  times: v.object({
    steps: count,
    bytesSent: count,
    messagesSent: count,
    wallMs: real,
    dataMs: real,
    exchangeMs: real,
    exposedExchangeMs: real,
    bytesRead: count,
  } satisfies Fields<RankTimes>),
  warning: text(4000),
  traces,
  keepCopy: v.object({ ...heading, state } satisfies Fields<ShardCopy>),
  copies: nothing,
  readCopy: v.object(heading),
};

/** Of the answers. */
export const answerSchemas: { readonly [Name in AskedName]: Schema<CallAnswer<Name>> } = {
  measure: v.variant(
    'task',
    taskWires.map(({ kind, wire }) => v.object({ task: v.literal(kind), answer: wire.answer })),
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
    idealReadBytes: v.optional(real),
    forms: v.object({
      usual: v.picklist(['tiles', 'lanes', 'direct']),
      measured: measuredFormsSchema,
    } satisfies Fields<UsedForms>),
  } satisfies Fields<ShardBytes>),
  reset: nothing,
  predict: floats,
  readState: state,
  writeState: nothing,
  look: v.array(v.object({ rows: size, columns: size, values: floats } satisfies Fields<Looked>)),
  rehearse: traces,
  copies: v.array(v.object(heading)),
  readCopy: v.nullable(v.object({ ...heading, state })),
};
