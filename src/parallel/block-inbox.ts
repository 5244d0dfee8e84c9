/** The blocks that peers send: who waits for which, and those that came before anybody asked for them. */

import type { FrameHeader } from '../net/frame.ts';
import { FrameError } from '../net/frame-error.ts';
import { isFiniteBlock } from '../plan/half-wire.ts';
import type { WirePrecision } from '../plan/plan.ts';
import { PeerError } from './faults.ts';

type Payload = Uint8Array<ArrayBuffer>;

interface Waiting {
  readonly peer: number;
  readonly bytes: number;
  readonly wire: WirePrecision;
  readonly resolve: (payload: Payload) => void;
  readonly reject: (error: Error) => void;
}

const keyOf = (peer: number, round: number, exchange: number) => `${peer} ${round} ${exchange}`;

export class BlockInbox {
  readonly #rank: number;
  readonly #isOwn: (peer: number) => boolean;
  readonly #waiting = new Map<string, Waiting>();
  readonly #early = new Map<string, { flags: number; payload: Payload }>();
  #round = 0;
  #flagsHeard = 0;

  /**
   * @param rank the own one
   * @param isOwn tells workers of the own page, which have checked what they send
   */
  constructor(rank: number, isOwn: (peer: number) => boolean) {
    this.#rank = rank;
    this.#isOwn = isOwn;
  }

  /** Blocks of this run of the plan, and of the one after it, are taken from now on. */
  begin(round: number): void {
    this.#round = round;
    this.#flagsHeard = 0;
  }

  /** Flags of all blocks received in this round. */
  get flagsHeard(): number {
    return this.#flagsHeard;
  }

  /** Peers that a block is waited for from. */
  get awaited(): number[] {
    return [...this.#waiting.values()].map(({ peer }) => peer);
  }

  /**
   * The block that a peer sends in an exchange of this round.
   * @throws PeerError where it is there already and is not what it should be
   */
  receive(peer: number, exchange: number, bytes: number, wire: WirePrecision): Promise<Payload> {
    const key = keyOf(peer, this.#round, exchange);
    const early = this.#early.get(key);
    if (!early) {
      return new Promise((resolve, reject) => this.#waiting.set(key, { peer, bytes, wire, resolve, reject }));
    }
    this.#early.delete(key);
    this.#flagsHeard |= early.flags;
    this.#check(peer, early.payload, bytes, wire);
    return Promise.resolve(early.payload);
  }

  /** @throws FrameError, PeerError */
  take(peer: number, { exchange, step: round, flags }: FrameHeader, payload: Payload): void {
    // A peer can be one run ahead, when it has all it needs of this one.
    if (round !== this.#round && round !== this.#round + 1) {
      throw new FrameError(
        `a block of run ${round} of the plan, where rank ${this.#rank} is at ${this.#round}`,
      );
    }
    const key = keyOf(peer, round, exchange);
    const waiting = this.#waiting.get(key);
    if (!waiting) {
      if (this.#early.has(key)) throw new FrameError(`the block of exchange ${exchange} twice`);
      this.#early.set(key, { flags, payload });
      return;
    }
    this.#check(peer, payload, waiting.bytes, waiting.wire);
    this.#waiting.delete(key);
    this.#flagsHeard |= flags;
    waiting.resolve(payload);
  }

  end(error: Error): void {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
    this.#early.clear();
  }

  /**
   * A rank never sends what is not finite: where training has made it so, the rank says so instead. See `DivergedError`.
   * @throws PeerError
   */
  #check(peer: number, payload: Payload, bytes: number, wire: WirePrecision): void {
    if (payload.byteLength !== bytes) {
      throw new PeerError(peer, `sent a block of ${payload.byteLength} bytes; ${bytes} were expected.`);
    }
    if (!this.#isOwn(peer) && !isFiniteBlock(payload, wire)) {
      throw new PeerError(
        peer,
        'sent a value that is not a finite number, and did not say that the model has diverged: its device is at fault, ' +
          'or its page is another version. Go on from the last checkpoint without it.',
      );
    }
  }
}
