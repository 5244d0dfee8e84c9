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
  measureField,
  together,
  withOwnPosition,
} from '../slice-moments.ts';
import { dataBoxOf, type ShardBox } from '../slice-task.ts';
import { splitTime } from '../split.ts';

/** All that is known after some records: who goes on from it comes to the same numbers, bit for bit. */
export interface PassState {
  /** Records of the data so far, the first so many; of them those of the training part. */
  readonly records: number;
  readonly training: number;
  readonly hasMissing: boolean;
  /** See `PartMoments.known`, of these records. */
  readonly known: string;
  readonly arrays: PassArrays;
}

/** What is added up, for each value of a record: [channel, latitude, longitude]. */
export interface PassArrays {
  /** First known value. */
  readonly first: Float32Array;
  /** How often it was known. */
  readonly known: Int32Array;
  /** B'x: [1 + 2 * harmonics, value]. */
  readonly right: Float64Array;
  /** x'x of every point, needed where the climatology is taken off: else of no length. */
  readonly squares: Float64Array;
  /** Count, mean and squares of every channel: [channel, 3]. */
  readonly moments: Float64Array;
  /** B'B of all records, [terms, terms]. */
  readonly whole: Float64Array;
  /** B'B of points that are not known at every record so far, [value, terms, terms], and which these are; of no length where there are none. */
  readonly own: Float64Array;
  readonly isOwn: Uint8Array;
}

export interface StreamedMoments {
  /** @param block the part's fields of some records, from `first` on; records come in order, each once */
  add(block: Dataset, first: number): void;
  /** @param statics of the part, without position */
  /** Its arrays are those that are added to. */
  state(): PassState;
  finish(statics: readonly StaticField[]): Pick<MeasuredSlice, 'climatology' | 'part'>;
}

/** @param from goes on from there; its arrays are added to */
export function streamedMoments(frame: GridFrame, box: ShardBox, from?: PassState): StreamedMoments {
  const data = dataBoxOf(frame, box);
  const { harmonics, normalisation } = frame.options;
  const { to } = splitTime(frame, frame.options).train;
  const points = (data.latitudeTo - data.latitudeFrom) * frame.longitude.length;
  const channels = data.channels.length;
  const state = channels * points;
  const terms = 1 + 2 * harmonics;
  const isAnomaly = normalisation === 'anomaly';

  const arrays = from?.arrays ?? emptyArrays(passSizes(frame, box));
  const { first, known, right, squares, whole } = arrays;
  const moments: Moments[] = data.channels.map((_, c) => {
    const [count, mean, squares] = arrays.moments.subarray(3 * c, 3 * c + 3);
    return { count, mean, squares };
  });
  let own = arrays.isOwn.length > 0 ? { matrices: arrays.own, isOwn: arrays.isOwn } : undefined;
  let { training, hasMissing } = from ?? { training: 0, hasMissing: false };
  const digits = [...(from?.known ?? '')];

  const addMissing = (p: number) => {
    own ??= { matrices: new Float64Array(terms * terms * state), isOwn: new Uint8Array(state) };
    if (own.isOwn[p] !== 0) return;
    // Up to here it was known whenever the others were.
    own.isOwn[p] = 1;
    own.matrices.set(whole, p * terms * terms);
  };
  const addValues = (values: Float32Array, basis: Float64Array) => {
    for (let p = 0; p < state; p++) {
      const value = values[p];
      if (Number.isNaN(value)) {
        addMissing(p);
        continue;
      }
      if (known[p]++ === 0) first[p] = value;
      const x = value - first[p];
      for (let k = 0; k < terms; k++) right[k * state + p] += basis[k] * x;
      if (isAnomaly) squares[p] += x * x;
      if (own?.isOwn[p]) addProduct(own.matrices, p * terms * terms, basis);
    }
  };
  /** The same with two harmonics, as all presets have them: without the inner loop it takes a third of the time. */
  const addTwoHarmonics = (values: Float32Array, basis: Float64Array) => {
    const [mean, cosine, sine, cosine2, sine2] = basis;
    for (let p = 0; p < state; p++) {
      const value = values[p];
      if (Number.isNaN(value)) {
        addMissing(p);
        continue;
      }
      if (known[p]++ === 0) first[p] = value;
      const x = value - first[p];
      right[p] += mean * x;
      right[state + p] += cosine * x;
      right[2 * state + p] += sine * x;
      right[3 * state + p] += cosine2 * x;
      right[4 * state + p] += sine2 * x;
      if (isAnomaly) squares[p] += x * x;
      if (own?.isOwn[p]) addProduct(own.matrices, p * terms * terms, basis);
    }
  };
  const addRecord = (values: Float32Array, time: number) => {
    const basis = annualBasis(time, harmonics, frame.calendar);
    if (harmonics === 2) addTwoHarmonics(values, basis);
    else addValues(values, basis);
    addProduct(whole, 0, basis);
    training++;
    if (!isAnomaly) {
      data.channels.forEach((_, c) => {
        moments[c] = together(moments[c], measureField(values.subarray(c * points, (c + 1) * points)));
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
    add({ values, times, hasMissing: isAnyMissing }, from) {
      times.forEach((time, i) => {
        const record = values.subarray(i * state, (i + 1) * state);
        if (from + i < to) addRecord(record, time);
        const missing = isAnyMissing ? countMissing(record) : 0;
        hasMissing ||= missing > 0;
        digits.push(missing < state ? '1' : '0');
      });
    },
    state: () => ({
      records: digits.length,
      training,
      hasMissing,
      known: digits.join(''),
      arrays: {
        ...arrays,
        moments: Float64Array.from(moments.flatMap(({ count, mean, squares }) => [count, mean, squares])),
        ...(own && { own: own.matrices, isOwn: own.isOwn }),
      },
    }),
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

/** Lengths of the arrays of a pass; `own` and `isOwn` may be of none. */
export function passSizes(frame: GridFrame, box: ShardBox): Readonly<Record<keyof PassArrays, number>> {
  const { channels, latitudeFrom, latitudeTo } = dataBoxOf(frame, box);
  const { harmonics, normalisation } = frame.options;
  const state = channels.length * (latitudeTo - latitudeFrom) * frame.longitude.length;
  const terms = 1 + 2 * harmonics;
  return {
    first: state,
    known: state,
    right: terms * state,
    squares: normalisation === 'anomaly' ? state : 0,
    moments: 3 * channels.length,
    whole: terms * terms,
    own: terms * terms * state,
    isOwn: state,
  };
}

const emptyArrays = (sizes: ReturnType<typeof passSizes>): PassArrays => ({
  first: new Float32Array(sizes.first).fill(Number.NaN),
  known: new Int32Array(sizes.known),
  right: new Float64Array(sizes.right),
  squares: new Float64Array(sizes.squares),
  moments: new Float64Array(sizes.moments),
  whole: new Float64Array(sizes.whole),
  own: new Float64Array(),
  isOwn: new Uint8Array(),
});

/** Adds the lower half of basis x basis. */
function addProduct(out: Float64Array, at: number, basis: Float64Array): void {
  const terms = basis.length;
  for (let i = 0; i < terms; i++) {
    for (let j = 0; j <= i; j++) out[at + i * terms + j] += basis[i] * basis[j];
  }
}
