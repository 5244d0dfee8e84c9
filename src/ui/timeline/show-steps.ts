/**
 * The sampled steps of the page's run: the last one at the foot of the first view and replayed on the board, all of them on
 * the timeline. Before there is one, the first view has that which is predicted.
 */
import type { RankCard } from '../../crew/cards.ts';
import type { StepTrace } from '../../session/api/api.ts';
import type { PredictedTrace } from '../../session/api/cut-prediction.ts';
import type { BoardElement } from '../board/board-element.ts';
import { boardPlace } from '../board/board-place.ts';
import { IsobarMachine } from '../board/machine.ts';
import type { Cursor } from '../cursor.ts';
import { element } from '../dom.ts';
import type { PageEvent, PageState } from '../page-state.ts';
import type { PlanBook } from '../plan-book.ts';
import type { Store } from '../store.ts';
import { LastStep } from './last-step.ts';
import type { Timeline } from './timeline.ts';

export interface Steps {
  /** A step was sampled: its plans are learnt where they are not known. */
  learn(traces: readonly StepTrace[]): Promise<void>;
  hold(cards: readonly RankCard[]): void;
  /**
   * @param isOfRun what is sampled is of the cut that is shown
   * @param isDirect nothing slows the links between the ranks of this page
   */
  ofRun(isOfRun: boolean, isDirect: boolean): void;
  /** A step of the cut that is shown, as it is predicted; undefined where it is not known yet. */
  predict(step: PredictedTrace | undefined): void;
  /** The timeline comes into sight. */
  open(): Promise<void>;
}

export interface StepsOptions {
  readonly store: Store<PageState, PageEvent>;
  readonly book: PlanBook;
  readonly cursor: Cursor;
}

export function createSteps({ store, book, cursor }: StepsOptions): Steps {
  const board = boardPlace();
  const lastStep = element('last-step', LastStep);
  const machine = element('machine', IsobarMachine);
  const shown: (LastStep | Timeline | BoardElement)[] = [lastStep, machine, board];
  let timeline: Timeline | undefined;
  let cards: readonly RankCard[] = [];
  let predicted: PredictedTrace | undefined;
  /** What the predicted step that is shown was made of. */
  let made: { readonly of: PredictedTrace | undefined; readonly factor: number } | undefined;
  /** What is predicted is for one card, and for links that nothing slows. */
  let isAlike = false;
  const compare = () => {
    const { oneCard: factor } = machine.pace;
    if (made?.of !== predicted || made?.factor !== factor) {
      made = { of: predicted, factor };
      lastStep.predicted = predicted && atPace(predicted, factor);
    }
    const isOneCard = new Set(cards.map(({ card }) => card)).size === 1;
    if (timeline) timeline.predicted = isAlike && isOneCard ? lastStep.predicted : undefined;
  };
  const show = () => {
    board.training = store.state().status === 'running';
    for (const each of shown) {
      each.sampled = store.state().sampled;
      each.plans = book.plans();
      each.cards = cards;
      each.cursor = cursor;
    }
    compare();
  };
  store.subscribe(show);
  show();
  return {
    async learn(traces) {
      // Of a run that is gone meanwhile there is nothing to learn any more.
      await book.learn(traces).catch(() => undefined);
      show();
    },
    predict(step) {
      predicted = step;
      compare();
    },
    ofRun(isOfRun, isDirect) {
      machine.isOfRun = board.isOfRun = isOfRun;
      isAlike = isOfRun && isDirect;
      compare();
    },
    hold(now) {
      cards = now;
      show();
    },
    async open() {
      if (timeline) return;
      const [{ Timeline }, { followAddress }] = await Promise.all([
        import('./timeline.ts'),
        import('./follow-address.ts'),
      ]);
      if (timeline) return;
      timeline = new Timeline();
      followAddress(timeline);
      shown.push(timeline);
      show();
      element('timeline-view', HTMLElement).append(timeline);
    },
  };
}

/** A predicted step where all takes so many times as long. */
const atPace = (step: PredictedTrace, factor: number): PredictedTrace => ({
  ...step,
  traces: step.traces.map(trace => ({
    ...trace,
    spans: trace.spans.map(span => ({ ...span, begun: factor * span.begun, ended: factor * span.ended })),
  })),
});
