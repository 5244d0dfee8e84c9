/**
 * What one GPU takes when it has nothing to do, what it takes at most, and how fast it could be, as bands: from the table,
 * from what the user types in, or from a wall meter. The less is known the wider they are; they are never empty.
 */
import { type Band, bandOf, within } from './band.ts';
import type { GpuKind, GpuRow, Sureness } from './gpu-rows.ts';
import type { Recognised } from './recognise.ts';

export interface GpuPower {
  /** W with nothing to compute, while a run goes on. */
  readonly idle: Band;
  /** W with all units in use for long. */
  readonly full: Band;
  /** FLOP/s and B/s that it could reach. Undefined of software: there the processor is in use or it is not. */
  readonly rates?: { readonly flops: Band; readonly bandwidth: Band };
  readonly kind: GpuKind | 'unknown';
  /** For people. */
  readonly name: string;
  /** Of the model and of its power, in words. */
  readonly evidence: string;
  /** By a wall meter: see `calibration.ts`. Then `idle` and `full` are of the whole machine. */
  readonly wall?: WallPoint;
}

/** What a wall meter showed above rest, in W, while the GPU was as active as `load.ts` says. */
export interface WallPoint {
  readonly aboveIdle: number;
  readonly activity: Band;
}

/**
 * Of the power in the table, what is drawn at full load. Boards reach their rating and go 2 % over it (Cloud Carbon
 * Footprint has 102 % for data-centre cards), while training that keeps 8 H100 busy took 76 % of the rating of the node
 * (arXiv:2506.14551). What the table is unsure of is wider.
 */
const fullShare: Record<Sureness, Band> = {
  board: { low: 0.7, central: 0.9, high: 1.02 },
  range: { low: 0.45, central: 0.8, high: 1.25 },
  package: { low: 0.3, central: 0.75, high: 1.3 },
  guess: { low: 0.4, central: 0.85, high: 2 },
};

/**
 * Between two steps clocks stay up: Cloud Carbon Footprint has 11.5 % of the rating for data-centre cards that do
 * nothing; what other cards hold then lies between their idle power and a quarter of the rating.
 */
const heldShare = { central: 0.115, high: 0.25 };

const scaled = (value: number, { low, central, high }: Band): Band => ({
  low: value * low,
  central: value * central,
  high: value * high,
});

function idleOf({ watts, idleWatts }: GpuRow): Band {
  const central = Math.max(idleWatts.value, heldShare.central * watts.value);
  return { low: 0.7 * idleWatts.value, central, high: Math.max(heldShare.high * watts.value, central) };
}

const fullOf = ({ watts, sure }: GpuRow): Band => scaled(watts.value, fullShare[sure]);

const surenessWords: Record<Sureness, string> = {
  board: 'power: the rating of the board',
  range: 'power: within a range that the builder of the machine sets',
  package: 'power: the rating of the whole chip',
  guess: 'power: an estimate',
};

/** The ends of several bands: the least low, the middle central, the largest high. */
function together(bands: readonly Band[]): Band {
  return {
    low: Math.min(...bands.map(({ low }) => low)),
    central: bandOf(bands.map(({ central }) => central)).central,
    high: Math.max(...bands.map(({ high }) => high)),
  };
}

function ratesOf(rows: readonly GpuRow[]): GpuPower['rates'] {
  if (rows.some(({ kind }) => kind === 'software')) return undefined;
  const flops = bandOf(rows.map(({ f32 }) => f32.value));
  return { flops, bandwidth: bandOf(rows.map(({ bandwidth }) => bandwidth.value)) };
}

/** Of a row of the table that the user picked, or that a browser named. */
export const powerOfRow = (row: GpuRow): GpuPower => powerOf({ kind: 'model', rows: [row], name: row.name });

/**
 * W that a processor takes for each of its threads when all compute, and when none does. Cloud Carbon Footprint has 4.11
 * and 0.68 W as medians of servers; desktops have fewer threads for their rating, laptops and phones less power.
 */
const threadWatts: { readonly full: Band; readonly idle: Band } = {
  full: { low: 1.5, central: 5, high: 12 },
  idle: { low: 0.2, central: 0.7, high: 2.5 },
};

/** @param threads of the processor, where they are known: what a GPU in software is made of */
export function powerOf(
  { kind, rows, name }: Pick<Recognised, 'kind' | 'rows' | 'name'>,
  threads?: number,
): GpuPower {
  if (threads !== undefined && rows.every(row => row.kind === 'software')) {
    return {
      idle: scaled(threads, threadWatts.idle),
      full: scaled(threads, threadWatts.full),
      kind: 'software',
      name,
      evidence: `a processor of ${threads} threads; power: an estimate for each`,
    };
  }
  const full = together(rows.map(fullOf));
  const watts = bandOf(rows.map(row => row.watts.value));
  const known =
    rows.length === 1
      ? surenessWords[rows[0].sure]
      : `power: ${watts.low} to ${watts.high} W in the table, of ${rows.length} models`;
  const model = { model: 'model known', class: 'class known, model not', unknown: 'GPU unknown' }[kind];
  const kinds = new Set(rows.map(row => row.kind));
  return {
    idle: together(rows.map(idleOf)),
    full,
    rates: ratesOf(rows),
    kind: kinds.size === 1 ? rows[0].kind : 'unknown',
    name,
    evidence: `${model}; ${known}`,
  };
}

/** Least and most that anyone may claim for one GPU or one machine. */
export const wattsRange = { least: 0.1, most: 20_000 } as const;

/** @throws RangeError that says what is wrong with a power that was typed in */
export function checkWatts(what: string, watts: number): number {
  const { least, most } = wattsRange;
  if (watts >= least && watts <= most) return watts;
  throw new RangeError(`${what} is ${watts} W; it must be a number from ${least} to ${most}.`);
}

/**
 * With the full power that the user knows, such as a limit set in the driver; the rates stay those of the GPU.
 *
 * @param idle W, where that is known too
 * @throws RangeError where a power is out of range, or more is taken idle than at full load
 */
export function typedPower(gpu: GpuPower, watts: number, idle?: number): GpuPower {
  checkWatts('The power at full load', watts);
  const { low, central, high } = gpu.idle;
  const rest = idle === undefined ? undefined : checkWatts('The power at rest', idle);
  if (rest !== undefined && rest >= watts) {
    throw new RangeError(`At rest ${rest} W and at full load ${watts} W: at rest it must be less.`);
  }
  const most = heldShare.high * watts;
  return {
    kind: gpu.kind,
    name: gpu.name,
    rates: gpu.rates,
    full: within(watts, 0.1),
    idle:
      rest === undefined
        ? { low: Math.min(low, most), central: Math.min(central, most), high: Math.min(high, most) }
        : within(rest, 0.1),
    evidence: `${gpu.evidence.split(';')[0]}; power: typed in`,
  };
}
