/**
 * Plays a recording: sends its events to a store at their times, slowed down or sped up by a factor, and answers for views
 * what the run answered. The same moment has the same state, however it was come to.
 */
import type { PlanStep, View, ViewChoice } from '../../session/api/api.ts';
import { emptyPage, type PageEvent, type PageState, reduce } from '../page-state.ts';
import { createStore, type Store } from '../store.ts';
import { eventsOf, type Recording } from './recording.ts';

export interface Clock {
  /** Milliseconds. */
  now(): number;
  /** Calls once so many milliseconds from now. @returns a function that ends the wait */
  wait(milliseconds: number, done: () => void): () => void;
}

export interface Player {
  readonly recording: Recording;
  readonly store: Pick<Store<PageState, PageEvent>, 'state' | 'subscribe'>;
  readonly plans: ReadonlyMap<string, readonly PlanStep[]>;
  /** Of the recording, in milliseconds. */
  readonly length: number;
  /** Where it is now, of that length. */
  at(): number;
  isPlaying(): boolean;
  /** From the beginning where it is at the end. */
  play(): void;
  pause(): void;
  seek(at: number): void;
  /** Milliseconds of the recording in one of the clock. */
  factor(): number;
  setFactor(factor: number): void;
  /** What the view answered last by now, or first where that is later. */
  ask(name: string, choice: ViewChoice): Promise<View>;
  /** Told of every event, of every move and now and then between. @returns a function that ends it */
  subscribe(listener: () => void): () => void;
}

/** The hand of the clock moves at least so often. */
const tickMs = 250;

export function createPlayer(recording: Recording, clock: Clock): Player {
  const events = eventsOf(recording);
  const store = createStore<PageState, PageEvent | 'empty'>(emptyPage(), (state, event) =>
    event === 'empty' ? emptyPage() : reduce(state, event),
  );
  const listeners = new Set<() => void>();
  const length = Math.max(0, ...[events.at(-1), recording.answers.at(-1)].map(last => last?.at ?? 0));
  let factor = 1;
  /** Events sent. */
  let sent = 0;
  /** Where it was on the recording when the clock was last looked at. */
  let at = 0;
  let lookedAt = 0;
  let endWait: (() => void) | undefined;

  const tell = () => {
    for (const listener of listeners) listener();
  };
  const sendUpTo = (moment: number) => {
    while (sent < events.length && events[sent].at <= moment) store.send(events[sent++].event);
  };
  const look = () => {
    if (!endWait) return;
    const now = clock.now();
    at = Math.min(length, at + factor * (now - lookedAt));
    lookedAt = now;
  };
  const wait = () => {
    const next = events[sent]?.at ?? length;
    endWait = clock.wait(Math.max(0, Math.min(tickMs, (next - at) / factor)), () => {
      look();
      endWait = undefined;
      sendUpTo(at);
      if (at < length) wait();
      tell();
    });
  };
  const stop = () => {
    look();
    endWait?.();
    endWait = undefined;
  };
  const start = () => {
    lookedAt = clock.now();
    wait();
  };
  const moveTo = (moment: number) => {
    const isBack = moment < at;
    at = Math.max(0, Math.min(length, moment));
    if (isBack) {
      sent = 0;
      store.send('empty');
    }
    sendUpTo(at);
  };
  /** What is playing goes on from there. */
  const whileStopped = (change: () => void) => {
    const wasPlaying = endWait !== undefined;
    stop();
    change();
    if (wasPlaying && at < length) start();
    tell();
  };
  sendUpTo(0);

  return {
    recording,
    store,
    plans: new Map(Object.entries(recording.plans)),
    length,
    at() {
      look();
      return at;
    },
    isPlaying: () => endWait !== undefined,
    play() {
      if (endWait) return;
      if (at >= length) moveTo(0);
      start();
      tell();
    },
    pause() {
      stop();
      tell();
    },
    seek: moment => whileStopped(() => moveTo(moment)),
    factor: () => factor,
    setFactor: value =>
      whileStopped(() => {
        factor = value;
      }),
    async ask(name, { channel }) {
      const has = (view: View) =>
        view.kind !== 'rollout' || channel === undefined || view.channels.includes(channel);
      const own = recording.answers.filter(answer => answer.name === name && has(answer.view));
      const answer = own.filter(kept => kept.at <= at).at(-1) ?? own.at(0);
      if (!answer) throw new Error(`This recording has no ${name} of what was chosen.`);
      return answer.view;
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** The browser's own time. */
export const browserClock: Clock = {
  now: () => performance.now(),
  wait(milliseconds, done) {
    const timer = setTimeout(done, milliseconds);
    return () => clearTimeout(timer);
  },
};
