/** The next step of a host's run, as its guest walks through it: plans and values are asked of the host, one question at a time. */
import { type AskedLook, mostLooks, type Question } from '../../crew/questions.ts';
import { DataError } from '../../io/data-error.ts';
import type { Looked, RankLook } from '../../session/api/api.ts';
import type { StepPlan } from '../../show/beat-pictures.ts';
import { floatsGiven, isOfBlocks } from '../../show/looked-size.ts';
import type { StepSource } from '../step/show-step.ts';
import { mostFloats, readAnswer, type StepAnswer } from './step-answer.ts';
import { lookWords } from './words.ts';

export interface HostStep extends StepSource {
  answered(id: number, text: string): void;
  /** Nobody answers any more what was asked. @param why for people */
  ended(why: string): void;
}

interface Waiting {
  readonly resolve: (answer: StepAnswer | Promise<StepAnswer>) => void;
  readonly reject: (cause: Error) => void;
}

/** @param missing why there is nothing to walk through; undefined where there is */
export function createHostStep(
  ask: (id: number, question: Question) => void,
  missing: () => string | undefined,
): HostStep {
  const waiting = new Map<number, Waiting>();
  let next = 0;
  /** As the host counts its runs: whose plans are known. */
  let run = 0;
  let turn: Promise<unknown> = Promise.resolve();

  const asked = (question: Question): Promise<StepAnswer> => {
    const answer = turn.then(
      () =>
        new Promise<StepAnswer>((resolve, reject) => {
          const id = next++;
          waiting.set(id, { resolve, reject });
          ask(id, question);
        }),
    );
    turn = answer.catch(() => {});
    return answer;
  };
  /** @throws Error with the host's reason where it refuses */
  const answerOf = async <Of extends Question['of']>(of: Of, question: Question) => {
    const answer = await asked(question);
    if (answer.of === 'refused') throw new Error(answer.why);
    if (answer.of !== of) throw new DataError(lookWords.strange);
    return answer as Extract<StepAnswer, { readonly of: Of }>;
  };

  return {
    async plans({ ranks }) {
      const plans: StepPlan[] = [];
      const runs = new Set<number>();
      for (let rank = 0; rank < Math.max(1, ranks.length); rank++) {
        const answer = await answerOf('plan', { of: 'plan', rank });
        runs.add(answer.run);
        plans.push(answer.plan);
      }
      if (runs.size > 1) throw new Error(lookWords.otherRun);
      if (!plans.every(plan => isAmong(plan, plans.length))) throw new DataError(lookWords.strange);
      [run] = runs;
      return plans;
    },
    async look(looks) {
      const seen: Looked[] = [];
      for (const part of inAnswers(looks)) {
        const own = part.map(
          ({ rank, step, operand, from, rows, columns }): AskedLook => [
            ...([rank, step, operand, from, rows, columns] as const),
          ],
        );
        const answer = await answerOf('values', { of: 'values', run, looks: own });
        if (!isOfBlocks(answer.seen, part)) throw new DataError(lookWords.strange);
        seen.push(...answer.seen);
      }
      return seen;
    },
    note: ({ status }) =>
      status === 'running' ? lookWords.running : status === 'preparing' ? lookWords.preparing : undefined,
    missing,
    answered(id, text) {
      waiting.get(id)?.resolve(readAnswer(text));
      waiting.delete(id);
    },
    ended(why) {
      for (const { reject } of waiting.values()) reject(new Error(why));
      waiting.clear();
    },
  };
}

/** As many at once as one answer may have. */
function inAnswers(looks: readonly RankLook[]): RankLook[][] {
  const parts: RankLook[][] = [];
  let floats = 0;
  for (const look of looks) {
    const last = parts.at(-1);
    floats += floatsGiven(look);
    if (last && floats <= mostFloats && last.length < mostLooks) {
      last.push(look);
      continue;
    }
    parts.push([look]);
    floats = floatsGiven(look);
  }
  return parts;
}

/** It exchanges with ranks that there are. */
const isAmong = ({ steps }: StepPlan, ranks: number) =>
  steps.every(step => {
    if (step.kind === 'dispatch') return true;
    return (step.kind === 'start' ? step.sends : step.receives).every(({ peer }) => peer < ranks);
  });
