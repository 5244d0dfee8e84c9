/**
 * A recording in the views of the page: elements of its own stand where those of the page's own run do, until it is closed.
 * That run hears nothing of it, and goes on.
 */
import { element, passFocus } from '../dom.ts';
import { routeOf } from '../shell/route.ts';
import { playedViews } from './played-views.ts';
import { browserClock, createPlayer } from './player.ts';
import { PlayerBar, usualSpeed } from './player-bar.ts';
import { infoOf, type Recording } from './recording.ts';
import { createShownViews } from './shown-views.ts';

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

  const bar = new PlayerBar();
  bar.player = player;
  bar.canGoBack = options.canGoBack;
  bar.addEventListener('isobar-open-recording', event => {
    if (event instanceof CustomEvent && event.detail instanceof File) options.onOpen(event.detail);
  });
  bar.addEventListener('isobar-close-recording', options.onClose);
  element('app', HTMLElement).before(bar);

  const views = createShownViews({
    ask: player.ask,
    recording: () => recording,
    onError: options.onError,
  });
  const info = infoOf(recording);
  const show = () =>
    views.show({
      ...{ state: player.store.state(), info, plans: player.plans, cards: recording.cards },
      ...{ board: recording.board, holders: [], own: undefined },
    });
  const ends = [
    () => {
      passFocus(bar);
      bar.remove();
    },
    views.end,
    player.store.subscribe(show),
    () => player.pause(),
  ];
  show();
  if (!playedViews.some(([view]) => view === routeOf(location.hash).view)) location.hash = '#/';
  if (matchMedia('(prefers-reduced-motion: reduce)').matches) player.seek(player.length);
  else player.play();
  // What the reader has opened it by is out of sight.
  if (options.canGoBack) void bar.updateComplete.then(() => bar.querySelector('button')?.focus());
  return () => {
    for (const end of ends) end();
  };
}
