/** What a Zarr store holds, as it is told from its metadata and coordinates. */
import type * as zarr from 'zarrita';
import type { ByteCount } from '../../io/byte-count.ts';
import type { ChunkMarks, SourceIdentity } from '../boxed-source.ts';
import type { Attributes } from '../cf/attributes.ts';
import type { HorizontalGrid, Role } from '../cf/axes.ts';
import type { TimeSteps } from '../cf/steps.ts';
import type { Channel } from '../dataset.ts';
import type { LeftOut } from '../source-about.ts';

export interface ZarrVariable {
  readonly name: string;
  readonly array: zarr.Array<zarr.DataType, zarr.AsyncReadable>;
  readonly attributes: Attributes;
  readonly dimensions: readonly string[];
}

/** One level of one variable. */
export interface ZarrField {
  readonly channel: Channel;
  readonly variable: ZarrVariable;
  /** What each dimension of the variable is. */
  readonly roles: readonly Role[];
  /** Index along the level dimension; 0 where there is none. */
  readonly level: number;
  /** See `GridField`. */
  readonly members?: readonly number[];
  readonly versions: readonly number[];
}

export interface ZarrStore {
  readonly name: string;
  /** See `BoxedSource`. */
  identity(): Promise<SourceIdentity | undefined>;
  readonly marks?: ChunkMarks;
  /** Those that change in time: by the variable's name, levels in stored order. */
  readonly fields: readonly ZarrField[];
  readonly statics: readonly ZarrField[];
  readonly grid: HorizontalGrid;
  readonly time: TimeSteps;
  /** The step of each index along the time dimension. */
  readonly storedSteps: readonly number[];
  /** Arrays other than axes, as far as they are known without opening them. */
  readonly others: readonly string[];
  /** Arrays that are neither fields nor axes, and why, as far as they are known. */
  readonly leftOut: readonly LeftOut[];
  /** All that was read from the store so far. */
  readonly count: ByteCount;
  /** Keys that were asked for and are not in the store. */
  readonly absent: ReadonlySet<string>;
}
