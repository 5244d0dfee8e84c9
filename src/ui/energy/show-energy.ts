/** Puts the energy panel into its place, with a meter behind it. */
import type { PlaceOfRank } from '../../energy/machines.ts';
import type { EnergySettings } from '../../energy/settings.ts';
import type { HashedPlan, RunInfo } from '../../session/api/api.ts';
import { rangeText } from '../../show/energy-words.ts';
import { EnergyPanel } from './energy-panel.ts';
import { webglRenderer } from './gpu-clues.ts';
import { createPageEnergy, type EnergyView, type PageEnergy } from './page-energy.ts';

export interface ShowEnergyOptions {
  readonly planOf: (rank: number) => Promise<readonly HashedPlan[]>;
  /**
   * The machine of every rank, and the adapter where it is not this page's: of guests, what they told when they joined.
   * Absent: all ranks are in this page.
   */
  readonly seats?: () => readonly Pick<PlaceOfRank, 'rank' | 'host' | 'clues'>[];
  /** What the run takes now, in short; nothing while it does not train. */
  readonly say: (text: string) => void;
  readonly failed: (cause: unknown) => void;
}

/** The machine that this page is on. */
export const thisMachine = 'this machine';

export function showEnergy(
  place: HTMLElement,
  { planOf, seats, say, failed }: ShowEnergyOptions,
): PageEnergy {
  const panel = new EnergyPanel();
  const renderer = webglRenderer();
  const own = (info: RunInfo) => ({ ...info.adapter, ...(renderer !== undefined && { renderer }) });
  const places = (info: RunInfo): readonly PlaceOfRank[] => {
    const ranks = info.ranks.length > 0 ? info.ranks : [{ rank: 0 }];
    const seated = new Map(seats?.().map(seat => [seat.rank, seat]));
    return ranks.map(({ rank }) => {
      const seat = seated.get(rank);
      if (seat && seat.host !== thisMachine) return seat;
      return { rank, host: thisMachine, clues: own(info), threads: navigator.hardwareConcurrency };
    });
  };
  const energy = createPageEnergy({
    planOf,
    places,
    store: storageHere(),
    show: view => {
      panel.view = view;
      say(lineOf(view));
    },
    failed,
  });
  panel.addEventListener('isobar-energy-settings', event => {
    if (event instanceof CustomEvent) energy.set(event.detail as EnergySettings);
  });
  place.replaceChildren(panel);
  return energy;
}

/** `12–40 W, 0.3–0.9 J a sample, 1–3 mWh`: the last is what the run has taken. */
function lineOf(view: EnergyView | undefined): string {
  if (!view?.summary) return '';
  const { joulesPerSample, wattHours } = view.summary;
  return [
    ...(view.watts && view.training ? [rangeText(view.watts, 'W')] : []),
    ...(joulesPerSample ? [`${rangeText(joulesPerSample, 'J')} a sample`] : []),
    rangeText(wattHours, 'Wh'),
  ].join(', ');
}

/** A browser may forbid it. */
function storageHere(): Storage | undefined {
  try {
    return localStorage;
  } catch {
    return undefined;
  }
}
