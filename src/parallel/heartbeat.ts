/**
 * Who is still there: everyone is pinged at every beat. Silence is counted in beats, not by the clock, so that a
 * thread that was busy itself for long does not take the messages that wait in its queue for silence of the others.
 */

/** Milliseconds between two beats, unless a short silence asks for more of them. */
const BEAT_MS = 1000;

export interface HeartbeatOptions {
  readonly peers: readonly number[];
  /** A peer that is waited for and was not heard of for this long is taken for frozen. */
  readonly silenceMs: number;
  readonly ping: (peer: number) => void;
  /** Peers that something is waited for from. */
  readonly awaited: () => ReadonlySet<number>;
  readonly onSilent: (peer: number) => void;
}

export interface Heartbeat {
  /** Something came from a peer. */
  heard(peer: number): void;
  stop(): void;
}

/** Beats until it is stopped; without peers there is nothing to beat for. */
export function startHeartbeat({ peers, silenceMs, ping, awaited, onSilent }: HeartbeatOptions): Heartbeat {
  const beatMs = Math.min(BEAT_MS, silenceMs / 4);
  /** Beats since a peer was heard of. */
  const missed = new Map<number, number>();
  if (peers.length === 0) return { heard() {}, stop() {} };
  const timer = setInterval(() => {
    const waitedFor = awaited();
    const silent = peers.find(peer => waitedFor.has(peer) && (missed.get(peer) ?? 0) * beatMs >= silenceMs);
    if (silent !== undefined) {
      onSilent(silent);
      return;
    }
    for (const peer of peers) {
      missed.set(peer, (missed.get(peer) ?? 0) + 1);
      ping(peer);
    }
  }, beatMs);
  return {
    heard: peer => missed.set(peer, 0),
    stop: () => clearInterval(timer),
  };
}
