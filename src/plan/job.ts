/** An instruction as the order of a step sees it: how long it takes, what it waits for, and what memory it needs. */

export interface Job {
  readonly kind: 'compute' | 'start' | 'finish';
  /** Seconds on the device. */
  readonly seconds: number;
  /** Jobs whose results it reads, by index. A finish comes after its start besides, which is the job before it. */
  readonly reads: readonly number[];
  /** Bytes of its result, where that counts: 0 for one that has its place elsewhere. */
  readonly bytes: number;
  /** Bytes that it needs while it runs only. */
  readonly scratchBytes: number;
  /** The result can take the place of something of its size that is read here for the last time. */
  readonly inPlace: boolean;
  /** The result is wanted to the end. */
  readonly kept: boolean;
  /** What a start sends. */
  readonly sends: readonly { readonly peer: number; readonly bytes: number }[];
}
