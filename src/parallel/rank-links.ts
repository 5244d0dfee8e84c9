/**
 * What a rank sees of its links to the others. One that is alone sends and hears nothing, and does without all that real
 * links are made of.
 */
import { PeerError } from './faults.ts';
import type { Links } from './links.ts';

export type RankLinks = Pick<Links, keyof Links>;

function noLink(peer: number): never {
  throw new Error(`rank 0 has no link to rank ${peer}: it is alone`);
}

export const linksToNobody = (): RankLinks => ({
  rank: 0,
  size: 1,
  flagsHeard: 0,
  counts: { bytesSent: 0, messagesSent: 0 },
  isOwn: () => false,
  begin() {},
  beginRound() {},
  roundTripMs: () => undefined,
  clockOf: () => undefined,
  answer() {},
  send: noLink,
  receive: async peer => noLink(peer),
  release() {},
  call: async peer => noLink(peer),
  notify: noLink,
  fail: error => error,
  blame: (peer, { message }) => new PeerError(peer, `sent ${message}.`),
  onFailure() {},
  close() {},
});
