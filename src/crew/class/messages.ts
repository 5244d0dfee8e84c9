/**
 * What a teacher's page and the pages of its class say to each other through their room, and the bounds on it. A pupil sends
 * a report at most once a second, which takes at most 200 bytes on the channel with all that trystero puts around it; orders
 * are rare. The teacher says where to go and when to start, and nothing of what a pupil's page holds can be asked for.
 */
import * as v from 'valibot';
import { runStatuses } from '../../session/api/api.ts';

/** `watching`: the page cannot train. */
export const pupilStatuses = [...runStatuses, 'watching'] as const;

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

/** A question of a lesson. */
const questionEntries = { lesson: whole(mostLessons), question: whole(mostQuestions) };

const reportSchema = v.object({
  type: v.literal('report'),
  status: v.picklist(pupilStatuses),
  step: whole(mostSteps),
  steps: whole(mostSteps),
  /** Mean of the steps since the report before. */
  loss: v.optional(v.pipe(v.number(), v.finite(), v.minValue(-1e30), v.maxValue(1e30))),
  /** Samples a second. */
  rate: v.optional(v.pipe(v.number(), v.finite(), v.minValue(0), v.maxValue(1e12))),
  /** The page does what the teacher says. */
  guided: v.boolean(),
  /** The race that the page is set up for, by its number. */
  race: v.optional(whole(mostRaces)),
});

const predictionSchema = v.object({
  type: v.literal('prediction'),
  ...questionEntries,
  choice: whole(mostQuestions),
});

const fromPupil = v.variant('type', [reportSchema, predictionSchema]);

/** Where a pupil's run stands. */
export type Report = v.InferOutput<typeof reportSchema>;
/** What a pupil has chosen of a lesson's question. */
export type Prediction = v.InferOutput<typeof predictionSchema>;
export type PupilMessage = v.InferOutput<typeof fromPupil>;

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

/** Figures that fit on a card: four digits of a loss, three of a speed. */
export function shortReport({ loss, rate, ...report }: Report): Report {
  const usable = (value: number | undefined): value is number =>
    value !== undefined && Number.isFinite(value);
  return {
    ...report,
    ...(usable(loss) ? { loss: Number(loss.toPrecision(4)) } : {}),
    ...(usable(rate) && rate >= 0 ? { rate: Number(rate.toPrecision(3)) } : {}),
  };
}
