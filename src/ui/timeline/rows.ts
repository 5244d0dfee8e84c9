/** The rows of the picture, from the top: cards, ranks, links, and the strips of the path; and what lies under a point of it. */
import type { RankCard } from '../../crew/cards.ts';
import type { CardLane, LinkLane, RankLane } from '../../show/lanes.ts';
import type { PathStrip } from '../../show/path-strip.ts';
import type { LaneSpan } from '../../show/pieces.ts';
import { firstAfter } from '../../show/turns.ts';
import type { StepReading } from './reading.ts';
import { cardName } from './words.ts';

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
}

/** Height of the axis above the rows, and of each kind of row, in px. */
export const axisHeight = 20;
const heights = { card: 20, rank: 26, link: 12, path: 18 } as const;
const gap = 5;

/** Of a rank's row: the part at its foot where what is sent meanwhile is drawn. */
export const sendsHeight = 5;

/** @param only on a narrow screen: the strips first, and of the lanes that of this rank */
export function rowsOf({ reading, cards, pinned, predicted }: Shown, only?: number): Row[] {
  const { lanes, strip } = reading;
  const rows: Row[] = [];
  let top = axisHeight;
  const place = (kind: Row['kind'], label: string): Place => {
    const own = { label, top, height: heights[kind] };
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
      if (strip) rows.push({ kind: 'path', ...place('path', label), strip });
    }
  };
  if (only !== undefined) addStrips();
  if (only === undefined) {
    for (const lane of lanes.cards)
      rows.push({ kind: 'card', ...place('card', cardName(lane, cards)), lane });
  }
  for (const lane of lanes.ranks) {
    if (only === undefined || lane.rank === only)
      rows.push({ kind: 'rank', ...place('rank', `rank ${lane.rank}`), lane });
  }
  if (only === undefined) {
    for (const lane of lanes.links) {
      rows.push({ kind: 'link', ...place('link', `link ${lane.ranks.join(' ⇄ ')}`), lane });
    }
    addStrips();
  }
  return rows;
}

/** Only who has the card, and the strip: for the foot of the first view. */
export function compactRows({ reading, cards }: Shown): Row[] {
  const { lanes, strip } = reading;
  const height = 16;
  const own = lanes.cards.map(
    (lane, i): Row => ({
      ...{ kind: 'card', label: cardName(lane, cards), top: i * (height + 3), height, lane },
    }),
  );
  const top = own.length * (height + 3);
  return [...own, { kind: 'path', label: 'path', top, height, strip }];
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
