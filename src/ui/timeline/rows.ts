/** The rows of the picture, from the top: cards, ranks, links, and the strips of the path; and what lies under a point of it. */
import type { RankCard } from '../../crew/cards.ts';
import type { CardLane, LinkLane, RankLane } from '../../show/lanes.ts';
import type { PathStrip } from '../../show/path-strip.ts';
import type { LaneSpan } from '../../show/pieces.ts';
import { firstAfter } from '../../show/turns.ts';
import type { StepReading } from './reading.ts';
import { cardName, ownRankName } from './words.ts';

interface Place {
  readonly label: string;
  readonly top: number;
  readonly height: number;
}

export type CardRow = Place & { readonly kind: 'card'; readonly lane: CardLane };
export type RankRow = Place & { readonly kind: 'rank'; readonly lane: RankLane };
export type LinkRow = Place & { readonly kind: 'link'; readonly lane: LinkLane };
export type PathRow = Place & { readonly kind: 'path'; readonly strip: PathStrip };
export type Row = CardRow | RankRow | LinkRow | PathRow;

export interface Shown {
  readonly reading: StepReading;
  readonly cards: readonly RankCard[];
  readonly pinned?: StepReading;
  readonly predicted?: StepReading;
  /** The rank of this page, where it is one among others: its lane comes first. */
  readonly own?: number;
}

/** Height of the axis above the rows, and of each kind of row, in px. */
export const axisHeight = 20;
const heights = { rank: 26, link: 12, path: 18 } as const;
/** Of a card's row: each rank has a stripe, high enough for its number. */
const cardHeight = ({ ranks }: CardLane) => Math.max(16, Math.min(48, 9 * ranks.length));
const gap = 5;

/** Of a rank's row: the part at its foot where what is sent meanwhile is drawn. */
export const sendsHeight = 5;

/** @param only on a narrow screen: the strips first, and of the lanes that of this rank */
export function rowsOf({ reading, cards, pinned, predicted, own }: Shown, only?: number): Row[] {
  const { lanes, strip } = reading;
  const rows: Row[] = [];
  let top = axisHeight;
  const place = (height: number, label: string): Place => {
    const own = { label, top, height };
    top += own.height + gap;
    return own;
  };
  const strips: [string, PathStrip | undefined][] = [
    ['path', strip],
    [`pinned ${pinned?.lanes.step ?? ''}`, pinned?.strip],
    ['predicted', predicted?.strip],
  ];
  const addStrips = () => {
    for (const [label, strip] of strips) {
      if (strip) rows.push({ kind: 'path', ...place(heights.path, label), strip });
    }
  };
  if (only !== undefined) addStrips();
  if (only === undefined) {
    for (const lane of lanes.cards)
      rows.push({ kind: 'card', ...place(cardHeight(lane), cardName(lane, cards)), lane });
  }
  const isOwn = ({ rank }: RankLane) => rank === own;
  for (const lane of lanes.ranks.toSorted((a, b) => Number(isOwn(b)) - Number(isOwn(a)))) {
    if (only !== undefined && lane.rank !== only) continue;
    const label = isOwn(lane) ? ownRankName(lane.rank) : `rank ${lane.rank}`;
    rows.push({ kind: 'rank', ...place(heights.rank, label), lane });
  }
  if (only === undefined) {
    for (const lane of lanes.links) {
      rows.push({ kind: 'link', ...place(heights.link, `link ${lane.ranks.join(' ⇄ ')}`), lane });
    }
    addStrips();
  }
  return rows;
}

/**
 * Only who has the card, and the strip: for the foot of the first view.
 * @param isNarrow there is no room for the cards' names
 */
export function compactRows({ reading, cards }: Shown, isNarrow: boolean): Row[] {
  const { lanes, strip } = reading;
  const rows: Row[] = [];
  let top = 0;
  for (const lane of lanes.cards) {
    const height = cardHeight(lane);
    rows.push({ kind: 'card', label: isNarrow ? 'card' : cardName(lane, cards), top, height, lane });
    top += height + 3;
  }
  return [...rows, { kind: 'path', label: 'path', top, height: 16, strip }];
}

export const heightOf = (rows: readonly Row[]) => {
  const last = rows.at(-1);
  return last ? last.top + last.height + 2 : axisHeight;
};

export const rowAt = (rows: readonly Row[], y: number) =>
  rows.find(({ top, height }) => y >= top - gap / 2 && y < top + height + gap / 2);

/** Spans of a row that can be gone through one by one, in order of time. */
export function spansIn(row: Row): readonly LaneSpan[] {
  if (row.kind === 'rank' || row.kind === 'link') return row.lane.spans;
  if (row.kind === 'path') return row.strip.pieces.flatMap(({ span }) => span ?? []);
  return [];
}

/** Whose stripe of a card's row it is: the first rank's is the uppermost. */
export function rankAt(row: Row, at: number, y: number): number | undefined {
  if (row.kind !== 'card') return undefined;
  const turn = row.lane.turns.at(firstAfter(row.lane.turns, at));
  if (!turn || turn.begun > at) return undefined;
  const stripe = Math.floor(((y - row.top) * turn.ranks.length) / row.height);
  return turn.ranks.at(Math.max(0, Math.min(stripe, turn.ranks.length - 1)));
}

/** @param y in the picture, which tells a rank's work from what it sends meanwhile */
export function spanAt(row: Row, at: number, y: number): LaneSpan | undefined {
  const holds = ({ begun, ended }: LaneSpan) => begun <= at && at < ended;
  if (row.kind === 'link') return row.lane.spans.findLast(holds);
  if (row.kind === 'rank') {
    const isFoot = y > row.top + row.height - sendsHeight;
    const hidden = isFoot ? row.lane.hidden.findLast(holds) : undefined;
    if (hidden) return hidden;
  }
  const pieces = row.kind === 'rank' ? row.lane.pieces : row.kind === 'path' ? row.strip.pieces : [];
  return pieces.at(firstAfter(pieces, at))?.span;
}
