/** Every published timing beside what the simulator says of the published schedule on the published node. */
import { isCalibrating } from './calibrate.ts';
import { publishedSeconds } from './node.ts';
import type { Ways } from './products.ts';
import type { PublishedModel } from './step.ts';
import {
  epochSamples,
  epochs,
  type MeasuredPrecision,
  replicaEpochSamples,
  replicaGpus,
  replicas,
  strong,
  weak,
} from './tables.ts';

export const comparedTables = ['epoch', 'strong', 'weak', 'replicas'] as const;
export type ComparedTable = (typeof comparedTables)[number];

/** Seconds of a step, times as fast, or an efficiency: see `tables.ts`. */
export interface Compared {
  readonly table: ComparedTable;
  readonly size: string;
  readonly precision: MeasuredPrecision;
  readonly loading: boolean;
  readonly gpus: number;
  readonly ways: Ways;
  readonly published: number;
  readonly predicted: number;
  /** It set the calibrated numbers. */
  readonly calibrates: boolean;
  /** A hypothesis about the schedule was chosen with it in sight, so that it checks nothing: docs/simulator.md. */
  readonly chose: boolean;
}

/** Of the prediction, with its sign. */
export const errorOf = ({ published, predicted }: Compared): number => predicted / published - 1;

const allWays = [1, 2, 4] as const;

/** Of a row that was used for nothing before. */
const checks = { calibrates: false, chose: false } as const;

/** @param modelOf a published size by its name */
export function comparePublished(modelOf: (size: string) => PublishedModel): Compared[] {
  const known = new Map<string, number>();
  const secondsOf = (
    size: string,
    precision: MeasuredPrecision,
    ways: Ways,
    loadedSamples: number | undefined,
    copies = 1,
  ): number => {
    const key = [size, precision, ways, loadedSamples, copies].join();
    const seconds =
      known.get(key) ??
      publishedSeconds({ model: modelOf(size), precision, ways, replicas: copies, loadedSamples });
    known.set(key, seconds);
    return seconds;
  };
  const samplesIf = (loading: boolean, precision: MeasuredPrecision) =>
    loading ? epochSamples[precision] : undefined;
  const epochRows = epochs.flatMap(row =>
    allWays.flatMap((ways, index): Compared[] => {
      const { size, precision, loading } = row;
      const minutes = row.minutes[index];
      if (minutes === undefined) return [];
      const published = (60 * minutes) / epochSamples[precision];
      const predicted = secondsOf(size, precision, ways, samplesIf(loading, precision));
      const calibrates = ways === 1 && isCalibrating(row);
      return [
        {
          ...checks,
          table: 'epoch',
          size,
          precision,
          loading,
          gpus: ways,
          ways,
          published,
          predicted,
          calibrates,
        },
      ];
    }),
  );
  const strongRows = strong.flatMap(({ size, precision, loading, speedUps }) =>
    ([2, 4] as const).map((ways, index): Compared => {
      const samples = samplesIf(loading, precision);
      const predicted = secondsOf(size, precision, 1, samples) / secondsOf(size, precision, ways, samples);
      const published = speedUps[index];
      return { ...checks, table: 'strong', size, precision, loading, gpus: ways, ways, published, predicted };
    }),
  );
  const weakRows = weak.flatMap(({ sizes, precision, loading, efficiencies }) =>
    ([2, 4] as const).map((ways, index): Compared => {
      const samples = samplesIf(loading, precision);
      const predicted =
        secondsOf(sizes[0], precision, 1, samples) / secondsOf(sizes[index + 1], precision, ways, samples);
      const size = `${sizes[0]} to ${sizes[index + 1]}`;
      const published = efficiencies[index];
      return { ...checks, table: 'weak', size, precision, loading, gpus: ways, ways, published, predicted };
    }),
  );
  const replicaRows = replicas.flatMap(({ size, ways, efficiencies }) =>
    replicaGpus.map((gpus, index): Compared => {
      const alone = secondsOf(size, 'tf32', ways, replicaEpochSamples);
      const predicted = alone / secondsOf(size, 'tf32', ways, replicaEpochSamples, gpus / ways);
      const published = efficiencies[index];
      // Those in one piece chose when their sums set out.
      const chose = ways === 1;
      const how = { precision: 'tf32', loading: true } as const;
      return { ...checks, ...how, table: 'replicas', size, gpus, ways, published, predicted, chose };
    }),
  );
  return [...epochRows, ...strongRows, ...weakRows, ...replicaRows];
}
