/**
 * What a recording must be for the views to draw it, wherever its file comes from. Only what they read is checked; what a
 * schema does not name goes along as it is.
 */

import * as v from 'valibot';
import type { RankCard } from '../../crew/cards.ts';
import { calendars } from '../../io/calendar.ts';
import { anyNumber, count, type Schema, text, whole } from '../../io/schemas.ts';
import type { PlanStep, RunInfo, View } from '../../session/api/api.ts';
import { runStatuses } from '../../session/api/api.ts';
import type { BoardView } from '../board/watch-cuts.ts';
import {
  type KeptAnswer,
  type KeptEvent,
  type Recording,
  recordingVersion,
  type Timed,
} from './recording.ts';

/** A value that has at least this shape. */
const shaped = <T>(shape: v.GenericSchema, what: string): Schema<T> =>
  v.custom<T>(value => v.is(shape, value), `no ${what}`);

const number = v.pipe(v.number(), v.finite());
const numbers = v.array(anyNumber);
const name = text(500);
const rank = whole(0, 255);
const time = v.pipe(number, v.minValue(0));
/** More ranks than pages seat, and views go through all of them. */
const mostRanks = 1024;
const mesh = v.pipe(
  v.looseObject({ rows: whole(1, 256), columns: whole(1, 256), replicas: whole(1, 256) }),
  v.check(({ rows, columns, replicas }) => rows * columns * replicas <= mostRanks, 'too many ranks'),
);

const channel = v.looseObject({
  name,
  longName: name,
  units: name,
  variable: name,
  levelHPa: v.optional(number),
});
const floats = v.instance(Float32Array);
const doubles = v.instance(Float64Array);

const viewSpec = v.variant('kind', [
  v.looseObject({
    kind: v.literal('rollout'),
    name,
    channels: v.pipe(v.array(channel), v.minLength(1)),
    latitude: doubles,
    longitude: doubles,
    stepHours: number,
    starts: whole(1, 1),
  }),
  v.looseObject({ kind: v.literal('images'), name, classes: v.array(name), images: count }),
]);

const memoryKinds = ['parameters', 'optimizer', 'activations', 'exchange', 'total'] as const;
const heldMemory = v.looseObject(v.entriesFromList(memoryKinds, count));

const scoreHead = {
  metric: name,
  label: name,
  units: name,
  better: v.picklist(['lower', 'higher', 'nearer-zero']),
  main: v.boolean(),
  of: v.optional(v.looseObject({ name, label: name })),
  at: v.optional(v.looseObject({ axis: name, units: name, value: number })),
};

const info = v.looseObject({
  config: v.looseObject({ preset: name, steps: count, seed: count, mesh: v.optional(mesh) }),
  adapter: v.looseObject({ description: name, vendor: name, architecture: name, software: v.boolean() }),
  source: text(5000),
  summary: text(5000),
  notice: v.optional(text(5000)),
  dataNotes: v.array(text(5000)),
  samples: v.looseObject({ train: count, validation: count, test: count }),
  validationScores: v.array(v.looseObject({ ...scoreHead, baselines: v.array(name) })),
  facts: v.array(v.looseObject({ label: name, value: name })),
  forwardFlops: number,
  dispatches: count,
  memory: heldMemory,
  synthetic: v.boolean(),
  bytesReadFromData: count,
  task: name,
  model: name,
  views: v.array(viewSpec),
  step: count,
  batch: count,
  parameterCount: count,
  ranks: v.array(
    v.looseObject({
      rank,
      row: rank,
      column: rank,
      replica: rank,
      memory: heldMemory,
      bytesReadFromData: count,
    }),
  ),
});

const score = v.looseObject({
  ...scoreHead,
  value: anyNumber,
  baselines: v.array(v.looseObject({ name, value: anyNumber })),
});

const span = v.looseObject({
  lane: v.picklist(['device', 'link', 'data']),
  peer: v.optional(rank),
  from: count,
  to: count,
  begun: number,
  ended: number,
});
const trace = v.looseObject({
  plan: name,
  rank,
  step: count,
  resolution: number,
  uncertainty: v.optional(number),
  spans: v.array(span),
});

const field = v.pipe(
  v.looseObject({ channel, latitude: doubles, longitude: doubles, values: floats, day: number }),
  v.check(({ latitude, longitude, values }) => values.length === latitude.length * longitude.length),
);

export const keptEvent: Schema<KeptEvent> = shaped(
  v.variant('type', [
    v.looseObject({ type: v.literal('prepared'), info, goesOn: v.optional(v.boolean()) }),
    v.looseObject({ type: v.literal('status'), status: v.picklist(runStatuses) }),
    v.looseObject({ type: v.literal('progress'), stage: name, fraction: number, field: v.optional(field) }),
    v.looseObject({
      type: v.literal('metrics'),
      step: count,
      losses: v.array(v.tuple([count, anyNumber])),
      learningRates: numbers,
      gradientNorms: numbers,
      samplesPerSecond: anyNumber,
      dataMs: anyNumber,
    }),
    v.looseObject({
      type: v.literal('scores'),
      step: count,
      part: v.picklist(['validation', 'test']),
      scores: v.array(score),
    }),
    v.looseObject({ type: v.literal('ranks'), step: count, ranks: v.array(v.looseObject({ rank })) }),
    v.looseObject({ type: v.literal('trace'), origin: number, traces: v.array(trace) }),
    v.looseObject({ type: v.literal('checkpoint'), step: count }),
  ]),
  'event',
);

const place = v.looseObject({ space: name, block: count, offset: count, bytes: count });
const operand = v.looseObject({ ...place.entries, access: v.picklist(['read', 'write', 'update']) });
const placed = v.looseObject({ at: place, peer: rank });
const provenance = v.looseObject({ layer: name, phase: name, op: name, shape: v.array(number) });
export const planStep: Schema<PlanStep> = shaped(
  v.variant('kind', [
    v.looseObject({
      kind: v.literal('dispatch'),
      label: name,
      shader: name,
      provenance,
      operands: v.array(v.nullable(operand)),
      work: v.looseObject({ flops: number, read: number, written: number }),
    }),
    v.looseObject({
      kind: v.literal('start'),
      label: name,
      provenance,
      exchange: count,
      group: name,
      sends: v.array(placed),
    }),
    v.looseObject({
      kind: v.literal('finish'),
      label: name,
      provenance,
      exchange: count,
      group: name,
      receives: v.array(placed),
      keep: v.optional(v.looseObject({ from: place, to: place })),
    }),
  ]),
  'step of a plan',
);

export const view: Schema<View> = shaped(
  v.variant('kind', [
    v.looseObject({
      kind: v.literal('rollout'),
      startTime: number,
      validTimes: v.optional(v.array(number)),
      calendar: v.optional(v.picklist(calendars)),
      channels: v.pipe(v.array(count), v.minLength(1)),
      leadHours: v.pipe(v.array(number), v.minLength(1)),
      start: floats,
      truth: floats,
      forecast: floats,
      errors: v.looseObject({ forecast: floats, persistence: floats, climatology: floats }),
    }),
    v.looseObject({
      kind: v.literal('images'),
      channels: v.picklist([1, 3]),
      height: whole(1, 4096),
      width: whole(1, 4096),
      pixels: v.instance(Uint8Array),
      classes: v.array(name),
      items: v.array(v.looseObject({ label: count, guess: count, confidence: number })),
    }),
  ]),
  'answer of a view',
);

const run = v.tuple([count, count]);
const memory = v.looseObject({ parameters: count, optimizer: count, exchange: count, total: count });
const box = v.looseObject({ rows: v.array(run), columns: v.array(run) });
const cuts = v.looseObject({
  mesh,
  parameters: count,
  batch: count,
  sample: v.looseObject({ name, shape: v.array(count) }),
  weights: v.array(
    v.looseObject({
      name,
      rows: count,
      columns: count,
      part: name,
      isMatrix: v.boolean(),
      pieces: v.pipe(
        v.array(v.looseObject({ ranks: v.pipe(v.array(rank), v.minLength(1)), boxes: v.array(box) })),
        v.minLength(1),
      ),
    }),
  ),
  ranks: v.pipe(
    v.array(
      v.looseObject({
        ...{ rank, row: rank, column: rank, replica: rank, elements: count, memory },
        samples: run,
        places: v.optional(v.array(v.looseObject({ name, from: count, to: count }))),
        block: v.pipe(v.array(v.array(run)), v.minLength(2)),
        traffic: v.looseObject({
          ...{ totalBytes: count, totalExchanges: count },
          bytes: v.record(v.string(), count),
          exchanges: v.record(v.string(), count),
        }),
        productShare: number,
      }),
    ),
    v.minLength(1),
  ),
  undivided: memory,
});
const prediction = v.looseObject({
  memory,
  steps: v.pipe(
    v.array(
      v.looseObject({
        name,
        seconds: number,
        waitingSeconds: number,
        aloneSeconds: number,
        busySeconds: v.optional(number),
      }),
    ),
    v.minLength(1),
  ),
});
const way = {
  mesh,
  answer: v.optional(v.union([v.looseObject({ cuts }), v.looseObject({ impossible: text(2000) })])),
  prediction: v.optional(prediction),
};
export const board: Schema<BoardView> = shaped(
  v.looseObject({
    ...way,
    offered: v.array(v.looseObject({ name, mesh, impossible: v.optional(text(2000)) })),
    ways: v.array(v.looseObject(way)),
  }),
  'cut',
);

export const cards: Schema<RankCard[]> = v.array(v.object({ rank, card: name, name, certain: v.boolean() }));

export const recordingSchema: Schema<Recording> = v.pipe(
  v.object({
    version: v.literal(recordingVersion),
    madeAt: number,
    events: v.pipe(
      v.array(v.object({ at: time, event: keptEvent })),
      v.check(all => isInOrder(all), 'not in order'),
    ),
    plans: v.record(v.string(), v.array(planStep)),
    cards,
    answers: v.pipe(
      v.array(v.object({ at: time, name, view })),
      v.check(all => isInOrder(all), 'not in order'),
    ),
    board: v.optional(board),
  }),
  v.check(({ events }) => events.some(isBegun), 'no run in it'),
  v.check(({ events, answers }) => {
    const infos = events.flatMap(({ event }) => (event.type === 'prepared' ? event.info : []));
    return answers.every(answer => fits(answer, infos));
  }, 'an answer of another run'),
);

function isInOrder(all: readonly { readonly at: number }[]): boolean {
  return all.every(({ at }, i) => i === 0 || at >= all[i - 1].at);
}

const isBegun = ({ event }: Timed<KeptEvent>) => event.type === 'prepared';

/** What was answered is as large as these runs say that it is. */
export function fits({ name, view }: Omit<KeptAnswer, 'at'>, infos: readonly RunInfo[]): boolean {
  if (view.kind === 'images') {
    const { channels, height, width, pixels, items, classes } = view;
    const isClass = (index: number) => index < classes.length;
    return (
      pixels.length === items.length * channels * height * width &&
      items.every(({ label, guess }) => isClass(label) && isClass(guess))
    );
  }
  if (view.kind !== 'rollout') return false;
  const { channels, leadHours, start, truth, forecast, errors } = view;
  return infos.every(({ views }) => {
    const spec = views.find(offered => offered.name === name);
    if (spec?.kind !== 'rollout') return false;
    const size = channels.length * spec.latitude.length * spec.longitude.length;
    return (
      channels.every(index => index < spec.channels.length) &&
      start.length === size &&
      [truth, forecast].every(({ length }) => length === leadHours.length * size) &&
      [errors.forecast, errors.persistence, errors.climatology].every(
        ({ length }) => length === leadHours.length * channels.length,
      )
    );
  });
}
