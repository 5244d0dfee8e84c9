/**
 * The energy of the page's run: its meter and panel are loaded when the panel is looked at or the run first trains, for until
 * then there is nothing to count. A line beside the learning says what the run takes now.
 */

import type { Crew } from '../../crew/api.ts';
import type { RankCard } from '../../crew/cards.ts';
import type { HashedPlan } from '../../session/api/api.ts';
import { element, setText } from '../dom.ts';
import type { PageEvent } from '../page-state.ts';
import type { PageEnergy } from './page-energy.ts';

export interface Energy {
  event(event: PageEvent): void;
  /** The cards that ranks compute on. */
  hold(cards: readonly RankCard[]): void;
  /** The panel comes into sight. */
  open(): void;
}

export interface EnergyOptions {
  readonly planOf: (rank: number) => Promise<readonly HashedPlan[]>;
  /** Who computes with this page. */
  readonly crew: () => Pick<Crew, 'seats' | 'members'>;
  readonly failed: (cause: unknown) => void;
}

export function createEnergy({ planOf, crew, failed }: EnergyOptions): Energy {
  let loading: Promise<void> | undefined;
  let energy: PageEnergy | undefined;
  /** What the meter has to hear when it is there: the run that was prepared last, and what came after. */
  let unheard: PageEvent[] = [];
  let cards: readonly RankCard[] = [];
  const line = element('energy-now', HTMLElement);

  const load = () => {
    loading ??= import('./show-energy.ts').then(async ({ showEnergy }) => {
      energy = await showEnergy(element('energy', HTMLElement), {
        planOf,
        crew,
        cards: () => cards,
        say: text => setText(line, text),
        failed,
      });
      for (const event of unheard) energy.event(event);
      unheard = [];
    });
    loading.catch(failed);
  };
  return {
    event(event) {
      if (event.type === 'prepared') unheard = [];
      if (energy) energy.event(event);
      else unheard.push(event);
      if (event.type === 'status' && event.status === 'running') load();
    },
    hold(now) {
      cards = now;
      energy?.learn();
    },
    open: load,
  };
}
