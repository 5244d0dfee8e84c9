/** What the page knows of one rank, and how it says what the rank is doing. */
import type { Member } from '../crew/api.ts';
import type { RankPlace } from '../mesh/mesh.ts';
import type { MemorySummary, RankReport, RunStatus } from '../session/api/api.ts';

export type RankState = 'waiting' | 'preparing' | 'running' | 'lost';

export interface RankView extends RankPlace {
  /** Who holds it; undefined where nobody is seated yet. */
  readonly member?: Member;
  readonly state: RankState;
  readonly memory?: MemorySummary;
  /** Of the steps just done. */
  readonly report?: RankReport;
}

/** What a step's time goes to, in per cent. */
export interface Shares {
  readonly computing: number;
  /** Nothing else was done but wait for an exchange. */
  readonly exchanging: number;
  /** It could not start because its batch was not there. */
  readonly loading: number;
}

export function stateOf(status: RunStatus, isLost: boolean): RankState {
  if (isLost) return 'lost';
  return status === 'running' || status === 'preparing' ? status : 'waiting';
}

/** In the order in which they are drawn. */
export const shareKinds = ['computing', 'exchanging', 'loading'] as const;

/** Undefined where the rank does not train, or has not reported yet. */
export function sharesOf({ state, report }: RankView): Shares | undefined {
  if (state !== 'running' || !report || !(report.stepMs > 0)) return undefined;
  const share = (ms: number, most: number) => Math.min(most, Math.round((100 * ms) / report.stepMs));
  const exchanging = share(report.exposedExchangeMs, 100);
  const loading = share(report.dataMs, 100 - exchanging);
  return { computing: 100 - exchanging - loading, exchanging, loading };
}

export const shareWords = (kind: (typeof shareKinds)[number], shares: Shares) =>
  `${kind === 'loading' ? 'waiting for data' : kind} ${shares[kind]} %`;

export function doing(view: RankView): string {
  const shares = sharesOf(view);
  if (shares) return shareKinds.map(kind => shareWords(kind, shares)).join(', ');
  const words: Record<RankState, string> = {
    waiting: 'waiting',
    preparing: 'preparing',
    running: 'computing',
    lost: 'lost',
  };
  return words[view.state];
}

export const memberName = (member: Member | undefined) =>
  member === undefined ? 'nobody yet' : member.host ? 'this page' : member.name;
