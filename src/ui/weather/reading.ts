/** What is read off a map: where it is highest and lowest, how far it is off on average, and the values at a place. */
import type { MapFrame } from '../../show/map-frame.ts';
import { type Sampler, valueAt } from '../../show/map-image.ts';

export interface Extreme {
  readonly value: number;
  /** Degrees. */
  readonly north: number;
  readonly east: number;
}

export interface Summary {
  /** Undefined where nothing is known. */
  readonly highest: Extreme | undefined;
  readonly lowest: Extreme | undefined;
  /** By cos(latitude), where both are known; undefined where there is nothing to compare with. */
  readonly meanDifference: number | undefined;
}

/** Degrees of the cells' centres: see `Dataset`. */
export interface Places {
  readonly latitude: Float64Array;
  readonly longitude: Float64Array;
}

/** @param field and `difference` are [latitude, longitude] */
export function summaryOf(
  field: Float32Array,
  difference: Float32Array | undefined,
  { latitude, longitude }: Places,
): Summary {
  let [high, low] = [-1, -1];
  field.forEach((value, p) => {
    if (Number.isNaN(value)) return;
    if (high < 0 || value > field[high]) high = p;
    if (low < 0 || value < field[low]) low = p;
  });
  const extreme = (p: number): Extreme | undefined =>
    p < 0
      ? undefined
      : {
          value: field[p],
          north: latitude[Math.floor(p / longitude.length)],
          east: longitude[p % longitude.length],
        };
  return {
    highest: extreme(high),
    lowest: extreme(low),
    meanDifference: difference && meanOf(difference, latitude),
  };
}

function meanOf(field: Float32Array, latitude: Float64Array): number | undefined {
  const columns = field.length / latitude.length;
  let [sum, weights] = [0, 0];
  field.forEach((value, p) => {
    if (Number.isNaN(value)) return;
    const weight = Math.cos((latitude[Math.floor(p / columns)] * Math.PI) / 180);
    sum += weight * value;
    weights += weight;
  });
  return weights > 0 ? sum / weights : undefined;
}

/** A place on a map: fractions of its width from the left and of its height from the top, 0 to 1. */
export interface MapPoint {
  readonly across: number;
  readonly down: number;
}

export interface Reading {
  readonly north: number;
  readonly east: number;
  readonly forecast: number;
  readonly truth: number | undefined;
}

/** The values that are painted at a point. */
export function readingAt(
  { across, down }: MapPoint,
  fields: { readonly forecast: Float32Array; readonly truth?: Float32Array },
  frame: MapFrame,
  sampler: Sampler,
): Reading {
  const column = Math.min(sampler.width - 1, Math.floor(across * sampler.width));
  const row = Math.min(sampler.height - 1, Math.floor(down * sampler.height));
  return {
    north: frame.north - down * (frame.north - frame.south),
    east: frame.west + across * (frame.east - frame.west),
    forecast: valueAt(fields.forecast, sampler, column, row),
    truth: fields.truth && valueAt(fields.truth, sampler, column, row),
  };
}

/** The point after an arrow key: a cell further, `cells` of them; undefined for other keys. It stays on the map. */
export function pointAfter(
  key: string,
  from: MapPoint | undefined,
  cells: number,
  { latitude, longitude }: Places,
): MapPoint | undefined {
  const moves: Readonly<Record<string, readonly [number, number]>> = {
    ArrowLeft: [-1, 0],
    ArrowRight: [1, 0],
    ArrowUp: [0, -1],
    ArrowDown: [0, 1],
  };
  const move = moves[key];
  if (!move) return undefined;
  if (!from) return { across: 0.5, down: 0.5 };
  const within = (x: number) => Math.min(1, Math.max(0, x));
  return {
    across: within(from.across + (move[0] * cells) / longitude.length),
    down: within(from.down + (move[1] * cells) / latitude.length),
  };
}
