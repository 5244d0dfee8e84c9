/**
 * The links of one rank to all others: blocks of exchanges, calls, and who is still there. Every frame is checked for
 * whom it is from, what plan and step it belongs to, and its length; the first thing that is wrong with a peer ends
 * all waiting, with the rank and the reason, and all others are told, so that they stop too.
 */
import {
  FrameError,
  type FrameHeader,
  FrameKind,
  HEADER_BYTES,
  readHeader,
  writeHeader,
} from '../net/frame.ts';
import type { LinkMessage } from '../net/link-port.ts';
import type { MeshPeers } from '../train/trainer.ts';
import { type Call, type Failure, type Reply, readCall, readFailure, readReply } from './control-messages.ts';
import { type Heartbeat, startHeartbeat } from './heartbeat.ts';
import { pack } from './packing.ts';

/** A peer that cannot be worked with any more. */
export class PeerError extends Error {
  override readonly name = 'PeerError';
  readonly rank: number;
  readonly reason: string;

  /** @param reason the rest of a sentence that begins with the rank */
  constructor(rank: number, reason: string) {
    super(`Rank ${rank} ${reason}`);
    this.rank = rank;
    this.reason = reason;
  }
}

export interface LinksOptions {
  readonly rank: number;
  readonly ports: ReadonlyMap<number, MessagePort>;
  /** Counts the times that the ranks were wired anew. */
  readonly generation: number;
  /** A peer that is waited for and was not heard of for this long is taken for frozen. */
  readonly silenceMs?: number;
}

/** Answers a call; what it throws goes back to the caller. */
export type CallHandler = (name: string, argument: unknown, from: number) => unknown;

export interface LinkCounts {
  readonly bytesSent: number;
  readonly messagesSent: number;
}

interface Waiting {
  readonly resolve: (bytes: Uint8Array<ArrayBuffer>) => void;
  readonly reject: (error: Error) => void;
  readonly peer: number;
  readonly bytes: number;
}

const DEFAULT_SILENCE_MS = 15_000;

export class Links implements MeshPeers {
  readonly rank: number;
  readonly #ports: ReadonlyMap<number, MessagePort>;
  readonly #generation: number;
  readonly #waiting = new Map<string, Waiting>();
  /** Blocks that arrived before they were asked for. */
  readonly #early = new Map<string, { flags: number; payload: Uint8Array<ArrayBuffer> }>();
  readonly #calls = new Map<
    number,
    { resolve(value: unknown): void; reject(error: Error): void; peer: number }
  >();
  readonly #roundTrips = new Map<number, number>();
  readonly #heartbeat: Heartbeat;
  #handler: CallHandler = name => {
    throw new Error(`nobody answers the call ${name} here`);
  };
  #failed: (error: Error) => void = () => {};
  #plan = 0;
  #round = 0;
  #flags = 0;
  #flagsHeard = 0;
  #nextCall = 1;
  #failure: Error | undefined;
  #bytesSent = 0;
  #messagesSent = 0;

  constructor({ rank, ports, generation, silenceMs = DEFAULT_SILENCE_MS }: LinksOptions) {
    this.rank = rank;
    this.#ports = ports;
    this.#generation = generation;
    for (const [peer, port] of ports) {
      port.onmessage = ({ data }: MessageEvent<LinkMessage>) => this.#receive(peer, data);
    }
    this.#heartbeat = startHeartbeat({
      peers: [...ports.keys()],
      silenceMs,
      ping: peer => {
        const frame = new ArrayBuffer(HEADER_BYTES + 8);
        new Float64Array(frame, HEADER_BYTES)[0] = performance.now();
        this.#post(peer, FrameKind.ping, 0, frame);
      },
      awaited: () => new Set([...this.#waiting.values(), ...this.#calls.values()].map(({ peer }) => peer)),
      onSilent: peer => {
        const seconds = silenceMs / 1000;
        const reason = `does not answer: nothing was heard from it for ${seconds} s. Its page may be frozen, or its network down.`;
        this.fail(new PeerError(peer, reason));
      },
    });
  }

  /** Ranks, the own one among them. */
  get size(): number {
    return this.#ports.size + 1;
  }

  /** Frames of another plan or run are refused from now on. */
  begin(plan: number): void {
    this.#plan = plan;
    this.#round = 0;
  }

  /** A plan is about to be run, by all ranks of its groups: frames carry the number of the run, and these flags. */
  beginRound(flags = 0): void {
    this.#round++;
    this.#flags = flags;
    this.#flagsHeard = 0;
  }

  /** Flags of all blocks received in this round. */
  get flagsHeard(): number {
    return this.#flagsHeard;
  }

  get counts(): LinkCounts {
    return { bytesSent: this.#bytesSent, messagesSent: this.#messagesSent };
  }

  /** Milliseconds to a peer and back, of the newest ping; undefined before the first came back. */
  roundTripMs(peer: number): number | undefined {
    return this.#roundTrips.get(peer);
  }

  answer(handler: CallHandler): void {
    this.#handler = handler;
  }

  send(peer: number, exchange: number, bytes: Uint8Array<ArrayBuffer>): void {
    const frame = new ArrayBuffer(HEADER_BYTES + bytes.byteLength);
    new Uint8Array(frame, HEADER_BYTES).set(bytes);
    this.#bytesSent += bytes.byteLength;
    this.#messagesSent++;
    this.#post(peer, FrameKind.data, exchange, frame);
  }

  receive(peer: number, exchange: number, bytes: number): Promise<Uint8Array<ArrayBuffer>> {
    if (this.#failure) return Promise.reject(this.#failure);
    const key = `${peer} ${this.#round} ${exchange}`;
    const early = this.#early.get(key);
    if (!early) {
      return new Promise((resolve, reject) => this.#waiting.set(key, { resolve, reject, peer, bytes }));
    }
    this.#early.delete(key);
    this.#flagsHeard |= early.flags;
    const wrong = payloadFault(early.payload, bytes);
    if (!wrong) return Promise.resolve(early.payload);
    return Promise.reject(this.fail(new PeerError(peer, wrong)));
  }

  /** Calls a peer. @throws PeerError where it is gone, or Error with what its handler threw. */
  call(peer: number, name: string, argument: unknown = null): Promise<unknown> {
    if (this.#failure) return Promise.reject(this.#failure);
    const id = this.#nextCall++;
    const answer = new Promise<unknown>((resolve, reject) => this.#calls.set(id, { resolve, reject, peer }));
    this.#post(peer, FrameKind.call, id, pack({ name, argument }, HEADER_BYTES));
    return answer;
  }

  /** A call that is not answered. */
  notify(peer: number, name: string, argument: unknown = null): void {
    if (!this.#failure) this.#post(peer, FrameKind.call, 0, pack({ name, argument }, HEADER_BYTES));
  }

  /** Ends all waiting with this failure, and tells the peers. @returns the first failure of these links */
  fail(error: Error): Error {
    if (this.#failure) return this.#failure;
    const { rank, reason } =
      error instanceof PeerError ? error : { rank: this.rank, reason: `gave up: ${error.message}` };
    for (const peer of this.#ports.keys()) {
      this.#post(peer, FrameKind.failure, 0, pack({ rank, reason } satisfies Failure, HEADER_BYTES));
    }
    this.#end(error);
    return error;
  }

  /** Called once, when the links end with a failure. */
  onFailure(listener: (error: Error) => void): void {
    this.#failed = listener;
  }

  /** Ends all waiting and frees the ports; the peers are told by whoever wired them. */
  close(): void {
    this.#failed = () => {};
    if (!this.#failure) this.#end(new Error('The links were closed.'));
    for (const port of this.#ports.values()) port.close();
  }

  #end(error: Error): void {
    this.#failure = error;
    this.#heartbeat.stop();
    for (const { reject } of [...this.#waiting.values(), ...this.#calls.values()]) reject(error);
    this.#waiting.clear();
    this.#calls.clear();
    this.#early.clear();
    this.#failed(error);
  }

  #post(peer: number, kind: FrameKind, exchange: number, frame: ArrayBuffer): void {
    const port = this.#ports.get(peer);
    if (!port) throw new Error(`rank ${this.rank} has no link to rank ${peer}`);
    const bytes = frame.byteLength - HEADER_BYTES;
    writeHeader(frame, {
      kind,
      flags: this.#flags,
      plan: this.#plan,
      step: this.#round,
      exchange,
      from: this.rank,
      to: peer,
      generation: this.#generation,
      total: bytes,
      part: { index: 0, bytes },
    });
    port.postMessage(frame, [frame]);
  }

  #receive(peer: number, message: LinkMessage): void {
    if (this.#failure) return;
    this.#heartbeat.heard(peer);
    try {
      if (!(message instanceof ArrayBuffer)) throw new PeerError(peer, `is gone: ${message.reason}.`);
      this.#take(peer, message);
    } catch (error) {
      if (!(error instanceof FrameError || error instanceof PeerError)) throw error;
      this.fail(error instanceof PeerError ? error : new PeerError(peer, `sent ${error.message}.`));
    }
  }

  #take(peer: number, frame: ArrayBuffer): void {
    const header = readHeader(frame);
    if (header.generation !== this.#generation) return; // On its way when the ranks were wired anew.
    if (header.from !== peer || header.to !== this.rank) {
      throw new FrameError(
        `a frame from rank ${header.from} to rank ${header.to} over its link to rank ${this.rank}`,
      );
    }
    const payload = new Uint8Array(frame, HEADER_BYTES);
    switch (header.kind) {
      case FrameKind.data:
        this.#takeBlock(peer, header, payload);
        return;
      case FrameKind.ping:
        this.#post(peer, FrameKind.pong, 0, frame.slice(0));
        return;
      case FrameKind.pong:
        if (payload.byteLength !== 8) throw new FrameError(`a pong of ${payload.byteLength} bytes, not 8`);
        this.#roundTrips.set(peer, performance.now() - new DataView(frame).getFloat64(HEADER_BYTES, true));
        return;
      case FrameKind.call:
        void this.#answerCall(peer, header.exchange, readCall(frame));
        return;
      case FrameKind.reply:
        this.#settle(peer, header.exchange, readReply(frame));
        return;
      case FrameKind.failure: {
        // The sender has told everyone.
        const { rank, reason } = readFailure(frame);
        this.#end(new PeerError(rank, rank === peer ? reason : `${reason} (Rank ${peer} noticed.)`));
      }
    }
  }

  #takeBlock(
    peer: number,
    { exchange, step, plan, flags }: FrameHeader,
    payload: Uint8Array<ArrayBuffer>,
  ): void {
    if (plan !== this.#plan) {
      throw new FrameError(`a block of another plan (${plan}; rank ${this.rank} runs ${this.#plan})`);
    }
    // A peer can be one run ahead, when it has all it needs of this one.
    if (step !== this.#round && step !== this.#round + 1) {
      throw new FrameError(
        `a block of run ${step} of the plan, where rank ${this.rank} is at ${this.#round}`,
      );
    }
    const key = `${peer} ${step} ${exchange}`;
    const waiting = this.#waiting.get(key);
    if (!waiting) {
      if (this.#early.has(key)) throw new FrameError(`the block of exchange ${exchange} twice`);
      this.#early.set(key, { flags, payload });
      return;
    }
    const wrong = payloadFault(payload, waiting.bytes);
    if (wrong) throw new PeerError(peer, wrong);
    this.#waiting.delete(key);
    this.#flagsHeard |= flags;
    waiting.resolve(payload);
  }

  async #answerCall(peer: number, id: number, { name, argument }: Call): Promise<void> {
    let answer: ArrayBuffer;
    try {
      const value = (await this.#handler(name, argument, peer)) ?? null;
      answer = pack({ value } satisfies Reply, HEADER_BYTES);
    } catch (error) {
      answer = pack({ error: (error as Error).message } satisfies Reply, HEADER_BYTES);
    }
    if (id !== 0 && !this.#failure) this.#post(peer, FrameKind.reply, id, answer);
  }

  #settle(peer: number, id: number, reply: Reply): void {
    const call = this.#calls.get(id);
    if (call?.peer !== peer) throw new FrameError('a reply to a call that it did not get');
    this.#calls.delete(id);
    if ('error' in reply) call.reject(new PeerError(peer, `could not do its part: ${reply.error}`));
    else call.resolve(reply.value);
  }
}

/** What is wrong with a block: its length, or a value that is not a number; undefined where nothing is. */
function payloadFault(payload: Uint8Array<ArrayBuffer>, bytes: number): string | undefined {
  if (payload.byteLength !== bytes)
    return `sent a block of ${payload.byteLength} bytes; ${bytes} were expected.`;
  // Zero times a value is zero but for infinities and NaN. By index, since an iterator takes four times as long.
  const values = new Float32Array(payload.buffer, payload.byteOffset, bytes >>> 2);
  let zero = 0;
  for (let i = 0; i < values.length; i++) zero += 0 * values[i];
  return zero === 0
    ? undefined
    : 'sent a value that is not a finite number: the model has diverged, or its data or its device are at fault. ' +
        'Lower the learning rate, or go on from the last checkpoint without it.';
}
