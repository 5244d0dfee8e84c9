/** Offer, answer and candidates of one `RTCPeerConnection`. */

export interface NegotiationSignal {
  readonly description?: RTCSessionDescriptionInit;
  readonly candidate?: RTCIceCandidateInit;
}

export interface Negotiation {
  /** Begins it, on the page that offers. */
  offer(): void;
  accept(signal: NegotiationSignal): void;
}

/** @param failed is told when the pages cannot agree */
export function negotiate(
  peer: RTCPeerConnection,
  signal: (message: NegotiationSignal) => void,
  failed: (reason: string) => void,
): Negotiation {
  /** One step after another, though candidates arrive while a description is being applied. */
  let steps: Promise<unknown> = Promise.resolve();
  const early: RTCIceCandidateInit[] = [];

  function then(step: () => Promise<void>): void {
    // What comes for a connection that was given up is of no use.
    const unlessClosed = async () => peer.signalingState !== 'closed' && step();
    steps = steps.then(unlessClosed).catch((error: unknown) => {
      failed(`the pages could not agree on a connection: ${error instanceof Error ? error.message : error}`);
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
  return {
    offer() {
      then(async () => {
        await peer.setLocalDescription();
        signal({ description: peer.localDescription!.toJSON() });
      });
    },
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
