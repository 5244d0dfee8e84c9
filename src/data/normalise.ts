/** Statistics of the training part: what turns physical fields into inputs of order 1 and back. */
import { evaluateClimatology, fitClimatology } from './climatology.ts';
import type { Dataset } from './dataset.ts';
import type { Normalisation, TaskOptions } from './task.ts';

/**
 * Fits mean, standard deviation and climatology to steps `from` (included) to `to` (not included) of a data set.
 * Missing values count in none of them. A channel that does not vary gets standard deviation 1.
 */
export function fitNormalisation(
  dataset: Dataset,
  from: number,
  to: number,
  { normalisation, harmonics }: Pick<TaskOptions, 'normalisation' | 'harmonics'>,
): Normalisation {
  const { values, channels, times } = dataset;
  const points = dataset.latitude.length * dataset.longitude.length;
  const state = channels.length * points;
  const climatology = fitClimatology(dataset, from, to, harmonics);

  /** Calls `each` with every step's fields [channel, point] and what is subtracted from them. */
  const sums = (channel: (fields: Float32Array, base: Float32Array | undefined, c: number) => void) => {
    for (let t = from; t < to; t++) {
      const fields = values.subarray(t * state, (t + 1) * state);
      const base =
        normalisation === 'anomaly' ? evaluateClimatology(climatology, harmonics, times[t]) : undefined;
      for (let c = 0; c < channels.length; c++) channel(fields, base, c);
    }
  };
  const spreads = channels.map(() => ({ count: 0, sum: 0, squares: 0, mean: 0 }));
  // The anomaly's mean is 0 by the fit; the mean of raw values is found first, for the squares would cancel.
  if (normalisation === 'standard') {
    sums((fields, _, c) => {
      const spread = spreads[c];
      for (let p = c * points; p < (c + 1) * points; p++) {
        if (Number.isNaN(fields[p])) continue;
        spread.count++;
        spread.sum += fields[p];
      }
    });
    for (const spread of spreads) {
      spread.mean = spread.count > 0 ? spread.sum / spread.count : 0;
      spread.count = 0;
    }
  }
  sums((fields, base, c) => {
    const spread = spreads[c];
    for (let p = c * points; p < (c + 1) * points; p++) {
      const deviation = fields[p] - (base ? base[p] : spread.mean);
      if (Number.isNaN(deviation)) continue;
      spread.count++;
      spread.squares += deviation * deviation;
    }
  });
  const statics = dataset.statics.map(({ values }) => meanAndStd(values));
  return {
    kind: normalisation,
    mean: spreads.map(({ mean }) => mean),
    std: spreads.map(({ count, squares, mean }) => usableStd(Math.sqrt(squares / Math.max(count, 1)), mean)),
    staticMean: statics.map(({ mean }) => mean),
    staticStd: statics.map(({ std }) => std),
    climatology,
    harmonics,
  };
}

function meanAndStd(values: Float32Array): { mean: number; std: number } {
  const known = values.filter(value => !Number.isNaN(value));
  const count = Math.max(known.length, 1);
  const mean = known.reduce((sum, value) => sum + value, 0) / count;
  const variance = known.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count;
  return { mean, std: usableStd(Math.sqrt(variance), mean) };
}

/** What is left of a constant after rounding to single precision must not be blown up to order 1. */
function usableStd(std: number, mean: number): number {
  return std > 1e-6 * Math.abs(mean) && std > 0 ? std : 1;
}
