/** What the page knows of one rank, and how it says what the rank is doing. */
import type { Member } from '../crew/api.ts';
import type { RankPlace } from '../mesh/mesh.ts';
import type { MemorySummary, RankReport, RunStatus } from '../session/api/api.ts';
import type { PieceKind } from '../show/pieces.ts';

export type RankState = 'waiting' | 'preparing' | 'running' | 'lost';

export interface RankView extends RankPlace {
  /** Who holds it; undefined where nobody is seated yet. */
  readonly member?: Member;
  /** The same for ranks that share a card; by default that of the page that holds it. See `crew/cards`. */
  readonly card?: string;
  readonly state: RankState;
  readonly memory?: MemorySummary;
  /** Of the steps just done. */
  readonly report?: RankReport;
}

/** What a step's time goes to, in per cent. */
export type Shares = Readonly<Record<ShareKind, number>>;
export type ShareKind = Exclude<PieceKind, 'rest'>;

/** In the order in which they are drawn. */
export const shareKinds: readonly ShareKind[] = ['work', 'card', 'exchange', 'data'];

export function stateOf(status: RunStatus, isLost: boolean): RankState {
  if (isLost) return 'lost';
  return status === 'running' || status === 'preparing' ? status : 'waiting';
}

const cardOf = ({ rank, card, member }: RankView) => card ?? member?.id ?? `rank ${rank}`;

const sharesCard = (view: RankView, all: readonly RankView[]) =>
  all.some(other => other.rank !== view.rank && cardOf(other) === cardOf(view));

/** Of a step, neither an exchange that was waited for nor its batch: work, or waiting for the card. */
const computingMs = ({ stepMs, exposedExchangeMs, dataMs }: RankReport) =>
  Math.max(0, stepMs - exposedExchangeMs - dataMs);

/**
 * A card does no more than a step's time of work in a step: where its ranks were computing for longer in all, they have
 * waited for it in turns, and each is taken to have had the same part of what it was computing. An estimate, and no less
 * than what can be told from means over steps; a sampled step tells more (see `show/lanes`).
 *
 * @param all ranks of the run
 * @returns undefined where the rank does not train, or has not reported yet
 */
export function sharesOf(view: RankView, all: readonly RankView[]): Shares | undefined {
  const { state, report } = view;
  if (state !== 'running' || !report || !(report.stepMs > 0)) return undefined;
  const percent = (ms: number, most: number) => Math.min(most, Math.round((100 * ms) / report.stepMs));
  const exchange = percent(report.exposedExchangeMs, 100);
  const data = percent(report.dataMs, 100 - exchange);
  const onCard = all.flatMap(other =>
    other.report && cardOf(other) === cardOf(view) ? computingMs(other.report) : [],
  );
  const wanted = onCard.reduce((sum, ms) => sum + ms, 0);
  const computing = 100 - exchange - data;
  const own = wanted > report.stepMs ? Math.floor((computing * report.stepMs) / wanted) : computing;
  return { work: own, card: computing - own, exchange, data };
}

const words: Record<ShareKind, string> = {
  work: 'computing',
  card: 'waiting for the card',
  exchange: 'exchanging',
  data: 'waiting for data',
};

export const shareWords = (kind: ShareKind, shares: Shares) => `${words[kind]} ${shares[kind]} %`;

/** Those that can be other than nothing: a rank that has a card for itself does not wait for it. */
export function kindsOf(view: RankView, all: readonly RankView[]): readonly ShareKind[] {
  return sharesCard(view, all) ? shareKinds : shareKinds.filter(kind => kind !== 'card');
}

export function doing(view: RankView, all: readonly RankView[]): string {
  const shares = sharesOf(view, all);
  if (shares)
    return kindsOf(view, all)
      .map(kind => shareWords(kind, shares))
      .join(', ');
  const states: Record<RankState, string> = {
    waiting: 'waiting',
    preparing: 'preparing',
    running: 'computing',
    lost: 'lost',
  };
  return states[view.state];
}

export const memberName = (member: Member | undefined) =>
  member === undefined ? 'nobody yet' : member.host ? 'this page' : member.name;
