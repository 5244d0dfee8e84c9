/** A rank's worker, but for the first: it opens a device when it is first needed, and serves whoever conducts. */

import { measureSpeed } from '../engine/speed-test.ts';
import type { Gpu } from '../gpu/device.ts';
import { DeviceLostError } from '../gpu/mapping.ts';
import { byRank, Links } from '../parallel/links.ts';
import { type ServedRank, serveRank } from '../parallel/rank.ts';
import { createRankData } from '../parallel/rank-data.ts';
import { createShardCopies, type ShardCopies, type ShardCopy } from '../parallel/shard-copies.ts';
import { type Tuning, tuningWith } from '../parallel/tuning.ts';
import type { AdapterSummary } from './api/adapter.ts';
import { adapterSummary } from './api/adapter.ts';
import type { KeptCheckpoint, RankApi, Wiring } from './api/rank-api.ts';
import { copyStore } from './copy-storage.ts';
import { formStore } from './form-storage.ts';
import { SessionDevice } from './session-device.ts';

export class RankSession implements RankApi {
  readonly #device: SessionDevice;
  readonly #tuning: Tuning;
  readonly #listeners: ((message: string) => void)[] = [];
  /** Shards of checkpoints, for whoever goes on with the run when its first rank is lost. */
  #copies: ShardCopies = createShardCopies();
  readonly #data = createRankData();
  #room: string | undefined;
  #served: ServedRank | undefined;
  #links: Links | undefined;

  /**
   * @param open opens a device; called again after one was lost.
   * @param tuning how the fastest forms of products are found and kept
   */
  constructor(open: () => Promise<Gpu>, tuning = tuningWith(formStore)) {
    this.#tuning = tuning;
    this.#device = new SessionDevice(open, {
      onRefused: message => this.#links?.fail(new Error(`its graphics device refused a command: ${message}`)),
      onLost: message => this.#links?.fail(new DeviceLostError(message)),
    });
  }

  async adapter(): Promise<AdapterSummary> {
    return adapterSummary((await this.#device.open()).gpu);
  }

  async speed(): Promise<number> {
    const { gpu, pipelines } = await this.#device.open();
    return measureSpeed(gpu, pipelines);
  }

  async fail(reason: string): Promise<void> {
    this.#links?.fail(new Error(reason));
  }

  async connect({ rank, ports, generation, silenceMs, pages, room, data: given }: Wiring): Promise<void> {
    // Not waited for: reading data may take it long, and it is in nobody's way.
    void this.#served?.close();
    if (room !== this.#room) {
      this.#room = room;
      this.#copies = createShardCopies(room === undefined ? undefined : copyStore(room));
    }
    const peers = byRank(ports);
    // Without peers it takes part in no run.
    if (peers.size === 0) this.#data.forget();
    const links = new Links({ rank, ports: peers, generation, silenceMs, pages });
    links.onFailure(({ message }) => {
      for (const listener of this.#listeners) listener(message);
    });
    this.#links = links;
    this.#served = serveRank(() => this.#device.open(), links, {
      copies: this.#copies,
      data: this.#data,
      given,
      tuning: this.#tuning,
    });
  }

  async onFailure(listener: (message: string) => void): Promise<void> {
    this.#listeners.push(listener);
  }

  async kept(): Promise<KeptCheckpoint | undefined> {
    await this.#copies.settled();
    const [newest] = await this.#copies.headings();
    if (!newest) return undefined;
    const { step, steps, savedAt } = newest.info;
    return { step, steps, savedAt };
  }

  unstored(): Promise<readonly ShardCopy[]> {
    return this.#copies.unstored();
  }

  async close(): Promise<void> {
    void this.#served?.close();
    this.#served = undefined;
    await this.#copies.settled();
    await this.#device.close();
  }
}
