/** Power that was read, where something can be read: it takes the place of the estimate, and says so. */
import type { Band } from './band.ts';

export const readingSources = ['nvidia-smi', 'RAPL', 'powermetrics'] as const;
export type ReadingSource = (typeof readingSources)[number];

export interface PowerReading {
  readonly source: ReadingSource;
  /** W, as it was read. */
  readonly watts: number;
}

/**
 * How far the truth may be from a reading.
 *
 * - nvidia-smi: the sensor is good to about 5 %; it may look at part of the time only (arXiv:2312.02741).
 * - RAPL: of the processor's package, a model inside it, checked often.
 * - powermetrics: on an M4 Max it showed 65 W where the machine took 179 W more than at rest: it leaves out memory and
 *   fabric, and may be two to three times too low.
 */
const truth: Record<ReadingSource, Band> = {
  'nvidia-smi': { low: 0.93, central: 1, high: 1.07 },
  RAPL: { low: 0.93, central: 1, high: 1.1 },
  powermetrics: { low: 1, central: 1.5, high: 2.75 },
};

export function bandOfReading({ source, watts }: PowerReading): Band {
  const { low, central, high } = truth[source];
  return { low: watts * low, central: watts * central, high: watts * high };
}
