/**
 * What a peer's clock says, estimated as NTP does (RFC 5905, section 8): a ping carries its time of sending, its answer
 * the peer's time, and the peer read its clock at some moment between the two ends. The quickest of the last answers
 * knows best: it can be off by half of its round trip at most.
 */

/** Answers that are remembered: clocks of two machines drift apart by some ten microseconds a second. */
const REMEMBERED = 16;

interface Answer {
  /** Milliseconds that the peer's clock is ahead of the own one. */
  readonly offset: number;
  /** Half of the round trip: how far that may be off. */
  readonly uncertainty: number;
}

export class PeerClock {
  readonly #answers: Answer[] = [];

  /** Milliseconds: when the ping was sent and the answer received by the own clock, and the peer's clock in between. */
  add(sent: number, there: number, received: number): void {
    this.#answers.push({ offset: there - (sent + received) / 2, uncertainty: (received - sent) / 2 });
    if (this.#answers.length > REMEMBERED) this.#answers.shift();
  }

  /** Undefined before the first answer. */
  get estimate(): Answer | undefined {
    return this.#answers.length === 0
      ? undefined
      : this.#answers.reduce((best, answer) => (answer.uncertainty < best.uncertainty ? answer : best));
  }
}
