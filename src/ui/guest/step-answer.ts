/**
 * What a host answers a guest that walks through its next step: a rank's plan, values of it, or why not. It travels as a
 * chapter does, and is checked as closely: a stranger has written it.
 */
import * as v from 'valibot';
import { count, floats, most, type Schema, size, text, whole, word } from '../../io/schemas.ts';
import type { Looked } from '../../session/api/api.ts';
import type { StepPlan } from '../../show/beat-pictures.ts';
import { pack, toBase64 } from '../recording/packed.ts';
import { planStep } from '../recording/recording-schema.ts';
import { readTold } from './read-told.ts';

export type StepAnswer =
  | { readonly of: 'refused'; readonly why: string }
  /** @param run counts the runs of the host: values are asked for by it */
  | { readonly of: 'plan'; readonly run: number; readonly plan: StepPlan }
  | { readonly of: 'values'; readonly seen: readonly Looked[] };

/** Characters of a reason. */
export const longestWhy = 500;
/** Floats of one answer, 1 MiB: who wants more asks again. */
export const mostFloats = 2 ** 18;
/** Of a rank. */
const mostSteps = 50_000;
/** Numbers that may have to be gone through for the sum of one. */
const longestSum = 2 ** 24;

export async function writeAnswer(answer: StepAnswer): Promise<string> {
  if (answer.of !== 'plan') return toBase64(await pack(answer));
  const { hash, steps, inputs } = answer.plan;
  return toBase64(await pack({ ...answer, plan: { hash, steps, random: inputs.get('random') } }));
}

const place = v.object({ space: word, block: count, offset: count, bytes: count });
/** What a number's own sum is read off, beside what a recording needs of a step. */
const computed = v.looseObject({
  params: v.array(v.number()),
  constants: v.record(word, v.number()),
  product: v.optional(
    v.looseObject({
      of: v.pipe(
        v.looseObject({ batch: size, summed: size, m: size, n: size, k: size, stepA: count, stepB: count }),
        v.check(({ summed, k }) => summed * k <= longestSum, 'a sum that is too long'),
      ),
      form: v.looseObject({ splits: size, depth: size }),
    }),
  ),
});
const step = v.pipe(
  planStep,
  v.check(own => own.kind !== 'dispatch' || v.is(computed, own), 'no step that computes'),
);
const looked: Schema<Looked> = v.pipe(
  v.object({ rows: size, columns: size, values: floats }),
  v.check(({ rows, columns, values }) => values.length === rows * columns, 'another size'),
);

const answerSchema = v.variant('of', [
  v.object({ of: v.literal('refused'), why: text(longestWhy) }),
  v.object({
    of: v.literal('plan'),
    run: whole(0, most),
    plan: v.object({
      hash: word,
      steps: v.pipe(v.array(step), v.minLength(1), v.maxLength(mostSteps)),
      random: v.optional(place),
    }),
  }),
  v.object({ of: v.literal('values'), seen: v.array(looked) }),
]);

/** @throws DataError for what is no answer that this page can show */
export async function readAnswer(told: string): Promise<StepAnswer> {
  const answer = await readTold(told, answerSchema, 'answers');
  if (answer.of !== 'plan') return answer;
  const { hash, steps, random } = answer.plan;
  return { ...answer, plan: { hash, steps, inputs: new Map(random ? [['random', random]] : []) } };
}
