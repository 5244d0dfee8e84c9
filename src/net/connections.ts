/**
 * The `RTCPeerConnection`s between two pages and the data channels on them. Channels are negotiated: both pages make
 * them under agreed ids before the connection is there, so none has to be announced.
 *
 * The pages can talk when the first connection is there. The others are made when they are asked for, one after the
 * other: browsers hide their addresses on a network behind names, and answer for those of several connections slowly
 * when all are made at once. Now and then a name stays without an answer, so what does not connect is tried again.
 */
import { type Negotiation, type NegotiationSignal, negotiate } from './negotiation.ts';
import { type Way, watchWay } from './way.ts';

/** What the pages tell each other, as JSON, so that a connection comes about. */
interface ConnectionSignal extends NegotiationSignal {
  /** Which of the connections. */
  readonly connection: number;
  /** Counts from 1. A page that sees a higher number than its own gives up its own attempt. */
  readonly attempt: number;
}

interface ConnectionOptions {
  /** One page of the two offers, the other answers. */
  readonly initiator: boolean;
  readonly signal: (signal: ConnectionSignal) => void;
  readonly iceServers?: readonly RTCIceServer[];
  /** The most connections that there can be; both pages must say the same. */
  readonly connections: number;
  /** The first connection is there. */
  readonly onOpen: (first: FirstConnection) => void;
  /** Another one is there, with a further channel for frames. Not all need come about. */
  readonly onLane: (lane: RTCDataChannel) => void;
  /** What came on a channel for frames, or for JSON. */
  readonly onFrame: (data: unknown) => void;
  readonly onNote: (data: unknown) => void;
  /** The first connection did not come about, or what was open failed or was closed. Not after `close`. */
  readonly onLost: (reason: string) => void;
}

interface FirstConnection {
  /** For JSON, in order: its own channel, so that it never waits behind megabytes. */
  readonly control: RTCDataChannel;
  /** For frames. */
  readonly lane: RTCDataChannel;
  /** Bytes of a message. */
  readonly maxMessageSize: number;
}

export interface Connections {
  /** Takes what the other page signalled. @throws Error for what is no signal */
  accept(signal: ConnectionSignal): void;
  /** Makes the further connections too, where this page offers. */
  widen(): void;
  /** Why the first connection has not come about, as it looks now, and what to do. */
  whyNone(): Promise<string>;
  close(): void;
}

/** Ids of the channels. */
const CONTROL_ID = 0;
const LANE_ID = 1;
/** Firefox gives a connection up after 5 s. */
const MOST_ATTEMPTS = 3;
/** How long the last word to the other page may take. */
const FAREWELL_MS = 1000;

/** One of the connections, in its latest attempt. */
interface Attempt {
  readonly number: number;
  readonly peer: RTCPeerConnection;
  readonly way: Way;
  readonly negotiation: Negotiation;
  readonly lane: RTCDataChannel;
  /** Of the first connection only. */
  readonly control?: RTCDataChannel;
}

const isOpen = ({ lane, control = lane }: Attempt) =>
  lane.readyState === 'open' && control.readyState === 'open';

export function openConnections(options: ConnectionOptions): Connections {
  const { initiator, signal } = options;
  const attempts = new Map<number, Attempt>();
  /** Connections that were there; what happens to one of them happens to all. */
  const opened = new Set<number>();
  let isWide = false;
  let isClosed = false;

  function lost(reason: string): void {
    if (!isClosed) options.onLost(reason);
  }

  /** Makes a connection, in place of an earlier attempt. */
  function begin(connection: number, number: number): Attempt {
    attempts.get(connection)?.peer.close();
    const peer = new RTCPeerConnection({ iceServers: [...(options.iceServers ?? [])] });
    /** Neither replaced by a later attempt nor given up. */
    const isLatest = () =>
      !isClosed && attempts.get(connection)?.peer === peer && peer.signalingState !== 'closed';
    const failed = (reason: string) => {
      if (!isLatest()) return;
      if (opened.has(connection)) lost(reason);
      else again(connection, number + 1);
    };
    const channelOn = (label: string, id: number, onMessage: (data: unknown) => void) => {
      const channel = peer.createDataChannel(label, { negotiated: true, id });
      channel.binaryType = 'arraybuffer';
      channel.addEventListener('open', () => isLatest() && arrived(connection, attempt), { once: true });
      channel.addEventListener('close', () => failed('the other page closed the connection'));
      channel.addEventListener('message', ({ data }) => onMessage(data));
      return channel;
    };
    peer.addEventListener('connectionstatechange', () => {
      if (peer.connectionState === 'failed') failed('the connection to the other page was lost');
    });
    const attempt: Attempt = {
      number,
      peer,
      way: watchWay(peer),
      negotiation: negotiate(
        peer,
        message => signal({ connection, attempt: number, ...message }),
        reason => isLatest() && lost(reason),
      ),
      lane: channelOn('isobar lane', LANE_ID, options.onFrame),
      ...(connection === 0 ? { control: channelOn('isobar control', CONTROL_ID, options.onNote) } : {}),
    };
    attempts.set(connection, attempt);
    if (initiator) attempt.negotiation.offer();
    return attempt;
  }

  /** Tries again, or gives up; the other page is told either way. */
  function again(connection: number, number: number): void {
    signal({ connection, attempt: number });
    if (number <= MOST_ATTEMPTS) begin(connection, number);
    else void giveUp(connection);
  }

  async function giveUp(connection: number): Promise<void> {
    const attempt = attempts.get(connection);
    // Asked before it is closed: Firefox never answers for what a connection had by then.
    const why = connection === 0 ? await whyNone() : undefined;
    attempt?.peer.close();
    if (why !== undefined) lost(why);
  }

  async function whyNone(): Promise<string> {
    return attempts.get(0)?.way.why() ?? 'the other page has said nothing of itself';
  }

  /** A channel is open, the last one of its connection perhaps. */
  function arrived(connection: number, attempt: Attempt): void {
    if (opened.has(connection) || !isOpen(attempt)) return;
    opened.add(connection);
    const { lane, control, peer } = attempt;
    if (control === undefined) options.onLane(lane);
    else options.onOpen({ control, lane, maxMessageSize: peer.sctp?.maxMessageSize ?? 65536 });
    goOn();
  }

  /** Begins the next connection when those before are there. */
  function goOn(): void {
    const next = attempts.size;
    if (isWide && initiator && !isClosed && opened.size === next && next < options.connections)
      begin(next, 1);
  }

  if (initiator) begin(0, 1);

  return {
    accept({ connection, attempt: number, ...message }) {
      if (connection >= options.connections) {
        throw new Error(
          `the other page signals for connection ${connection}; this page makes ${options.connections}`,
        );
      }
      const known = attempts.get(connection);
      if (known !== undefined && number < known.number) return;
      if (number === known?.number) known.negotiation.accept(message);
      else if (opened.has(connection)) lost('the connection to the other page was lost');
      else if (number > MOST_ATTEMPTS) void giveUp(connection);
      else begin(connection, number).negotiation.accept(message);
    },
    widen() {
      isWide = true;
      goOn();
    },
    whyNone,
    close() {
      if (isClosed) return;
      isClosed = true;
      const closePeers = () => {
        clearTimeout(timer);
        for (const { peer } of attempts.values()) peer.close();
      };
      // A channel sends what it holds before it closes, a connection does not: the last word must get through.
      const timer = setTimeout(closePeers, FAREWELL_MS);
      const control = attempts.get(0)?.control;
      if (control?.readyState !== 'open') return closePeers();
      control.addEventListener('close', closePeers, { once: true });
      control.close();
    },
  };
}

/** @throws Error for what is no signal: it comes from another page */
export function signalFrom(message: unknown): ConnectionSignal {
  const signal = message as Partial<ConnectionSignal> | null;
  const isCount = (value: unknown, least: number) => Number.isInteger(value) && Number(value) >= least;
  if (typeof signal !== 'object' || !isCount(signal?.connection, 0) || !isCount(signal?.attempt, 1)) {
    throw new Error('the other page signalled what is no signal of a link');
  }
  return signal as ConnectionSignal;
}
