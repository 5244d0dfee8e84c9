/**
 * Tells what of the exchanges of one run was hidden. An exchange is under way from the moment its blocks could be
 * sent until everything has arrived; it is exposed while the device has run out of work and waits for it.
 */

interface Interval {
  readonly from: number;
  readonly to: number;
}

export function exchangeClock() {
  const sentAt = new Map<number, number>();
  const underWay: Interval[] = [];
  const exposed: Interval[] = [];
  const arrivedAt = new Map<number, number>();
  const settle = (exchange: number) => {
    const [from, to] = [sentAt.get(exchange), arrivedAt.get(exchange)];
    // What arrives before the own blocks are ready costs no time.
    if (from !== undefined && to !== undefined && to > from) underWay.push({ from, to });
  };
  return {
    /** The own blocks of an exchange are on their way. */
    sent(exchange: number): void {
      sentAt.set(exchange, performance.now());
      settle(exchange);
    },
    /** The blocks of all peers are there. */
    arrived(exchange: number): void {
      arrivedAt.set(exchange, performance.now());
      settle(exchange);
    },
    /** The run waits for an exchange; call the result when it goes on. */
    wait(exchange: number, queue: GPUQueue): () => void {
      let idleFrom = Number.POSITIVE_INFINITY;
      void queue.onSubmittedWorkDone().then(
        () => {
          idleFrom = performance.now();
        },
        // A lost device has its own way of being told.
        () => undefined,
      );
      return () => {
        const now = performance.now();
        const from = Math.max(idleFrom, sentAt.get(exchange) ?? now);
        if (from < now) exposed.push({ from, to: now });
      };
    },
    totals(): { exchangeMs: number; exposedExchangeMs: number } {
      return { exchangeMs: lengthOf(underWay), exposedExchangeMs: lengthOf(exposed) };
    },
  };
}

/** Length of the union of intervals. */
function lengthOf(intervals: readonly Interval[]): number {
  let total = 0;
  let reached = Number.NEGATIVE_INFINITY;
  for (const { from, to } of [...intervals].sort((a, b) => a.from - b.from)) {
    total += Math.max(0, to - Math.max(from, reached));
    reached = Math.max(reached, to);
  }
  return total;
}
