/**
 * The cards and machines of a run, from where its ranks compute. Ranks with the same host and adapter are on one card:
 * it takes power once, whoever uses it.
 */
import { type GpuPower, powerOf } from './gpu-power.ts';
import type { MeteredCard } from './meter.ts';
import { type GpuClues, type Recognised, recognise } from './recognise.ts';
import { type EnergySettings, gpuPowerOf, type HostPower, hostPowerOf } from './settings.ts';
import type { SaidPower } from './told-machine.ts';

export interface PlaceOfRank {
  readonly rank: number;
  /** The machine: the same word for all pages of it, as far as they know. */
  readonly host: string;
  readonly clues: GpuClues;
  /** Of the machine's processor, where they are known. */
  readonly threads?: number;
  /** Of the page, for people; absent of the own one. */
  readonly name?: string;
  /** What the page says of the power of its machine; absent of the own one, of which the settings say it. */
  readonly said?: SaidPower;
}

export interface Machines {
  readonly cards: readonly MeteredCard[];
  readonly hosts: ReadonlyMap<string, HostPower>;
  /** Card of every rank. */
  readonly cardOf: ReadonlyMap<number, string>;
  /** What other machines than the own are called, for people: by the names of their pages. */
  readonly names: ReadonlyMap<string, string>;
  /** Share of a machine's processor that is in use at most, where its page says so. */
  readonly processors: ReadonlyMap<string, number>;
  /** Of every card that was recognised, what is to be known of that. */
  readonly notes: readonly string[];
}

/** What tells two adapters of a machine apart. Two equal cards cannot be told apart: they count as one. */
export function cardId(host: string, { vendor, architecture, device, description }: GpuClues): string {
  return [host, vendor, architecture, device, description].map(word => word ?? '').join('|');
}

/**
 * @param places the first is of the machine and the card that the settings were made for; other machines are what their pages
 *   say, or what they are recognised as. Of pages of one machine the first that says anything of it counts.
 * @throws RangeError where the settings make no sense; what another page says that makes none is left out, and noted
 */
export function machinesOf(places: readonly PlaceOfRank[], settings: EnergySettings): Machines {
  const [{ host: own, clues: ownClues }] = places;
  const ownCard = cardId(own, ownClues);
  const cards = new Map<string, MeteredCard>();
  const hosts = new Map<string, HostPower>();
  const processors = new Map<string, number>();
  const notes: string[] = [];
  const cardOf = new Map(places.map(({ rank, host, clues }) => [rank, cardId(host, clues)]));
  const names = namesOf(places.filter(({ host }) => host !== own));
  for (const { rank, host, clues: seen, threads: seenThreads } of places) {
    const id = cardOf.get(rank) ?? '';
    if (cards.has(id)) continue;
    const ofCard = places.find(place => place.said && cardOf.get(place.rank) === id)?.said;
    const ofHost = ofCard ?? places.find(place => place.said && place.host === host)?.said;
    const clues: GpuClues = {
      ...seen,
      renderer: seen.renderer ?? ofCard?.renderer,
      hasBattery: seen.hasBattery ?? ofHost?.hasBattery,
    };
    const threads = seenThreads ?? ofHost?.threads;
    const found = recognise(clues);
    const name = names.get(host);
    const note = (text: string) => notes.push(name === undefined ? text : `${name}: ${text}`);
    const gpu =
      id === ownCard
        ? gpuPowerOf(found, settings.gpu, threads)
        : ofCard && host !== own
          ? saidPower(found, ofCard, threads, note)
          : powerOf(found, threads);
    found.notes.forEach(note);
    cards.set(id, { id, host, gpu });
    if (hosts.has(host)) continue;
    const rest = host === own ? settings : { ...settings, hostWatts: ofHost?.hostWatts };
    hosts.set(host, hostPowerOf(gpu, rest, clues.hasBattery));
    if (ofHost?.processor !== undefined) processors.set(host, ofHost.processor);
  }
  return { cards: [...cards.values()], hosts, cardOf, names, processors, notes };
}

/** All pages of a machine, by its host. */
function namesOf(places: readonly PlaceOfRank[]): Map<string, string> {
  const names = new Map<string, Set<string>>();
  for (const { host, name = 'another machine' } of places) {
    names.set(host, (names.get(host) ?? new Set()).add(name));
  }
  return new Map([...names].map(([host, all]) => [host, [...all].join(', ')]));
}

/** As another page says it, as far as it makes sense. */
function saidPower(
  found: Recognised,
  { gpu }: SaidPower,
  threads: number | undefined,
  note: (text: string) => void,
): GpuPower {
  try {
    return gpuPowerOf(found, gpu, threads);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    note(`what its page says of its power is left out. ${error.message}`);
    return powerOf(found, threads);
  }
}
