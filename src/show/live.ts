/**
 * What goes on at a moment of a sampled step: what each rank does and with which parameters, and what is on its way from whom
 * to whom, how far. Times are those of the traces. Which of a span's kernels it is, is estimated by what the plan has
 * of each, and how far a transfer has come as if it went evenly: no browser tells.
 */
import type { PlanStep } from '../plan/plan.ts';
import type { ParameterPlace } from '../session/api/cuts.ts';
import type { StepLanes } from './lanes.ts';
import type { LaneSpan, Piece, PieceKind } from './pieces.ts';
import { touchedBy } from './touched.ts';
import { firstAfter, type Interval } from './turns.ts';

export interface LiveRank {
  readonly rank: number;
  /** What its time goes to; of work whose turn it may not be, see `share`. */
  readonly kind: PieceKind;
  /** Of work: its own part of the card, estimated. Else 0. */
  readonly share: number;
  /** Of the plan that it runs; undefined where it does nothing or the plan is not known. */
  readonly step: number | undefined;
  readonly provenance: PlanStep['provenance'] | undefined;
  /** Parameters that the step computes with, or whose gradients it makes. */
  readonly weights: readonly string[];
  /** Of a wait for an exchange: the rank at its other end. */
  readonly peer: number | undefined;
}

/** Blocks on their way from a rank to another, in one exchange. Times in ms since the beginning of the step. */
export interface Transfer extends Interval {
  readonly exchange: number;
  readonly from: number;
  readonly to: number;
  readonly bytes: number;
  readonly provenance: PlanStep['provenance'];
  /** Parameters that it has parts or gradients of. */
  readonly weights: readonly string[];
}

export interface LiveTransfer extends Transfer {
  /** How far it has come, from 0 to 1. */
  readonly share: number;
}

export interface Moment {
  readonly ranks: readonly LiveRank[];
  readonly transfers: readonly LiveTransfer[];
}

/** @param placesOf where a rank keeps its parameters; none where that is not known */
export function momentsOf(
  { ranks, stepsOf }: StepLanes,
  placesOf: (rank: number) => readonly ParameterPlace[],
): (at: number) => Moment {
  const transfers = transfersOf({ ranks, stepsOf }, placesOf);
  return at => ({
    ranks: ranks.map(({ rank, pieces }) => liveRank(rank, pieces[firstAfter(pieces, at)], at)),
    transfers: transfers.flatMap(transfer =>
      transfer.begun <= at && at < transfer.ended
        ? [{ ...transfer, share: (at - transfer.begun) / (transfer.ended - transfer.begun) }]
        : [],
    ),
  });

  function liveRank(rank: number, piece: Piece | undefined, at: number): LiveRank {
    const { kind, share = 0, span } = piece ?? { kind: 'rest' };
    const steps = span && stepsOf(span.plan);
    const step = span && steps ? stepAt(span, steps, at) : undefined;
    const isKnown = steps !== undefined && step !== undefined;
    return {
      ...{ rank, kind, share, step },
      provenance: isKnown ? steps[step].provenance : undefined,
      weights: isKnown && kind === 'work' ? [...touchedBy(steps, placesOf(rank))[step]] : [],
      peer: kind === 'exchange' ? span?.peer : undefined,
    };
  }
}

/** Which step of a span it is likely to be at a moment: by FLOPs, or where none has any, by bytes. */
function stepAt(span: LaneSpan, steps: readonly PlanStep[], at: number): number | undefined {
  if (span.lane === 'link') return span.from;
  if (span.lane === 'data') return undefined;
  const kernels = steps
    .slice(span.from, span.to)
    .flatMap((step, i) => (step.kind === 'dispatch' ? [{ work: step.work, index: span.from + i }] : []));
  const hasFlops = kernels.some(({ work }) => work.flops > 0);
  const costs = kernels.map(({ work }) => (hasFlops ? work.flops : work.read + work.written));
  const whole = costs.reduce((sum, cost) => sum + cost, 0);
  let left = (whole * (at - span.begun)) / (span.ended - span.begun);
  const reached = costs.findIndex(cost => {
    left -= cost;
    return left < 0;
  });
  return kernels.at(reached)?.index;
}

/**
 * A rank's span of an exchange begins when its own blocks are computed, and lasts until those of all its peers are there and
 * it goes on: what it receives is on its way from the beginning of the sender's span to the end of its own.
 */
export function transfersOf(
  { ranks, stepsOf }: Pick<StepLanes, 'ranks' | 'stepsOf'>,
  placesOf: (rank: number) => readonly ParameterPlace[],
): Transfer[] {
  const under = new Map<string, Interval & { readonly span: LaneSpan }>();
  const keyOf = ({ pass, exchange }: LaneSpan, rank: number) => `${rank} ${pass} ${exchange}`;
  for (const span of ranks.flatMap(({ spans }) => spans)) {
    if (span.lane !== 'link' || span.exchange === undefined) continue;
    const key = keyOf(span, span.rank);
    const { begun, ended } = under.get(key) ?? span;
    under.set(key, { span, begun: Math.min(begun, span.begun), ended: Math.max(ended, span.ended) });
  }
  return [...under.values()].flatMap(({ span, begun, ended }): Transfer[] => {
    const { rank, plan, to } = span;
    const steps = stepsOf(plan);
    const finish = steps?.at(to - 1);
    if (!steps || finish?.kind !== 'finish') return [];
    const { exchange, provenance, receives } = finish;
    const weights = [...touchedBy(steps, placesOf(rank))[to - 1]];
    const peers = new Map<number, number>();
    for (const { peer, at } of receives) peers.set(peer, (peers.get(peer) ?? 0) + at.bytes);
    return [...peers].map(([peer, bytes]) => {
      const sent = under.get(keyOf(span, peer))?.begun ?? begun;
      return {
        ...{ exchange, from: peer, to: rank, bytes, provenance, weights },
        begun: sent,
        ended: Math.max(sent, ended),
      };
    });
  });
}
