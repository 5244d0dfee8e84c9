/**
 * What is new to guests: from what they were told so far and what the host's page shows now, the chapters that bring them up
 * to date. Losses in between are thinned, of what changes again and again there is the last; a step's lanes and forecasts,
 * which are long, are left for later where they are not allowed yet.
 */
import type { ProgressField, RunInfo, ViewSpec } from '../../session/api/api.ts';
import { firstShown } from '../../show/people.ts';
import { createSeries } from '../../show/series.ts';
import type { BoardView } from '../board/watch-cuts.ts';
import type { PageState, SampledStep } from '../page-state.ts';
import { keptView } from '../recording/kept-views.ts';
import { keptBoard, keptInfo } from '../recording/recorder.ts';
import type { KeptAnswer, KeptEvent } from '../recording/recording.ts';
import type { Plans } from '../timeline/reading.ts';
import { type Chapter, emptyChapter, type ToldHolder } from './chapter.ts';

/** What the host's page shows. */
export interface Sight {
  readonly state: PageState;
  readonly plans: Plans;
  readonly holders: readonly ToldHolder[];
  /** Of the run that is shown. */
  readonly board: BoardView | undefined;
  /** The last of every view. */
  readonly answers: readonly KeptAnswer[];
}

/** What a guest was told last. */
export interface Told {
  readonly state: PageState | undefined;
  readonly sampled: SampledStep | undefined;
  readonly plans: ReadonlySet<string>;
  readonly holders: string;
  readonly board: BoardView | undefined;
  readonly answers: ReadonlyMap<string, KeptAnswer>;
  /** Of what is computed before a run is there. */
  readonly spinUp: ProgressField | undefined;
}

export const nothingTold: Told = {
  ...{ state: undefined, sampled: undefined, holders: '[]', board: undefined },
  ...{ plans: new Set<string>(), answers: new Map<string, KeptAnswer>(), spinUp: undefined },
};

/** What may be told now of what is long; fields are forecasts, and the atmosphere while it is computed. */
export interface Allowed {
  readonly steps: boolean;
  readonly fields: boolean;
}

export interface News {
  readonly told: Told;
  /** The first is short; undefined where there is nothing new. */
  readonly short: Chapter | undefined;
  /** The lanes of a step and what belongs to them. */
  readonly steps: readonly Chapter[];
  readonly fields: readonly Chapter[];
  /** There is more, which was not allowed. */
  readonly more: boolean;
}

/** Losses of a chapter: for the first one, of all the run. */
const [mostLosses, mostLossesOfAll] = [24, 400];
/** Images of the one page of them that a guest sees. */
const mostImages = 24;

export function newsAfter(before: Told, sight: Sight, allowed: Allowed): News {
  const { state } = sight;
  const anew = before.state === undefined || before.state.info !== state.info;
  const known = anew ? nothingTold : before;
  const events = eventsBetween(known.state, state);
  const holders = JSON.stringify(sight.holders);
  const hasHolders = holders !== known.holders;
  const short = {
    ...emptyChapter,
    ...{ anew, events },
    ...(hasHolders ? { holders: sight.holders } : {}),
  };
  const step = stepAfter(known, sight);
  const forecast = answersAfter(known, sight);
  const withStep = allowed.steps && step.chapters.length > 0;
  const withFields = allowed.fields && forecast.chapters.length > 0;
  return {
    told: {
      ...known,
      ...{ state, holders },
      ...(withStep ? step.told : {}),
      ...(withFields ? forecast.told : {}),
    },
    short: anew || events.length > 0 || hasHolders ? short : undefined,
    steps: withStep ? step.chapters : [],
    fields: withFields ? forecast.chapters : [],
    more: (!withStep && step.chapters.length > 0) || (!withFields && forecast.chapters.length > 0),
  };
}

/** @param before of the same run; undefined for all of it */
function eventsBetween(before: PageState | undefined, now: PageState): KeptEvent[] {
  const events: KeptEvent[] = [];
  const { info, status, progress, metrics } = now;
  if (!before && info) events.push({ type: 'prepared', info: toldInfo(info) });
  if (status !== before?.status) events.push({ type: 'status', status });
  if (progress && progress !== before?.progress) {
    const { stage, fraction } = progress;
    events.push({ type: 'progress', stage, fraction });
  }
  if (metrics && (now.losses !== before?.losses || metrics !== before?.metrics)) {
    const { learningRates, gradientNorms } = metrics;
    events.push({
      ...metrics,
      ...{ step: now.step, losses: lossesAfter(before, now) },
      ...{ learningRates: learningRates.slice(-1), gradientNorms: gradientNorms.slice(-1) },
    });
  }
  const last = now.validation.at(-1);
  if (last && last !== before?.validation.at(-1))
    events.push({ type: 'scores', part: 'validation', ...last });
  if (now.test.length > 0 && now.test !== before?.test)
    events.push({ type: 'scores', part: 'test', step: now.step, scores: now.test });
  if (now.reports.length > 0 && now.reports !== before?.reports)
    events.push({ type: 'ranks', step: now.step, ranks: now.reports });
  return events;
}

function lossesAfter(before: PageState | undefined, now: PageState): (readonly [number, number])[] {
  const from = before ? before.losses.of : Number.NEGATIVE_INFINITY;
  const thinned = createSeries(before ? mostLosses : mostLossesOfAll);
  for (const { x, y } of now.losses.series.points()) if (x > from) thinned.add(x, y);
  return thinned.points().map(({ x, y }) => [x, Number(y.toPrecision(5))]);
}

/** Nothing that is the host's own: no files, and of views what is told of them. */
const toldInfo = (info: RunInfo): RunInfo => ({
  ...keptInfo(info),
  views: info.views.flatMap((spec): ViewSpec[] => {
    if (spec.kind === 'images') return [{ ...spec, images: Math.min(mostImages, spec.images) }];
    if (spec.kind !== 'rollout' || spec.starts === 0) return [];
    return [{ ...spec, starts: 1, channels: [spec.channels[firstShown(spec.channels)]] }];
  }),
});

/** The sampled step, once the plans that it counts are known, and the cut that it is of. */
function stepAfter(known: Told, { state, plans, board }: Sight) {
  const chapters: Chapter[] = [];
  const toldPlans = new Set(known.plans);
  let { sampled } = known;
  if (board && board !== known.board) chapters.push({ ...emptyChapter, board: keptBoard(board) });
  const traces = state.sampled?.traces ?? [];
  if (state.sampled && state.sampled !== sampled && traces.every(({ plan }) => plans.has(plan))) {
    sampled = state.sampled;
    for (const { plan } of traces) {
      if (toldPlans.has(plan)) continue;
      toldPlans.add(plan);
      chapters.push({ ...emptyChapter, plans: { [plan]: plans.get(plan) ?? [] } });
    }
    chapters.push({ ...emptyChapter, events: [{ type: 'trace', ...sampled }] });
  }
  return { chapters, told: { sampled, board, plans: toldPlans } };
}

function answersAfter(known: Told, { state, answers }: Sight) {
  const chapters: Chapter[] = [];
  const told = new Map(known.answers);
  const { progress, info } = state;
  const spinUp = info ? known.spinUp : (progress?.field ?? known.spinUp);
  if (progress && spinUp && spinUp !== known.spinUp) {
    const { stage, fraction } = progress;
    chapters.push({ ...emptyChapter, events: [{ type: 'progress', stage, fraction, field: spinUp }] });
  }
  for (const answer of answers) {
    if (told.get(answer.name) === answer) continue;
    told.set(answer.name, answer);
    const view = toldView(answer, state.info);
    if (view) chapters.push({ ...emptyChapter, answers: [{ name: answer.name, view }] });
  }
  return { chapters, told: { answers: told, spinUp } };
}

/** Of a roll-out the channel that is shown first, which is the only one that the guest's run has. */
function toldView({ name, view }: KeptAnswer, info: RunInfo | undefined) {
  const kept = keptView(
    view,
    info?.views.find(spec => spec.name === name),
    1,
  );
  return kept?.kind === 'rollout' ? { ...kept, channels: [0] } : kept;
}
