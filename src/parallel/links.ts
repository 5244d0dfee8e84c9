/**
 * The links of one rank to all others: frames out and in, and who is still there. Every frame is checked for whom it is
 * from, what plan and step it belongs to, and its length; the first thing that is wrong with a peer ends all waiting,
 * with the rank and the reason, and all others are told, so that they stop too.
 */

import { createBufferPool } from '../net/buffer-pool.ts';
import { FrameKind, HEADER_BYTES, readHeader, writeHeader } from '../net/frame.ts';
import { FrameError } from '../net/frame-error.ts';
import type { LinkMessage } from '../net/link-port.ts';
import { isFiniteBlock } from '../plan/half-wire.ts';
import type { WirePrecision } from '../plan/plan.ts';
import type { MeshPeers } from '../train/model-trainer.ts';
import { BlockInbox } from './block-inbox.ts';
import { OpenCalls } from './calls.ts';
import { type Call, type Failure, type Reply, readCall, readFailure, readReply } from './control-messages.ts';
import { DivergedError, PeerError } from './faults.ts';
import { type Heartbeat, startHeartbeat } from './heartbeat.ts';
import { pack } from './packing.ts';
import { PeerClock } from './peer-clock.ts';

/** Ports as they come over a port, with none to the own rank. */
export const byRank = (ports: readonly (MessagePort | null)[]): ReadonlyMap<number, MessagePort> =>
  new Map(ports.flatMap((port, rank) => (port ? [[rank, port] as const] : [])));

export interface LinksOptions {
  readonly rank: number;
  readonly ports: ReadonlyMap<number, MessagePort>;
  /** Counts the times that the ranks were wired anew. */
  readonly generation: number;
  /** A peer that is waited for and was not heard of for this long is taken for frozen. */
  readonly silenceMs?: number;
  /** The page of every rank; where absent, each has its own. What ranks of one page send each other is not checked. */
  readonly pages?: readonly string[];
}

/** Answers a call; what it throws goes back to the caller, but for a FrameError, with which the links end. */
export type CallHandler = (name: string, argument: unknown, from: number) => unknown;

export interface LinkCounts {
  readonly bytesSent: number;
  readonly messagesSent: number;
}

const DEFAULT_SILENCE_MS = 15_000;

export class Links implements MeshPeers {
  readonly rank: number;
  readonly #ports: ReadonlyMap<number, MessagePort>;
  readonly #generation: number;
  readonly #pages: readonly string[] | undefined;
  readonly #blocks: BlockInbox;
  readonly #calls = new OpenCalls();
  readonly #roundTrips = new Map<number, number>();
  readonly #clocks = new Map<number, PeerClock>();
  readonly #heartbeat: Heartbeat;
  /** Of blocks that were read, for those to send. */
  readonly #pool = createBufferPool();
  #handler: CallHandler = name => {
    throw new Error(`nobody answers the call ${name} here`);
  };
  #failed: (error: Error) => void = () => {};
  #plan = 0;
  #round = 0;
  #flags = 0;
  #step = 0;
  #failure: Error | undefined;
  #bytesSent = 0;
  #messagesSent = 0;

  constructor({ rank, ports, generation, silenceMs = DEFAULT_SILENCE_MS, pages }: LinksOptions) {
    this.rank = rank;
    this.#ports = ports;
    this.#generation = generation;
    this.#pages = pages;
    this.#blocks = new BlockInbox(rank, peer => this.isOwn(peer));
    for (const [peer, port] of ports) {
      this.#clocks.set(peer, new PeerClock());
      port.onmessage = ({ data }: MessageEvent<LinkMessage>) => this.#receive(peer, data);
    }
    this.#heartbeat = startHeartbeat({
      peers: [...ports.keys()],
      silenceMs,
      ping: peer => this.#ping(peer),
      awaited: () => new Set([...this.#blocks.awaited, ...this.#calls.awaited]),
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

  /** A worker of the same page: it runs the same code. */
  isOwn(peer: number): boolean {
    return this.#pages !== undefined && this.#pages[peer] === this.#pages[this.rank];
  }

  /** Frames of another plan or run are refused from now on. */
  begin(plan: number): void {
    this.#plan = plan;
    this.#round = 0;
    this.#blocks.begin(0);
    // Their clocks are known when the first step begins.
    for (const peer of this.#ports.keys()) if (!this.#failure) this.#ping(peer);
  }

  beginRound(step: number, flags = 0): void {
    this.#round++;
    this.#step = step;
    this.#flags = flags;
    this.#blocks.begin(this.#round);
  }

  /** Flags of all blocks received in this round. */
  get flagsHeard(): number {
    return this.#blocks.flagsHeard;
  }

  get counts(): LinkCounts {
    return { bytesSent: this.#bytesSent, messagesSent: this.#messagesSent };
  }

  /** Milliseconds to a peer and back, of the newest ping; undefined before the first came back. */
  roundTripMs(peer: number): number | undefined {
    return this.#roundTrips.get(peer);
  }

  /** How far a peer's clock is ahead of the own one, in ms; undefined before the first ping came back. */
  clockOf(peer: number): PeerClock['estimate'] {
    return this.#clocks.get(peer)?.estimate;
  }

  answer(handler: CallHandler): void {
    this.#handler = handler;
  }

  /** Nothing is sent that is not finite: then the model has diverged, and the links end with that. */
  send(peer: number, exchange: number, bytes: Uint8Array<ArrayBuffer>, wire: WirePrecision = 'f32'): void {
    if (!isFiniteBlock(bytes, wire)) this.fail(new DivergedError(this.rank, this.#step));
    if (this.#failure) throw this.#failure;
    const frame = this.#pool.take(HEADER_BYTES + bytes.byteLength);
    new Uint8Array(frame, HEADER_BYTES).set(bytes);
    this.#bytesSent += bytes.byteLength;
    this.#messagesSent++;
    this.#post(peer, FrameKind.data, exchange, frame);
  }

  async receive(
    peer: number,
    exchange: number,
    bytes: number,
    wire: WirePrecision = 'f32',
  ): Promise<Uint8Array<ArrayBuffer>> {
    if (this.#failure) throw this.#failure;
    try {
      return await this.#blocks.receive(peer, exchange, bytes, wire);
    } catch (error) {
      throw this.fail(error as Error);
    }
  }

  release(block: Uint8Array<ArrayBuffer>): void {
    this.#pool.give(block.buffer);
  }

  /** Calls a peer. @throws PeerError where it is gone, or Error with what its handler threw. */
  async call(peer: number, name: string, argument: unknown = null): Promise<unknown> {
    if (this.#failure) throw this.#failure;
    const { id, answer } = this.#calls.open(peer);
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
    const failure = failureOf(error, this.rank);
    for (const peer of this.#ports.keys()) {
      this.#post(peer, FrameKind.failure, 0, pack(failure, HEADER_BYTES));
    }
    this.#end(error);
    return error;
  }

  /** Ends all waiting, for a peer sent what it should not. @returns the first failure of these links */
  blame(peer: number, { message }: FrameError): Error {
    return this.fail(new PeerError(peer, `sent ${message}.`));
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
    this.#blocks.end(error);
    this.#calls.end(error);
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

  #ping(peer: number): void {
    this.#postTimes(peer, FrameKind.ping, [performance.now()]);
  }

  #postTimes(peer: number, kind: FrameKind, times: readonly number[]): void {
    const frame = new ArrayBuffer(HEADER_BYTES + 8 * times.length);
    const view = new DataView(frame, HEADER_BYTES);
    times.forEach((time, i) => {
      view.setFloat64(8 * i, time, true);
    });
    this.#post(peer, kind, 0, frame);
  }

  #receive(peer: number, message: LinkMessage): void {
    if (this.#failure) return;
    this.#heartbeat.heard(peer);
    try {
      if (!(message instanceof ArrayBuffer)) throw new PeerError(peer, `is gone: ${message.reason}.`);
      this.#take(peer, message);
    } catch (error) {
      if (!(error instanceof FrameError || error instanceof PeerError)) throw error;
      if (error instanceof PeerError) this.fail(error);
      else this.blame(peer, error);
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
        if (header.plan !== this.#plan) {
          throw new FrameError(
            `a block of another plan (${header.plan}; rank ${this.rank} runs ${this.#plan})`,
          );
        }
        this.#blocks.take(peer, header, payload);
        return;
      case FrameKind.ping:
        if (payload.byteLength !== 8) throw new FrameError(`a ping of ${payload.byteLength} bytes, not 8`);
        this.#postTimes(peer, FrameKind.pong, [readTime(frame, 0), performance.now()]);
        return;
      case FrameKind.pong: {
        if (payload.byteLength !== 16) throw new FrameError(`a pong of ${payload.byteLength} bytes, not 16`);
        const [sent, there, now] = [readTime(frame, 0), readTime(frame, 1), performance.now()];
        if (!Number.isFinite(there)) throw new FrameError(`a pong with the time ${there}`);
        this.#roundTrips.set(peer, now - sent);
        this.#clocks.get(peer)?.add(sent, there, now);
        return;
      }
      case FrameKind.call:
        void this.#answerCall(peer, header.exchange, readCall(frame));
        return;
      case FrameKind.reply:
        this.#calls.settle(peer, header.exchange, readReply(frame));
        return;
      case FrameKind.failure:
        // The sender has told everyone.
        this.#end(errorOf(readFailure(frame), peer));
    }
  }

  async #answerCall(peer: number, id: number, { name, argument }: Call): Promise<void> {
    let answer: ArrayBuffer;
    try {
      const value = (await this.#handler(name, argument, peer)) ?? null;
      answer = pack({ value } satisfies Reply, HEADER_BYTES);
    } catch (error) {
      if (error instanceof FrameError) {
        this.blame(peer, error);
        return;
      }
      answer = pack({ error: (error as Error).message } satisfies Reply, HEADER_BYTES);
    }
    if (id !== 0 && !this.#failure) this.#post(peer, FrameKind.reply, id, answer);
  }
}

/** The i-th time of a ping or its answer. */
const readTime = (frame: ArrayBuffer, i: number) => new DataView(frame, HEADER_BYTES).getFloat64(8 * i, true);

/** What the peers are told of the first error of these links. */
function failureOf(error: Error, own: number): Failure {
  if (error instanceof PeerError) return { rank: error.rank, reason: error.reason };
  if (error instanceof DivergedError) return { rank: error.rank, divergedAt: error.step };
  return { rank: own, reason: `gave up: ${error.message}` };
}

/** The error that a peer tells of. */
function errorOf(failure: Failure, peer: number): Error {
  const { rank } = failure;
  if ('divergedAt' in failure) return new DivergedError(rank, failure.divergedAt);
  const { reason } = failure;
  return new PeerError(rank, rank === peer ? reason : `${reason} (Rank ${peer} noticed.)`);
}
