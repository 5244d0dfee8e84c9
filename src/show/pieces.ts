/**
 * Where the time of one rank goes in a step, piece after piece: its spans on the device, with the share of the card that
 * is its own; between them an exchange that is waited for, the batch, the card while others have it; and the rest, that
 * nothing recorded explains. Each is told only where none before it is.
 */
import type { Span } from '../plan/trace.ts';
import { firstAfter, type Interval, type Turn } from './turns.ts';

/** What a rank's time goes to, in the order in which it is told; `rest`: nothing that was recorded. */
export const pieceKinds = ['work', 'card', 'exchange', 'data', 'rest'] as const;
export type PieceKind = (typeof pieceKinds)[number];

/** A span as it was recorded; its times count from the beginning of the step. */
export interface LaneSpan extends Span {
  readonly rank: number;
  readonly plan: string;
  /** Which of the passes of its rank, from 0. */
  readonly pass: number;
  /** Of a link: number of the exchange, the same on all peers; undefined where the plan is not known. */
  readonly exchange?: number;
}

export interface Piece extends Interval {
  readonly kind: PieceKind;
  /** Of work: the part of it that is the rank's own, estimated; what is left of 1 is waiting for the card. Else 0. */
  readonly share: number;
  /** What was recorded then. */
  readonly span?: LaneSpan;
}

/**
 * @param spans of the rank, in order of time
 * @param turns of its card
 * @returns from 0 to `wallMs`, without gaps and overlaps
 */
export function piecesOf(
  spans: readonly LaneSpan[],
  turns: readonly Turn[],
  rank: number,
  wallMs: number,
): Piece[] {
  const worked = workOf(
    spans.filter(({ lane }) => lane === 'device'),
    turns,
    rank,
  );
  const exchanged = filled(worked, kindOf('exchange', spans));
  const loaded = filled(exchanged, kindOf('data', spans));
  const first = spans[0].begun;
  const last = spans.reduce((most, { ended }) => Math.max(most, ended), first);
  // Before its first span and after its last one a rank waits for nothing.
  const others = turns.flatMap((turn): Piece[] => {
    const [begun, ended] = [Math.max(first, turn.begun), Math.min(last, turn.ended)];
    return ended > begun ? [{ begun, ended, kind: 'card', share: 0 }] : [];
  });
  return filled(filled(loaded, others), [{ begun: 0, ended: wallMs, kind: 'rest', share: 0 }]);
}

function kindOf(kind: 'exchange' | 'data', spans: readonly LaneSpan[]): Piece[] {
  const own = spans.filter(({ lane, exposed }) => (kind === 'data' ? lane === 'data' : exposed === true));
  return own.map(span => ({ begun: span.begun, ended: span.ended, kind, share: 0, span }));
}

/** Spans of the device, cut where others come to the card and leave it. */
function workOf(device: readonly LaneSpan[], turns: readonly Turn[], rank: number): Piece[] {
  const pieces: Piece[] = [];
  let reached = 0;
  for (const span of device) {
    reached = Math.max(reached, span.begun);
    for (let i = firstAfter(turns, reached); i < turns.length && turns[i].begun < span.ended; i++) {
      const { ranks } = turns[i];
      if (!ranks.includes(rank)) continue;
      const [begun, ended] = [Math.max(reached, turns[i].begun), Math.min(span.ended, turns[i].ended)];
      if (ended > begun) pieces.push({ begun, ended, kind: 'work', share: 1 / ranks.length, span });
      reached = Math.max(reached, ended);
    }
  }
  return pieces;
}

/**
 * @param pieces in order of time, without overlaps
 * @param others in order of their beginnings; where they overlap, the first counts
 * @returns the pieces, and what of the others lies between them
 */
function filled(pieces: readonly Piece[], others: readonly Piece[]): Piece[] {
  const all: Piece[] = [];
  let reached = Number.NEGATIVE_INFINITY;
  let next = 0;
  const takeUpTo = (end: number) => {
    for (; next < others.length && others[next].begun < end; next++) {
      const other = others[next];
      const [begun, ended] = [Math.max(reached, other.begun), Math.min(end, other.ended)];
      if (ended > begun) {
        all.push({ ...other, begun, ended });
        reached = ended;
      }
      // What reaches past the piece goes on behind it.
      if (other.ended > end) return;
    }
  };
  for (const piece of pieces) {
    takeUpTo(piece.begun);
    all.push(piece);
    reached = Math.max(reached, piece.ended);
  }
  takeUpTo(Number.POSITIVE_INFINITY);
  return all;
}

/** Milliseconds by kind: they add up to the whole. */
export type TimeSums = Readonly<Record<PieceKind, number>>;

/** What the pieces take, by kind: of work, what is not the rank's own share is waiting for the card. */
export function sumsOf(pieces: readonly Piece[]): TimeSums {
  const sums = { work: 0, card: 0, exchange: 0, data: 0, rest: 0 };
  for (const { begun, ended, kind, share } of pieces) {
    const ms = ended - begun;
    if (kind === 'work') {
      sums.work += ms * share;
      sums.card += ms * (1 - share);
    } else {
      sums[kind] += ms;
    }
  }
  return sums;
}
