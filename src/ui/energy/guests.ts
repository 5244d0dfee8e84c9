/** Where ranks compute that are with guests, and by what the power there is known: what their pages have told of their machines. */
import type { Crew, Member } from '../../crew/api.ts';
import { onOneMachine, type RankCard } from '../../crew/cards.ts';
import type { PlaceOfRank } from '../../energy/machines.ts';

/** As the host of ranks of this machine. */
export const thisMachine = 'this machine';

/** What a page has told of its machine that cannot be, and why. */
export interface ToldFault {
  readonly name: string;
  readonly fault: string;
}

export interface Guests {
  /** Ranks that are in other pages. Of one on this machine, as far as is known, the host is `thisMachine`. */
  readonly places: readonly PlaceOfRank[];
  readonly faults: readonly ToldFault[];
}

/**
 * Where a rank of another page computes, and by what its power is known.
 *
 * @param isHere whether that page is known to be on this machine
 */
export function placeOfGuest(
  rank: number,
  { id, name, adapter, machine }: Pick<Member, 'id' | 'name' | 'adapter' | 'machine'>,
  isHere: boolean,
): PlaceOfRank {
  if (isHere) return { rank, host: thisMachine, clues: adapter };
  return { rank, host: machine?.mark ?? id, clues: adapter, name, said: machine?.power };
}

/** @param cards of all ranks, rank 0 in this page */
export function guestsOf(
  { seats, members }: Pick<Crew, 'seats' | 'members'>,
  cards: readonly RankCard[],
): Guests {
  const all = members();
  const host = all.find(member => member.host);
  const cardOf = (wanted: number) => cards.find(({ rank }) => rank === wanted)?.card;
  const places = seats().flatMap(({ rank, member }): PlaceOfRank[] => {
    const page = all.find(({ id }) => id === member);
    if (!page || page.host) return [];
    const isOnItsCard = cardOf(0) !== undefined && cardOf(rank) === cardOf(0);
    return [placeOfGuest(rank, page, isOnItsCard || onOneMachine(page, host))];
  });
  const faults = all.flatMap(({ name, machineFault }) =>
    machineFault === undefined ? [] : [{ name, fault: machineFault }],
  );
  return { places, faults };
}
