/**
 * What a host tells the pages of its guests, piece by piece: a recording that goes on. A chapter has the same events as a
 * recording, the plans that its traces count, who holds which rank, the cut, and now and then what a view answered. It
 * travels as text, and is checked as a recording is before anything is drawn of it.
 */
import * as v from 'valibot';
import { type Schema, text, whole } from '../../io/schemas.ts';
import type { PlanStep, View } from '../../session/api/api.ts';
import type { BoardView } from '../board/watch-cuts.ts';
import { pack, packedAnswer, packedEvent, toBase64 } from '../recording/packed.ts';
import type { KeptEvent } from '../recording/recording.ts';
import { board, keptEvent, planStep, view } from '../recording/recording-schema.ts';
import { readTold } from './read-told.ts';

/** Who holds a rank, and on which card. */
export interface ToldHolder {
  readonly rank: number;
  /** Of the page, for people. */
  readonly name: string;
  /** The same for ranks that share a card. */
  readonly card: string;
  readonly cardName: string;
  /** See `RankCard`. */
  readonly certain: boolean;
}

export interface ToldAnswer {
  readonly name: string;
  readonly view: View;
}

export interface Chapter {
  /** What was told before is of no use any more. */
  readonly anew: boolean;
  /** In their order. */
  readonly events: readonly KeptEvent[];
  /** By hash. */
  readonly plans: Readonly<Record<string, readonly PlanStep[]>>;
  readonly holders?: readonly ToldHolder[];
  readonly board?: BoardView;
  readonly answers: readonly ToldAnswer[];
}

export const emptyChapter: Chapter = { anew: false, events: [], plans: {}, answers: [] };

export async function writeChapter(chapter: Chapter): Promise<string> {
  const events = chapter.events.map(packedEvent);
  const answers = chapter.answers.map(packedAnswer);
  return toBase64(await pack({ ...chapter, events, answers }));
}

const mostEvents = 100;
const mostPlans = 64;
const mostAnswers = 8;

const name = text(200);
const holder: Schema<ToldHolder> = v.object({
  ...{ rank: whole(0, 1023), name, card: name, cardName: name, certain: v.boolean() },
});

const chapterSchema: Schema<Chapter> = v.object({
  anew: v.boolean(),
  events: v.pipe(v.array(keptEvent), v.maxLength(mostEvents)),
  plans: v.pipe(
    v.record(v.string(), v.array(planStep)),
    v.check(plans => Object.keys(plans).length <= mostPlans, 'too many plans'),
  ),
  holders: v.optional(v.pipe(v.array(holder), v.maxLength(1024))),
  board: v.optional(board),
  answers: v.pipe(v.array(v.object({ name, view })), v.maxLength(mostAnswers)),
});

/** @throws DataError for what is no chapter that this page can show */
export function readChapter(told: string): Promise<Chapter> {
  return readTold(told, chapterSchema, 'tells');
}
