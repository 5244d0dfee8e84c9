/** Places on the earth in words. */

/** Degrees north and east in words: `52° N 13° E`. */
export const placeName = (north: number, east: number): string =>
  `${degrees(north, 'N', 'S')} ${degrees(((east + 540) % 360) - 180, 'E', 'W')}`;

const degrees = (value: number, positive: string, negative: string) =>
  `${Math.abs(Math.round(value))}° ${value >= 0 ? positive : negative}`;
