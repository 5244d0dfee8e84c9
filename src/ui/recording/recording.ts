/**
 * A recording: what the page's views need of a run, as plain values, so that they show it without the run. The same events
 * in the same order, with their times; what is long is thinned, see `recorder.ts`. Its file: see `file.ts`.
 */
import type { RankCard } from '../../crew/cards.ts';
import type { PlanStep, RunInfo, View } from '../../session/api/api.ts';
import type { BoardView } from '../board/watch-cuts.ts';
import type { PageEvent } from '../page-state.ts';

/** Of the file; a page reads its own. */
export const recordingVersion = 1;
export const recordingEnding = '.isobar.gz';

type Metrics = Extract<PageEvent, { type: 'metrics' }>;

/** Metrics with the losses that are kept, each with its step; of rates and norms the last one. */
export interface KeptMetrics extends Omit<Metrics, 'losses'> {
  readonly losses: readonly (readonly [step: number, loss: number])[];
}

/** What changes nothing that is shown, as warnings, is not kept. */
export type KeptEvent = Exclude<PageEvent, { type: 'metrics' | 'gone' | 'warning' | 'error' }> | KeptMetrics;

export interface Timed<Event> {
  /** Milliseconds since the recording began. */
  readonly at: number;
  readonly event: Event;
}

/** What a view answered, when it was asked. */
export interface KeptAnswer {
  readonly at: number;
  readonly name: string;
  readonly view: View;
}

export interface Recording {
  readonly version: typeof recordingVersion;
  /** Milliseconds since 1970. On what it was made stands in the run's `adapter`. */
  readonly madeAt: number;
  /** Oldest first. The first `prepared` is not one that goes on. */
  readonly events: readonly Timed<KeptEvent>[];
  /** The plans whose steps the traces count, by hash. */
  readonly plans: Readonly<Record<string, readonly PlanStep[]>>;
  readonly cards: readonly RankCard[];
  /** Oldest first. */
  readonly answers: readonly KeptAnswer[];
  /** The cut of the run, where it was shown. */
  readonly board?: BoardView;
}

/** The run as it was last prepared. */
export function infoOf({ events }: Pick<Recording, 'events'>): RunInfo {
  for (const { event } of [...events].reverse()) if (event.type === 'prepared') return event.info;
  throw new Error('a recording without a run');
}

/** The events as the page's state takes them: one for every loss that is kept. */
export const eventsOf = ({ events }: Pick<Recording, 'events'>): Timed<PageEvent>[] =>
  events.flatMap(({ at, event }): Timed<PageEvent>[] => {
    if (event.type !== 'metrics') return [{ at, event }];
    const { losses } = event;
    const each = losses.map(([step, loss]) => ({ at, event: { ...event, step, losses: [loss] } }));
    // A loss that was merged with its neighbours stands at the last of them.
    return losses.at(-1)?.[0] === event.step ? each : [...each, { at, event: { ...event, losses: [] } }];
  });
