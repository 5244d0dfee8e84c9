/** Puts the energy panel into its place, with a meter behind it. */
import type { Crew } from '../../crew/api.ts';
import type { RankCard } from '../../crew/cards.ts';
import type { EnergySettings } from '../../energy/settings.ts';
import type { HashedPlan, RunInfo } from '../../session/api/api.ts';
import { rangeText } from '../../show/energy-words.ts';
import { EnergyPanel } from './energy-panel.ts';
import { watchPressure } from './evidence.ts';
import { guestsOf } from './guests.ts';
import { storageHere } from './kept-settings.ts';
import { createPageEnergy, type EnergyView, type PageEnergy } from './page-energy.ts';
import { moreClues, placesOf } from './this-machine.ts';

export interface ShowEnergyOptions {
  readonly planOf: (rank: number) => Promise<readonly HashedPlan[]>;
  /** Who computes with this page, and on which cards. */
  readonly crew: () => Pick<Crew, 'seats' | 'members'>;
  readonly cards: () => readonly RankCard[];
  /** What the run takes now, in short; nothing while it does not train. */
  readonly say: (text: string) => void;
  readonly failed: (cause: unknown) => void;
}

export async function showEnergy(
  place: HTMLElement,
  { planOf, crew, cards, say, failed }: ShowEnergyOptions,
): Promise<PageEnergy> {
  const panel = new EnergyPanel();
  const more = await moreClues();
  const places = (info: RunInfo) => placesOf(info, more, guestsOf(crew(), cards()).places);
  const energy = createPageEnergy({
    planOf,
    places,
    faults: () => guestsOf(crew(), cards()).faults,
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
  /** What pages have told of their machines, as of the last time. */
  let told: readonly unknown[] = [];
  const learn = () => {
    const before = told;
    told = crew()
      .members()
      .flatMap(({ machine, machineFault }) => [machine, machineFault]);
    if (told.length !== before.length || told.some((each, i) => each !== before[i])) energy.learn();
  };
  return { ...energy, learn };
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
