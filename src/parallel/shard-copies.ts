/**
 * Checkpoints in shards. Whenever the state of the mesh is read, every rank of the first instance keeps its shard, and
 * gives a copy to a rank of another page: whichever one page is lost, that of the first rank among them, the others
 * hold the whole. A shard goes with all that another session needs to go on.
 */

import { type MeshShape, meshAt, meshName, ranksOf } from '../mesh/mesh.ts';
import { inSpace, type ParameterLayout } from '../plan/layout.ts';
import { CheckpointError } from '../train/checkpoint-error.ts';
import { shardLayout, wholeLayout } from '../train/plans.ts';
import type { CheckpointLabel, TrainerState } from '../train/trainer-state.ts';
import type { Program } from './program.ts';
import { putShard } from './shards.ts';

/** Which shard it is, and of what. */
export interface ShardHeading extends CheckpointLabel {
  /** Of `Program`: states of different runs do not fit together. */
  readonly run: number;
  readonly mesh: MeshShape;
  readonly rank: number;
}

/** The state of one rank's shard after a step. */
export interface ShardCopy extends ShardHeading {
  readonly state: TrainerState;
}

/** Where copies are kept beyond the life of a page. */
export interface CopyStore {
  /** @throws Error in words for people where it cannot be stored, the disk being full for instance */
  put(copy: ShardCopy): Promise<void>;
  headings(): Promise<readonly ShardHeading[]>;
  read(heading: ShardHeading): Promise<ShardCopy | undefined>;
}

/** What a rank holds: the shards of the newest checkpoints, in memory, and in a store where it has one. */
export interface ShardCopies extends CopyStore {
  /** Resolves when nothing is on its way to the store. */
  settled(): Promise<void>;
  /** Those that are in memory only, for the store did not take them. */
  unstored(): Promise<readonly ShardCopy[]>;
}

/** The newest checkpoint may be half done when a page is lost: the one before it is kept too. */
const CHECKPOINTS_KEPT = 2;

const checkpointKey = ({ run, info }: ShardHeading) => `${run} ${info.savedAt}`;
const shardKey = (heading: ShardHeading) => `${checkpointKey(heading)} ${heading.rank}`;

const newestFirst = <Heading extends ShardHeading>(shards: readonly Heading[]) =>
  [...shards].sort((a, b) => b.info.savedAt - a.info.savedAt);

/** Those of the newest checkpoints, the newest first. */
export function newestShards<Heading extends ShardHeading>(shards: readonly Heading[]): Heading[] {
  const sorted = newestFirst(shards);
  const kept = new Set([...new Set(sorted.map(checkpointKey))].slice(0, CHECKPOINTS_KEPT));
  return sorted.filter(shard => kept.has(checkpointKey(shard)));
}

export function createShardCopies(store?: CopyStore): ShardCopies {
  let copies: ShardCopy[] = [];
  const stored = new WeakSet<ShardCopy>();
  let storing: Promise<unknown> = Promise.resolve();
  const settled = () => storing.then(() => undefined);
  return {
    put(copy) {
      copies = newestShards([...copies.filter(other => shardKey(other) !== shardKey(copy)), copy]);
      const put = storing.then(async () => {
        await store?.put(copy);
        stored.add(copy);
      });
      storing = put.catch(() => undefined);
      return put;
    },
    async headings() {
      const inStore = (await store?.headings().catch(() => undefined)) ?? [];
      const held = copies.map(({ state: _, ...heading }) => heading);
      const other = inStore.filter(heading => held.every(own => shardKey(own) !== shardKey(heading)));
      return newestShards([...held, ...other]);
    },
    async read(heading) {
      const held = copies.find(copy => shardKey(copy) === shardKey(heading));
      return held ?? store?.read(heading);
    },
    settled,
    async unstored() {
      await settled();
      return copies.filter(copy => !stored.has(copy));
    },
  };
}

/**
 * The rank that keeps a copy of each shard of the first instance, by rank: the next one, around the end of the mesh, in
 * another page. Those in the page of rank 0 come last: its session keeps the whole checkpoint, so that copies are of
 * use only when that page is lost. Where all ranks are in one page it is the next one.
 *
 * @param pages the page of every rank; where absent, each has its own
 */
export function copyHolders(mesh: MeshShape, pages?: readonly string[]): number[] {
  const size = ranksOf(mesh);
  const pageOf = (rank: number) => pages?.[rank] ?? String(rank);
  return Array.from({ length: mesh.rows * mesh.columns }, (_, rank) => {
    const next = Array.from({ length: size - 1 }, (_, i) => (rank + 1 + i) % size);
    const elsewhere = next.filter(other => pageOf(other) !== pageOf(rank));
    return elsewhere.find(other => pageOf(other) !== pageOf(0)) ?? elsewhere[0] ?? next[0];
  });
}

/** The calls by which a rank is asked for what it keeps. */
export const copyCalls = (copies: ShardCopies) => ({
  copies: () => copies.headings(),
  readCopy: async (heading: ShardHeading) => (await copies.read(heading)) ?? null,
});

/** The state that was read of a rank's shard, for itself and for its holder to keep: see `copyHolders`. */
export function shardCopy(
  rank: number,
  { run, mesh }: Program,
  label: CheckpointLabel,
  state: TrainerState,
): ShardCopy {
  return { ...label, run, mesh, rank, state };
}

/** Puts the shards of an instance together, in the order of their ranks. */
export function assembleShards(
  states: readonly TrainerState[],
  layouts: readonly ParameterLayout[],
  whole: ParameterLayout,
): TrainerState {
  return Object.fromEntries(
    Object.keys(states[0]).map(space => {
      const values = new Float32Array(inSpace(whole, space).floats);
      states.forEach((state, rank) => {
        putShard(layouts[rank], state[space], whole, space, values);
      });
      return [space, values];
    }),
  );
}

/**
 * The shards of the newest checkpoint that is whole, in the order of their ranks.
 * @throws CheckpointError which says whose shards are missing from the newest
 */
export function newestWhole<Heading extends ShardHeading>(shards: readonly Heading[]): Heading[] {
  const sorted = newestFirst(shards);
  const lacking: string[] = [];
  for (const key of new Set(sorted.map(checkpointKey))) {
    const own = sorted.filter(shard => checkpointKey(shard) === key);
    const [{ mesh, info }] = own;
    const ranks = Array.from({ length: mesh.rows * mesh.columns }, (_, rank) => rank);
    const found = ranks.map(rank => own.find(shard => shard.rank === rank));
    if (found.every(shard => shard !== undefined)) return found;
    const missing = ranks.filter(rank => found[rank] === undefined);
    lacking.push(
      `The checkpoint of step ${info.step} on the mesh ${meshName(mesh)} lacks the shard of rank ${missing.join(' and ')}.`,
    );
  }
  const why = lacking.length > 0 ? lacking.join(' ') : 'No checkpoint was taken yet.';
  throw new CheckpointError(
    `The ranks that are left hold no whole checkpoint. ${why} A page and the one that had the copies of its shards must ` +
      'not be lost together. If one of them comes back, try again; else start anew, or from a checkpoint file.',
  );
}

/** The newest checkpoint that is whole among these copies. @throws CheckpointError */
export function assembleCopies(copies: readonly ShardCopy[]): {
  readonly heading: ShardHeading;
  readonly state: TrainerState;
} {
  const whole = newestWhole(copies);
  const [{ state: first, ...heading }] = whole;
  const { model } = heading.info;
  const layouts = whole.map(({ mesh, rank }) => shardLayout(model, meshAt(mesh, rank)));
  whole.forEach(({ rank, state }, index) => {
    for (const space of Object.keys(first)) {
      const { floats } = inSpace(layouts[index], space);
      const length = state[space]?.length ?? 0;
      if (length === floats) continue;
      throw new CheckpointError(
        `The copy of the shard of rank ${rank} cannot be used: it has ${length} values of ${space}; ${floats} were expected.`,
      );
    }
  });
  return {
    heading,
    state: assembleShards(
      whole.map(({ state }) => state),
      layouts,
      wholeLayout(model),
    ),
  };
}
