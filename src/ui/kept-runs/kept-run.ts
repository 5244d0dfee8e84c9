/**
 * A run that is kept to be drawn beside another: its loss and main scores as curves, and its settings, by which it is named.
 * Of the page's own run, of a recording, or of the table `metrics.csv` that a terminal or a page has written.
 */
import { partOf } from '../../data/choice/part.ts';
import type { RunInfo, ScoreHead } from '../../session/api/api.ts';
import { parseTable, scoreCells, scoreColumns } from '../../show/metrics-table.ts';
import { createSeries, type Point } from '../../show/series.ts';
import { settingWords } from '../address.ts';
import { onePiece } from '../mesh-choices.ts';
import type { PageState } from '../page-state.ts';
import { eventsOf, infoOf, type Recording } from '../recording/recording.ts';
import { settingsOfSaved } from '../run-settings.ts';

/** [x, y] */
export type KeptPoint = readonly [number, number];

export interface KeptRun {
  readonly id: string;
  /** When it was kept, ms since 1970. */
  readonly at: number;
  /** Its colour and dashes, by number: they stay when another is taken away. */
  readonly slot: number;
  /** Somebody wanted it to be kept. Else it is the one before, and the next that is over takes its place. */
  readonly isChosen: boolean;
  /** Name of the file that it is from. */
  readonly file?: string;
  /** By their names in the address; a table says nothing of them. */
  readonly settings?: Readonly<Record<string, string>>;
  /** By step. */
  readonly losses: readonly KeptPoint[];
  /** On the validation part, by step, under the names of the columns of `metrics.csv`. */
  readonly scores: Readonly<Record<string, readonly KeptPoint[]>>;
  /** Main scores on the test part, by how far off they are. */
  readonly test: readonly TestScore[];
}

export interface TestScore {
  readonly metric: string;
  /** Empty where there is but one thing. */
  readonly of: string;
  readonly at: number;
  readonly value: number;
}

/** What a run is drawn by. */
export type RunCurves = Pick<KeptRun, 'settings' | 'losses' | 'scores' | 'test'>;

export const mostKept = 4;
/** More points than this cannot be told apart on the screen. */
const mostPoints = 400;

/** @param state of the run, which has trained */
export function curvesOfState({ losses, validation, test }: PageState, info: RunInfo): RunCurves {
  const rows = validation.map(({ step, scores }) => ({ step, ...scoreCells(scores, info) }));
  return {
    settings: settingsOf(info),
    losses: thinned(losses.series.points().map(({ x, y }) => [x, y])),
    scores: columnsFrom(rows, mainColumns(info)),
    test: test.flatMap(({ main, metric, of, at, value }) =>
      main && at ? [{ metric, of: of?.name ?? '', at: at.value, value }] : [],
    ),
  };
}

export function curvesOfRecording(recording: Recording): RunCurves {
  const info = infoOf(recording);
  const events = eventsOf(recording).map(({ event }) => event);
  const rows = events.flatMap(event =>
    event.type === 'scores' && event.part === 'validation'
      ? [{ step: event.step, ...scoreCells(event.scores, info) }]
      : [],
  );
  const test = events.flatMap(event =>
    event.type === 'scores' && event.part === 'test' ? [event.scores] : [],
  );
  return {
    settings: settingsOf(info),
    losses: thinned(
      events.flatMap((event): KeptPoint[] =>
        event.type === 'metrics' ? event.losses.map(loss => [event.step, loss]) : [],
      ),
    ),
    scores: columnsFrom(rows, mainColumns(info)),
    test: (test.at(-1) ?? []).flatMap(({ main, metric, of, at, value }) =>
      main && at ? [{ metric, of: of?.name ?? '', at: at.value, value }] : [],
    ),
  };
}

/**
 * @param text of a `metrics.csv`
 * @throws Error for what is none
 */
export function curvesOfTable(text: string): RunCurves {
  const { columns, rows } = parseTable(text.endsWith('\n') ? text.replaceAll('\r\n', '\n') : `${text}\n`);
  const missing = ['step', 'loss'].filter(name => !columns.includes(name));
  if (missing.length > 0) {
    throw new Error(
      `This file has no column ${missing.join(' and none ')}; its first line is “${columns.join(',').slice(0, 60)}”. Choose the metrics.csv of a run, or a recording.`,
    );
  }
  const losses = rows.flatMap(({ step, loss }): KeptPoint[] =>
    step !== undefined && Number.isInteger(step) && loss !== undefined ? [[step, loss]] : [],
  );
  if (losses.length === 0) {
    throw new Error(`This file has no step with a loss in its ${rows.length} rows. Choose another.`);
  }
  const scores = columns.filter(name => name.startsWith('validation_'));
  return { losses: thinned(losses), scores: columnsFrom(rows, scores), test: [] };
}

/** The names of the columns of main scores. */
const mainColumns = (info: RunInfo): string[] =>
  scoreColumns(info).flatMap(({ name, head, baseline }) =>
    head.main && baseline === undefined ? [name] : [],
  );

function columnsFrom(
  rows: readonly Readonly<Record<string, number | undefined>>[],
  names: readonly string[],
): Record<string, KeptPoint[]> {
  return Object.fromEntries(
    names.map(name => [
      name,
      rows.flatMap(({ step, [name]: value }): KeptPoint[] =>
        step === undefined || value === undefined ? [] : [[step, value]],
      ),
    ]),
  );
}

function thinned(points: readonly KeptPoint[]): KeptPoint[] {
  const series = createSeries(mostPoints);
  for (const [x, y] of points) series.add(x, y);
  return series.points().map(({ x, y }): KeptPoint => [x, y]);
}

/** The settings of a prepared run; where its data are from beside them. */
export function settingsOf({ config, source }: Pick<RunInfo, 'config' | 'source'>): Record<string, string> {
  const { mesh = onePiece, data } = config;
  const own = settingsOfSaved({ ...config, data: { kind: 'files' } });
  const isSynthetic = data.kind === 'synthetic';
  const part = data.kind === 'files' ? data.part : data.kind === 'zarr' ? partOf(data.selection) : undefined;
  const words = settingWords({
    ...own,
    mesh,
    link: 'own',
    data: isSynthetic ? 'synthetic' : 'embedded',
    part,
  });
  return { ...words, data: source };
}

/** The loss as it is drawn: smoothed, for curves of every step of several runs hide each other. */
export function smoothedLosses({ losses }: Pick<KeptRun, 'losses'>): Point[] {
  const series = createSeries(losses.length);
  for (const [x, y] of losses) series.add(x, y);
  return series.smoothed();
}

/**
 * Scores on the validation part of the same thing, at the shortest distance, as those of the run are drawn.
 *
 * @param heads what the run is scored by
 * @param thing by name; empty where there is but one
 */
export function scorePoints({ scores }: KeptRun, heads: readonly ScoreHead[], thing: string): Point[] {
  const own = scoreColumns({ validationScores: heads }).filter(
    ({ head, baseline }) => head.main && baseline === undefined && (head.of?.name ?? '') === thing,
  );
  const [first] = [...own].sort((a, b) => (a.head.at?.value ?? 0) - (b.head.at?.value ?? 0));
  return (first && scores[first.name] ? scores[first.name] : []).map(([x, y]) => ({ x, y }));
}

/** Scores on the test part of the same thing, by distance. */
export const testPoints = ({ test }: KeptRun, metric: string, thing: string): Point[] =>
  test
    .filter(score => score.metric === metric && score.of === thing)
    .map(({ at, value }) => ({ x: at, y: value }))
    .sort((a, b) => a.x - b.x);
