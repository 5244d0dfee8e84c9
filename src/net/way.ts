/** Watches how an `RTCPeerConnection` looks for a way to the other page, and says why there is none. */
import { type Attempt, type Candidate, noWay, noWayWords } from './no-way.ts';

export interface Way {
  /** Why there is none, and what to do, as it looks now. Words within a sentence, without the last full stop. */
  why(): Promise<string>;
}

/** What a TURN server answers where user or password are wrong: RFC 8489, section 14.8. */
const UNAUTHORIZED = 401;

/** @param peer just made: what servers answer is heard from now on */
export function watchWay(peer: RTCPeerConnection): Way {
  let refused = false;
  // Of a connection that is closed by the time Firefox tells nothing any more.
  const servers = (peer.getConfiguration().iceServers ?? []).flatMap(({ urls }) => urls);
  peer.addEventListener('icecandidateerror', ({ errorCode }) => {
    refused ||= errorCode === UNAUTHORIZED;
  });
  return {
    async why() {
      const attempt: Attempt = {
        servers,
        own: candidatesIn(peer.localDescription),
        other: candidatesIn(peer.remoteDescription),
        foundHost: peer.signalingState !== 'closed' && (await foundHost(peer)),
        refused,
      };
      return noWayWords(noWay(attempt), attempt.servers);
    },
  };
}

/** Candidates that came one by one are in the description, too. */
export function candidatesIn(description: Pick<RTCSessionDescription, 'sdp'> | null): Candidate[] {
  const lines = description?.sdp.matchAll(/^a=candidate:\S+ \d+ \S+ \d+ (\S+) \d+ typ (\S+)/gm) ?? [];
  return [...lines].map(([, address, type]) => ({ address, type }));
}

/** A browser lists a candidate of the other page once it has an address to try. */
async function foundHost(peer: RTCPeerConnection): Promise<boolean> {
  let found = false;
  (await peer.getStats()).forEach((entry: RTCStats & { candidateType?: string }) => {
    found ||= entry.type === 'remote-candidate' && entry.candidateType === 'host';
  });
  return found;
}

/** How long a connection may look for a way until it is said that there is none; it goes on looking. */
const PATIENCE_MS = 12_000;

/** Told once, with the reason, where a connection that has heard of the other page finds no way to it. */
export function onNoWay(peer: RTCPeerConnection, tell: (why: string) => void): void {
  const way = watchWay(peer);
  let isOver = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const none = async () => {
    if (isOver || peer.signalingState === 'closed') return;
    isOver = true;
    tell(await way.why());
  };
  peer.addEventListener('signalingstatechange', () => {
    if (peer.remoteDescription !== null) timer ??= setTimeout(none, PATIENCE_MS);
  });
  peer.addEventListener('iceconnectionstatechange', () => {
    const { iceConnectionState: state } = peer;
    if (state === 'failed') void none();
    isOver ||= state === 'connected' || state === 'completed';
    if (isOver) clearTimeout(timer);
  });
}
