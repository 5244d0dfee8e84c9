/**
 * Tells the guests of a room what the run does, for their pages: what is short once a second and when the state of the run
 * changes, lanes of steps and forecasts as seldom as their length asks for. Who was just let in is told all of it at once.
 */
import type { PageState } from '../page-state.ts';
import type { Clock } from '../recording/player.ts';
import { writeChapter } from './chapter.ts';
import { type News, newsAfter, nothingTold, type Sight, type Told } from './tell.ts';

export interface TellerOptions {
  /** Ids of those that are to be told. */
  readonly guests: () => readonly string[];
  readonly tell: (id: string, text: string) => void;
  readonly state: () => PageState;
  readonly sight: () => Sight;
  /** A chapter could not be told. */
  readonly onError: (cause: unknown) => void;
  readonly clock: Clock;
}

export interface Teller {
  /** Something may be new: the run, the cut, or who is there. */
  look(): void;
}

/** Characters a second that one guest gets of each kind, and all guests together. */
const rates = { steps: 8000, fields: 4000 };
const mostForAll = 100_000;
const shortPauseMs = 1000;
/** After the state of the run has changed, or a guest has come. */
const urgentPauseMs = 100;
const stepsPauseMs = 4000;

export function createTeller({ guests, tell, state, sight, onError, clock }: TellerOptions): Teller {
  /** Those who were told the same share it. */
  let told = new Map<string, Told>();
  let lastAt = Number.NEGATIVE_INFINITY;
  /** When what is long is allowed again. */
  let [stepsAt, fieldsAt] = [0, 0];
  let endWait = () => {};
  let wakesAt = Number.POSITIVE_INFINITY;
  let isTelling = false;
  let isNew = false;

  const wake = (at: number) => {
    if (isTelling || at >= wakesAt) return;
    endWait();
    wakesAt = at;
    endWait = clock.wait(Math.max(0, at - clock.now()), () => void tellAll().catch(onError));
  };
  const send = async (chapters: News['steps'], ids: readonly string[]): Promise<number> => {
    let characters = 0;
    for (const chapter of chapters) {
      const text = await writeChapter(chapter);
      characters += text.length;
      for (const id of ids) tell(id, text);
    }
    return characters;
  };
  const pauseOf = (characters: number, rate: number) =>
    (1000 * characters) / Math.min(rate, mostForAll / Math.max(1, told.size));

  async function tellAll(): Promise<void> {
    wakesAt = Number.POSITIVE_INFINITY;
    isTelling = true;
    isNew = false;
    let more = false;
    try {
      const there = guests();
      told = new Map(there.map(id => [id, told.get(id) ?? nothingTold]));
      const at = clock.now();
      const seen = sight();
      const allowed = { steps: at >= stepsAt, fields: at >= fieldsAt };
      const afterwards: Told[] = [];
      for (const before of new Set(told.values())) {
        const ids = there.filter(id => told.get(id) === before);
        const isFirst = before === nothingTold;
        const news = newsAfter(before, seen, isFirst ? { steps: true, fields: true } : allowed);
        const now = afterwards.find(other => isSame(other, news.told)) ?? news.told;
        afterwards.push(now);
        for (const id of ids) told.set(id, now);
        if (news.short) await send([news.short], ids);
        const steps = await send(news.steps, ids);
        if (steps > 0) stepsAt = Math.max(stepsAt, at + Math.max(stepsPauseMs, pauseOf(steps, rates.steps)));
        const fields = await send(news.fields, ids);
        if (fields > 0) fieldsAt = Math.max(fieldsAt, at + pauseOf(fields, rates.fields));
        more ||= news.more;
      }
      lastAt = at;
    } finally {
      isTelling = false;
    }
    if (more) wake(Math.min(...[stepsAt, fieldsAt].filter(at => at > clock.now()), lastAt + stepsPauseMs));
    if (isNew) look();
  }

  function look(): void {
    const there = guests();
    // Who comes back has missed something.
    for (const id of told.keys()) if (!there.includes(id)) told.delete(id);
    if (there.length === 0) return;
    isNew = true;
    const { status, info } = state();
    const isUrgent = there.some(id => {
      const known = told.get(id)?.state;
      return known === undefined || known.status !== status || known.info !== info;
    });
    wake(lastAt + (isUrgent ? urgentPauseMs : shortPauseMs));
  }

  return { look };
}

/** Who came at another time may know the same by now. */
const isSame = (a: Told, b: Told) =>
  a.state === b.state &&
  a.sampled === b.sampled &&
  a.holders === b.holders &&
  a.board === b.board &&
  a.spinUp === b.spinUp &&
  isSubset(a.plans, b.plans) &&
  isSubset(b.plans, a.plans) &&
  [...a.answers, ...b.answers].every(([name]) => a.answers.get(name) === b.answers.get(name));

const isSubset = <T>(a: ReadonlySet<T>, b: ReadonlySet<T>) => [...a].every(item => b.has(item));
