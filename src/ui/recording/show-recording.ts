/**
 * A recording in the views of the page: elements of its own stand where those of the page's own run do, until it is closed.
 * That run hears nothing of it, and goes on.
 */
import { asking, specOf } from '../ask-view.ts';
import { IsobarBoard } from '../board/board.ts';
import type { BoardElement } from '../board/board-element.ts';
import { IsobarMachine } from '../board/machine.ts';
import { createCursor } from '../cursor.ts';
import { element, passFocus } from '../dom.ts';
import { createImageGrid } from '../images/image-grid.ts';
import { routeOf } from '../shell/route.ts';
import { LastStep } from '../timeline/last-step.ts';
import type { Timeline } from '../timeline/timeline.ts';
import { shownFields } from '../weather/shown-fields.ts';
import { WeatherElement } from '../weather/weather.ts';
import { PlayedLearning } from './played-learning.ts';
import { browserClock, createPlayer } from './player.ts';
import { PlayerBar, playedViews, usualSpeed } from './player-bar.ts';
import { infoOf, type Recording } from './recording.ts';

export interface ShowOptions {
  /** The page has a run of its own to go back to. */
  readonly canGoBack: boolean;
  readonly onOpen: (file: File) => void;
  readonly onClose: () => void;
  /** For people: a picture cannot be drawn. */
  readonly onError: (message: string) => void;
}

/** Begins to play, unless the reader wants no motion: then its end is shown. @returns a function that ends it */
export function showRecording(recording: Recording, options: ShowOptions): () => void {
  const player = createPlayer(recording, browserClock);
  player.setFactor(usualSpeed(player.length));
  const cursor = createCursor();
  const failed = (cause: unknown) => options.onError(cause instanceof Error ? cause.message : String(cause));

  const bar = new PlayerBar();
  bar.player = player;
  bar.canGoBack = options.canGoBack;
  bar.addEventListener('isobar-open-recording', event => {
    if (event instanceof CustomEvent && event.detail instanceof File) options.onOpen(event.detail);
  });
  bar.addEventListener('isobar-close-recording', options.onClose);

  const weather = new WeatherElement();
  weather.ask = player.ask;
  weather.addEventListener('view-error', event => {
    if (event instanceof CustomEvent) failed(event.detail);
  });
  const info = infoOf(recording);
  const images = specOf(info, 'images');
  const grid = createImageGrid(asking({ view: player.ask }), failed);
  const [machine, board] = [new IsobarMachine(), new IsobarBoard()];
  const machines = [machine, board];
  for (const machine of machines) {
    machine.cursor = cursor;
    machine.view = recording.board;
  }
  machine.classList.add('machine-place');
  const lastStep = new LastStep();
  const steps: (LastStep | Timeline | BoardElement)[] = [lastStep, ...machines];
  let timeline: Timeline | undefined;
  const learning = new PlayedLearning();
  const openResults = async () => {
    const [{ openResults }, { recordedResults }] = await Promise.all([
      import('../results/results.ts'),
      import('../results/recorded-results.ts'),
    ]);
    openResults(recordedResults(recording, () => shownFields(weather.drawn)));
  };
  learning.addEventListener('isobar-open-results', () => void openResults().catch(failed));
  const show = () => {
    const state = player.store.state();
    weather.state = state;
    learning.state = state;
    board.training = state.status === 'running';
    if (images) grid.refreshSometimes();
    for (const each of steps) {
      each.sampled = state.sampled;
      each.plans = player.plans;
      each.cards = recording.cards;
      each.cursor = cursor;
    }
  };
  const openTimeline = async () => {
    if (timeline || routeOf(location.hash).view !== 'timeline') return;
    const [{ Timeline }, { followAddress }] = await Promise.all([
      import('../timeline/timeline.ts'),
      import('../timeline/follow-address.ts'),
    ]);
    if (timeline) return;
    timeline = new Timeline();
    ends.push(followAddress(timeline));
    steps.push(timeline);
    show();
    element('timeline-view', HTMLElement).append(timeline);
  };
  const turned = () => void openTimeline().catch(failed);

  const app = element('app', HTMLElement);
  app.before(bar);
  const ends = [
    () => {
      passFocus(bar);
      bar.remove();
    },
    fill(element('pictures', HTMLElement), images ? [grid.section] : [weather]),
    fill(sectionOf('.last-step'), [lastStep]),
    fill(sectionOf('[data-view="board"]'), [board]),
    fill(element('timeline-view', HTMLElement), []),
    exchange(element('machine', HTMLElement), machine),
    cover(sectionOf('.learning'), learning),
    player.store.subscribe(show),
    () => player.pause(),
    () => removeEventListener('hashchange', turned),
  ];
  if (images) {
    grid.restart(images);
    grid.refresh();
  }
  addEventListener('hashchange', turned);
  show();
  if (!playedViews.some(([view]) => view === routeOf(location.hash).view)) location.hash = '#/';
  turned();
  if (matchMedia('(prefers-reduced-motion: reduce)').matches) player.seek(player.length);
  else player.play();
  // What the reader has opened it by is out of sight.
  if (options.canGoBack) void bar.updateComplete.then(() => bar.querySelector('button')?.focus());
  return () => {
    for (const end of ends) end();
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
