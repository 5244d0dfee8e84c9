/**
 * What a rank sees of the network: one `MessagePort` for every other rank. Whether the other end is a worker of the
 * same page or a page on another continent makes no difference to it.
 *
 * A port carries whole messages, in order, in both directions: an `ArrayBuffer` of `HEADER_BYTES` and the payload,
 * moved rather than copied. The buffer belongs to whoever receives it. When the link is gone, the port brings one
 * `LinkClosed`, and nothing after it.
 */
export interface LinkClosed {
  readonly type: 'closed';
  /** Words for people: "the other page was closed". */
  readonly reason: string;
}

/** What arrives on a port. */
export type LinkMessage = ArrayBuffer | LinkClosed;

/** Statistics of one link, for the page. */
export interface LinkStatistics {
  /** NaN before the first answer to a ping. */
  readonly roundTripMs: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
  /** Both directions together, over about the last second. */
  readonly megabytesPerSecond: number;
}
