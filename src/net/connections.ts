/**
 * The `RTCPeerConnection`s between two pages and the data channels on them. Channels are negotiated: both pages make
 * them under agreed ids before the connection is there, so none has to be announced, and no frame can come too early.
 *
 * The pages can talk when the first connection is there. The others come one after the other: browsers hide their
 * addresses on a network behind names, and answer for those of several connections slowly when all are made at once.
 * Now and then a name stays without an answer, so a connection that fails is tried once more.
 */

/** What the pages tell each other, as JSON, so that a connection comes about. */
export interface ConnectionSignal {
  /** Which of the connections. */
  readonly connection: number;
  readonly description?: RTCSessionDescriptionInit;
  readonly candidate?: RTCIceCandidateInit;
  /** It failed before it was there: the page that offers shall try again. */
  readonly again?: true;
}

export interface ConnectionOptions {
  /** One page of the two offers, the other answers. */
  readonly initiator: boolean;
  readonly signal: (signal: ConnectionSignal) => void;
  readonly iceServers?: readonly RTCIceServer[];
  /** How many connections; both pages must say the same. */
  readonly connections: number;
  /** Called when the control channel and the first lane are open. */
  readonly onOpen: () => void;
  /** Called for each further lane that opens. One whose connection does not come about is not missed. */
  readonly onLane?: (lane: RTCDataChannel) => void;
  /** Called when the first connection fails, or what was open does or closes: the rest is of no use then. Not after `close`. */
  readonly onLost: (reason: string) => void;
}

export interface Connections {
  /** For JSON, in order: its own channel, so that it never waits behind megabytes. */
  readonly control: RTCDataChannel;
  /** For frames; one to a connection, open or not yet. */
  readonly lanes: readonly RTCDataChannel[];
  /** Size of the messages that the first connection takes, in bytes; known when it is open. */
  maxMessageSize(): number;
  /** Takes what the other page signalled. @throws Error for what is no signal */
  accept(signal: ConnectionSignal): void;
  close(): void;
}

/** Ids of the channels. */
const CONTROL_ID = 0;
const LANE_ID = 1;
/** How long the last word to the other page may take. */
const FAREWELL_MS = 1000;

export function openConnections(options: ConnectionOptions): Connections {
  const { initiator, signal } = options;
  let isClosed = false;
  /** What the pages wait for: the control channel, the first lane. */
  let unopened = 2;

  function lost(reason: string): void {
    if (isClosed) return;
    options.onLost(reason);
  }

  function opened(): void {
    unopened--;
    if (unopened === 0 && !isClosed) options.onOpen();
  }

  function channelOn(peer: RTCPeerConnection, label: string, id: number): RTCDataChannel {
    const channel = peer.createDataChannel(label, { negotiated: true, id });
    channel.binaryType = 'arraybuffer';
    return channel;
  }

  const peers = Array.from(
    { length: options.connections },
    () => new RTCPeerConnection({ iceServers: [...(options.iceServers ?? [])] }),
  );
  const control = channelOn(peers[0], 'isobar control', CONTROL_ID);
  const lanes = peers.map(peer => channelOn(peer, 'isobar lane', LANE_ID));

  const negotiations = peers.map((peer, connection) => {
    peer.addEventListener('connectionstatechange', () => {
      if (peer.connectionState !== 'failed') return;
      if (lanes[connection].readyState === 'open') lost('the connection to the other page was lost');
      else if (negotiations[connection].again()) return;
      else if (connection > 0) peer.close();
      else lost('the pages could not connect directly; a TURN server in the settings may help');
    });
    return negotiate(peer, initiator, message => signal({ connection, ...message }), lost);
  });

  const closed = () => lost('the other page closed the connection');
  control.addEventListener('open', opened, { once: true });
  control.addEventListener('close', closed);
  for (const [connection, lane] of lanes.entries()) {
    if (connection === 0) lane.addEventListener('close', closed);
    lane.addEventListener(
      'open',
      () => {
        if (isClosed) return;
        if (connection === 0) opened();
        else {
          lane.addEventListener('close', closed);
          options.onLane?.(lane);
        }
        if (initiator) negotiations[connection + 1]?.offer();
      },
      { once: true },
    );
  }
  if (initiator) negotiations[0].offer();

  return {
    control,
    lanes,
    maxMessageSize: () => peers[0].sctp?.maxMessageSize ?? 65536,
    accept(message) {
      const negotiation = negotiations[message.connection];
      if (negotiation === undefined) {
        throw new Error(
          `the other page signals for connection ${message.connection}; this page makes ${peers.length}`,
        );
      }
      negotiation.accept(message);
    },
    close() {
      if (isClosed) return;
      isClosed = true;
      for (const lane of lanes) lane.close();
      const closePeers = () => {
        clearTimeout(timer);
        for (const peer of peers) peer.close();
      };
      // A channel sends what it holds before it closes, a connection does not: the last word must get through.
      const timer = setTimeout(closePeers, FAREWELL_MS);
      if (control.readyState !== 'open') return closePeers();
      control.addEventListener('close', closePeers, { once: true });
      control.close();
    },
  };
}

/** @throws Error for what is no signal: it comes from another page */
export function signalFrom(message: unknown): ConnectionSignal {
  const signal = message as Partial<ConnectionSignal> | null;
  if (typeof signal !== 'object' || signal === null || !Number.isInteger(signal.connection)) {
    throw new Error('the other page signalled what is no signal of a link');
  }
  return signal as ConnectionSignal;
}

interface Negotiation {
  /** Begins it, on the page that offers. */
  offer(): void;
  /** Tries once more. @returns false where that was done already */
  again(): boolean;
  accept(message: ConnectionSignal): void;
}

/** Offer, answer and candidates of one connection. What goes wrong is told to `lost`. */
function negotiate(
  peer: RTCPeerConnection,
  initiator: boolean,
  signal: (message: Omit<ConnectionSignal, 'connection'>) => void,
  lost: (reason: string) => void,
): Negotiation {
  /** One step after another, though candidates arrive while a description is being applied. */
  let steps: Promise<unknown> = Promise.resolve();
  const early: RTCIceCandidateInit[] = [];
  let isRepeated = false;

  function then(step: () => Promise<void>): void {
    // What comes for a connection that was given up is of no use.
    const unlessClosed = async () => peer.signalingState !== 'closed' && step();
    steps = steps.then(unlessClosed).catch((error: unknown) => {
      lost(`the pages could not agree on a connection: ${error instanceof Error ? error.message : error}`);
    });
  }

  function offer(): void {
    then(async () => {
      await peer.setLocalDescription();
      signal({ description: peer.localDescription!.toJSON() });
    });
  }

  function again(): boolean {
    if (isRepeated) return false;
    isRepeated = true;
    if (initiator) {
      peer.restartIce();
      offer();
    } else signal({ again: true });
    return true;
  }

  async function describe(description: RTCSessionDescriptionInit): Promise<void> {
    if (description.type === 'offer') isRepeated ||= peer.remoteDescription !== null;
    await peer.setRemoteDescription(description);
    for (const candidate of early.splice(0)) await peer.addIceCandidate(candidate);
    if (description.type !== 'offer') return;
    await peer.setLocalDescription();
    signal({ description: peer.localDescription!.toJSON() });
  }

  peer.addEventListener('icecandidate', ({ candidate }) => {
    if (candidate !== null) signal({ candidate: candidate.toJSON() });
  });
  return {
    offer,
    again,
    accept(message) {
      const { description, candidate } = message;
      if (message.again === true && peer.connectionState !== 'connected') again();
      if (description !== undefined) then(() => describe(description));
      if (candidate === undefined) return;
      then(async () => {
        if (peer.remoteDescription === null) early.push(candidate);
        else await peer.addIceCandidate(candidate);
      });
    },
  };
}
