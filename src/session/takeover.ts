/** Goes on with the run of a host that is gone: its newest whole checkpoint, from the copies of shards that are left. */
import type { Progress } from '../data/dataset.ts';
import type { Links } from '../parallel/links.ts';
import { ranksOf } from '../parallel/mesh.ts';
import { fittingMesh } from '../parallel/mesh-fit.ts';
import { assembleCopies, newestWhole, type ShardCopy, type ShardHeading } from '../parallel/shard-copies.ts';
import { CheckpointError, encodeCheckpoint } from '../train/checkpoint.ts';
import { wholeLayout } from '../train/plans.ts';
import type { SavedRun } from './api.ts';
import { copyStore } from './copy-storage.ts';
import type { KeptConfig, MeshConfig } from './run-config.ts';
import { checkMeshConfig, settingsOf } from './settings.ts';
import { saveRun } from './storage.ts';

/** Who holds copies: this browser, or a rank. */
interface Holder {
  readonly headings: readonly ShardHeading[];
  read(heading: ShardHeading): Promise<ShardCopy | null | undefined>;
}

/**
 * Puts the checkpoint together and saves it as the run of this browser, on a mesh of at most `ranks` ranks.
 *
 * @param links to the ranks that are asked what they hold; undefined where this page is the only one
 * @throws CheckpointError where shards are missing, PeerError, and DOMException QuotaExceededError
 */
export async function takeOverRun(
  links: Links | undefined,
  room: string,
  ranks: number,
  progress: Progress,
): Promise<SavedRun> {
  const stage = 'Gathering the shards';
  progress(stage, 0);
  const holders = await holdersOf(links, room);
  const shards = newestWhole(holders.flatMap(({ headings }) => headings));
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
  // As its session told the ranks: see `checkpointOf`.
  const config = heading.config as KeptConfig;
  return saveRun(info, { ...config, mesh: meshFor(heading, config, ranks) }, bytes);
}

async function holdersOf(links: Links | undefined, room: string): Promise<Holder[]> {
  const store = copyStore(room);
  const own: Holder = { headings: await store.headings(), read: heading => store.read(heading) };
  const others = Array.from({ length: (links?.size ?? 1) - 1 }, async (_, i): Promise<Holder> => {
    const call = (name: string, argument?: unknown) => links!.call(i + 1, name, argument);
    return {
      headings: (await call('copies')) as ShardHeading[],
      read: async heading => (await call('readCopy', heading)) as ShardCopy | null,
    };
  });
  return [own, ...(await Promise.all(others))];
}

async function readFrom(holders: readonly Holder[], shard: ShardHeading): Promise<ShardCopy> {
  const copy = await holders.find(({ headings }) => headings.includes(shard))!.read(shard);
  if (copy) return copy;
  throw new CheckpointError(
    `The shard of rank ${shard.rank} of the checkpoint of step ${shard.info.step} is gone since it was found. Try again.`,
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
