/** What the page knows of one rank, and how it says what the rank is doing. */
import type { Member } from '../crew/api.ts';
import type { RankPlace } from '../parallel/mesh.ts';
import type { MemorySummary, RankReport, RunStatus } from '../session/api.ts';

export type RankState = 'waiting' | 'preparing' | 'running' | 'lost';

export interface RankView extends RankPlace {
  /** Who holds it; undefined where nobody is seated yet. */
  readonly member?: Member;
  readonly state: RankState;
  readonly memory?: MemorySummary;
  /** Of the steps just done. */
  readonly report?: RankReport;
}

export interface Shares {
  /** Of a step, in per cent. */
  readonly computing: number;
  /** Nothing else was done but wait for an exchange. */
  readonly exchanging: number;
}

export function stateOf(status: RunStatus, isLost: boolean): RankState {
  if (isLost) return 'lost';
  return status === 'running' || status === 'preparing' ? status : 'waiting';
}

/** Undefined where the rank does not train, or has not reported yet. */
export function sharesOf({ state, report }: RankView): Shares | undefined {
  if (state !== 'running' || !report || !(report.stepMs > 0)) return undefined;
  const exchanging = Math.min(100, Math.round((100 * report.exposedExchangeMs) / report.stepMs));
  return { computing: 100 - exchanging, exchanging };
}

export function doing(view: RankView): string {
  const shares = sharesOf(view);
  if (shares) return `computing ${shares.computing} %, exchanging ${shares.exchanging} %`;
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
