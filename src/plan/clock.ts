/**
 * The model of time of one rank: its device does one thing after the other, and meanwhile a line to every peer carries
 * one message after the other. The order of a step and the simulator count with it.
 */

/** A link to a peer, one way. */
export interface Link {
  /** From when a message has left the line until it is there. */
  readonly latencySeconds: number;
  readonly bytesPerSecond: number;
}

export class Clock {
  /** Seconds since the beginning. */
  now = 0;
  readonly #linkTo: (peer: number) => Link;
  /** When the lines to the peers are free again. */
  readonly #free = new Map<number, number>();

  constructor(linkTo: (peer: number) => Link) {
    this.#linkTo = linkTo;
  }

  /** The device works for so long. */
  work(seconds: number): void {
    this.now += seconds;
  }

  /** Nothing is to be done before that. */
  waitUntil(seconds: number): void {
    this.now = Math.max(this.now, seconds);
  }

  /**
   * A message sets out now, or when those before it have left the line.
   * @returns when it is there
   */
  send(peer: number, bytes: number): number {
    const { latencySeconds, bytesPerSecond } = this.#linkTo(peer);
    const free = Math.max(this.now, this.#free.get(peer) ?? 0) + bytes / bytesPerSecond;
    this.#free.set(peer, free);
    return free + latencySeconds;
  }
}
