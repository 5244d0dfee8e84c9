/**
 * The views of the page filled from elsewhere than a session: a recording that is played, or what a host tells its guests.
 * Elements of their own stand where those of the page's own run do, until they are ended; nothing in them steers a run.
 */
import type { RankCard } from '../../crew/cards.ts';
import type { RunInfo, View, ViewChoice } from '../../session/api/api.ts';
import { asking, specOf } from '../ask-view.ts';
import { IsobarBoard } from '../board/board.ts';
import type { BoardElement } from '../board/board-element.ts';
import type { Holder } from '../board/drawing.ts';
import { IsobarMachine } from '../board/machine.ts';
import { sampleFields } from '../board/sample-fields.ts';
import type { BoardView } from '../board/watch-cuts.ts';
import { createCursor } from '../cursor.ts';
import { element } from '../dom.ts';
import { createImageGrid } from '../images/image-grid.ts';
import type { PageState } from '../page-state.ts';
import { routeOf } from '../shell/route.ts';
import { LastStep } from '../timeline/last-step.ts';
import type { Plans } from '../timeline/reading.ts';
import type { Timeline } from '../timeline/timeline.ts';
import { noStepYet } from '../timeline/words.ts';
import { shownFields } from '../weather/shown-fields.ts';
import { WeatherElement } from '../weather/weather.ts';
import { PlayedLearning } from './played-learning.ts';
import type { Recording } from './recording.ts';

export interface Shown {
  readonly state: PageState;
  /** Of the run, where it is known before the state says it. */
  readonly info: RunInfo | undefined;
  readonly plans: Plans;
  readonly cards: readonly RankCard[];
  readonly board: BoardView | undefined;
  readonly holders: readonly Holder[];
  /** The rank of this page, where it has one. */
  readonly own: number | undefined;
}

export interface ShownViews {
  show(shown: Shown): void;
  /** Puts back what was there before. */
  end(): void;
}

export interface ShownViewsOptions {
  readonly ask: (name: string, choice: ViewChoice) => Promise<View>;
  /** Of the run as far as it is known, for its results; undefined where there is none yet. */
  readonly recording: () => Recording | undefined;
  /** For people: a picture cannot be drawn. */
  readonly onError: (message: string) => void;
}

export function createShownViews({ ask, recording, onError }: ShownViewsOptions): ShownViews {
  const failed = (cause: unknown) => onError(cause instanceof Error ? cause.message : String(cause));
  const cursor = createCursor();
  const weather = new WeatherElement();
  weather.ask = ask;
  weather.addEventListener('view-error', event => {
    if (event instanceof CustomEvent) failed(event.detail);
  });
  weather.addEventListener('weather-rolled', event => {
    if (!(event instanceof CustomEvent)) return;
    fields = sampleFields(event.detail.view, event.detail.spec);
    showInSight();
  });
  const grid = createImageGrid(asking({ view: ask }), failed);
  const [machine, board] = [new IsobarMachine(), new IsobarBoard()];
  machine.classList.add('machine-place');
  const lastStep = new LastStep();
  lastStep.waiting = noStepYet;
  let timeline: Timeline | undefined;
  const learning = new PlayedLearning();
  const openResults = async () => {
    const [results, { recordedResults }] = await Promise.all([
      import('../results/results.ts'),
      import('../results/recorded-results.ts'),
    ]);
    const known = recording();
    if (known) results.openResults(recordedResults(known, () => shownFields(weather.drawn)));
  };
  learning.addEventListener('isobar-open-results', () => void openResults().catch(failed));
  for (const pointed of [machine, board, lastStep]) pointed.cursor = cursor;
  let shown: Shown | undefined;
  /** Pictures of what the model reads. */
  let fields: readonly ImageData[] = [];
  /** Whose pictures are shown. */
  let pictured: RunInfo | undefined;

  const showStep = (place: LastStep | Timeline | BoardElement, { state, plans, cards }: Shown) => {
    place.sampled = state.sampled;
    place.plans = plans;
    place.cards = cards;
  };
  const showCut = (place: IsobarMachine | IsobarBoard, { board: view, holders, own }: Shown) => {
    place.view = view;
    place.holders = holders;
    place.fields = fields;
    place.own = own;
  };
  const showPictures = ({ info, state }: Shown) => {
    const images = info && specOf(info, 'images');
    if (info !== pictured) {
      pictured = info;
      weather.hidden = images !== undefined;
      grid.restart(images);
      grid.refresh();
    } else if (images) grid.refreshSometimes();
    weather.state = state;
  };
  const showHome = (now: Shown) => {
    showPictures(now);
    learning.state = now.state;
    showCut(machine, now);
    showStep(machine, now);
    showStep(lastStep, now);
  };
  /** Out of sight nothing is drawn; the timeline remembers steps. */
  const showInSight = () => {
    if (!shown) return;
    const { view } = routeOf(location.hash);
    if (view === 'home') showHome(shown);
    if (view === 'board') {
      showCut(board, shown);
      showStep(board, shown);
      board.training = shown.state.status === 'running';
    }
    if (!timeline) return;
    timeline.own = shown.own;
    showStep(timeline, shown);
  };
  const openTimeline = async () => {
    if (timeline || routeOf(location.hash).view !== 'timeline') return;
    const [{ Timeline }, { followAddress }] = await Promise.all([
      import('../timeline/timeline.ts'),
      import('../timeline/follow-address.ts'),
    ]);
    if (timeline) return;
    timeline = new Timeline();
    timeline.cursor = cursor;
    ends.push(followAddress(timeline));
    showInSight();
    element('timeline-view', HTMLElement).append(timeline);
  };
  const turned = () => {
    showInSight();
    openTimeline().catch(failed);
  };

  grid.restart(undefined);
  const ends = [
    fill(element('pictures', HTMLElement), [weather, grid.section]),
    fill(sectionOf('.last-step'), [lastStep]),
    fill(sectionOf('[data-view="board"]'), [board]),
    fill(element('timeline-view', HTMLElement), []),
    exchange(element('machine', HTMLElement), machine),
    cover(sectionOf('.learning'), learning),
    () => removeEventListener('hashchange', turned),
  ];
  addEventListener('hashchange', turned);
  turned();

  return {
    show(now) {
      shown = now;
      showInSight();
    },
    end() {
      for (const end of ends) end();
    },
  };
}

function sectionOf(selector: string): HTMLElement {
  const found = element('app', HTMLElement).querySelector<HTMLElement>(selector);
  if (!found) throw new Error(`The page has no ${selector}. Load it again; an old copy may be in the cache.`);
  return found;
}

/** Puts elements in place of what another holds. @returns a function that puts that back; so do the others */
function fill(place: HTMLElement, own: readonly HTMLElement[]): () => void {
  const before = [...place.childNodes];
  place.replaceChildren(...own);
  return () => place.replaceChildren(...before);
}

function exchange(gone: HTMLElement, own: HTMLElement): () => void {
  gone.replaceWith(own);
  return () => own.replaceWith(gone);
}

/** Scripts of the page go on to write into what the place holds: it stays there, out of sight. */
function cover(place: HTMLElement, own: HTMLElement): () => void {
  const before = [...place.children].filter(child => child instanceof HTMLElement);
  for (const child of before) child.hidden = true;
  place.append(own);
  return () => {
    own.remove();
    for (const child of before) child.hidden = false;
  };
}
