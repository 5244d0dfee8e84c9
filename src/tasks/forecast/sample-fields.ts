/** The fields of a sample of a rank's part, from the normalised states that it needs, wherever those are held. */
import type { Batch } from '../task.ts';
import type { ForecastShard, ShardHead } from './slice-task.ts';

/** Normalised states of some records, from `first` on: see `ForecastShard`. */
export interface HeldStates extends Pick<ForecastShard, 'values' | 'known'> {
  readonly first: number;
}

/** Those that a record is among. */
export type StatesAt = (record: number) => HeldStates;

/** Records whose states a sample needs, counted from its newest input. */
export function recordOffsets({ inputs, leadRecords }: ShardHead): number[] {
  const ages = inputs.flatMap(source => (source.kind === 'state' ? [-source.age] : []));
  return [...new Set([...ages, leadRecords])];
}

/** Writes one normalised input at `out[offset...]`: [input channel of the box, height, width]. */
export function fillShardInput(
  shard: ShardHead,
  statesAt: StatesAt,
  time: number,
  out: Batch[string],
  offset: number,
): void {
  const { inputs, statics, season, channels, height, width, gridRows } = shard;
  const points = height * width;
  inputs.forEach((source, i) => {
    const at = offset + i * points;
    const copy = (from: Float32Array, plane: number) => {
      out.set(from.subarray(plane * points, (plane + 1) * points), at);
    };
    switch (source.kind) {
      case 'state': {
        const record = time - source.age;
        const { values, first } = statesAt(record);
        copy(values, (record - first) * channels.length + source.channel);
        return;
      }
      case 'static':
        copy(statics, source.field);
        return;
      case 'season':
        // As in the whole task the padding of the grid has it too, but not what lies beyond the padding.
        out.fill(season![2 * time + source.term], at, at + gridRows * width);
        out.fill(0, at + gridRows * width, at + points);
        return;
      case 'padding':
        out.fill(0, at, at + points);
    }
  });
}

/**
 * Writes a normalised target at `time + leadRecords`, [output channel of the box, height, width]; or of shards with `known` 1
 * where it is known, 0 where it is missing or padding.
 */
export function fillShardOutputs(
  { targets, channels, leadRecords, height, width }: ShardHead,
  statesAt: StatesAt,
  which: 'values' | 'known',
  time: number,
  out: Batch[string],
  offset: number,
): void {
  const points = height * width;
  const record = time + leadRecords;
  const held = statesAt(record);
  const from = which === 'values' ? held.values : held.known!;
  targets.forEach((channel, i) => {
    const at = offset + i * points;
    if (channel < 0) {
      out.fill(0, at, at + points);
      return;
    }
    const plane = (record - held.first) * channels.length + channel;
    out.set(from.subarray(plane * points, (plane + 1) * points), at);
  });
}
