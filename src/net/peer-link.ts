/**
 * All traffic between two pages over WebRTC: whole messages between ranks, each pair of ranks on a `MessagePort`, and
 * a small channel for the link's own notes. A link is whole or gone: when one of its connections fails, when the other page falls silent
 * or sends what cannot be, it ends, and everyone who uses it is told why.
 */

import { createAssembler } from './assemble.ts';
import { createBufferPool } from './buffer-pool.ts';
import { openConnections, signalFrom } from './connections.ts';
import { createControl } from './control.ts';
import { createEarlyMessages } from './early-messages.ts';
import { type FrameHeader, HEADER_BYTES, PART_BYTES, readHeader } from './frame.ts';
import { FrameError } from './frame-error.ts';
import type { LinkClosed, LinkStatistics } from './link-port.ts';
import { createSender, type Route } from './sender.ts';

export interface PeerLinkOptions {
  /** One page of the two must say true, the other false. */
  readonly initiator: boolean;
  /**
   * Brings JSON to `accept` of the other page's link, in order. What is signalled before that link is made must be
   * kept for it.
   */
  readonly signal: (message: unknown) => void;
  readonly iceServers?: readonly RTCIceServer[];
  /**
   * `RTCPeerConnection`s of this link, the same number on both pages. The link is open when the first one is. Without
   * it there is one where the pages are near each other, and four over a longer line.
   */
  readonly connections?: number;
  /** The link ends when so many milliseconds bring no sign of life. */
  readonly silenceMs?: number;
  /** The link ends when it is not open after so many milliseconds. */
  readonly connectMs?: number;
}

export interface PeerLink {
  /** Fulfilled when the link is open; rejected, with the reason, when it ends before. */
  readonly ready: Promise<void>;
  /** Fulfilled when all of its connections are there: somewhat later than `ready`, or never. */
  readonly complete: Promise<void>;
  /** Takes what the other page signalled; a message that is no signal ends the link. */
  accept(message: unknown): void;
  /**
   * Joins a rank of this page with one of the other page, in one generation of the wiring. The port is the link's from
   * now on. Messages that came before are delivered at once.
   * @param from the rank that holds the other end of the port
   * @param to the rank of the other page
   */
  attach(generation: number, from: number, to: number, port: MessagePort): void;
  /** Ends the ports of a generation and of those before it, and drops their frames from now on. */
  detach(generation: number): void;
  /** Called once, when the link has ended; at once if it has. */
  onClose(listener: (reason: string) => void): void;
  statistics(): LinkStatistics;
  /** Ends the link; the other page and all ports are told the reason. */
  close(reason?: string): void;
}

/** Over a long line four carry twice as much as one; near by they carry less, as each has its price: docs/transport.md. */
const MOST_CONNECTIONS = 4;
/** A line is long when a round trip takes so long. */
const LONG_LINE_MS = 2.5;

interface Attached {
  readonly generation: number;
  readonly port: MessagePort;
  route?: Route;
}

export function createPeerLink(options: PeerLinkOptions): PeerLink {
  const { silenceMs = 8000, connectMs = 20_000, connections: wanted } = options;
  const pool = createBufferPool();
  const assembler = createAssembler(deliver, pool);
  /** By generation and both ranks, see `keyOf`. */
  const attached = new Map<string, Attached>();
  const early = createEarlyMessages();
  /** Frames of generations before this one are dropped. */
  let oldest = 0;
  /** The latest generation that was attached: only for it, and for later ones, are ports still to come. */
  let newest = 0;
  let bytesReceived = 0;
  let lanes = 0;
  let state: 'opening' | 'open' | 'ended' = 'opening';
  let endReason = '';
  const closeListeners: ((reason: string) => void)[] = [];
  let opened: () => void;
  let failed: (error: Error) => void;
  const ready = new Promise<void>((resolve, reject) => {
    opened = resolve;
    failed = reject;
  });
  // Whoever does not wait for `ready` learns of the end by `onClose`.
  ready.catch(() => {});
  let completed: () => void;
  const complete = new Promise<void>(resolve => {
    completed = resolve;
  });
  const connectTimer = setTimeout(async () => {
    const why = await connections.whyNone();
    if (state === 'opening')
      close(`no connection to the other page came about in ${connectMs / 1000} s: ${why}`);
  }, connectMs);

  const sender = createSender(message => {
    // A message of one part arrives in a buffer of its own, so nobody asks for one so short.
    if (message.byteLength > HEADER_BYTES + PART_BYTES) pool.give(message);
  }, close);
  const control = createControl({
    silenceMs,
    bytesMoved: () => sender.bytesSent + bytesReceived,
    onClosed: end,
    onFault: close,
    onFirstTrips(leastMs) {
      if (wanted === undefined && leastMs >= LONG_LINE_MS) connections.widen();
    },
  });
  const connections = openConnections({
    initiator: options.initiator,
    signal: options.signal,
    iceServers: options.iceServers,
    connections: wanted ?? MOST_CONNECTIONS,
    onOpen({ control: channel, lane, maxMessageSize }) {
      if (maxMessageSize < HEADER_BYTES + PART_BYTES) {
        close(
          `the connection takes messages of ${maxMessageSize} bytes; ${HEADER_BYTES + PART_BYTES} are needed`,
        );
        return;
      }
      clearTimeout(connectTimer);
      state = 'open';
      // Before anything else is sent, so that the first pings wait behind nothing.
      control.start(channel);
      addLane(lane);
      if (wanted !== undefined) connections.widen();
      for (const [key, entry] of attached) start(key, entry);
      opened();
    },
    onLane: addLane,
    onFrame: receive,
    onNote: control.take,
    onLost: end,
  });

  function addLane(lane: RTCDataChannel): void {
    sender.add(lane);
    lanes++;
    if (lanes === (wanted ?? MOST_CONNECTIONS)) completed();
  }

  /** Reads a port from now on; until then it keeps what its rank posts. */
  function start(key: string, entry: Attached): void {
    const route = sender.open();
    entry.route = route;
    entry.port.onmessage = ({ data }: MessageEvent<unknown>) => {
      try {
        if (!(data instanceof ArrayBuffer)) throw new FrameError('a message that is no ArrayBuffer');
        const { generation, from, to } = readHeader(data);
        if (keyOf(generation, from, to) !== key) {
          throw new FrameError(`a message of generation ${generation} from rank ${from} to ${to}`);
        }
        route.send(data);
      } catch (error) {
        close(`a rank of this page posted what does not belong on its port: ${textOf(error)}`);
      }
    };
  }

  function receive(data: unknown): void {
    if (state === 'ended') return;
    try {
      if (!(data instanceof ArrayBuffer)) throw new FrameError('text where frames travel');
      control.heard();
      bytesReceived += data.byteLength;
      const header = readHeader(data);
      if (header.generation >= oldest) assembler.accept(data, header);
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      close(`the other page sent ${error.message}`);
    }
  }

  function deliver(message: ArrayBuffer, { generation, from, to }: FrameHeader): void {
    const key = keyOf(generation, to, from);
    const entry = attached.get(key);
    if (entry !== undefined) entry.port.postMessage(message, [message]);
    else if (generation >= newest) early.keep(key, generation, message);
  }

  function attach(generation: number, from: number, to: number, port: MessagePort): void {
    if (state === 'ended') {
      farewell(port, endReason);
      return;
    }
    if (generation < oldest) {
      throw new Error(`Generation ${generation} cannot be attached: the link is at ${oldest} already.`);
    }
    const key = keyOf(generation, from, to);
    if (attached.has(key)) {
      throw new Error(`Ranks ${from} and ${to} are attached already in generation ${generation}.`);
    }
    const entry: Attached = { generation, port };
    attached.set(key, entry);
    newest = Math.max(newest, generation);
    for (const message of early.take(key)) port.postMessage(message, [message]);
    if (state === 'open') start(key, entry);
  }

  function detach(generation: number): void {
    oldest = Math.max(oldest, generation + 1);
    for (const [key, entry] of attached) {
      if (entry.generation > generation) continue;
      attached.delete(key);
      entry.route?.close();
      farewell(entry.port, 'the ranks are being wired anew');
    }
    early.forget(generation);
    assembler.forget(generation);
  }

  /** Ends the link on this page; says why to everyone who holds an end of it. */
  function end(reason: string): void {
    if (state === 'ended') return;
    state = 'ended';
    endReason = reason;
    clearTimeout(connectTimer);
    control.stop();
    connections.close();
    for (const { port, route } of attached.values()) {
      route?.close();
      farewell(port, reason);
    }
    attached.clear();
    early.forget(Number.POSITIVE_INFINITY);
    failed(new Error(`The link to the other page ended: ${reason}.`));
    for (const listener of closeListeners.splice(0)) listener(reason);
  }

  function close(reason = 'the link was closed'): void {
    if (state === 'ended') return;
    control.tellClosed(reason);
    end(reason);
  }

  return {
    ready,
    complete,
    accept(message) {
      if (state === 'ended') return;
      try {
        connections.accept(signalFrom(message));
      } catch (error) {
        close(textOf(error));
      }
    },
    attach,
    detach,
    onClose(listener) {
      if (state === 'ended') listener(endReason);
      else closeListeners.push(listener);
    },
    statistics: () => ({
      roundTripMs: control.roundTripMs(),
      bytesSent: sender.bytesSent,
      bytesReceived,
      megabytesPerSecond: control.megabytesPerSecond(),
    }),
    close,
  };
}

/** Ranks as this page sees them: its own first. */
function keyOf(generation: number, own: number, other: number): string {
  return `${generation} ${own} ${other}`;
}

function farewell(port: MessagePort, reason: string): void {
  const closed: LinkClosed = { type: 'closed', reason };
  port.onmessage = null;
  port.postMessage(closed);
  port.close();
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
