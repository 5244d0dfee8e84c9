/**
 * Which ranks compute on one graphics card, as far as a page can know: those of one page do, those of tabs of one browser, and
 * those of pages with the mark of one machine whose adapters are the same. Of other pages nobody says which machine they are
 * on; each is taken to have a card of its own.
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

type Page = Pick<Member, 'id' | 'host' | 'name'> & Partial<Pick<Member, 'machine' | 'adapter'>>;

/**
 * @param seats of all ranks; of one rank alone there may be none
 * @param room the kind of the open room; undefined where none is open
 */
export function cardsOf(
  seats: readonly (RankPlace & Pick<Seat, 'member'>)[],
  members: readonly Page[],
  room?: RoomKind,
): RankCard[] {
  const ofTabs = room === 'tabs';
  const cardOf = (member: string) => (ofTabs ? 'this browser' : firstOnCard(member, members));
  const pagesOf = new Map<string, Set<string>>();
  for (const { member } of seats) {
    const card = cardOf(member);
    pagesOf.set(card, (pagesOf.get(card) ?? new Set()).add(member));
  }
  return seats.map(({ rank, member }) => {
    const card = cardOf(member);
    const pages = [...(pagesOf.get(card) ?? [])].map(id => members.find(page => page.id === id));
    const isOwn = ofTabs || pages.some(page => page?.host);
    const name =
      isOwn && pages.length > 1 ? 'card of this browser' : `card of ${pages.map(pageName).join(', ')}`;
    return { rank, card, name, certain: pagesOf.size === 1 };
  });
}

/** Whether two pages are known to be on one machine. */
export const onOneMachine = (
  a: Pick<Page, 'machine'> | undefined,
  b: Pick<Page, 'machine'> | undefined,
): boolean => a?.machine?.mark !== undefined && a.machine.mark === b?.machine?.mark;

/** The first of the members that compute on the same card, by its id; the host before all others. */
function firstOnCard(id: string, members: readonly Page[]): string {
  const page = members.find(member => member.id === id);
  return members.find(member => onOneMachine(member, page) && sameAdapter(member, page))?.id ?? id;
}

/** As far as browsers tell adapters apart. */
const sameAdapter = (a: Page, b: Page | undefined) =>
  a.adapter?.vendor === b?.adapter?.vendor &&
  a.adapter?.architecture === b?.adapter?.architecture &&
  a.adapter?.description === b?.adapter?.description;

const pageName = (page: Page | undefined) =>
  page === undefined ? 'a page that left' : page.host ? 'this page' : page.name;
