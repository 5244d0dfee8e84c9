/**
 * The cards and machines of a run, from where its ranks compute. Ranks with the same host and adapter are on one card:
 * it takes power once, whoever uses it.
 */
import { powerOf } from './gpu-power.ts';
import type { MeteredCard } from './meter.ts';
import { type GpuClues, recognise } from './recognise.ts';
import { type EnergySettings, gpuPowerOf, type HostPower, hostPowerOf } from './settings.ts';

export interface PlaceOfRank {
  readonly rank: number;
  /** The machine: the same word for all pages of it, as far as they know. */
  readonly host: string;
  readonly clues: GpuClues;
  /** Of the machine's processor, where they are known. */
  readonly threads?: number;
}

export interface Machines {
  readonly cards: readonly MeteredCard[];
  readonly hosts: ReadonlyMap<string, HostPower>;
  /** Card of every rank. */
  readonly cardOf: ReadonlyMap<number, string>;
  /** Of every card that was recognised, what is to be known of that. */
  readonly notes: readonly string[];
}

/** What tells two adapters of a machine apart. Two equal cards cannot be told apart: they count as one. */
export function cardId(host: string, { vendor, architecture, device, description }: GpuClues): string {
  return [host, vendor, architecture, device, description].map(word => word ?? '').join('|');
}

/**
 * @param own the machine that the settings were made for; other machines are what they are recognised as
 */
export function machinesOf(
  places: readonly PlaceOfRank[],
  settings: EnergySettings,
  own: string = places[0].host,
): Machines {
  const cards = new Map<string, MeteredCard>();
  const hosts = new Map<string, HostPower>();
  const cardOf = new Map<number, string>();
  const notes: string[] = [];
  for (const { rank, host, clues, threads } of places) {
    const id = cardId(host, clues);
    cardOf.set(rank, id);
    if (cards.has(id)) continue;
    const found = recognise(clues);
    const gpu = host === own ? gpuPowerOf(found, settings.gpu, threads) : powerOf(found, threads);
    notes.push(...found.notes);
    cards.set(id, { id, host, gpu });
    if (hosts.has(host)) continue;
    const said = host === own ? settings : { ...settings, hostWatts: undefined };
    hosts.set(host, hostPowerOf(gpu, said, clues.hasBattery));
  }
  return { cards: [...cards.values()], hosts, cardOf, notes };
}
