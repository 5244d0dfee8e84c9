/** What spans and the cursor's ids have to do with each other: a span that is pointed at is named for all views, and back. */
import type { StepLanes } from '../../show/lanes.ts';
import type { LaneSpan } from '../../show/pieces.ts';
import type { ThingId } from '../cursor.ts';
import { type Row, rankAt, spanAt } from './rows.ts';

/** Of an exchange its number; of work its rank, its first plan step, and its layer. */
export function idsOf(span: LaneSpan, { stepsOf }: StepLanes): ThingId[] {
  if (span.lane === 'data') return [`r:${span.rank}`];
  if (span.exchange !== undefined) return [`x:${span.exchange}`];
  const layer = stepsOf(span.plan)?.at(span.from)?.provenance.layer;
  return [`r:${span.rank}`, `s:${span.from}`, ...(layer ? [`l:${layer}` as const] : [])];
}

/** Of what lies under a point of a row: a span, or whose stripe of a card it is. */
export function idsAt(row: Row, at: number, y: number, lanes: StepLanes): ThingId[] {
  const span = spanAt(row, at, y);
  if (span) return idsOf(span, lanes);
  const rank = rankAt(row, at, y);
  return rank === undefined ? [] : [`r:${rank}`];
}

/** The span itself, and of an exchange all that belong to it, on all ranks. */
export function partnersOf(span: LaneSpan, { ranks }: StepLanes): LaneSpan[] {
  if (span.exchange === undefined) return [span];
  const { exchange, pass } = span;
  return ranks.flatMap(({ spans }) =>
    spans.filter(other => other.exchange === exchange && other.pass === pass),
  );
}

/** The spans that ids name, where something else is pointed at: steps on the rank that is named with them, or on all. */
export function spansNamed(ids: readonly ThingId[], { ranks, stepsOf }: StepLanes): LaneSpan[] {
  const valuesOf = (kind: string) => ids.filter(id => id.startsWith(kind)).map(id => id.slice(2));
  const [exchanges, steps, layers] = [valuesOf('x:'), valuesOf('s:').map(Number), valuesOf('l:')];
  if (exchanges.length + steps.length + layers.length === 0) return [];
  const named = ranksNamed(ids);
  const isNamed = (span: LaneSpan) => {
    if (span.exchange !== undefined) return exchanges.includes(String(span.exchange));
    if (span.lane !== 'device' || (named.size > 0 && !named.has(span.rank))) return false;
    if (steps.some(step => span.from <= step && step < span.to)) return true;
    const layer = steps.length > 0 ? undefined : stepsOf(span.plan)?.at(span.from)?.provenance.layer;
    return layer !== undefined && layers.includes(layer);
  };
  return ranks.flatMap(({ spans }) => spans.filter(isNamed));
}

export const ranksNamed = (ids: readonly ThingId[]): ReadonlySet<number> =>
  new Set(ids.filter(id => id.startsWith('r:')).map(id => Number(id.slice(2))));
