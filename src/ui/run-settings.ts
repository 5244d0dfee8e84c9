/** The settings of a run as the page has them, and the config that a session is given. */

import type { DataChoice } from '../data/choice/choice.ts';
import { ranksOf } from '../mesh/mesh.ts';
import type { KeptConfig, MeshConfig, RunConfig } from '../session/api/run-config.ts';
import { kindOptionNames } from '../session/api/run-options.ts';
import type { DataSource } from './data-source.ts';
import { sameMesh } from './mesh-choices.ts';
import type { LinkName } from './share/links.ts';

/** What is changed of a preset's model and task, by name: see `kindOptions`. */
export type ModelChanges = Readonly<Record<string, number>>;

export interface Settings {
  readonly preset: string;
  readonly steps: number;
  readonly seed: number;
  /** Samples of a step, where it is not the preset's batch: the address can say so. */
  readonly batch?: number;
  /** Passes that a batch is computed in. */
  readonly accumulate: number;
  /** Activations are computed again instead of kept. */
  readonly recompute: boolean;
  /** MiB of main memory that a rank may take for data; the usual where absent. */
  readonly dataMemory?: number;
  readonly model: ModelChanges;
  readonly data: DataSource;
  readonly mesh: MeshConfig;
  /** Between ranks of this page. */
  readonly link: LinkName;
}

/** A validation score about twenty times in a run, and a checkpoint every so often. */
const evaluations = 20;
const checkpointSeconds = 20;

/** What is changed of the preset, by name. */
export const overridesOf = ({
  batch,
  accumulate,
  model,
}: Pick<Settings, 'batch' | 'accumulate' | 'model'>) => ({
  ...(batch === undefined ? {} : { batch }),
  accumulate,
  ...model,
});

export const configOf = (
  { preset, steps, seed, batch, accumulate, recompute, dataMemory, model, mesh }: Settings,
  data: DataChoice,
): RunConfig => ({
  ...(ranksOf(mesh) > 1 ? { mesh } : {}),
  data,
  preset,
  steps,
  seed,
  overrides: overridesOf({ batch, accumulate, model }),
  ...(recompute ? { recompute } : {}),
  ...(dataMemory === undefined ? {} : { dataMemory }),
  evaluateEvery: Math.max(5, Math.round(steps / evaluations)),
  checkpointSeconds,
  trace: 'layer',
});

export const sameButSeed = (a: Settings, b: Settings) =>
  a.preset === b.preset &&
  a.steps === b.steps &&
  a.batch === b.batch &&
  a.accumulate === b.accumulate &&
  a.recompute === b.recompute &&
  a.dataMemory === b.dataMemory &&
  sameChanges(a.model, b.model) &&
  a.data === b.data &&
  sameMesh(a.mesh, b.mesh) &&
  (a.link === b.link || ranksOf(a.mesh) === 1);

/** Data of one shape: what a model is fitted to. */
export const sameFrame = (a: Settings, b: Settings) =>
  a.preset === b.preset && a.data === b.data && sameChanges(a.model, b.model);

function sameChanges(a: ModelChanges, b: ModelChanges): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every(name => a[name] === b[name]);
}

/** The settings that a saved run was trained with, but for its data. */
export function settingsOfSaved({
  preset,
  steps,
  seed,
  overrides = {},
  recompute = false,
  dataMemory,
}: KeptConfig): Pick<
  Settings,
  'preset' | 'steps' | 'seed' | 'batch' | 'accumulate' | 'recompute' | 'dataMemory' | 'model'
> {
  const model: Record<string, number> = {};
  for (const name of kindOptionNames) {
    const value = overrides[name];
    if (value !== undefined) model[name] = value;
  }
  const { batch, accumulate = 1 } = overrides;
  return { preset, steps, seed, batch, accumulate, recompute, dataMemory, model };
}
