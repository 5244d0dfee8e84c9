/** Step mode of the page's run: loaded when it is first looked at, and told where the address points. */
import type { Remote } from 'comlink';
import type { HashedPlan, RankLook, SessionApi } from '../../session/api/api.ts';
import type { Phase } from '../../show/beats.ts';
import { element } from '../dom.ts';
import type { PageEvent, PageState } from '../page-state.ts';
import { hashOf } from '../shell/route.ts';
import type { Store } from '../store.ts';
import type { OpenStep } from '../timeline/timeline.ts';
import type { StepPlace, StepView } from './step-view.ts';

export interface StepMode {
  /** The view comes into sight, at this part of the address: layer, phase, and beat from 1. */
  open(path: readonly string[]): Promise<void>;
  /** Turns it to the beat in which a rank takes a step of its plan, and brings it into sight. */
  openAt(step: OpenStep): Promise<void>;
}

const phases: readonly Phase[] = ['forward', 'recompute', 'backward', 'reduce'];

export function placeOf([layer, phase, beat]: readonly string[]): StepPlace | undefined {
  const known = phases.find(each => each === phase);
  if (layer === undefined) return undefined;
  return { layer, phase: known ?? 'forward', beat: Math.max(1, Number.parseInt(beat ?? '1', 10) || 1) - 1 };
}

const addressOf = ({ layer, phase, beat }: StepPlace) =>
  hashOf({ view: 'step', path: [layer, phase, String(beat + 1)], camera: {} });

export function createStepMode(session: Remote<SessionApi>, store: Store<PageState, PageEvent>): StepMode {
  let view: StepView | undefined;
  /** The run whose plans are shown. */
  let known: PageState['info'];

  const show = async () => {
    if (!view) return;
    const { info, status, step } = store.state();
    const busy = status === 'running' || status === 'preparing';
    view.busy = busy;
    view.moment = `${status} ${step}`;
    if (info === known || status === 'preparing') return;
    known = info;
    const ranks = info ? Math.max(1, info.ranks.length) : 0;
    const plans = await Promise.all(Array.from({ length: ranks }, (_, rank) => session.plan(rank)));
    if (known !== info) return;
    view.plans = plans.flatMap(own => own.slice(-1)) satisfies HashedPlan[];
  };
  store.subscribe(() => void show().catch(() => undefined));
  return {
    async openAt({ rank, step, layer, phase }) {
      const { beatsOf } = await import('../../show/beats.ts');
      const info = store.state().info;
      const ranks = info ? Math.max(1, info.ranks.length) : 0;
      const plans = await Promise.all(Array.from({ length: ranks }, (_, each) => session.plan(each)));
      const of = placeOf([layer, phase]);
      const beats = of
        ? beatsOf(
            plans.flatMap(own => own.slice(-1)),
            of,
          )
        : [];
      const beat = beats.findIndex(({ steps }) => steps[rank]?.includes(step));
      location.hash = addressOf({ layer, phase: of?.phase ?? 'forward', beat: Math.max(0, beat) });
    },
    async open(path) {
      if (!view) {
        const { StepView } = await import('./step-view.ts');
        view = new StepView();
        view.look = (looks: readonly RankLook[]) => session.look(looks);
        view.compare = () => session.sameAlone();
        view.shaderText = async name => (await import('../../session/api/shader-text.ts')).shaderText(name);
        view.addEventListener('isobar-step-move', event => {
          if (!view || !(event instanceof CustomEvent)) return;
          view.place = event.detail;
          history.replaceState(null, '', addressOf(event.detail));
        });
        element('step-view', HTMLElement).append(view);
      }
      view.place = placeOf(path) ?? view.place;
      await show();
    },
  };
}
