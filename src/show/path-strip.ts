/**
 * Where the time of a step went, as one strip: from its end back to its beginning along what had to be waited for. Where
 * a rank waits for an exchange, the strip goes on with the peer that was last to send. Its pieces follow each other
 * without gaps, so they add up to the wall time of the step, and what nothing recorded explains stands in it as the rest.
 */
import type { RankLane, StepLanes } from './lanes.ts';
import { type LaneSpan, type Piece, type PieceKind, pieceKinds, sumsOf, type TimeSums } from './pieces.ts';
import { firstAfter } from './turns.ts';

export interface PathPiece extends Piece {
  /** On which rank. */
  readonly rank: number;
}

export interface PathStrip {
  readonly wallMs: number;
  /** In order of time. */
  readonly pieces: readonly PathPiece[];
  readonly sums: TimeSums;
  /** What most of the time goes to. */
  readonly bound: PieceKind;
}

export function pathStrip(lanes: StepLanes): PathStrip {
  const { wallMs, ranks } = lanes;
  const laneOf = new Map(ranks.map(lane => [lane.rank, lane]));
  const sending = senders(lanes);
  const pieces: PathPiece[] = [];
  let lane = ranks.reduce((latest, other) => (endOf(other) > endOf(latest) ? other : latest));
  let at = wallMs;
  while (at > 0) {
    const piece = pieceBefore(lane, at);
    if (!piece) break;
    const cause = piece.kind === 'exchange' ? sending(lane, at) : undefined;
    const peer = cause && cause.sent > piece.begun && cause.sent < at ? laneOf.get(cause.rank) : undefined;
    const begun = peer && cause ? cause.sent : Math.max(0, piece.begun);
    pieces.push({ ...piece, begun, ended: at, rank: lane.rank });
    lane = peer ?? lane;
    at = begun;
  }
  pieces.reverse();
  const sums = sumsOf(pieces);
  return { wallMs, pieces, sums, bound: largest(sums) };
}

const largest = (sums: TimeSums) =>
  pieceKinds.reduce((most, kind) => (sums[kind] > sums[most] ? kind : most));

const endOf = ({ spans }: RankLane) => spans.reduce((most, { ended }) => Math.max(most, ended), 0);

/** The piece of the rank that a moment ends, or lies in. */
function pieceBefore({ pieces }: RankLane, at: number): Piece | undefined {
  const next = firstAfter(pieces, at);
  const within = pieces.at(next);
  if (within && within.begun < at) return within;
  return next > 0 ? pieces[next - 1] : undefined;
}

interface Cause {
  readonly rank: number;
  readonly sent: number;
}

/** Says of a rank that waits at a moment which peer was last to send, and when that had computed what it sent. */
function senders({ ranks, stepsOf }: StepLanes): (lane: RankLane, at: number) => Cause | undefined {
  const laneOf = new Map(ranks.map(lane => [lane.rank, lane]));
  const exposed = remembered((lane: RankLane) =>
    lane.spans.filter(span => span.exposed).sort((a, b) => a.ended - b.ended),
  );
  const device = remembered((lane: RankLane) => {
    const passes: LaneSpan[][] = [];
    for (const span of lane.spans) {
      if (span.lane !== 'device') continue;
      passes[span.pass] ??= [];
      passes[span.pass].push(span);
    }
    return passes;
  });
  const starts = remembered((plan: string) => {
    const steps = stepsOf(plan) ?? [];
    return new Map(steps.flatMap((step, i) => (step.kind === 'start' ? [[step.exchange, i] as const] : [])));
  });
  const peersIn = remembered((plan: string) => {
    const steps = stepsOf(plan) ?? [];
    return new Map(
      steps.flatMap(step =>
        step.kind === 'finish' ? [[step.exchange, step.receives.map(({ peer }) => peer)] as const] : [],
      ),
    );
  });
  /** When a rank had computed what it sends in the exchange. */
  const sentBy = (rank: number, { pass, exchange }: LaneSpan): number | undefined => {
    const lane = laneOf.get(rank);
    const own = lane && device(lane).at(pass);
    const start = own && starts(own[0].plan).get(exchange ?? -1);
    return start === undefined ? undefined : own?.findLast(({ to }) => to <= start)?.ended;
  };
  return (lane, at) => {
    const waits = exposed(lane);
    const causes: Cause[] = [];
    for (let i = firstAfter(waits, at * (1 - Number.EPSILON) - 1e-9); i < waits.length; i++) {
      if (waits[i].begun >= at) break;
      for (const rank of peersIn(waits[i].plan).get(waits[i].exchange ?? -1) ?? []) {
        const sent = sentBy(rank, waits[i]);
        if (sent !== undefined) causes.push({ rank, sent });
      }
    }
    return causes.length > 0
      ? causes.reduce((latest, cause) => (cause.sent > latest.sent ? cause : latest))
      : undefined;
  };
}

/** `make`, which is asked once for each. */
function remembered<Asked, Made>(make: (asked: Asked) => Made): (asked: Asked) => Made {
  const made = new Map<Asked, Made>();
  return asked => {
    const kept = made.get(asked) ?? make(asked);
    made.set(asked, kept);
    return kept;
  };
}
