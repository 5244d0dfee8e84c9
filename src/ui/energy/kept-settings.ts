/** What the user said of energy, kept in this browser for each GPU that it was said of. */
import { cardId, type Machines, machinesOf, type PlaceOfRank } from '../../energy/machines.ts';
import { type EnergySettings, settingsFrom, usualSettings } from '../../energy/settings.ts';

/** The part of `localStorage` that is needed. */
export type SettingsStore = Pick<Storage, 'getItem' | 'setItem'>;

const keyOf = (card: string) => `isobar-energy ${card}`;

/** The usual settings where nothing was kept, or what was kept is damaged. */
export function keptSettings(store: SettingsStore | undefined, card: string): EnergySettings {
  const text = store?.getItem(keyOf(card));
  if (text == null) return usualSettings;
  try {
    return settingsFrom(JSON.parse(text));
  } catch {
    return usualSettings;
  }
}

/** A browser that keeps nothing is no reason not to count. */
export function keepSettings(store: SettingsStore | undefined, card: string, settings: EnergySettings): void {
  try {
    store?.setItem(keyOf(card), JSON.stringify(settings));
  } catch {
    // Its room is used up: the settings hold until the page is left.
  }
}

/**
 * The machines of a run, by what was kept of its first card; by the usual settings where that does not fit any more, as where a
 * row is gone from the table.
 */
export function keptMachines(
  store: SettingsStore | undefined,
  places: readonly PlaceOfRank[],
): { readonly settings: EnergySettings; readonly machines: Machines; readonly fits: boolean } {
  const settings = keptSettings(store, cardId(places[0].host, places[0].clues));
  try {
    return { settings, machines: machinesOf(places, settings), fits: true };
  } catch {
    return { settings: usualSettings, machines: machinesOf(places, usualSettings), fits: false };
  }
}

/** A browser may forbid it. */
export function storageHere(): Storage | undefined {
  try {
    return localStorage;
  } catch {
    return undefined;
  }
}
