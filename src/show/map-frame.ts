/** The part of the world that a grid covers, and the shape of its flat map. Angles in degrees. */

export interface MapFrame {
  readonly west: number;
  readonly east: number;
  readonly south: number;
  readonly north: number;
  /** Width of a degree of longitude over that of a degree of latitude, on the map. */
  readonly stretch: number;
  /** Width over height of the map. */
  readonly aspect: number;
}

/** Distance between the last two cell centres at an end: half of it is the cell beyond the centre. */
const endSpacing = (values: Float64Array) => (values.length > 1 ? Math.abs(values[1] - values[0]) : 1);

/**
 * The frame of a grid of cell centres. A grid round the whole globe is shown from 180 W to 180 E; a region is shown
 * up to the edges of its cells, true to shape at its middle latitude.
 */
export function frameOf(latitude: Float64Array, longitude: Float64Array): MapFrame {
  const last = longitude.length - 1;
  const spacing = endSpacing(longitude);
  const span = longitude[last] - longitude[0] + spacing;
  const whole = span > 359;
  const west = whole ? -180 : longitude[0] - spacing / 2;
  const east = whole ? 180 : longitude[last] + spacing / 2;

  const low = Math.min(latitude[0], latitude[latitude.length - 1]);
  const high = Math.max(latitude[0], latitude[latitude.length - 1]);
  const south = Math.max(-90, low - endSpacing(latitude) / 2);
  const north = Math.min(90, high + endSpacing(latitude.slice().reverse()) / 2);

  const stretch = whole ? 1 : Math.max(0.3, Math.cos(((south + north) / 2) * (Math.PI / 180)));
  return { west, east, south, north, stretch, aspect: ((east - west) * stretch) / (north - south) };
}

/** Of a map of fewer degrees, on its longer side, coarse coastlines are seen to be so. */
const fineBelow = 90;

export const wantsFineCoast = ({ west, east, south, north }: MapFrame): boolean =>
  Math.max(east - west, north - south) < fineBelow;
