/** Calls to other ranks. Whoever is alone calls nobody, and does without what calls are checked by. */
import type { RankCalls, ServedCalls } from './rank-calls.ts';
import type { RankLinks } from './rank-links.ts';

export interface CallsOver {
  /** See `callsTo`. */
  to(rank: number): RankCalls;
  /** See `serveCalls`. */
  serve(calls: ServedCalls): void;
}

const nobody: CallsOver = {
  to(rank) {
    throw new Error(`there is no rank ${rank} to call`);
  },
  serve() {},
};

export async function callsOver(links: RankLinks): Promise<CallsOver> {
  if (links.size === 1) return nobody;
  const { callsTo, serveCalls } = await import('./call-proxies.ts');
  return { to: rank => callsTo(links, rank), serve: calls => serveCalls(links, calls) };
}
