/**
 * What the page's views show of a run, as one value that every event makes anew: from a session that trains, or from a
 * recording that is played. Views read it and change nothing.
 */
import type {
  ProgressField,
  RankReport,
  RunEvent,
  RunInfo,
  RunStatus,
  Score,
  StepTrace,
} from '../session/api/api.ts';
import { createSeries, type Series } from '../show/series.ts';

/** A sampled step, of all ranks and passes. */
export interface SampledStep {
  /** Where its times count from, in ms since 1970. */
  readonly origin: number;
  readonly traces: readonly StepTrace[];
}

export interface PageProgress {
  readonly stage: string;
  readonly fraction: number;
  /** The last that was seen of what is being computed. */
  readonly field: ProgressField | undefined;
}

export interface PageState {
  readonly status: RunStatus;
  /** The prepared run, if there is one. */
  readonly info: RunInfo | undefined;
  readonly step: number;
  /** What is being prepared, and the share of it that is done. */
  readonly progress: PageProgress | undefined;
  /** Changes in place; `losses.of` changes with every loss. */
  readonly losses: { readonly series: Series; readonly of: number };
  readonly metrics: Extract<RunEvent, { type: 'metrics' }> | undefined;
  /** Scores on the validation part, oldest first. */
  readonly validation: readonly { readonly step: number; readonly scores: readonly Score[] }[];
  readonly test: readonly Score[];
  /** Of the steps just done, by rank. */
  readonly reports: readonly RankReport[];
  readonly sampled: SampledStep | undefined;
  readonly savedStep: number | undefined;
}

/** `prepared`: a run stands at its beginning or further on. `gone`: none is prepared any more. */
export type PageEvent =
  | RunEvent
  | { readonly type: 'prepared'; readonly info: RunInfo; readonly goesOn?: boolean }
  | { readonly type: 'gone' };

const mostLosses = 2000;

export const emptyPage = (): PageState => ({
  status: 'idle',
  info: undefined,
  step: 0,
  progress: undefined,
  losses: { series: createSeries(mostLosses), of: 0 },
  metrics: undefined,
  validation: [],
  test: [],
  reports: [],
  sampled: undefined,
  savedStep: undefined,
});

export function reduce(state: PageState, event: PageEvent): PageState {
  switch (event.type) {
    case 'prepared':
      return event.goesOn ? goesOn(state, event.info) : begins(state, event.info);
    case 'gone':
      return { ...state, info: undefined, sampled: undefined, reports: [] };
    case 'status':
      return { ...state, status: event.status, progress: undefined };
    case 'progress':
      return { ...state, progress: progressed(state.progress, event) };
    case 'metrics': {
      const { series } = state.losses;
      const first = event.step - event.losses.length + 1;
      event.losses.forEach((loss, i) => {
        series.add(first + i, loss);
      });
      return { ...state, step: event.step, metrics: event, losses: { series, of: event.step } };
    }
    case 'scores':
      if (event.part === 'test') return { ...state, test: event.scores };
      return { ...state, validation: [...state.validation, { step: event.step, scores: event.scores }] };
    case 'ranks':
      return { ...state, reports: event.ranks };
    case 'trace':
      return { ...state, sampled: { origin: event.origin, traces: event.traces } };
    case 'checkpoint':
      return { ...state, savedStep: event.step };
    case 'warning':
    case 'error':
      return state;
  }
}

const progressed = (
  before: PageProgress | undefined,
  { stage, fraction, field }: Extract<RunEvent, { type: 'progress' }>,
): PageProgress => ({ stage, fraction, field: field ?? before?.field });

function begins({ status }: PageState, info: RunInfo): PageState {
  const savedStep = info.step > 0 ? info.step : undefined;
  return { ...emptyPage(), status, info, step: info.step, savedStep };
}

/** The same run, on other ranks, from its last checkpoint. */
function goesOn(state: PageState, info: RunInfo): PageState {
  state.losses.series.rewind(info.step);
  return {
    ...state,
    info,
    step: info.step,
    losses: { ...state.losses, of: info.step },
    validation: state.validation.filter(({ step }) => step <= info.step),
    reports: [],
    sampled: undefined,
  };
}
