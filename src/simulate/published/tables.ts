/**
 * Timings that others measured: arXiv:2507.05753 (Jigsaw) and its released logs and tables, on nodes with four A100 of
 * 40 GB. Sizes by the names of `models/published-sizes.ts`.
 */
import type { Precision } from '../machines.ts';
import type { Ways } from './products.ts';

export type MeasuredPrecision = Extract<Precision, 'tf32' | 'f32'>;

/** Minutes an epoch on one node, on 1, 2 and 4 GPUs (released logs, cases C2 and C3); undefined where there is none. */
export interface EpochRow {
  readonly size: string;
  readonly precision: MeasuredPrecision;
  readonly loading: boolean;
  readonly minutes: readonly [number | undefined, number | undefined, number | undefined];
}

/** Samples of such an epoch. */
export const epochSamples: Readonly<Record<MeasuredPrecision, number>> = { tf32: 1250, f32: 500 };

const row = (
  precision: MeasuredPrecision,
  loading: boolean,
  size: string,
  ...minutes: EpochRow['minutes']
): EpochRow => ({ size, precision, loading, minutes });

export const epochs: readonly EpochRow[] = [
  row('tf32', true, '0.5', 5.14, undefined, 2.54),
  row('tf32', true, '2', 5.05, 3.38, 2.68),
  row('tf32', true, '4', 6.61, 4.33, 2.96),
  row('tf32', true, '8', 10.28, 6.11, 4.46),
  row('tf32', true, '16', 15.08, 9.16, 6.56),
  row('tf32', true, '32', undefined, 16.18, 10.83),
  row('tf32', true, '64', undefined, undefined, 18.87),
  row('f32', true, '0.5', 2.09, 1.22, 1.05),
  row('f32', true, '2', 4.1, 2.38, 1.69),
  row('f32', true, '4', 7.34, 4.03, 2.87),
  row('f32', true, '8', 13.66, 7.4, 5.17),
  row('f32', true, '16', 25.51, 13.29, 9.39),
  row('f32', true, '32', undefined, 25.63, 20.09),
  row('f32', true, '64', undefined, undefined, 33.65),
  row('tf32', false, '0.5', 2.17, 1.96, 1.32),
  row('tf32', false, '4', 6.07, 4.01, 2.74),
  row('tf32', false, '16', 14.83, 8.91, 6.58),
  row('f32', false, '16', 25.22, 13.11, 9.33),
];

/** Times as fast on 2 and on 4 GPUs as on one (case C3, `strong_*.csv`). */
export interface StrongRow {
  readonly size: string;
  readonly precision: MeasuredPrecision;
  readonly loading: boolean;
  readonly speedUps: readonly [number, number];
}

const strongRows = (
  precision: MeasuredPrecision,
  loading: boolean,
  ...values: [number, number][]
): StrongRow[] =>
  ['1', '4', '16'].map((size, index) => ({ size, precision, loading, speedUps: values[index] }));

export const strong: readonly StrongRow[] = [
  ...strongRows('tf32', true, [1.77, 2.01], [1.53, 2.23], [1.65, 2.34]),
  ...strongRows('tf32', false, [1.21, 2.01], [1.45, 2.04], [1.66, 2.26]),
  ...strongRows('f32', true, [1.62, 2.27], [1.82, 2.56], [1.92, 2.72]),
  ...strongRows('f32', false, [1.6, 2.28], [1.82, 2.53], [1.92, 2.7]),
];

/** Efficiency where the model doubles, as near as there are sizes, with the GPUs (case C3, `weak_*.csv`). */
export interface WeakRow {
  readonly sizes: readonly [string, string, string];
  readonly precision: MeasuredPrecision;
  readonly loading: boolean;
  /** On 2 and on 4 GPUs. */
  readonly efficiencies: readonly [number, number];
}

const series = [
  ['1', '2', '4'],
  ['4', '8', '16'],
  ['16', '32', '64'],
] as const;

const weakRows = (precision: MeasuredPrecision, loading: boolean, ...values: [number, number][]): WeakRow[] =>
  series.map((sizes, index) => ({ sizes, precision, loading, efficiencies: values[index] }));

export const weak: readonly WeakRow[] = [
  ...weakRows('tf32', true, [1.52, 1.74], [1.08, 1.02], [0.932, 0.862]),
  ...weakRows('tf32', false, [0.99, 0.96], [0.98, 0.86], [0.932, 0.847]),
  ...weakRows('f32', true, [1.07, 0.89], [0.99, 0.78], [0.99, 0.76]),
  ...weakRows('f32', false, [0.98, 0.8], [0.96, 0.75], [0.99, 0.74]),
];

/** Efficiency of copies beside one copy alone on its 1, 2 or 4 GPUs, TF32 with loading (case C4, `results.csv`). */
export interface ReplicaRow {
  readonly size: string;
  readonly ways: Ways;
  /** By the GPUs of `replicaGpus`. */
  readonly efficiencies: readonly number[];
}

export const replicaGpus = [8, 16, 32, 64, 128, 256] as const;
/** Samples of an epoch for every copy. */
export const replicaEpochSamples = 100;

export const replicas: readonly ReplicaRow[] = [
  { size: 'base', ways: 1, efficiencies: [0.66, 0.65, 0.64, 0.62, 0.61, 0.51] },
  { size: '2-way', ways: 2, efficiencies: [0.9, 0.75, 0.74, 0.74, 0.74, 0.68] },
  { size: '64', ways: 4, efficiencies: [0.94, 0.85, 0.79, 0.75, 0.74, 0.72] },
];
