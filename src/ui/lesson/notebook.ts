/**
 * What the page has measured while a lesson is read, mesh by mesh, so that two runs can be compared. A pure fold over the
 * page's state and the machine's view; it starts anew where another model is chosen, for its numbers are not comparable.
 */
import { meshName, ranksOf } from '../../mesh/mesh.ts';
import type { MemorySummary, RankReport, Score } from '../../session/api/api.ts';
import type { Prediction } from '../../session/api/cut-prediction.ts';
import type { Cuts } from '../../session/api/cuts.ts';
import type { MeshConfig, RunConfig } from '../../session/api/run-config.ts';
import { asPredicted, type Pace } from '../board/pace.ts';
import type { BoardView } from '../board/watch-cuts.ts';
import { onePiece } from '../mesh-choices.ts';
import type { PageState } from '../page-state.ts';
import { overridesOf, type Settings } from '../run-settings.ts';
import type { LinkName } from '../share/links.ts';

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
  /** That predictions go by, those made before too: so they can be compared. */
  readonly pace: Pace;
}

export const emptyNotebook: Notebook = {
  ...{ model: '', source: undefined, notes: new Map(), now: '1x1' },
  pace: asPredicted,
};

/** What a run of a mesh may have beside it, and be compared with one that has not. */
export interface Beside {
  /** That its ranks have instead of their own; `own` where absent. */
  readonly link?: LinkName;
  /** Activations are not kept, and computed again. */
  readonly recompute?: boolean;
}

/**
 * A mesh in the words of a lesson: `2x2`, `1x1x2` of two copies, and behind it `-waits` where work waits for every exchange,
 * `-recompute` where activations are computed again, and the link that ranks were given, as `2x2-wifi`.
 */
export function placeName(mesh: MeshConfig, { link = 'own', recompute = false }: Beside = {}): string {
  const several = ranksOf(mesh) > 1;
  return [
    meshName(mesh),
    ...(mesh.overlap === false && several ? ['waits'] : []),
    ...(recompute ? ['recompute'] : []),
    ...(link !== 'own' && several ? [link] : []),
  ].join('-');
}

/** Losses of later steps are not kept. */
const mostSteps = 1000;

export interface Seen {
  readonly state: PageState;
  readonly view: BoardView | undefined;
  readonly pace?: Pace;
  readonly wanted: Pick<
    Settings,
    'preset' | 'recompute' | 'batch' | 'accumulate' | 'model' | 'mesh' | 'link'
  >;
}

export function noted(before: Notebook, { state, view, pace = before.pace, wanted }: Seen): Notebook {
  const model = modelName({
    preset: wanted.preset,
    overrides: overridesOf(wanted),
  });
  const { info } = state;
  const isSame = before.model === model && (!info || !before.source || before.source === info.source);
  const notes = new Map(isSame ? before.notes : []);
  const add = (name: string, change: Partial<Note>) =>
    notes.set(name, { losses: new Map(), ...notes.get(name), ...change });
  if (view?.answer && 'cuts' in view.answer) {
    const { cuts } = view.answer;
    const { recompute, link } = wanted;
    // A plan is the same over any link.
    for (const name of new Set([
      placeName(view.mesh, { recompute }),
      placeName(view.mesh, { recompute, link }),
    ]))
      add(name, { cuts, ...(view.prediction ? { prediction: view.prediction } : {}) });
  }
  if (info && modelName(info.config) === model) {
    const { recompute, mesh = onePiece } = info.config;
    const name = placeName(mesh, { recompute, link: wanted.link });
    add(name, { memory: info.memory, ...ofRun(state, notes.get(name)) });
  }
  const source = info?.source ?? (isSame ? before.source : undefined);
  return { model, source, notes, now: placeName(wanted.mesh, wanted), pace };
}

const modelName = ({ preset, overrides = {} }: Pick<RunConfig, 'preset' | 'overrides'>) => {
  const changes = Object.entries(overrides).filter(([, value]) => value !== undefined);
  return JSON.stringify([preset, changes.sort(([a], [b]) => (a < b ? -1 : 1))]);
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
