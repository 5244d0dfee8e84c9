/**
 * The `RTCPeerConnection`s between two pages and the data channels on them. Channels are negotiated: both pages make
 * them under agreed ids before the connection is there, so none has to be announced, and no frame can come too early.
 */

/** What the pages tell each other, as JSON, so that a connection comes about. */
export interface ConnectionSignal {
  /** Which of the connections. */
  readonly connection: number;
  readonly description?: RTCSessionDescriptionInit;
  readonly candidate?: RTCIceCandidateInit;
  /** An adopted connection has its channels on the sender's side. */
  readonly adopted?: true;
}

export interface ConnectionOptions {
  /** One page of the two offers, the other answers. */
  readonly initiator: boolean;
  readonly signal: (signal: ConnectionSignal) => void;
  readonly iceServers?: readonly RTCIceServer[];
  /** How many connections; both pages must say the same. */
  readonly connections: number;
  /** A connection of these two pages that is there already; it becomes the first. */
  readonly adopt?: RTCPeerConnection;
  /** Called when all channels are open. */
  readonly onOpen: () => void;
  /** Called when a connection fails or a channel closes; the rest is of no use then. Not after `close`. */
  readonly onLost: (reason: string) => void;
}

export interface Connections {
  /** For JSON, in order: its own channel, so that it never waits behind megabytes. */
  readonly control: RTCDataChannel;
  /** For frames; one to a connection. */
  readonly lanes: readonly RTCDataChannel[];
  /** Smallest of the message sizes that the connections take, in bytes; known when they are open. */
  maxMessageSize(): number;
  /** Takes what the other page signalled. @throws Error for what is no signal */
  accept(signal: ConnectionSignal): void;
  close(): void;
}

/** Ids of the channels. An adopted connection has channels of its own, with low ids. */
const CONTROL_ID = 100;
const LANE_ID = 101;
/** How long the last word to the other page may take. */
const FAREWELL_MS = 1000;

export function openConnections(options: ConnectionOptions): Connections {
  const { initiator, signal, adopt } = options;
  let isClosed = false;
  let unopened = options.connections + 1;

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
    channel.addEventListener('open', opened, { once: true });
    channel.addEventListener('close', () => lost('the other page closed the connection'));
    return channel;
  }

  const peers = Array.from({ length: options.connections }, (_, index) =>
    index === 0 && adopt !== undefined
      ? adopt
      : new RTCPeerConnection({ iceServers: [...(options.iceServers ?? [])] }),
  );
  const control = channelOn(peers[0], 'isobar control', CONTROL_ID);
  const lanes = peers.map(peer => channelOn(peer, 'isobar lane', LANE_ID));

  const negotiations = peers.map((peer, connection) => {
    peer.addEventListener('connectionstatechange', () => {
      if (peer.connectionState !== 'failed') return;
      lost(
        unopened > 0
          ? 'the pages could not connect directly; a TURN server in the settings may help'
          : 'the connection to the other page was lost',
      );
    });
    if (peer === adopt) {
      // Frames for a channel that is not made yet would be lost: the pages wait for each other.
      unopened++;
      signal({ connection, adopted: true });
      return awaitAdoption(opened);
    }
    return negotiate(peer, initiator, message => signal({ connection, ...message }), lost);
  });

  return {
    control,
    lanes,
    maxMessageSize: () => Math.min(...peers.map(peer => peer.sctp?.maxMessageSize ?? 65536)),
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
        for (const peer of peers) if (peer !== adopt) peer.close();
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

/** An adopted connection needs no more than word that the other page has made its channels. */
function awaitAdoption(adopted: () => void): { accept(message: ConnectionSignal): void } {
  let isAdopted = false;
  return {
    accept(message) {
      if (isAdopted || message.adopted !== true) return;
      isAdopted = true;
      adopted();
    },
  };
}

/** Offer, answer and candidates of one connection. What goes wrong is told to `lost`. */
function negotiate(
  peer: RTCPeerConnection,
  initiator: boolean,
  signal: (message: Omit<ConnectionSignal, 'connection'>) => void,
  lost: (reason: string) => void,
): { accept(message: ConnectionSignal): void } {
  /** One step after another, though candidates arrive while a description is being applied. */
  let steps = Promise.resolve();
  const early: RTCIceCandidateInit[] = [];

  function then(step: () => Promise<void>): void {
    steps = steps.then(step).catch((error: unknown) => {
      lost(`the pages could not agree on a connection: ${error instanceof Error ? error.message : error}`);
    });
  }

  async function describe(description: RTCSessionDescriptionInit): Promise<void> {
    await peer.setRemoteDescription(description);
    for (const candidate of early.splice(0)) await peer.addIceCandidate(candidate);
    if (description.type !== 'offer') return;
    await peer.setLocalDescription();
    signal({ description: peer.localDescription!.toJSON() });
  }

  peer.addEventListener('icecandidate', ({ candidate }) => {
    if (candidate !== null) signal({ candidate: candidate.toJSON() });
  });
  if (initiator) {
    then(async () => {
      await peer.setLocalDescription();
      signal({ description: peer.localDescription!.toJSON() });
    });
  }
  return {
    accept({ description, candidate }) {
      if (description !== undefined) then(() => describe(description));
      if (candidate === undefined) return;
      then(async () => {
        if (peer.remoteDescription === null) early.push(candidate);
        else await peer.addIceCandidate(candidate);
      });
    },
  };
}
