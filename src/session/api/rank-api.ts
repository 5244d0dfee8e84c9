/** The contract of a rank in its worker, for the page that it is in. Everything in here can be structured-cloned. */
import type { DataChoice } from '../../data/choice/choice.ts';
import type { ShardCopy } from '../../parallel/shard-copies.ts';
import type { AdapterSummary } from './adapter.ts';

/** The links of a rank to all others. */
export interface Wiring {
  readonly rank: number;
  /** Port to every other rank; null for the own one. See `net/link-port`. */
  readonly ports: readonly (MessagePort | null)[];
  /** Counts the times that the ranks were wired anew. */
  readonly generation: number;
  /** A peer that is waited for and was not heard of for this long is taken for frozen. */
  readonly silenceMs?: number;
  /**
   * The page of every rank: shards are copied to another page, and what ranks of another page send is checked. Where
   * absent, each rank has its own.
   */
  readonly pages?: readonly string[];
  /**
   * The room in whose name this browser keeps the rank's copies of shards. Absent in the page of rank 0, where the
   * session saves whole checkpoints.
   */
  readonly room?: string;
  /** Data that the user chose in the page of this rank: what links cannot carry, such as files and folders. */
  readonly data?: DataChoice;
}

/** Any rank but the first, in its worker. */
export interface RankApi {
  adapter(): Promise<AdapterSummary>;
  /** Serves rank 0 over these links from now on; those before are closed. Pass the ports as transferred. */
  connect(wiring: Wiring): Promise<void>;
  /** A short product on its device, GFLOP/s. */
  speed(): Promise<number>;
  /** Ends the links with a failure of this rank, which its peers are told. */
  fail(reason: string): Promise<void>;
  /** Called when the links end with a failure; pass a `comlink.proxy`. */
  onFailure(listener: (message: string) => void): Promise<void>;
  /** The newest checkpoint of which it keeps shards for the room that it was connected in. */
  kept(): Promise<KeptCheckpoint | undefined>;
  /** The shards that it keeps in memory only, for its browser has no room for them. */
  unstored(): Promise<readonly ShardCopy[]>;
  close(): Promise<void>;
}

/** A checkpoint of which a page that is not the host's keeps shards. */
export interface KeptCheckpoint {
  readonly step: number;
  readonly steps: number;
  /** Milliseconds since 1970, by the clock of the host. */
  readonly savedAt: number;
}
