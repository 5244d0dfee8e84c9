/**
 * The host's side of a guest's step mode: it asks the ranks as for itself and sends what they have, where the host lets guests
 * look and no step is being trained. One question after the other, of all guests together, and no more a second than a room
 * carries beside the run.
 */
import type { CrewEvent } from '../../crew/api.ts';
import type { HashedPlan, Looked, RankLook } from '../../session/api/api.ts';
import { floatsGiven } from '../../show/looked-size.ts';
import type { PageState } from '../page-state.ts';
import type { Clock } from '../recording/player.ts';
import { longestWhy, mostFloats, type StepAnswer, writeAnswer } from './step-answer.ts';
import { lookWords } from './words.ts';

export type Question = Extract<CrewEvent, { readonly type: 'asked' }>;

export interface AnswererOptions {
  readonly plan: (rank: number) => Promise<readonly HashedPlan[]>;
  readonly look: (looks: readonly RankLook[]) => Promise<readonly Looked[]>;
  readonly state: () => Pick<PageState, 'status' | 'info'>;
  /** The host lets its guests look, now. */
  readonly mayLook: () => boolean;
  readonly answer: (member: string, question: number, text: string) => void;
  readonly clock: Clock;
}

/** Characters a second, to all guests together. */
const rate = 400_000;
/** Between two answers, each of which may have taken a step of all ranks. */
const shortestPauseMs = 100;
/** Of one guest. */
const mostWaiting = 4;

export function createAnswerer(options: AnswererOptions): (question: Question) => void {
  const { plan, look, state, mayLook, answer, clock } = options;
  const waiting: Question[] = [];
  let isBusy = false;
  let run = 0;
  let info: PageState['info'];

  const refused = (why: string): StepAnswer => ({ of: 'refused', why: why.slice(0, longestWhy) });
  const runNow = (): number => {
    if (state().info !== info) run++;
    info = state().info;
    return run;
  };
  const refusal = ({ question }: Question): string | undefined => {
    if (!mayLook()) return lookWords.notAllowed;
    const { status, info } = state();
    if (status === 'preparing' || !info) return lookWords.noRun;
    if (question.of === 'plan') return undefined;
    if (status === 'running') return lookWords.running;
    if (question.run !== runNow()) return lookWords.otherRun;
    const sizes = question.looks.map(([, , , , rows, columns]) => floatsGiven({ rows, columns }));
    const floats = sizes.reduce((sum, each) => sum + each, 0);
    return floats > mostFloats ? lookWords.tooMany(floats, mostFloats) : undefined;
  };
  const found = async ({ question }: Question): Promise<StepAnswer> => {
    if (question.of === 'values') {
      const looks = question.looks.map(
        ([rank, step, operand, from, rows, columns]): RankLook => ({
          ...{ rank, step, operand, from, rows, columns },
        }),
      );
      return { of: 'values', seen: await look(looks) };
    }
    const of = runNow();
    const first = (await plan(question.rank)).at(-1);
    return first ? { of: 'plan', run: of, plan: first } : refused(lookWords.noRun);
  };
  const answerTo = async (asked: Question): Promise<StepAnswer> => {
    const why = refusal(asked);
    if (why !== undefined) return refused(why);
    try {
      const answer = await found(asked);
      // The host may have thought better of it.
      return mayLook() ? answer : refused(lookWords.notAllowed);
    } catch (cause) {
      return refused(cause instanceof Error ? cause.message : String(cause));
    }
  };
  const send = async ({ member, id }: Question, said: StepAnswer): Promise<number> => {
    const text = await writeAnswer(said);
    answer(member, id, text);
    return text.length;
  };
  const pause = (milliseconds: number) =>
    new Promise<void>(resolve => {
      clock.wait(milliseconds, resolve);
    });

  const answerAll = async () => {
    isBusy = true;
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const characters = await send(next, await answerTo(next));
      await pause(Math.max(shortestPauseMs, (1000 * characters) / rate));
    }
    isBusy = false;
  };

  return question => {
    if (waiting.filter(({ member }) => member === question.member).length >= mostWaiting) {
      void send(question, refused(lookWords.oneByOne));
      return;
    }
    waiting.push(question);
    if (!isBusy) void answerAll();
  };
}
