/** The shell of a guest's page: its bar, its piece, and the views of the page filled with what the host tells. */
import type { Guest, GuestEvent, RunState } from '../../crew/api.ts';
import type { KeptCheckpoint } from '../../session/api/rank-api.ts';
import { showAlert, withdrawAlert } from '../alerts.ts';
import { element, passFocus } from '../dom.ts';
import { followLessons, storageHere } from '../lesson/follow-lessons.ts';
import { playedViews } from '../recording/played-views.ts';
import type { ShownViews } from '../recording/shown-views.ts';
import { routeOf } from '../shell/route.ts';
import { showSection } from '../shell/view-switch.ts';
import { GuestBar } from './guest-bar.ts';
import { GuestPiece } from './guest-piece.ts';
import { createGuestStep } from './guest-step.ts';
import { createToldRun } from './told-run.ts';
import { type Seat, type Standing, words } from './words.ts';

/** Where the page stands. */
export interface GuestState {
  readonly standing: Standing;
  /** The same for people. */
  readonly text: string;
  readonly seat: Seat | undefined;
  readonly kept: KeptCheckpoint | undefined;
}

export interface GuestPage {
  show(state: GuestState): void;
  /** What the host says of the run, and answers. */
  hear(event: Extract<GuestEvent, { type: 'run' | 'tale' | 'answer' }>): void;
  /** Shown beside what is said of the piece. */
  add(power: HTMLElement): void;
  /** Something that was begun by a press is over, and may be tried again. */
  ready(): void;
  /** Everything goes, for the page of a host to take its place. */
  end(): void;
}

export interface GuestPageOptions {
  /** The fragment of the address that invites to the room; empty where the address is that of a page with a run of its own. */
  readonly invitation: string;
  /** The page has a run of its own: what is shown is laid over it, and at the end it is there again. */
  readonly isOver: boolean;
  /** Asks the host: see `Guest.ask`. */
  readonly ask: Guest['ask'];
  readonly onLeave: () => void;
  readonly onTakeOver: () => void;
}

/** Standings in which there is a run to see. */
const takingPart: readonly Standing[] = ['admitted', 'seated', 'interrupted', 'host-gone'];
const canLeave: readonly Standing[] = ['asking', ...takingPart];
const topic = 'told';

export function createGuestPage(options: GuestPageOptions): GuestPage {
  const { invitation, isOver, ask, onLeave, onTakeOver } = options;
  const app = element('app', HTMLElement);
  const join = element('join', HTMLElement);
  const head = element(isOver ? 'bar' : 'plain-head', HTMLElement);
  const homeView = element('results', HTMLElement);
  const bar = new GuestBar();
  const piece = new GuestPiece();
  const told = createToldRun(showRun);
  let state: GuestState = { standing: 'invited', text: '', seat: undefined, kept: undefined };
  let run: RunState | undefined;
  let views: ShownViews | undefined;
  let isOpen = false;
  const step = createGuestStep({
    ...{ ask, store: told.store, holders: holdersHere },
    isAllowed: () => run?.looks === true,
    hasHost: () => state.standing !== 'host-gone',
    own: () => state.seat?.place?.rank,
  });

  const failed = (title: string) => (message: string) => showAlert({ topic, kind: 'notice', title, message });
  let endLessons = () => {};
  const turn = () => {
    if (isOver) return;
    // A link within a view leads to another without the invitation, which a reload needs.
    if (location.hash.startsWith('#/')) history.replaceState(history.state, '', invitation + location.hash);
    showSection(routeOf(location.hash).view);
  };
  const turnStep = () => step.turn().catch((cause: Error) => failed(words.notShown)(cause.message));
  /** Loads the views, once; who only asks needs none of them. */
  const open = async () => {
    if (isOpen) return;
    isOpen = true;
    homeView.classList.add('guest-home');
    homeView.prepend(piece);
    turn();
    if (!isOver) endLessons = followLessons(storageHere());
    const { createShownViews } = await import('../recording/shown-views.ts');
    if (!isOpen) return;
    views = createShownViews({ ask: told.ask, recording: told.recording, onError: failed(words.notShown) });
    showRun();
    addEventListener('hashchange', turnStep);
    void turnStep();
  };

  /** As this page's views name them. */
  function holdersHere() {
    const own = state.seat?.place?.rank;
    return told
      .holders()
      .map(({ rank, name, card }) => ({ rank, card, name: rank === own ? words.you : name }));
  }

  function showRun(): void {
    const { seat } = state;
    bar.run = run;
    bar.page = told.store.state();
    piece.run = run;
    const own = seat?.place?.rank;
    const holders = holdersHere();
    const { store, plans, cards, board } = told;
    views?.show({
      ...{ state: store.state(), info: store.state().info, plans: plans(), cards: cards() },
      ...{ board: board(), holders, own },
    });
    step.changed();
  }

  bar.id = 'guest-bar';
  bar.invitation = invitation;
  bar.addEventListener('isobar-leave', onLeave);
  bar.addEventListener('isobar-take-over', onTakeOver);
  passFocus(head);
  head.hidden = true;
  head.after(bar);
  if (isOver && !playedViews.some(([view]) => view === routeOf(location.hash).view)) location.hash = '#/';
  addEventListener('hashchange', turn);

  return {
    show(now) {
      const takesPart = takingPart.includes(now.standing);
      state = now;
      if (takesPart) open().catch((cause: Error) => failed(words.notShown)(cause.message));
      if (!isOver) {
        join.hidden = takesPart;
        app.hidden = !takesPart;
        passFocus(takesPart ? join : app);
      }
      bar.standing = now.standing;
      bar.text = now.text;
      bar.seat = now.seat;
      bar.kept = now.kept;
      bar.takesPart = takesPart;
      bar.canLeave = canLeave.includes(now.standing);
      piece.seat = now.seat;
      showRun();
    },
    hear(event) {
      if (event.type === 'run') {
        run = event.state;
        told.status(run.status);
        showRun();
        return;
      }
      if (event.type === 'answer') {
        step.answered(event.id, event.text);
        return;
      }
      told.hear(event.text).catch((cause: Error) => failed(words.notShown)(cause.message));
    },
    add(power) {
      piece.power = power;
    },
    ready() {
      bar.isBusy = false;
    },
    end() {
      removeEventListener('hashchange', turn);
      removeEventListener('hashchange', turnStep);
      step.end();
      endLessons();
      isOpen = false;
      views?.end();
      piece.remove();
      homeView.classList.remove('guest-home');
      bar.remove();
      head.hidden = false;
      withdrawAlert(topic);
      if (isOver) return;
      join.hidden = true;
      app.hidden = true;
    },
  };
}
