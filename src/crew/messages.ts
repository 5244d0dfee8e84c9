/** What the pages of a crew tell each other through their room, and the bounds on it. */
import * as v from 'valibot';
import { ranksOf } from '../mesh/mesh.ts';
import { runStatuses } from '../session/api/api.ts';
import { mostLooks } from './questions.ts';
import { longestPart, mostParts } from './tales.ts';

/** Ranks of the largest mesh that pages seat. */
const mostRanks = 1024;

const memberId = v.pipe(v.string(), v.regex(/^[0-9A-Za-z]{20}$/));
const count = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(Number.MAX_SAFE_INTEGER));
const text = (longest: number) => v.pipe(v.string(), v.maxLength(longest));
const size = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(mostRanks));

const seatSchema = v.pipe(
  v.object({
    type: v.literal('seat'),
    /** Counts the times that the host seated its crew. */
    generation: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(2 ** 32 - 1)),
    mesh: v.object({ rows: size, columns: size, replicas: size }),
    /** The page of every rank. A page that is not among them is free. */
    members: v.pipe(v.array(memberId), v.minLength(1), v.maxLength(mostRanks)),
    /** Links of earlier generations are not to be trusted: all pages make new ones. */
    anew: v.boolean(),
    silenceMs: v.optional(v.pipe(v.number(), v.minValue(100), v.maxValue(3_600_000))),
  }),
  v.check(({ mesh, members }) => members.length === ranksOf(mesh), 'a page for every rank of the mesh'),
);

/** From the host: who holds which rank from now on. */
export type SeatMessage = v.InferOutput<typeof seatSchema>;

const seatedSchema = v.object({ type: v.literal('seated'), generation: count, fault: v.optional(text(500)) });

/** To the host: the seat is taken, and the links stand; or why not. */
export type SeatedMessage = v.InferOutput<typeof seatedSchema>;

const taleSchema = v.pipe(
  v.object({
    type: v.literal('tale'),
    part: count,
    of: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(mostParts)),
    text: text(longestPart),
    answers: v.optional(count),
  }),
  v.check(({ part, of }) => part < of, 'a part of the whole'),
);

const lengthOf = v.pipe(count, v.minValue(1));
const askSchema = v.object({
  type: v.literal('ask'),
  id: count,
  question: v.variant('of', [
    v.object({ of: v.literal('plan'), rank: v.pipe(count, v.maxValue(mostRanks - 1)) }),
    v.object({
      of: v.literal('values'),
      run: count,
      looks: v.pipe(
        v.array(v.tuple([count, count, count, count, lengthOf, lengthOf])),
        v.minLength(1),
        v.maxLength(mostLooks),
      ),
    }),
  ]),
});

const messageSchema = v.variant('type', [
  seatSchema,
  seatedSchema,
  taleSchema,
  askSchema,
  /** To the host: on which machine this page is. See `readToldMachine`, which says what is wrong with it. */
  v.object({ type: v.literal('machine'), told: v.unknown() }),
  /** To the host: a link to another guest has ended. */
  v.object({ type: v.literal('parted'), generation: count }),
  /** Brings a link between two pages about; `link` is the generation in which it was made. */
  v.object({ type: v.literal('signal'), link: count, body: v.unknown() }),
  v.object({
    type: v.literal('run'),
    state: v.object({
      status: v.picklist(runStatuses),
      step: count,
      steps: count,
      preset: text(80),
      rankBytes: v.pipe(v.array(v.pipe(v.number(), v.minValue(0))), v.maxLength(mostRanks)),
      looks: v.optional(v.boolean()),
    }),
  }),
]);

export type CrewMessage = v.InferOutput<typeof messageSchema>;

/** A long list whose items are all wrong would have a long list of faults. */
const firstOnly = { abortEarly: true };

/** The message, or undefined for what is none: a page of another version may say more than this one knows. */
export function readCrewMessage(value: unknown): CrewMessage | undefined {
  const result = v.safeParse(messageSchema, value, firstOnly);
  return result.success ? result.output : undefined;
}

const aboutSchema = v.object({
  adapter: v.object({
    vendor: text(200),
    architecture: text(200),
    description: text(500),
    features: v.pipe(v.array(text(100)), v.maxLength(100)),
    maxStorageBufferBindingSize: count,
    maxBufferSize: count,
    software: v.boolean(),
  }),
  gigaflops: v.pipe(v.number(), v.finite(), v.minValue(0)),
  watches: v.optional(v.literal(true)),
});

/** What a guest tells of itself beside its name; undefined where it is malformed. */
export function readAbout(value: unknown): v.InferOutput<typeof aboutSchema> | undefined {
  const result = v.safeParse(aboutSchema, value, firstOnly);
  return result.success ? result.output : undefined;
}
