/**
 * The moments and the climatology of a part in one pass through its records, a few at a time, in double precision: what
 * `momentsOf` tells of a part in memory, to rounding. Nothing is kept of a record but sums.
 *
 * Means and squares of a channel are merged record by record (Chan, Golub and LeVeque 1983, after Welford 1962). The climatology
 * c(t) = B(t) a of a point solves B'B a = B'x; the squares of what it leaves are x'x - a'B'x. All sums are of x less the point's
 * first value, so that nothing cancels.
 */
import type { Dataset, StaticField } from '../../../data/dataset.ts';
import { countMissing } from '../../../data/missing.ts';
import { annualBasis, factorise, solve } from '../climatology.ts';
import {
  type GridFrame,
  type MeasuredSlice,
  type Moments,
  measure,
  together,
  withOwnPosition,
} from '../slice-moments.ts';
import { dataBoxOf, type ShardBox } from '../slice-task.ts';
import { splitTime } from '../split.ts';

export interface StreamedMoments {
  /** @param block the part's fields of some records, from `first` on; records come in order, each once */
  add(block: Dataset, first: number): void;
  /** @param statics of the part, without position */
  finish(statics: readonly StaticField[]): Pick<MeasuredSlice, 'climatology' | 'part'>;
}

export function streamedMoments(frame: GridFrame, box: ShardBox): StreamedMoments {
  const data = dataBoxOf(frame, box);
  const { harmonics, normalisation } = frame.options;
  const { to } = splitTime(frame, frame.options).train;
  const points = (data.latitudeTo - data.latitudeFrom) * frame.longitude.length;
  const channels = data.channels.length;
  const state = channels * points;
  const terms = 1 + 2 * harmonics;
  const isAnomaly = normalisation === 'anomaly';

  const first = new Float32Array(state).fill(Number.NaN);
  const known = new Int32Array(state);
  const right = new Float64Array(terms * state);
  /** x'x of every point, needed where the climatology is taken off. */
  const squares = new Float64Array(isAnomaly ? state : 0);
  const moments: Moments[] = data.channels.map(() => ({ count: 0, mean: 0, squares: 0 }));
  const whole = new Float64Array(terms * terms);
  /** B'B of points that are not known at every record so far, [point, terms, terms]. */
  let own: { readonly matrices: Float64Array; readonly isOwn: Uint8Array } | undefined;
  let training = 0;
  let hasMissing = false;
  const digits: string[] = [];

  const addRecord = (values: Float32Array, time: number) => {
    const basis = annualBasis(time, harmonics, frame.calendar);
    for (let p = 0; p < state; p++) {
      const value = values[p];
      if (Number.isNaN(value)) {
        own ??= { matrices: new Float64Array(terms * terms * state), isOwn: new Uint8Array(state) };
        if (own.isOwn[p] === 0) {
          // Up to here it was known whenever the others were.
          own.isOwn[p] = 1;
          own.matrices.set(whole, p * terms * terms);
        }
        continue;
      }
      if (known[p]++ === 0) first[p] = value;
      const x = value - first[p];
      for (let k = 0; k < terms; k++) right[k * state + p] += basis[k] * x;
      if (isAnomaly) squares[p] += x * x;
      if (own?.isOwn[p]) addProduct(own.matrices, p * terms * terms, basis);
    }
    addProduct(whole, 0, basis);
    training++;
    if (!isAnomaly) {
      data.channels.forEach((_, c) => {
        const field = values.subarray(c * points, (c + 1) * points);
        moments[c] = together(
          moments[c],
          measure(visit => field.forEach(visit)),
        );
      });
    }
  };

  const climatologyOf = () => {
    const coefficients = new Float32Array(terms * state);
    const common = factorise(training > 0 ? whole : new Float64Array(), terms);
    const left = data.channels.map(() => ({ count: 0, squares: 0 }));
    for (let p = 0; p < state; p++) {
      const matrix = own?.matrices.subarray(p * terms * terms, (p + 1) * terms * terms);
      const factor =
        known[p] === training ? common : known[p] > 0 && matrix ? factorise(matrix, terms) : undefined;
      const side = Float64Array.from({ length: terms }, (_, k) => right[k * state + p]);
      const solution = factor ? solve(factor, side) : [side[0] / known[p]];
      for (let k = 0; k < terms; k++) coefficients[k * state + p] = solution[k] ?? 0;
      coefficients[p] = solution[0] + first[p];
      if (!isAnomaly || known[p] === 0) continue;
      let explained = 0;
      for (let k = 0; k < solution.length; k++) explained += solution[k] * side[k];
      const channel = left[Math.floor(p / points)];
      channel.count += known[p];
      channel.squares += Math.max(0, squares[p] - explained);
    }
    return { coefficients, left };
  };

  return {
    add({ values, times }, from) {
      times.forEach((time, i) => {
        const record = values.subarray(i * state, (i + 1) * state);
        if (from + i < to) addRecord(record, time);
        const missing = countMissing(record);
        hasMissing ||= missing > 0;
        digits.push(missing < state ? '1' : '0');
      });
    },
    finish(statics) {
      const { coefficients, left } = climatologyOf();
      // The mean anomaly is 0 by the fit.
      const all = isAnomaly ? left.map(one => ({ ...one, mean: 0 })) : moments;
      const fixed = withOwnPosition(frame, data, statics);
      return {
        climatology: coefficients,
        part: {
          channels: data.channels.flatMap((c, i) =>
            box.outputChannels.includes(c) ? [[c, all[i]] as const] : [],
          ),
          statics: data.statics.map((s, i) => [s, measure(visit => fixed[i].values.forEach(visit))]),
          known: digits.join(''),
          hasMissing,
        },
      };
    },
  };
}

/** Adds the lower half of basis x basis. */
function addProduct(out: Float64Array, at: number, basis: Float64Array): void {
  const terms = basis.length;
  for (let i = 0; i < terms; i++) {
    for (let j = 0; j <= i; j++) out[at + i * terms + j] += basis[i] * basis[j];
  }
}
