/** Statistics of the training part: what turns physical fields into inputs of order 1 and back. */

import type { Dataset } from '../../data/dataset.ts';
import { evaluateClimatology, fitClimatology } from './climatology.ts';
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
  const { values, channels, times, calendar } = dataset;
  const points = dataset.latitude.length * dataset.longitude.length;
  const state = channels.length * points;
  const climatology = fitClimatology(dataset, from, to, harmonics);

  /** Calls `visit` with every known value of every channel, less the climatology where anomalies are wanted. */
  const eachKnown = (visit: (channel: number, value: number) => void) => {
    for (let t = from; t < to; t++) {
      const base =
        normalisation === 'anomaly'
          ? evaluateClimatology(climatology, harmonics, times[t], calendar)
          : undefined;
      for (let c = 0, p = 0; c < channels.length; c++) {
        for (const end = p + points; p < end; p++) {
          const value = values[t * state + p] - (base ? base[p] : 0);
          if (!Number.isNaN(value)) visit(c, value);
        }
      }
    }
  };
  const count = channels.map(() => 0);
  const mean = channels.map(() => 0);
  const variance = channels.map(() => 0);
  eachKnown(c => count[c]++);
  // The anomaly's mean is 0 by the fit. That of raw values is found first, for the sum of their squares would cancel.
  if (normalisation === 'standard') {
    eachKnown((c, value) => {
      mean[c] += value / count[c];
    });
  }
  eachKnown((c, value) => {
    variance[c] += (value - mean[c]) ** 2 / count[c];
  });
  const statics = dataset.statics.map(({ values }) => meanAndStd(values));
  return {
    kind: normalisation,
    mean,
    std: variance.map((value, c) => usableStd(Math.sqrt(value), mean[c])),
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
export function usableStd(std: number, mean: number): number {
  return std > 1e-6 * Math.abs(mean) && std > 0 ? std : 1;
}
