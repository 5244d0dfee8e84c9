/** The page of a host tells those of its guests what it shows itself: see `teller.ts`, which is loaded for the first guest. */
import type { Remote } from 'comlink';
import type { Crew, Member } from '../../crew/api.ts';
import { meshName } from '../../mesh/mesh.ts';
import type { SessionApi } from '../../session/api/api.ts';
import { IsobarMachine } from '../board/machine.ts';
import { element } from '../dom.ts';
import { onePiece } from '../mesh-choices.ts';
import type { PageEvent, PageState } from '../page-state.ts';
import type { PlanBook } from '../plan-book.ts';
import type { Recorder } from '../recording/recorder.ts';
import type { Store } from '../store.ts';
import { LastStep } from '../timeline/last-step.ts';
import type { Question } from './answer-guests.ts';
import type { ToldHolder } from './chapter.ts';
import type { Sight } from './tell.ts';
import type { Teller } from './teller.ts';

export interface ToldRun {
  readonly store: Pick<Store<PageState, PageEvent>, 'state' | 'subscribe'>;
  readonly book: Pick<PlanBook, 'plans'>;
  readonly recorder: Pick<Recorder, 'lastAnswers'>;
  /** Asked for what guests look at, where the switch in the share panel is on. */
  readonly session: Pick<Remote<SessionApi>, 'plan' | 'look'>;
  /** Guests cannot be told any more, or not all. */
  readonly onError: (cause: unknown) => void;
}

export function tellGuests(crew: Crew, { store, book, recorder, session, onError }: ToldRun): void {
  let teller: Promise<Teller> | undefined;
  let answerer: Promise<(question: Question) => void> | undefined;
  const guests = () =>
    crew.members().flatMap(({ id, host, status }) => (!host && status === 'admitted' ? [id] : []));
  const sight = (): Sight => {
    const state = store.state();
    const { view } = element('machine', IsobarMachine);
    const { info, status } = state;
    // Of a run that is being prepared the cut is known before all else.
    const isOwn =
      view &&
      (info ? meshName(view.mesh) === meshName(info.config.mesh ?? onePiece) : status === 'preparing');
    return {
      state,
      plans: book.plans(),
      holders: holdersNow(crew),
      board: isOwn ? view : undefined,
      answers: recorder.lastAnswers(),
    };
  };
  const open = async () => {
    const [{ createTeller }, { browserClock }] = await Promise.all([
      import('./teller.ts'),
      import('../recording/player.ts'),
    ]);
    return createTeller({
      ...{ guests, tell: crew.tell, state: store.state, sight },
      ...{ onError, clock: browserClock },
    });
  };
  const look = () => {
    if (!teller && guests().length === 0) return;
    teller ??= open();
    void teller.then(opened => opened.look()).catch(onError);
  };
  const openAnswerer = async () => {
    const [{ createAnswerer }, { browserClock }] = await Promise.all([
      import('./answer-guests.ts'),
      import('../recording/player.ts'),
    ]);
    return createAnswerer({
      ...{ plan: rank => session.plan(rank), look: looks => session.look(looks), state: store.state },
      ...{ mayLook: () => element('guests-look', HTMLInputElement).checked },
      ...{ answer: crew.answer, clock: browserClock },
    });
  };
  crew.subscribe(event => {
    if (event.type !== 'asked') {
      look();
      return;
    }
    answerer ??= openAnswerer();
    void answerer.then(answer => answer(event)).catch(onError);
  });
  store.subscribe(look);
}

/** As others see it: this page is that of the host. */
function holdersNow(crew: Crew): ToldHolder[] {
  const members = crew.members();
  const host = members.find(member => member.host);
  const named = (id: string): Member | undefined => members.find(member => member.id === id);
  const seats = crew.seats();
  return element('last-step', LastStep).cards.map(({ rank, card, name, certain }) => {
    const holder = named(seats.find(seat => seat.rank === rank)?.member ?? '') ?? host;
    return {
      ...{ rank, card, certain },
      name: holder?.host ? 'the host' : (holder?.name ?? ''),
      cardName: card === host?.id ? 'card of the host' : name,
    };
  });
}
