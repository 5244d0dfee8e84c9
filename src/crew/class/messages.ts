/**
 * What a teacher's page and the pages of its class say to each other through their room, and the bounds on it. A pupil sends
 * a report at most once a second, of at most 200 bytes on the channel with all that the room and trystero put around it; orders
 * are rare. The teacher says where to go and when to start, and nothing of what a pupil's page holds can be asked for. Pupils who
 * are put together say what brings their pages together to the teacher, who passes it on.
 */
import * as v from 'valibot';
import { runStatuses } from '../../session/api/api.ts';

/** `watching`: the page cannot train. `holding`: it has a part of the run of its group. */
export const pupilStatuses = [...runStatuses, 'watching', 'holding'] as const;

const whole = (most: number) => v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(most));
const text = (most: number) => v.pipe(v.string(), v.maxLength(most));
const mostSteps = 1e9;

/** Characters of what the teacher writes over the frozen pages. */
export const longestWords = 200;
/** Races of one class. */
const mostRaces = 9999;
/** Lessons, and questions of one. */
const mostLessons = 999;
const mostQuestions = 99;
/** Tests of links, and groups, of one class: they are numbered. */
const mostNumber = 1e6;
/** Pages of a group. */
const mostMembers = 16;
/** Characters of the link into the room of a group. */
const longestInvitation = 4000;
/** Of why something did not come about: longer than any reason of a network. */
export const longestFault = 1000;

/** A question of a lesson. */
const questionEntries = { lesson: whole(mostLessons), question: whole(mostQuestions) };

/** Where a pupil's run stands; of a page that holds a part, that of its group. */
export interface Report {
  readonly type: 'report';
  readonly status: (typeof pupilStatuses)[number];
  readonly step: number;
  readonly steps: number;
  /** The page does what the teacher says. */
  readonly guided: boolean;
  /** Mean of the steps since the report before. */
  readonly loss?: number;
  /** Samples a second. */
  readonly rate?: number;
  /** The race that the page is set up for, by its number. */
  readonly race?: number;
}

const real = (least: number, most: number) =>
  v.pipe(v.number(), v.finite(), v.minValue(least), v.maxValue(most));

/** What is sent every second is a list without names, to be short. */
const reportSchema = v.pipe(
  v.strictTuple([
    v.picklist(pupilStatuses),
    whole(mostSteps),
    whole(mostSteps),
    v.boolean(),
    v.nullable(real(-1e30, 1e30)),
    v.nullable(real(0, 1e12)),
    v.nullable(whole(mostRaces)),
  ]),
  v.transform(
    ([status, step, steps, guided, loss, rate, race]): Report => ({
      type: 'report',
      status,
      step,
      steps,
      guided,
      ...(loss === null ? {} : { loss }),
      ...(rate === null ? {} : { rate }),
      ...(race === null ? {} : { race }),
    }),
  ),
);

/** As it travels: four digits of a loss, three of a speed fit on a card. */
export function packReport({
  status,
  step,
  steps,
  guided,
  loss,
  rate,
  race,
}: Report): v.InferInput<typeof reportSchema> {
  const short = (value: number | undefined, digits: number) =>
    value !== undefined && Number.isFinite(value) ? Number(value.toPrecision(digits)) : null;
  return [status, step, steps, guided, short(loss, 4), short(rate, 3), race ?? null];
}

const predictionSchema = v.object({
  type: v.literal('prediction'),
  ...questionEntries,
  choice: whole(mostQuestions),
});

const number = whole(mostNumber);
const pageId = v.pipe(v.string(), v.regex(/^[0-9A-Za-z]{20}$/));
const fault = text(longestFault);
/** Brings a link between two pupils about, for its test: passed on as it is. */
const signalSchema = v.object({ type: v.literal('signal'), pair: number, body: v.unknown() });

const fromPupil = v.union([
  reportSchema,
  v.variant('type', [
    predictionSchema,
    signalSchema,
    /** What a test has found. */
    v.object({
      type: v.literal('tested'),
      pair: number,
      link: v.union([
        v.object({ roundTripMs: real(0, 1e6), megabytesPerSecond: real(0, 1e6) }),
        v.object({ fault }),
      ]),
    }),
    /** The room of a group is open. */
    v.object({ type: v.literal('room'), group: number, invitation: text(longestInvitation) }),
    /** The page cannot take part in its group. */
    v.object({ type: v.literal('apart'), group: number, fault }),
  ]),
]);

export type PupilMessage = Exclude<v.InferOutput<typeof fromPupil>, Report>;

/** What a pupil has chosen of a lesson's question. */
export type Prediction = v.InferOutput<typeof predictionSchema>;

/** The question that it answers, one of a class. */
export const questionName = ({ lesson, question }: Pick<Prediction, 'lesson' | 'question'>) =>
  `${lesson}.${question}`;

/** An address inside the page, such as `#/lesson/3/2`: the page itself looks whether it knows it. */
const viewAddress = v.pipe(v.string(), v.maxLength(200), v.regex(/^#\/[\w./-]*(\?[\w.=&-]*)?$/));
/** The part of an address that sets up a run, such as `?preset=tiny&seed=3`: what the page cannot use is passed over. */
const setUp = v.pipe(v.string(), v.maxLength(400), v.regex(/^\?[\w.=&-]*$/));

const fromTeacher = v.variant('type', [
  /** Who stands still goes on; with the number of a race, only who is set up for it. */
  v.object({ type: v.literal('start'), race: v.optional(whole(mostRaces)) }),
  v.object({ type: v.literal('pause') }),
  /** The page is covered by these words, or let go. */
  v.object({ type: v.literal('eyes'), up: v.boolean(), words: text(longestWords) }),
  v.object({ type: v.literal('go'), address: viewAddress }),
  /** The question is open: the page goes there, and tells what is chosen. */
  v.object({ type: v.literal('ask'), ...questionEntries, address: viewAddress }),
  v.object({ type: v.literal('race'), race: whole(mostRaces), search: setUp }),
  /** Connects to another pupil's page; the first of the two measures the link. */
  v.object({ type: v.literal('test'), pair: number, isFirst: v.boolean() }),
  signalSchema,
  /** Is the first rank of a group: opens a room, lets these pages in, and cuts its model so. Again with other pages: lets them in. */
  v.object({
    type: v.literal('lead'),
    group: number,
    mesh: v.pipe(v.string(), v.regex(/^[1-9]x[1-9]$/)),
    members: v.pipe(v.array(pageId), v.minLength(1), v.maxLength(mostMembers)),
  }),
  /** Holds a part in the run of that group. */
  v.object({ type: v.literal('join'), group: number, invitation: text(longestInvitation) }),
  /** Groups are over: each has a run of its own. */
  v.object({ type: v.literal('part') }),
]);

export type TeacherMessage = v.InferOutput<typeof fromTeacher>;

const aboutSchema = v.object({
  /** Of the card, as the browser names it. */
  gpu: text(120),
  webgpu: v.boolean(),
  /** By which a page that is loaded again, or comes back, is known to be the same pupil's. Made anew for every class. */
  token: v.pipe(v.string(), v.regex(/^[\w-]{16,40}$/)),
});

/** What a pupil's page tells of itself beside the name. */
export type PupilAbout = v.InferOutput<typeof aboutSchema>;

/** Of a long list whose items are all wrong, one fault is enough. */
const firstOnly = { abortEarly: true };

const reader =
  <Schema extends v.GenericSchema>(schema: Schema) =>
  (value: unknown): v.InferOutput<Schema> | undefined => {
    const result = v.safeParse(schema, value, firstOnly);
    return result.success ? result.output : undefined;
  };

/** The message, or undefined for what is none: a page of another version may say more than this one knows. */
export const readPupilMessage = reader(fromPupil);
export const readTeacherMessage = reader(fromTeacher);
/** Undefined where it is malformed. */
export const readPupilAbout = reader(aboutSchema);
