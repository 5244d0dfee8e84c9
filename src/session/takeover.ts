/** Goes on with the run of a host that is gone: its newest whole checkpoint, from the copies of shards that are left. */
import type { Progress } from '../data/dataset.ts';
import { count, bytes as sizeText } from '../io/number-text.ts';
import { ranksOf } from '../mesh/mesh.ts';
import { fittingMesh } from '../mesh/mesh-fit.ts';
import { modelKind } from '../models/index.ts';
import { callsTo } from '../parallel/call-proxies.ts';
import type { RankLinks } from '../parallel/rank-links.ts';
import { assembleCopies, newestWhole, type ShardCopy, type ShardHeading } from '../parallel/shard-copies.ts';
import { encodeCheckpoint } from '../train/checkpoint.ts';
import { CheckpointError } from '../train/checkpoint-error.ts';
import { wholeLayout } from '../train/plans.ts';
import type { SavedRun } from './api/api.ts';
import type { KeptConfig, MeshConfig } from './api/run-config.ts';
import { checkMeshConfig, settingsOf } from './api/settings.ts';
import { copyStore } from './copy-storage.ts';
import type { RunStore } from './saved-runs.ts';

/** Who holds copies: this browser, or a rank. */
interface Holder {
  readonly headings: readonly ShardHeading[];
  read(heading: ShardHeading): Promise<ShardCopy | null | undefined>;
}

/** What this page itself has of the run. */
interface OwnCopies {
  /** In whose name its browser keeps shards. */
  readonly room: string;
  /** Shards that are in memory only. */
  readonly copies: readonly ShardCopy[];
}

interface TakeoverEvents {
  readonly progress: Progress;
  readonly warn: (message: string) => void;
}

/**
 * Puts the checkpoint together and saves it as the run of this page, on a mesh of at most `ranks` ranks.
 *
 * @param links to the ranks that are asked what they hold
 * @throws CheckpointError where shards are missing, and PeerError
 */
export async function takeOverRun(
  links: RankLinks,
  own: OwnCopies,
  ranks: number,
  runs: RunStore,
  { progress, warn }: TakeoverEvents,
): Promise<SavedRun> {
  const stage = 'Gathering the shards';
  progress(stage, 0);
  const holders = await holdersOf(links, own);
  const shards = newestWhole(holders.flatMap(({ headings }) => headings));
  await modelKind(shards[0].info.model.kind).load?.();
  let done = 0;
  const copies = await Promise.all(
    shards.map(async shard => {
      const copy = await readFrom(holders, shard);
      progress(stage, ++done / shards.length);
      return copy;
    }),
  );
  const { heading, state } = assembleCopies(copies);
  const { info } = heading;
  const bytes = encodeCheckpoint({ info, state }, wholeLayout(info.model));
  // As its session told the ranks: see `takeCheckpoint`.
  const before = heading.config as KeptConfig;
  const config = { ...before, mesh: meshFor(heading, before, ranks) };
  try {
    return await runs.save(info, config, bytes);
  } catch (error) {
    const size = sizeText(bytes.byteLength);
    warn(
      `The run that was taken over (${size}) could not be saved in this browser (${(error as Error).message}). It goes ` +
        'on from memory, and is lost with this page: free some disk space, or export the checkpoint to a file.',
    );
    return runs.hold(info, config, bytes);
  }
}

async function holdersOf(links: RankLinks, { room, copies }: OwnCopies): Promise<Holder[]> {
  const store = copyStore(room);
  // Storage that took nothing may not be readable either.
  const stored: Holder = { headings: await store.headings().catch(() => []), read: store.read };
  const held: Holder = { headings: copies, read: async heading => copies.find(copy => copy === heading) };
  const others = Array.from({ length: links.size - 1 }, async (_, i): Promise<Holder> => {
    const calls = callsTo(links, i + 1);
    return { headings: await calls.copies(), read: calls.readCopy };
  });
  return [held, stored, ...(await Promise.all(others))];
}

async function readFrom(holders: readonly Holder[], shard: ShardHeading): Promise<ShardCopy> {
  const copy = await holders.find(({ headings }) => headings.includes(shard))!.read(shard);
  if (copy) return copy;
  throw new CheckpointError(
    `The shard of rank ${shard.rank} of the checkpoint of step ${count(shard.info.step)} is gone since it was found. Try again.`,
  );
}

/** Undefined for one rank. */
function meshFor(
  { mesh: before, info }: ShardHeading,
  config: KeptConfig,
  ranks: number,
): MeshConfig | undefined {
  const preset = settingsOf(config);
  const mesh = fittingMesh<MeshConfig>(config.mesh ?? before, ranks, candidate => {
    try {
      checkMeshConfig(info.model, candidate, preset);
      return true;
    } catch {
      return false;
    }
  });
  return mesh && ranksOf(mesh) > 1 ? mesh : undefined;
}
