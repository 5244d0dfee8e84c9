/** The settings of a run as the page has them, and the config that a session is given. */

import type { DataChoice } from '../data/choice/choice.ts';
import { ranksOf } from '../mesh/mesh.ts';
import type { MeshConfig, RunConfig } from '../session/api/run-config.ts';
import type { DataSource } from './data-source.ts';
import { sameMesh } from './mesh-choices.ts';

export interface Settings {
  readonly preset: string;
  readonly steps: number;
  readonly seed: number;
  /** Passes that a batch is computed in. */
  readonly accumulate: number;
  readonly data: DataSource;
  readonly mesh: MeshConfig;
}

/** A validation score about twenty times in a run, and a checkpoint every so often. */
const evaluations = 20;
const checkpointSeconds = 20;

export const configOf = (
  { preset, steps, seed, accumulate, mesh }: Settings,
  data: DataChoice,
): RunConfig => ({
  ...(ranksOf(mesh) > 1 ? { mesh } : {}),
  data,
  preset,
  steps,
  seed,
  overrides: { accumulate },
  evaluateEvery: Math.max(5, Math.round(steps / evaluations)),
  checkpointSeconds,
  trace: 'layer',
});

export const sameButSeed = (a: Settings, b: Settings) =>
  a.preset === b.preset &&
  a.steps === b.steps &&
  a.accumulate === b.accumulate &&
  a.data === b.data &&
  sameMesh(a.mesh, b.mesh);
