/**
 * Listens to a run and keeps what a recording needs, in bounded memory however long the run is: losses merged as they are
 * for the chart, of other events and of answers so many. What is left out of a kind lies in its middle: the beginning and the
 * end stay.
 */
import type { RankCard } from '../../crew/cards.ts';
import { meshName } from '../../mesh/mesh.ts';
import type { RunInfo, View } from '../../session/api/api.ts';
import { createSeries } from '../../show/series.ts';
import type { Answering } from '../ask-view.ts';
import type { BoardView } from '../board/watch-cuts.ts';
import type { PageEvent } from '../page-state.ts';
import type { Store } from '../store.ts';
import type { Plans } from '../timeline/reading.ts';
import { keptView, keptViews } from './kept-views.ts';
import {
  type KeptAnswer,
  type KeptEvent,
  type Recording,
  recordingVersion,
  type Timed,
} from './recording.ts';

/** What is known at the moment of saving. */
export interface Surroundings {
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly plans: Plans;
  readonly cards: readonly RankCard[];
  readonly board: BoardView | undefined;
}

export interface Recorder {
  event(event: PageEvent): void;
  /** A view was answered with this. */
  answered(name: string, view: View): void;
  /** What every view answered last, as it is kept. */
  lastAnswers(): readonly KeptAnswer[];
  /** The run so far; undefined where there is none. */
  recording(surroundings: Surroundings): Recording | undefined;
}

/** How many of a kind are kept; of traces and checkpoints the last ones. */
const most = { progress: 10, status: 40, metrics: 150, scores: 16, ranks: 16, trace: 3, checkpoint: 1 };
const mostPrepared = 4;
const mostLosses = 1000;
/** Of every view. */
const mostAnswers = 3;
/** A pause of the run is no longer than this when it is played. */
const longestGapMs = 2500;

const lastOnes: readonly string[] = ['trace', 'checkpoint'];

/** @param now milliseconds on any clock that does not go back */
export function createRecorder(now: () => number): Recorder {
  let events: Timed<KeptEvent>[] = [];
  let answers: KeptAnswer[] = [];
  let losses = createSeries(mostLosses);

  const clear = () => {
    events = [];
    answers = [];
    losses = createSeries(mostLosses);
  };
  const keep = (event: KeptEvent) => {
    events.push({ at: now(), event });
    const limit = event.type === 'prepared' ? mostPrepared : most[event.type];
    const own = events.filter(kept => kept.event.type === event.type);
    if (own.length <= limit) return;
    const gone = lastOnes.includes(event.type) ? own[0] : leastMissed(own);
    events = events.filter(kept => kept !== gone);
  };
  const infoNow = (): RunInfo | undefined => {
    const infos = events.flatMap(({ event }) => (event.type === 'prepared' ? event.info : []));
    return infos.at(-1);
  };
  const isPrepared = () => infoNow() !== undefined;

  return {
    event(event) {
      switch (event.type) {
        case 'gone':
        case 'warning':
        case 'error':
          return;
        case 'status':
          if (event.status === 'preparing') clear();
          return keep(event);
        case 'progress':
          // Words alone are soon over; what is computed is worth seeing again.
          if (event.field && !isPrepared()) keep(event);
          return;
        case 'prepared':
          if (event.goesOn) {
            const { step } = event.info;
            losses.rewind(step);
            events = events.filter(kept => !('step' in kept.event) || kept.event.step <= step);
          } else if (isPrepared()) clear();
          return keep({ ...event, info: keptInfo(event.info) });
        case 'metrics': {
          const first = event.step - event.losses.length + 1;
          event.losses.forEach((loss, i) => {
            losses.add(first + i, loss);
          });
          const { learningRates, gradientNorms } = event;
          return keep({
            ...event,
            learningRates: learningRates.slice(-1),
            gradientNorms: gradientNorms.slice(-1),
            losses: [],
          });
        }
        default:
          return keep(event);
      }
    },
    answered(name, view) {
      const kept = keptView(
        view,
        infoNow()?.views.find(spec => spec.name === name),
      );
      if (!kept) return;
      answers.push({ at: now(), name, view: kept });
      const own = answers.filter(answer => answer.name === name);
      if (own.length <= mostAnswers) return;
      const gone = leastMissed(own);
      answers = answers.filter(answer => answer !== gone);
    },
    lastAnswers: () => [...new Map(answers.map(answer => [answer.name, answer])).values()],
    recording({ now: madeAt, plans, cards, board }) {
      const info = infoNow();
      if (!info) return undefined;
      const clock = clockOf([...events, ...answers].map(({ at }) => at));
      const traces = events.flatMap(({ event }) => (event.type === 'trace' ? event.traces : []));
      const hashes = new Set(traces.map(({ plan }) => plan));
      const offered = keptViews(info.views, answers);
      const timed = withLosses(events, losses.points()).map(({ at, event }) => ({
        at: clock(at),
        event:
          event.type === 'prepared' ? { ...event, info: { ...event.info, views: offered.views } } : event,
      }));
      const isOwn = board && meshName(board.mesh) === meshName(info.config.mesh ?? onePiece);
      return {
        version: recordingVersion,
        madeAt,
        events: timed,
        plans: Object.fromEntries([...plans].filter(([hash]) => hashes.has(hash))),
        cards: keptCards(cards),
        answers: offered.answers.map(answer => ({ ...answer, at: clock(answer.at) })),
        ...(isOwn ? { board: keptBoard(board) } : {}),
      };
    },
  };
}

/** A store whose events are heard by recorders, each before its state has it. */
export const recorded = <State>(
  store: Store<State, PageEvent>,
  ...recorders: readonly Pick<Recorder, 'event'>[]
): Store<State, PageEvent> => ({
  ...store,
  send(event) {
    for (const recorder of recorders) recorder.event(event);
    store.send(event);
  },
});

/** One who answers for views, and whose answers a recorder hears. */
export const hearing = (session: Answering, recorder: Pick<Recorder, 'answered'>): Answering => ({
  async view(name, choice) {
    const view = await session.view(name, choice);
    recorder.answered(name, view);
    return view;
  },
});

const onePiece = { rows: 1, columns: 1, replicas: 1 };

/** Of three or more in order of time: the one whose neighbours are nearest to each other; neither the first nor the last. */
function leastMissed<T extends { readonly at: number }>(own: readonly T[]): T {
  const between = own.slice(1, -1);
  const gaps = between.map((_, i) => own[i + 2].at - own[i].at);
  return between[gaps.indexOf(Math.min(...gaps))];
}

/** Without files and folders, which are the user's. */
export const keptInfo = (info: RunInfo): RunInfo => ({
  ...info,
  config: { ...info.config, data: { kind: 'files', files: [] } },
});

/** Every loss with the metrics that it came with, as far as these are kept. */
function withLosses(
  events: readonly Timed<KeptEvent>[],
  points: readonly { readonly x: number; readonly y: number }[],
): Timed<KeptEvent>[] {
  let next = 0;
  return events.map(({ at, event }) => {
    if (event.type !== 'metrics') return { at, event };
    const from = next;
    while (next < points.length && points[next].x <= event.step) next++;
    return { at, event: { ...event, losses: points.slice(from, next).map(({ x, y }) => [x, y] as const) } };
  });
}

/** A clock that begins with the first of these times, and on which no two that follow each other are far apart. */
function clockOf(times: readonly number[]): (time: number) => number {
  const sorted = [...new Set(times)].sort((a, b) => a - b);
  const played = new Map<number, number>();
  let at = 0;
  sorted.forEach((time, i) => {
    at += i === 0 ? 0 : Math.min(longestGapMs, time - sorted[i - 1]);
    played.set(time, Math.round(at));
  });
  return time => played.get(time)!;
}

/** Names of pages are those of people. */
function keptCards(cards: readonly RankCard[]): RankCard[] {
  const names = [...new Set(cards.map(({ card }) => card))];
  return cards.map(({ rank, card, certain }) => {
    const name = names.length === 1 ? 'the recorded card' : `card ${names.indexOf(card) + 1}`;
    return { rank, card: name, name, certain };
  });
}

/** Nothing can be chosen in it. */
export const keptBoard = (board: BoardView): BoardView => ({
  ...board,
  offered: board.offered.filter(({ mesh }) => meshName(mesh) === meshName(board.mesh)),
});
