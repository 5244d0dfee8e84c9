/**
 * Tells what of the exchanges of one run was hidden. An exchange is under way from the moment its blocks could be
 * sent until everything has arrived; it is exposed while the device has run out of work and waits for it. Made once for
 * a plan: a run makes nothing.
 */
export class ExchangeClock {
  /** By exchange, by `performance.now`; NaN for what did not happen yet. */
  readonly sentAt: Float64Array;
  readonly arrivedAt: Float64Array;
  /** Since when a run that waits for the exchange has had an idle device, and until when it waited. */
  readonly idleFrom: Float64Array;
  readonly waitedUntil: Float64Array;
  readonly #inOrderOfSending: Uint32Array;
  #sent = 0;
  readonly #whenIdle: readonly (() => void)[];

  constructor(exchanges: number) {
    const times = () => new Float64Array(exchanges).fill(Number.NaN);
    [this.sentAt, this.arrivedAt, this.idleFrom, this.waitedUntil] = [times(), times(), times(), times()];
    this.#inOrderOfSending = new Uint32Array(exchanges);
    this.#whenIdle = Array.from({ length: exchanges }, (_, exchange) => () => {
      if (Number.isNaN(this.waitedUntil[exchange])) this.idleFrom[exchange] = performance.now();
    });
  }

  /** A run begins. */
  begin(): void {
    for (const times of [this.sentAt, this.arrivedAt, this.idleFrom, this.waitedUntil])
      times.fill(Number.NaN);
    this.#sent = 0;
  }

  /** The own blocks of an exchange are on their way. */
  sent(exchange: number): void {
    this.sentAt[exchange] = performance.now();
    this.#inOrderOfSending[this.#sent++] = exchange;
  }

  /** The blocks of all peers are there. */
  arrived(exchange: number): void {
    this.arrivedAt[exchange] = performance.now();
  }

  /** The run waits for an exchange, with all work before it submitted. */
  waits(exchange: number, queue: GPUQueue): void {
    // A lost device has its own way of being told.
    queue.onSubmittedWorkDone().then(this.#whenIdle[exchange], () => undefined);
  }

  /** The run goes on. */
  goesOn(exchange: number): void {
    this.waitedUntil[exchange] = performance.now();
  }

  /** Since when an exchange has been exposed, until the run went on; NaN where it was not. */
  exposedFrom(exchange: number): number {
    const { idleFrom, sentAt, waitedUntil } = this;
    const from = Math.max(idleFrom[exchange], sentAt[exchange]);
    return from < waitedUntil[exchange] ? from : Number.NaN;
  }

  totals(): { exchangeMs: number; exposedExchangeMs: number } {
    let [exchangeMs, exposedExchangeMs] = [0, 0];
    let reached = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < this.#sent; i++) {
      const exchange = this.#inOrderOfSending[i];
      // What arrives before the own blocks are ready costs no time.
      const arrived = this.arrivedAt[exchange];
      exchangeMs += Math.max(0, arrived - Math.max(this.sentAt[exchange], reached));
      reached = Math.max(reached, arrived);
      const from = this.exposedFrom(exchange);
      if (!Number.isNaN(from)) exposedExchangeMs += this.waitedUntil[exchange] - from;
    }
    return { exchangeMs, exposedExchangeMs };
  }
}
