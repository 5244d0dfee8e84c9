/** The choice of synthetic data: their shape and seed, which is all that any rank needs to compute its own part. */

export interface SyntheticChoice {
  readonly kind: 'synthetic';
  /** Whose channels and static fields they have, by name: the embedded atmosphere's or WeatherBench 2's. */
  readonly like: 'atmosphere' | 'weatherbench2';
  /** Rows and columns of the global grid. */
  readonly height: number;
  readonly width: number;
  /** Six-hourly steps of the record. */
  readonly steps: number;
  readonly seed: number;
}

/**
 * How a synthetic record is cut and normalised, whatever it stands for: half of it trains, and a climatology is a mean,
 * since it is shorter than a year.
 */
export const syntheticTask = {
  split: { kind: 'fraction', train: 0.5, validation: 0.25 },
  harmonics: 0,
} as const;
