/** A figure that is not known exactly: between `low` and `high`, most likely near `central`. No estimate is less than that. */

export interface Band {
  readonly low: number;
  readonly central: number;
  readonly high: number;
}

export const noBand: Band = { low: 0, central: 0, high: 0 };

/** A figure that is taken as it is, such as one that the user has set. */
export const exactly = (value: number): Band => ({ low: value, central: value, high: value });

/** @param share of the value by which it may be off either way: 0.1 for 10 % */
export const within = (value: number, share: number): Band => ({
  low: value * (1 - share),
  central: value,
  high: value * (1 + share),
});

/** Of what may all be low, or all be high, together: errors of one table and one model do not average out. */
export const plus = (a: Band, b: Band): Band => ({
  low: a.low + b.low,
  central: a.central + b.central,
  high: a.high + b.high,
});

/** What is left of a sum, end by end. @param part of `whole`, added by `plus` */
export const minus = (whole: Band, part: Band): Band => ({
  low: whole.low - part.low,
  central: whole.central - part.central,
  high: whole.high - part.high,
});

export const times = (band: Band, factor: number): Band => ({
  low: band.low * factor,
  central: band.central * factor,
  high: band.high * factor,
});

/** No more than `most`, whatever was thought. */
export const atMost = (band: Band, most: number): Band => ({
  low: Math.min(band.low, most),
  central: Math.min(band.central, most),
  high: Math.min(band.high, most),
});

/** Where values lie: the least, the middle one and the largest. At least one. */
export function bandOf(values: readonly number[]): Band {
  const sorted = [...values].sort((a, b) => a - b);
  return { low: sorted[0], central: sorted[Math.floor(sorted.length / 2)], high: sorted[sorted.length - 1] };
}
