/** The run of a host as its guest knows it: what the host has told of it so far, put together for the views of the page. */
import type { RankCard } from '../../crew/cards.ts';
import type { RunInfo, RunStatus, View, ViewChoice } from '../../session/api/api.ts';
import type { BoardView } from '../board/watch-cuts.ts';
import { emptyPage, type PageEvent, type PageState, reduce } from '../page-state.ts';
import { createRecorder } from '../recording/recorder.ts';
import { eventsOf, type Recording } from '../recording/recording.ts';
import { fits } from '../recording/recording-schema.ts';
import { createStore, type Store } from '../store.ts';
import type { Plans } from '../timeline/reading.ts';
import { type Chapter, readChapter, type ToldAnswer, type ToldHolder } from './chapter.ts';

export interface ToldRun {
  readonly store: Pick<Store<PageState, PageEvent>, 'state' | 'subscribe'>;
  plans(): Plans;
  holders(): readonly ToldHolder[];
  cards(): readonly RankCard[];
  board(): BoardView | undefined;
  /** What the view answered last; waits for the first answer. */
  ask(name: string, choice: ViewChoice): Promise<View>;
  /** Takes the next chapter, after those before it. Rejects for one that cannot be shown, of which nothing is taken. */
  hear(text: string): Promise<void>;
  /** The host says so, beside what it tells. */
  status(status: RunStatus): void;
  /** What was told of the run so far; undefined where that is nothing. */
  recording(): Recording | undefined;
}

/** Of one run there are a few. */
const mostPlans = 64;

/** @param changed told of all that is not in the state: plans, holders, the cut */
export function createToldRun(changed: () => void): ToldRun {
  const store = createStore<PageState, PageEvent | 'anew'>(emptyPage(), (state, event) =>
    event === 'anew' ? emptyPage() : reduce(state, event),
  );
  const recorder = createRecorder(() => performance.now());
  const send = (event: PageEvent) => {
    recorder.event(event);
    store.send(event);
  };
  let plans: Plans = new Map();
  let holders: readonly ToldHolder[] = [];
  let cards: readonly RankCard[] = [];
  let board: BoardView | undefined;
  let answers = new Map<string, View>();
  const waiting = new Map<string, ((view: View) => void)[]>();
  let heard: Promise<unknown> = Promise.resolve();

  const begin = () => {
    plans = new Map();
    board = undefined;
    answers = new Map();
    store.send('anew');
  };
  const take = ({ anew, events, plans: more, holders: seated, board: cut, answers: told }: Chapter) => {
    if (anew) begin();
    const added = Object.entries(more);
    if (added.length > 0) plans = new Map([...plans, ...added].slice(-mostPlans));
    if (seated) {
      holders = seated;
      cards = seated.map(({ rank, card, cardName, certain }) => ({ rank, card, name: cardName, certain }));
    }
    board = cut ?? board;
    const timed = eventsOf({ events: events.map(event => ({ at: 0, event })) });
    for (const { event } of timed) send(event);
    const { info } = store.state();
    for (const answer of told) if (info && isOf(answer, info)) answered(answer);
    changed();
  };
  const answered = ({ name, view }: ToldAnswer) => {
    answers.set(name, view);
    recorder.answered(name, view);
    for (const resolve of waiting.get(name) ?? []) resolve(view);
    waiting.delete(name);
  };

  return {
    store,
    plans: () => plans,
    holders: () => holders,
    cards: () => cards,
    board: () => board,
    ask(name) {
      const known = answers.get(name);
      if (known) return Promise.resolve(known);
      return new Promise(resolve => {
        waiting.set(name, [...(waiting.get(name) ?? []), resolve]);
      });
    },
    hear(text) {
      const hearNow = async () => {
        await pause();
        const chapter = await readChapter(text);
        await pause();
        take(chapter);
      };
      const taken = heard.then(hearNow);
      heard = taken.catch(() => {});
      return taken;
    },
    status(status) {
      if (store.state().status !== status) send({ type: 'status', status });
    },
    recording: () => recorder.recording({ now: Date.now(), plans, cards, board }),
  };
}

/** What comes together is taken in tasks of its own, for all of it is long. No timer: those of a page behind others are slow. */
const pause = () =>
  new Promise<void>(resolve => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => resolve();
    port2.postMessage(undefined);
  });

/** It answers for a view of this run, and is as large as that says. */
const isOf = (answer: ToldAnswer, info: RunInfo) =>
  info.views.some(({ name, kind }) => name === answer.name && kind === answer.view.kind) &&
  fits(answer, [info]);
