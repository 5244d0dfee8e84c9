/**
 * The links of one rank to all others: blocks of exchanges, calls, and who is still there. Every frame is checked for
 * whom it is from, what plan and step it belongs to, and its length; the first thing that is wrong with a peer ends
 * all waiting, with the rank and the reason.
 */
import { checksumOf, FrameKind, HEADER_BYTES, readHeader, writeHeader } from '../net/frame.ts';
import type { LinkMessage } from '../net/link-port.ts';
import type { MeshPeers } from '../train/trainer.ts';
import { pack, unpack } from './packing.ts';

/** A peer that cannot be worked with any more. */
export class PeerError extends Error {
  override readonly name = 'PeerError';
  readonly rank: number;

  constructor(rank: number, reason: string) {
    super(`Rank ${rank} ${reason}`);
    this.rank = rank;
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

const PING_MS = 1000;
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
  readonly #heard = new Map<number, number>();
  readonly #roundTrips = new Map<number, number>();
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #silenceMs: number;
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
    this.#silenceMs = silenceMs;
    const now = performance.now();
    for (const [peer, port] of ports) {
      this.#heard.set(peer, now);
      port.onmessage = ({ data }: MessageEvent<LinkMessage>) => this.#receive(peer, data);
    }
    this.#timer = setInterval(() => this.#beat(), PING_MS);
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

  /** Ends all waiting with this failure, and tells the peers if it is this rank's own. */
  fail(error: Error): Error {
    if (this.#failure) return this.#failure;
    this.#failure = error;
    if (!(error instanceof PeerError)) {
      for (const peer of this.#ports.keys()) {
        this.#post(peer, FrameKind.failure, 0, pack(error.message, HEADER_BYTES));
      }
    }
    clearInterval(this.#timer);
    for (const { reject } of [...this.#waiting.values(), ...this.#calls.values()]) reject(error);
    this.#waiting.clear();
    this.#calls.clear();
    this.#early.clear();
    this.#failed(error);
    return error;
  }

  /** Called once, when the links end with a failure. */
  onFailure(listener: (error: Error) => void): void {
    this.#failed = listener;
  }

  /** Frees the ports; the peers are told by whoever wired them. */
  close(): void {
    this.#failure ??= new Error('The links were closed.');
    clearInterval(this.#timer);
    for (const port of this.#ports.values()) port.close();
  }

  #post(peer: number, kind: FrameKind, exchange: number, frame: ArrayBuffer): void {
    const port = this.#ports.get(peer);
    if (!port) throw new Error(`rank ${this.rank} has no link to rank ${peer}`);
    const payload = new Uint8Array(frame, HEADER_BYTES);
    writeHeader(frame, {
      kind,
      flags: this.#flags,
      plan: this.#plan,
      step: this.#round,
      exchange,
      from: this.rank,
      to: peer,
      generation: this.#generation,
      total: payload.byteLength,
      part: { index: 0, bytes: payload.byteLength },
      checksum: checksumOf(payload),
    });
    port.postMessage(frame, [frame]);
  }

  #receive(peer: number, message: LinkMessage): void {
    if (this.#failure) return;
    this.#heard.set(peer, performance.now());
    try {
      if (!(message instanceof ArrayBuffer)) throw new PeerError(peer, `is gone: ${message.reason}.`);
      this.#take(peer, message);
    } catch (error) {
      const { message: why } = error as Error;
      this.fail(error instanceof PeerError ? error : new PeerError(peer, `sent ${why}.`));
    }
  }

  #take(peer: number, frame: ArrayBuffer): void {
    const header = readHeader(frame);
    const { kind, exchange, flags, step } = header;
    if (header.generation !== this.#generation) return; // On its way when the ranks were wired anew.
    if (header.from !== peer || header.to !== this.rank) {
      throw new Error(
        `a frame from rank ${header.from} to rank ${header.to} on the link to rank ${this.rank}`,
      );
    }
    const payload = new Uint8Array(frame, HEADER_BYTES);
    if (checksumOf(payload) !== header.checksum) throw new Error('a frame whose checksum does not match');
    switch (kind) {
      case FrameKind.data:
        this.#takeBlock(peer, exchange, step, header.plan, flags, payload);
        return;
      case FrameKind.ping:
        this.#post(peer, FrameKind.pong, 0, frame.slice(0));
        return;
      case FrameKind.pong:
        this.#roundTrips.set(peer, performance.now() - new Float64Array(frame.slice(HEADER_BYTES))[0]);
        return;
      case FrameKind.call:
        void this.#answerCall(
          peer,
          exchange,
          unpack(frame, HEADER_BYTES) as { name: string; argument: unknown },
        );
        return;
      case FrameKind.reply:
        this.#settle(exchange, unpack(frame, HEADER_BYTES) as { value?: unknown; error?: string });
        return;
      case FrameKind.failure:
        throw new PeerError(peer, `gave up: ${String(unpack(frame, HEADER_BYTES))}`);
    }
  }

  #takeBlock(
    peer: number,
    exchange: number,
    round: number,
    plan: number,
    flags: number,
    payload: Uint8Array<ArrayBuffer>,
  ): void {
    if (plan !== this.#plan)
      throw new Error(`a block of another plan (${plan}; this rank runs ${this.#plan})`);
    // A peer can be one run ahead, when it has all it needs of this one.
    if (round !== this.#round && round !== this.#round + 1) {
      throw new Error(`a block of run ${round} of the plan; this rank is at ${this.#round}`);
    }
    const key = `${peer} ${round} ${exchange}`;
    const waiting = this.#waiting.get(key);
    if (!waiting) {
      if (this.#early.has(key)) throw new Error(`the block of exchange ${exchange} twice`);
      this.#early.set(key, { flags, payload });
      return;
    }
    const wrong = payloadFault(payload, waiting.bytes);
    if (wrong) throw new PeerError(peer, wrong);
    this.#waiting.delete(key);
    this.#flagsHeard |= flags;
    waiting.resolve(payload);
  }

  async #answerCall(
    peer: number,
    id: number,
    { name, argument }: { name: string; argument: unknown },
  ): Promise<void> {
    let answer: { value?: unknown; error?: string };
    try {
      answer = { value: (await this.#handler(name, argument, peer)) ?? null };
    } catch (error) {
      answer = { error: (error as Error).message };
    }
    if (id !== 0 && !this.#failure) this.#post(peer, FrameKind.reply, id, pack(answer, HEADER_BYTES));
  }

  #settle(id: number, { value, error }: { value?: unknown; error?: string }): void {
    const call = this.#calls.get(id);
    this.#calls.delete(id);
    if (error === undefined) call?.resolve(value);
    else call?.reject(new PeerError(call.peer, `could not do its part: ${error}`));
  }

  /** Pings everyone, and looks whether somebody who is waited for has fallen silent. */
  #beat(): void {
    const now = performance.now();
    const awaited = new Set([...this.#waiting.values()].map(({ peer }) => peer));
    for (const peer of this.#ports.keys()) {
      const silent = now - (this.#heard.get(peer) ?? now);
      if (awaited.has(peer) && silent > this.#silenceMs) {
        this.fail(
          new PeerError(peer, `is frozen: nothing was heard of it for ${Math.round(silent / 1000)} s.`),
        );
        return;
      }
      const frame = new ArrayBuffer(HEADER_BYTES + 8);
      new Float64Array(frame, HEADER_BYTES)[0] = now;
      this.#post(peer, FrameKind.ping, 0, frame);
    }
  }
}

/** What is wrong with a block: its length, or a value that is not a number; undefined where nothing is. */
function payloadFault(payload: Uint8Array<ArrayBuffer>, bytes: number): string | undefined {
  if (payload.byteLength !== bytes)
    return `sent a block of ${payload.byteLength} bytes where ${bytes} belong.`;
  // Zero times a value is zero but for infinities and NaN.
  let zero = 0;
  for (const value of new Float32Array(payload.buffer, payload.byteOffset, bytes >>> 2)) zero += 0 * value;
  return zero === 0
    ? undefined
    : 'sent a value that is not a finite number: its model or its data have diverged.';
}
