/**
 * One sampled step as lanes: for every card whose turn it is, for every rank where its time goes, for every link what is
 * under way. Read off the traces of all ranks and passes; what the card that ranks share is given to is estimated, see `turns`.
 */
import type { PlanStep } from '../plan/plan.ts';
import { coveredMs, type Span, type StepTrace } from '../plan/trace.ts';
import { type LaneSpan, type Piece, piecesOf, sumsOf, type TimeSums } from './pieces.ts';
import { firstAfter, type Turn, turnsOf } from './turns.ts';

export interface CardLane {
  readonly card: string;
  /** The ranks that compute on it. */
  readonly ranks: readonly number[];
  readonly turns: readonly Turn[];
  /** While it had work of any rank. */
  readonly busyMs: number;
}

export interface RankLane {
  readonly rank: number;
  readonly card: string;
  /** All that was recorded, in order of time. */
  readonly spans: readonly LaneSpan[];
  /** From the beginning to the end of the step, without gaps. */
  readonly pieces: readonly Piece[];
  /** Exchanges, or parts of them, that were under way while the rank did not wait for one. */
  readonly hidden: readonly LaneSpan[];
  readonly sums: TimeSums;
  /** How long at least one was. */
  readonly hiddenMs: number;
}

export interface LinkLane {
  /** The lower one first. */
  readonly ranks: readonly [number, number];
  readonly spans: readonly LaneSpan[];
  readonly busyMs: number;
}

export interface StepLanes {
  readonly step: number;
  /** Milliseconds since the run's origin. */
  readonly begun: number;
  readonly wallMs: number;
  /** Shorter spans than this, in ms, cannot be told apart. */
  readonly resolution: number;
  /** How far the clocks of two ranks may be apart, in ms. */
  readonly uncertainty: number;
  readonly cards: readonly CardLane[];
  readonly ranks: readonly RankLane[];
  readonly links: readonly LinkLane[];
  readonly stepsOf: StepsOf;
}

/** The steps of the plan with a hash; undefined where it is not known. */
export type StepsOf = (plan: string) => readonly PlanStep[] | undefined;

/**
 * @param traces of one step: of all ranks and passes
 * @param cardOf which card a rank is on: the same text for ranks that share one. By default each has its own.
 * @returns undefined where nothing was recorded
 */
export function lanesOf(
  traces: readonly StepTrace[],
  stepsOf: StepsOf,
  cardOf: (rank: number) => string = String,
): StepLanes | undefined {
  const all = traces.flatMap(({ spans }) => spans);
  if (all.length === 0) return undefined;
  const begun = all.reduce((least, span) => Math.min(least, span.begun), Number.POSITIVE_INFINITY);
  const wallMs = all.reduce((most, span) => Math.max(most, span.ended), begun) - begun;
  const spansBy = new Map<number, LaneSpan[]>();
  const passes = new Map<number, number>();
  for (const { rank, plan, spans } of traces) {
    const pass = passes.get(rank) ?? 0;
    passes.set(rank, pass + 1);
    const steps = stepsOf(plan);
    const own = spansBy.get(rank) ?? [];
    for (const span of spans) own.push(laneSpan(span, { rank, plan, pass, begun, steps }));
    spansBy.set(rank, own);
  }
  const ranks = [...spansBy.keys()].sort((a, b) => a - b);
  for (const spans of spansBy.values()) spans.sort((a, b) => a.begun - b.begun || a.ended - b.ended);
  const cards = [...new Set(ranks.map(cardOf))].map(card =>
    cardLane(
      card,
      ranks.filter(rank => cardOf(rank) === card),
      spansBy,
    ),
  );
  const turnsOn = new Map(cards.map(({ card, turns }) => [card, turns]));
  return {
    step: traces[0].step,
    begun,
    wallMs,
    resolution: Math.max(...traces.map(({ resolution }) => resolution)),
    uncertainty: Math.max(...traces.map(({ uncertainty = 0 }) => uncertainty)),
    cards,
    ranks: ranks.map(rank => {
      const card = cardOf(rank);
      return rankLane(rank, card, spansBy.get(rank)!, turnsOn.get(card)!, wallMs);
    }),
    links: linkLanes(spansBy),
    stepsOf,
  };
}

interface From {
  readonly rank: number;
  readonly plan: string;
  readonly pass: number;
  readonly begun: number;
  readonly steps: readonly PlanStep[] | undefined;
}

function laneSpan(span: Span, { rank, plan, pass, begun, steps }: From): LaneSpan {
  const step = span.lane === 'link' ? steps?.at(span.from) : undefined;
  const exchange = step && step.kind !== 'dispatch' ? { exchange: step.exchange } : {};
  return { ...span, rank, plan, pass, ...exchange, begun: span.begun - begun, ended: span.ended - begun };
}

const isDevice = ({ lane }: Span) => lane === 'device';

function cardLane(
  card: string,
  ranks: readonly number[],
  spansBy: ReadonlyMap<number, readonly LaneSpan[]>,
): CardLane {
  const turns = turnsOf(new Map(ranks.map(rank => [rank, spansBy.get(rank)!.filter(isDevice)])));
  return { card, ranks, turns, busyMs: turns.reduce((sum, turn) => sum + turn.ended - turn.begun, 0) };
}

function rankLane(
  rank: number,
  card: string,
  spans: readonly LaneSpan[],
  turns: readonly Turn[],
  wallMs: number,
): RankLane {
  const pieces = piecesOf(spans, turns, rank, wallMs);
  const hidden = hiddenOf(spans, pieces);
  return { rank, card, spans, pieces, hidden, sums: sumsOf(pieces), hiddenMs: coveredMs(hidden) };
}

/** What is on its way while its rank waits for an exchange hides nothing: it is cut out. */
function hiddenOf(spans: readonly LaneSpan[], pieces: readonly Piece[]): LaneSpan[] {
  const waits = pieces.filter(({ kind }) => kind === 'exchange');
  return spans.flatMap((span): LaneSpan[] => {
    if (span.lane !== 'link' || span.exposed) return [];
    const parts: LaneSpan[] = [];
    let { begun } = span;
    for (let i = firstAfter(waits, begun); i < waits.length && waits[i].begun < span.ended; i++) {
      if (waits[i].begun > begun) parts.push({ ...span, begun, ended: waits[i].begun });
      begun = waits[i].ended;
    }
    return begun < span.ended ? [...parts, { ...span, begun }] : parts;
  });
}

function linkLanes(spansBy: ReadonlyMap<number, readonly LaneSpan[]>): LinkLane[] {
  const links = new Map<string, { ranks: [number, number]; spans: LaneSpan[] }>();
  for (const span of [...spansBy.values()].flat()) {
    if (span.peer === undefined) continue;
    const ranks: [number, number] = [Math.min(span.rank, span.peer), Math.max(span.rank, span.peer)];
    const link = links.get(`${ranks}`) ?? { ranks, spans: [] };
    link.spans.push(span);
    links.set(`${ranks}`, link);
  }
  return [...links.values()]
    .map(({ ranks, spans }) => {
      const sorted = spans.sort((a, b) => a.begun - b.begun || a.ended - b.ended);
      return { ranks, spans: sorted, busyMs: coveredMs(sorted) };
    })
    .sort((a, b) => a.ranks[0] - b.ranks[0] || a.ranks[1] - b.ranks[1]);
}
