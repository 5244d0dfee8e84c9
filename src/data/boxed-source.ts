/** The contract of what is read in boxes: a run in one piece reads all of it, a rank of a mesh its own part. */
import type { ByteCount } from '../io/byte-count.ts';
import type { Dataset, Progress, SourceFields } from './dataset.ts';
import type { ColumnBox, DataBox } from './slice.ts';
import type { SourceAbout } from './source-about.ts';

/** What was read, and the bytes that it took, as they lay or came, still compressed. */
export interface ReadData {
  readonly dataset: Dataset;
  readonly bytesRead: number;
  /** Of a store, the chunks that it does not have: their values are missing. */
  readonly absentChunks?: number;
}

/** Which data these are, as far as can be told without reading them: what is found out of them is kept by it. */
export interface SourceIdentity {
  /** Of the files, or of the store. */
  readonly name: string;
  /** Sizes and times of the last change, in words: others where the data have changed. */
  readonly stamp: string;
}

/** What a server says of the chunks that were read of it: one that was written anew has another mark. */
export interface ChunkMarks {
  /** By their keys. */
  readonly read: ReadonlyMap<string, string>;
  /** The mark of a chunk as it is now, which is not read. */
  now(key: string): Promise<string | undefined>;
}

export interface BoxedSource {
  readonly fields: SourceFields;
  /** Absent for what is computed; gives nothing where nothing says when it was changed last. */
  identity?(): Promise<SourceIdentity | undefined>;
  /** Where `identity` tells nothing of chunks: of a store at an address. */
  readonly marks?: ChunkMarks;
  /** Absent for what is computed. */
  readonly about?: SourceAbout;
  /** All that was read of it so far; absent for what is computed. */
  readonly count?: ByteCount;
  /**
   * @param box all of it where absent
   * @throws DataError where it cannot be read
   */
  read(box?: DataBox, progress?: Progress): Promise<ReadData>;
  /** Sentences on what ranks that read these boxes read more than once. */
  describeSplit(boxes: readonly DataBox[]): readonly string[];
}

/** One that reads no more columns of its rows than it must: what files and stores are. */
export interface ColumnSource extends Omit<BoxedSource, 'read' | 'describeSplit'> {
  read(box?: ColumnBox, progress?: Progress): Promise<ReadData>;
  describeSplit(boxes: readonly ColumnBox[]): readonly string[];
}
