/**
 * Sets the four calibrated numbers of the published node, on timings of one GPU and nothing else: where the mean of the
 * squared errors (of logarithms) is least, one number after the other until none moves.
 */
import { type Calibrated, publishedSeconds } from './node.ts';
import type { PublishedModel } from './step.ts';
import { type EpochRow, epochSamples, epochs } from './tables.ts';

/** Timings of one GPU that set the numbers; the others of one GPU are kept to check them, as are all of several. */
export const isCalibrating = ({ size, precision, loading }: EpochRow): boolean =>
  loading
    ? (precision === 'tf32' && size === '0.5') || (precision === 'f32' && size === '4')
    : precision === 'f32' || ['0.5', '4', '16'].includes(size);

const names = ['tf32', 'f32', 'shortestRow', 'secondsPerSample'] as const;

/** How far a number may move in a round, as a factor. */
const REACH = 2;

/**
 * @param modelOf a published size by its name
 * @param from where it begins
 */
export function calibrate(
  modelOf: (size: string) => PublishedModel,
  from: Calibrated,
  rounds: number,
): Calibrated {
  const rows = epochs.filter(isCalibrating).flatMap(row => {
    const [minutes] = row.minutes;
    return minutes === undefined ? [] : [{ row, seconds: (60 * minutes) / epochSamples[row.precision] }];
  });
  const errorOf = (found: Calibrated) =>
    rows.reduce((sum, { row: { size, precision, loading }, seconds }) => {
      const loadedSamples = loading ? epochSamples[precision] : undefined;
      const model = modelOf(size);
      const predicted = publishedSeconds({ model, precision, ways: 1, loadedSamples }, found);
      return sum + Math.log(predicted / seconds) ** 2;
    }, 0);
  let found = from;
  for (let round = 0; round < rounds; round++) {
    for (const name of names) {
      const value = least(found[name], value => errorOf({ ...found, [name]: value }));
      found = { ...found, [name]: value };
    }
  }
  return found;
}

/** Where a function of a positive number is least, by golden section of its logarithm. */
function least(near: number, of: (value: number) => number): number {
  const golden = (Math.sqrt(5) - 1) / 2;
  let [low, high] = [Math.log(near / REACH), Math.log(near * REACH)];
  while (high - low > 2e-3) {
    const [left, right] = [high - golden * (high - low), low + golden * (high - low)];
    if (of(Math.exp(left)) < of(Math.exp(right))) high = right;
    else low = left;
  }
  return Math.exp((low + high) / 2);
}
