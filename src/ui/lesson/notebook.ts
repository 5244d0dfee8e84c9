/**
 * What the page has measured while a lesson is read, mesh by mesh, so that two runs can be compared. A pure fold over the
 * page's state and the machine's view; it starts anew where another model is chosen, for its numbers are not comparable.
 */
import { meshName, ranksOf } from '../../mesh/mesh.ts';
import type { MemorySummary, RankReport, Score } from '../../session/api/api.ts';
import type { Prediction } from '../../session/api/cut-prediction.ts';
import type { Cuts } from '../../session/api/cuts.ts';
import type { MeshConfig, RunConfig } from '../../session/api/run-config.ts';
import type { BoardView } from '../board/watch-cuts.ts';
import { onePiece } from '../mesh-choices.ts';
import type { PageState } from '../page-state.ts';
import { overridesOf, type Settings } from '../run-settings.ts';

/** Of one mesh, as far as it is known. */
export interface Note {
  /** Of the rank that holds most, once a run is prepared. */
  readonly memory?: MemorySummary;
  /** By the number of the step, the first 1. */
  readonly losses: ReadonlyMap<number, number>;
  readonly samplesPerSecond?: number;
  readonly stepMs?: number;
  readonly reports?: readonly RankReport[];
  /** The first main score on the validation part, with its baselines. */
  readonly score?: Pick<Score, 'value' | 'baselines'>;
  readonly cuts?: Cuts;
  readonly prediction?: Prediction;
}

export interface Notebook {
  /** What is measured, and on what data. */
  readonly model: string;
  readonly source: string | undefined;
  /** By `placeName`. */
  readonly notes: ReadonlyMap<string, Note>;
  /** The mesh that is wanted. */
  readonly now: string;
}

export const emptyNotebook: Notebook = { model: '', source: undefined, notes: new Map(), now: '1x1' };

/** A mesh in the words of a lesson: `2x2`, or `2x2-waits` where work waits for every exchange. */
export const placeName = (mesh: MeshConfig) =>
  `${meshName(mesh)}${mesh.overlap === false && ranksOf(mesh) > 1 ? '-waits' : ''}`;

/** Losses of later steps are not kept. */
const mostSteps = 1000;

export interface Seen {
  readonly state: PageState;
  readonly view: BoardView | undefined;
  readonly wanted: Pick<Settings, 'preset' | 'recompute' | 'batch' | 'accumulate' | 'model' | 'mesh'>;
}

export function noted(before: Notebook, { state, view, wanted }: Seen): Notebook {
  const model = modelName({
    preset: wanted.preset,
    recompute: wanted.recompute,
    overrides: overridesOf(wanted),
  });
  const { info } = state;
  const isSame = before.model === model && (!info || !before.source || before.source === info.source);
  const notes = new Map(isSame ? before.notes : []);
  const add = (name: string, change: Partial<Note>) =>
    notes.set(name, { losses: new Map(), ...notes.get(name), ...change });
  if (view?.answer && 'cuts' in view.answer) {
    const { cuts } = view.answer;
    add(placeName(view.mesh), { cuts, ...(view.prediction ? { prediction: view.prediction } : {}) });
  }
  if (info && modelName(info.config) === model) {
    const name = placeName(info.config.mesh ?? onePiece);
    add(name, { memory: info.memory, ...ofRun(state, notes.get(name)) });
  }
  const source = info?.source ?? (isSame ? before.source : undefined);
  return { model, source, notes, now: placeName(wanted.mesh) };
}

const modelName = ({
  preset,
  overrides = {},
  recompute = false,
}: Pick<RunConfig, 'preset' | 'overrides' | 'recompute'>) => {
  const changes = Object.entries(overrides).filter(([, value]) => value !== undefined);
  return JSON.stringify([preset, recompute, changes.sort(([a], [b]) => (a < b ? -1 : 1))]);
};

/** What a run has measured so far; nothing where it has not, so that what was measured before stays. */
function ofRun({ losses, metrics, reports, validation }: PageState, before: Note | undefined): Partial<Note> {
  const score = validation.at(-1)?.scores.find(({ main }) => main);
  return {
    losses: new Map([...(before?.losses ?? []), ...singleLosses(losses.series.points())]),
    ...(metrics
      ? {
          samplesPerSecond: metrics.samplesPerSecond,
          stepMs: (1000 * metrics.seconds) / metrics.losses.length,
        }
      : {}),
    ...(reports.length > 0 ? { reports } : {}),
    ...(score ? { score } : {}),
  };
}

/** Points that are the loss of one step: a long series holds means. */
const singleLosses = (points: readonly { readonly x: number; readonly y: number }[]) =>
  points
    .slice(0, mostSteps)
    .filter(({ x }, i) => x - (points[i - 1]?.x ?? x - 1) === 1 && (i > 0 || x === 1))
    .map(({ x, y }) => [x, y] as const);
