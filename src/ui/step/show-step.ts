/**
 * Step mode of a run, the page's own or that of a host: loaded when it is first looked at, and told where the address points.
 */
import type { Remote } from 'comlink';
import type { GradientDifference, Looked, RankLook, RunInfo, SessionApi } from '../../session/api/api.ts';
import type { StepPlan } from '../../show/beat-pictures.ts';
import type { Phase } from '../../show/beats.ts';
import { element } from '../dom.ts';
import type { PageEvent, PageState } from '../page-state.ts';
import { hashOf, invitationIn } from '../shell/route.ts';
import type { Store } from '../store.ts';
import type { OpenStep } from '../timeline/open-step.ts';
import type { StepPlace, StepView } from './step-view.ts';
import { words } from './words.ts';

/** Whose step is walked through. */
export interface StepSource {
  /** Of all ranks of a run, by rank: the plan of a step's first pass. */
  plans(info: RunInfo): Promise<readonly StepPlan[]>;
  look(looks: readonly RankLook[]): Promise<readonly Looked[]>;
  /** Absent where the page has no device to compare with. */
  compare?(): Promise<readonly GradientDifference[]>;
  /** Why nothing can be looked at in this state of the run; undefined where it can. */
  note(state: PageState): string | undefined;
  /** Why there is nothing to walk through, beside want of a run; undefined where there is. */
  missing?(): string | undefined;
  /** What ranks are called, and which is this page's. */
  holders?(): { readonly names: ReadonlyMap<number, string>; readonly own: number | undefined };
}

export interface StepMode {
  /** The view comes into sight, at this part of the address: layer, phase, and beat from 1. */
  open(path: readonly string[]): Promise<void>;
  /** Turns it to the beat in which a rank takes a step of its plan, and brings it into sight. */
  openAt(step: OpenStep): Promise<void>;
  /** What the source says beside the state of the run may be another. */
  changed(): void;
  end(): void;
}

const phases: readonly Phase[] = ['forward', 'recompute', 'backward', 'reduce'];

export function placeOf([layer, phase, beat]: readonly string[]): StepPlace | undefined {
  const known = phases.find(each => each === phase);
  if (layer === undefined) return undefined;
  return { layer, phase: known ?? 'forward', beat: Math.max(1, Number.parseInt(beat ?? '1', 10) || 1) - 1 };
}

const addressOf = ({ layer, phase, beat }: StepPlace) =>
  hashOf({ view: 'step', path: [layer, phase, String(beat + 1)], camera: {} });

const message = (cause: unknown) => (cause instanceof Error ? cause.message : String(cause));

/** Of the page's own session. */
export const ownStep = (session: Remote<SessionApi>): StepSource => ({
  async plans({ ranks }) {
    const all = Array.from({ length: Math.max(1, ranks.length) }, (_, rank) => session.plan(rank));
    return (await Promise.all(all)).flatMap(own => own.slice(-1));
  },
  look: looks => session.look(looks),
  compare: () => session.sameAlone(),
  note: ({ status }) => (status === 'running' || status === 'preparing' ? words.running : undefined),
});

export function createStepMode(
  source: StepSource,
  store: Pick<Store<PageState, PageEvent>, 'state' | 'subscribe'>,
): StepMode {
  let view: StepView | undefined;
  /** The run whose plans are shown. */
  let known: PageState['info'];

  const show = async () => {
    if (!view) return;
    const { info, status, step } = store.state();
    const missing = source.missing?.();
    view.missing = missing ?? words.noRun;
    view.note = source.note(store.state());
    view.moment = `${status} ${step}`;
    if (source.holders) view.names = source.holders().names;
    if (missing !== undefined) {
      known = undefined;
      view.plans = [];
      return;
    }
    if (info === known || status === 'preparing') return;
    known = info;
    try {
      const plans = info ? await source.plans(info) : [];
      if (known === info) view.plans = plans;
    } catch (cause) {
      if (known !== info) return;
      // It is asked for again when something has changed.
      known = undefined;
      view.plans = [];
      view.missing = message(cause);
    }
  };
  const changed = () => void show();
  const endFollowing = store.subscribe(changed);
  return {
    changed,
    end() {
      endFollowing();
      view?.remove();
    },
    async openAt({ rank, step, layer, phase }) {
      const { beatsOf } = await import('../../show/beats.ts');
      const info = store.state().info;
      if (source.missing?.() !== undefined) return;
      const plans = info ? await source.plans(info) : [];
      const of = placeOf([layer, phase]);
      const beats = of ? beatsOf(plans, of) : [];
      const beat = beats.findIndex(({ steps }) => steps[rank]?.includes(step));
      location.hash = addressOf({ layer, phase: of?.phase ?? 'forward', beat: Math.max(0, beat) });
    },
    async open(path) {
      if (!view) {
        const { StepView } = await import('./step-view.ts');
        view = new StepView();
        view.look = looks => source.look(looks);
        view.compare = source.compare;
        view.rank = source.holders?.().own ?? 0;
        view.shaderText = async name => (await import('../../session/api/shader-text.ts')).shaderText(name);
        view.addEventListener('isobar-step-move', event => {
          if (!view || !(event instanceof CustomEvent)) return;
          view.place = event.detail;
          history.replaceState(null, '', invitationIn(location.hash) + addressOf(event.detail));
        });
        element('step-view', HTMLElement).append(view);
      }
      view.place = placeOf(path) ?? view.place;
      await show();
    },
  };
}
