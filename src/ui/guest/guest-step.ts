/** Step mode in the page of a guest: there while its host lets it look, in the place of that of a run of the page's own. */
import type { Guest } from '../../crew/api.ts';
import type { Holder } from '../board/drawing.ts';
import { element } from '../dom.ts';
import { routeOf } from '../shell/route.ts';
import type { StepMode } from '../step/show-step.ts';
import type { HostStep } from './host-step.ts';
import type { ToldRun } from './told-run.ts';
import { lookWords } from './words.ts';

export interface GuestStepOptions {
  readonly ask: Guest['ask'];
  readonly store: ToldRun['store'];
  readonly holders: () => readonly Holder[];
  /** As the host says. */
  readonly isAllowed: () => boolean;
  readonly hasHost: () => boolean;
  /** The rank of this page. */
  readonly own: () => number | undefined;
}

export interface GuestStep {
  /** The address may lead to it now. */
  turn(): Promise<void>;
  answered(id: number, text: string): void;
  /** What the host allows, or who holds what, may be another. */
  changed(): void;
  /** Puts back what was in its place. */
  end(): void;
}

export function createGuestStep({ ask, store, ...now }: GuestStepOptions): GuestStep {
  const place = element('step-view', HTMLElement);
  let opening: Promise<{ readonly mode: StepMode; readonly host: HostStep }> | undefined;
  let opened: Awaited<typeof opening>;
  let putBack = () => {};
  let isOver = false;

  const missing = () => {
    if (!now.hasHost()) return lookWords.noHost;
    return now.isAllowed() ? undefined : lookWords.notAllowed;
  };
  const load = async () => {
    const [{ createHostStep }, { createStepMode }] = await Promise.all([
      import('./host-step.ts'),
      import('../step/show-step.ts'),
    ]);
    const host = createHostStep(ask, missing);
    const holders = () => ({
      names: new Map(now.holders().map(({ rank, name }) => [rank, name])),
      own: now.own(),
    });
    const before = [...place.childNodes];
    place.replaceChildren();
    putBack = () => place.replaceChildren(...before);
    opened = { host, mode: createStepMode({ ...host, holders }, store) };
    return opened;
  };
  const openStep = (event: Event) => {
    if (event instanceof CustomEvent && missing() === undefined)
      void open().then(({ mode }) => mode.openAt(event.detail));
  };
  const open = () => {
    opening ??= load();
    return opening;
  };
  document.addEventListener('isobar-open-step', openStep);

  return {
    async turn() {
      const { view, path } = routeOf(location.hash);
      if (view !== 'step') return;
      const { mode } = await open();
      if (!isOver) await mode.open(path);
    },
    answered: (id, text) => opened?.host.answered(id, text),
    changed() {
      const why = missing();
      if (why !== undefined) opened?.host.ended(why);
      opened?.mode.changed();
    },
    end() {
      isOver = true;
      document.removeEventListener('isobar-open-step', openStep);
      opened?.host.ended(lookWords.noHost);
      opened?.mode.end();
      putBack();
    },
  };
}
