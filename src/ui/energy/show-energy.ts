/** Puts the energy panel into its place, with a meter behind it. */
import type { PlaceOfRank } from '../../energy/machines.ts';
import type { EnergySettings } from '../../energy/settings.ts';
import type { HashedPlan, RunInfo } from '../../session/api/api.ts';
import { rangeText } from '../../show/energy-words.ts';
import { EnergyPanel } from './energy-panel.ts';
import { watchPressure } from './evidence.ts';
import { storageHere } from './kept-settings.ts';
import { createPageEnergy, type EnergyView, type PageEnergy } from './page-energy.ts';
import { moreClues, ownPlaces, thisMachine } from './this-machine.ts';

export interface ShowEnergyOptions {
  readonly planOf: (rank: number) => Promise<readonly HashedPlan[]>;
  /**
   * The machine of every rank, and the adapter where it is not this page's: of guests, what they told when they joined.
   * Absent: all ranks are in this page.
   */
  readonly seats?: (thisMachine: string) => readonly Pick<PlaceOfRank, 'rank' | 'host' | 'clues'>[];
  /** What the run takes now, in short; nothing while it does not train. */
  readonly say: (text: string) => void;
  readonly failed: (cause: unknown) => void;
}

export async function showEnergy(
  place: HTMLElement,
  { planOf, seats, say, failed }: ShowEnergyOptions,
): Promise<PageEnergy> {
  const panel = new EnergyPanel();
  const more = await moreClues();
  const places = (info: RunInfo): readonly PlaceOfRank[] => {
    const seated = new Map(seats?.(thisMachine).map(seat => [seat.rank, seat]));
    return ownPlaces(info, more).map(own => {
      const seat = seated.get(own.rank);
      return seat && seat.host !== thisMachine ? seat : own;
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
  watchPressure(energy.pressure);
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
