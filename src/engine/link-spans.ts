/**
 * When the exchanges of a sampled run were under way, and what of it the device stood still for. Blocks are under way from
 * when the device has computed them until they have arrived. Where the device had nothing to do before that, the
 * exchange is exposed from there on, and until the device goes on: what reading back and handing over takes is its cost too.
 */
import type { PlanStep } from '../plan/plan.ts';
import type { Span } from '../plan/trace.ts';

/** An exchange of a plan: from its start up to and including its finish, by step. */
export interface Travel {
  readonly exchange: number;
  readonly from: number;
  readonly to: number;
  readonly peers: readonly number[];
}

export function travelsOf(steps: readonly PlanStep[]): Travel[] {
  const starts = new Map<number, { readonly from: number; readonly peers: readonly number[] }>();
  return steps.flatMap((step, index): Travel[] => {
    if (step.kind === 'start') {
      starts.set(step.exchange, { from: index, peers: step.sends.map(({ peer }) => peer) });
    }
    const start = step.kind === 'finish' ? starts.get(step.exchange) : undefined;
    if (!start || step.kind !== 'finish') return [];
    const peers = [...new Set([...start.peers, ...step.receives.map(({ peer }) => peer)])];
    return [{ exchange: step.exchange, from: start.from, to: index + 1, peers }];
  });
}

/** When blocks were sent, and when those of all peers were there, by exchange, on the clock of the device's spans. */
export interface Times {
  readonly sentAt: ArrayLike<number>;
  readonly arrivedAt: ArrayLike<number>;
}

/** @param device spans of the device, in the order of their steps */
export function linkSpans(
  travels: readonly Travel[],
  device: readonly Span[],
  { sentAt, arrivedAt }: Times,
): Span[] {
  const timed = travels.map(travel => {
    const { exchange, from, to } = travel;
    const computed = device.findLast(span => span.to <= from)?.ended ?? sentAt[exchange];
    const begun = Math.min(computed, sentAt[exchange]);
    const idle = Math.max(begun, device.findLast(span => span.to < to)?.ended ?? begun);
    const next = device.findIndex(span => span.from >= to);
    return { ...travel, begun, idle, next, arrived: arrivedAt[exchange] };
  });
  return timed.flatMap(({ from, to, peers, begun, idle, next, arrived }) => {
    const together = timed.filter(other => other.next === next);
    // The device goes on when the last of those is there that it waits for at once.
    const isLast = together.every(other => other.arrived <= arrived);
    const goesOn = device[next]?.begun ?? arrived;
    const waits = arrived > idle;
    const ended = waits && isLast ? Math.max(arrived, goesOn) : arrived;
    const cut = waits ? idle : ended;
    return peers.flatMap(peer => {
      const common = { lane: 'link', peer, from, to } as const;
      const spans: Span[] = [
        { ...common, begun, ended: cut, exposed: false },
        { ...common, begun: cut, ended, exposed: true },
      ];
      return spans.filter(span => span.ended > span.begun);
    });
  });
}
