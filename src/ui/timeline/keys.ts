/** What keys do on the lanes, and which span is next. */
import type { LaneSpan } from '../../show/pieces.ts';
import { type Row, spansIn } from './rows.ts';

export type Action =
  /** To the span before or after. */
  | { readonly kind: 'span'; readonly by: number }
  | { readonly kind: 'lane'; readonly by: number }
  | { readonly kind: 'zoom'; readonly factor: number }
  /** To the sampled step before or after. */
  | { readonly kind: 'step'; readonly by: number }
  | { readonly kind: 'whole' | 'open' | 'leave' };

const actions: Readonly<Record<string, Action>> = {
  ArrowLeft: { kind: 'span', by: -1 },
  ArrowRight: { kind: 'span', by: 1 },
  ArrowUp: { kind: 'lane', by: -1 },
  ArrowDown: { kind: 'lane', by: 1 },
  '+': { kind: 'zoom', factor: 1 / 2 },
  '=': { kind: 'zoom', factor: 1 / 2 },
  '-': { kind: 'zoom', factor: 2 },
  '[': { kind: 'step', by: -1 },
  ']': { kind: 'step', by: 1 },
  '0': { kind: 'whole' },
  Enter: { kind: 'open' },
  Escape: { kind: 'leave' },
};

export const actionOf = (key: string): Action | undefined => actions[key];

/** @param at where to begin, in ms, as long as none of the spans is the current one */
export function neighbour(
  spans: readonly LaneSpan[],
  current: LaneSpan | undefined,
  at: number,
  by: number,
): LaneSpan | undefined {
  const index = current ? spans.indexOf(current) : -1;
  return index < 0 ? nearest(spans, at) : spans.at(Math.max(0, Math.min(spans.length - 1, index + by)));
}

/** The next row that has spans, and of these the one that is nearest in time. */
export function nextLane(rows: readonly Row[], from: number, by: number, at: number) {
  for (let row = from + by; row >= 0 && row < rows.length; row += by) {
    const span = nearest(spansIn(rows[row]), at);
    if (span) return { row, span };
  }
  return undefined;
}

export const nearest = (spans: readonly LaneSpan[], at: number): LaneSpan | undefined =>
  spans.length === 0
    ? undefined
    : spans.reduce((best, span) => (distance(span, at) < distance(best, at) ? span : best));

const distance = ({ begun, ended }: LaneSpan, at: number) => Math.max(begun - at, at - ended, 0);
