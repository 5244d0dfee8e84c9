/**
 * Checkpoints in the memory of the ranks. Whenever the state of the mesh is read, every rank of the first instance
 * keeps its shard, and gives a copy to the next rank: whichever one rank is lost, the first among them, the others
 * hold the whole.
 */
import type { ParameterLayout } from '../graph/layout.ts';
import { putShard } from '../models/shards.ts';
import type { WeatherMixerConfig } from '../models/weathermixer-config.ts';
import { CheckpointError } from '../train/checkpoint.ts';
import { forecastPlan, wholeLayout } from '../train/plans.ts';
import type { TrainerState } from '../train/trainer.ts';
import type { Links } from './links.ts';
import { type MeshShape, meshAt, meshName, ranksOf } from './mesh.ts';
import type { Program } from './program.ts';

/** The state of one rank's shard after a step. */
export interface ShardCopy {
  /** Of `Program`: states of different runs do not fit together. */
  readonly run: number;
  readonly mesh: MeshShape;
  readonly step: number;
  readonly rank: number;
  readonly state: TrainerState;
}

export interface ShardCopies {
  keep(copy: ShardCopy): void;
  all(): readonly ShardCopy[];
}

/** The newest checkpoint may be half done when a rank is lost: the one before it is kept too. */
const CHECKPOINTS_KEPT = 2;

const checkpointKey = ({ run, step }: ShardCopy) => `${run} ${step}`;

export function createShardCopies(): ShardCopies {
  let copies: ShardCopy[] = [];
  return {
    keep(copy) {
      const key = checkpointKey(copy);
      copies = [...copies.filter(other => other.rank !== copy.rank || checkpointKey(other) !== key), copy];
      const newest = new Set([...new Set(copies.map(checkpointKey))].slice(-CHECKPOINTS_KEPT));
      copies = copies.filter(other => newest.has(checkpointKey(other)));
    },
    all: () => copies,
  };
}

/** Keeps the state that was read of a rank's shard, and gives a copy to the next rank of the mesh, around its end. */
export function keepShard(
  copies: ShardCopies,
  links: Links,
  { run, mesh }: Program,
  step: number,
  state: TrainerState,
): void {
  const { rank } = links;
  const copy: ShardCopy = { run, mesh, step, rank, state };
  copies.keep(copy);
  links.notify((rank + 1) % ranksOf(mesh), 'copy', copy);
}

/** Puts the shards of an instance together, in the order of their ranks. */
export function assembleShards(
  states: readonly TrainerState[],
  layouts: readonly ParameterLayout[],
  whole: ParameterLayout,
): TrainerState {
  return Object.fromEntries(
    Object.keys(states[0]).map(space => {
      const values = new Float32Array(whole.floats);
      states.forEach((state, rank) => {
        putShard(layouts[rank], state[space], whole, values);
      });
      return [space, values];
    }),
  );
}

/**
 * The newest checkpoint that is whole among what ranks hold.
 * @throws CheckpointError which says whose shards are missing from the newest
 */
export function assembleCopies(
  copies: readonly ShardCopy[],
  model: WeatherMixerConfig,
): { readonly run: number; readonly step: number; readonly state: TrainerState } {
  const newestFirst = [...copies].sort((a, b) => b.step - a.step);
  const lacking: string[] = [];
  for (const key of new Set(newestFirst.map(checkpointKey))) {
    const shards = newestFirst.filter(copy => checkpointKey(copy) === key);
    const [{ run, mesh, step }] = shards;
    const ranks = Array.from({ length: mesh.rows * mesh.columns }, (_, rank) => rank);
    const states = ranks.map(rank => shards.find(copy => copy.rank === rank)?.state);
    if (states.every(state => state !== undefined)) {
      const layouts = ranks.map(rank => forecastPlan(model, 1, meshAt(mesh, rank)).layout);
      return { run, step, state: assembleShards(states, layouts, wholeLayout(model)) };
    }
    const missing = ranks.filter(rank => states[rank] === undefined);
    lacking.push(
      `The checkpoint of step ${step} on the mesh ${meshName(mesh)} lacks the shard of rank ${missing.join(' and ')}.`,
    );
  }
  const why = lacking.length > 0 ? lacking.join(' ') : 'No checkpoint was taken yet.';
  throw new CheckpointError(
    `The ranks that are left hold no whole checkpoint. ${why} A rank and its neighbour, which had its copy, must not ` +
      'be lost together: start anew, or from a checkpoint file.',
  );
}
