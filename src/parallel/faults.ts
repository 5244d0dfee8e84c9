/** Why a mesh stops: a peer that cannot be worked with any more, or a model that has diverged. */

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

/** A rank was about to send what training has made infinite or NaN: no peer is at fault. */
export class DivergedError extends Error {
  override readonly name = 'DivergedError';
  readonly rank: number;
  readonly step: number;

  constructor(rank: number, step: number) {
    super(
      `The model has diverged: at step ${step} rank ${rank} computed a value that is not a finite number. ` +
        'Lower the learning rate, or go on from the last checkpoint with another seed.',
    );
    this.rank = rank;
    this.step = step;
  }
}
