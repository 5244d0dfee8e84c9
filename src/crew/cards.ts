/**
 * Which ranks compute on one graphics card, as far as a page can know: those of one page do, and so do tabs of one
 * browser. Of pages that came another way nobody says which machine they are on; each is taken to have a card of its own.
 */
import type { RankPlace } from '../mesh/mesh.ts';
import type { Member, RoomKind, Seat } from './api.ts';

export interface RankCard {
  readonly rank: number;
  /** The same for ranks that share a card. */
  readonly card: string;
  /** For people. */
  readonly name: string;
  /** Whether it is certain that the ranks of other cards are on other cards. */
  readonly certain: boolean;
}

/**
 * @param seats of all ranks; of one rank alone there may be none
 * @param room the kind of the open room; undefined where none is open
 */
export function cardsOf(
  seats: readonly (RankPlace & Pick<Seat, 'member'>)[],
  members: readonly Pick<Member, 'id' | 'host' | 'name'>[],
  room?: RoomKind,
): RankCard[] {
  const ofTabs = room === 'tabs';
  const pages = new Set(seats.map(({ member }) => member));
  return seats.map(({ rank, member }) => {
    const page = members.find(({ id }) => id === member);
    const name = ofTabs && pages.size > 1 ? 'card of this browser' : `card of ${pageName(page)}`;
    return { rank, card: ofTabs ? 'this browser' : member, name, certain: ofTabs || pages.size === 1 };
  });
}

const pageName = (page: Pick<Member, 'host' | 'name'> | undefined) =>
  page === undefined ? 'a page that left' : page.host ? 'this page' : page.name;
