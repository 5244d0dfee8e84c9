/** Colour scales of the maps: bands between round values, as on a printed weather chart. */
import { interpolateViridis, schemePuOr, schemeRdBu } from 'd3-scale-chromatic';
import { colourSpline } from './colour-spline.ts';

const purpleToOrange = colourSpline(schemePuOr[11]);
const redToBlue = colourSpline(schemeRdBu[11]);

export interface ColourScale {
  readonly low: number;
  readonly high: number;
  /** One colour for each band, low to high, as CSS colours. */
  readonly colours: readonly string[];
  /** The same as pixels of an ImageData seen as 32-bit little-endian words. */
  readonly pixels: Uint32Array;
}

/** The round number (1, 2, 2.5 or 5 times a power of ten) nearest above `rough`. */
function roundStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 2.5, 5, 10].find(f => f * power >= rough * 0.999) ?? 10;
  return factor * power;
}

function scale(low: number, high: number, bands: number, colour: (t: number) => string): ColourScale {
  const colours = Array.from({ length: bands }, (_, i) => colour(bands > 1 ? i / (bands - 1) : 0.5));
  return { low, high, colours, pixels: Uint32Array.from(colours, pixel) };
}

/** At most twenty bands from -limit to limit around zero. */
function symmetric(limit: number, colour: (t: number) => string): ColourScale {
  const step = roundStep(limit / 10);
  const half = Math.max(1, Math.ceil(limit / step - 1e-9));
  return scale(-half * step, half * step, 2 * half, colour);
}

/** A scale for a field with these values: diverging around zero where it has both signs in earnest, else sequential. */
export function fieldScale(values: Float32Array): ColourScale {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (!(high > low)) {
    const only = Number.isFinite(low) ? low : 0;
    low = only - 1;
    high = only + 1;
  }
  const size = Math.max(-low, high);
  if (Math.min(-low, high) > 0.2 * size) return symmetric(size, t => purpleToOrange(1 - t));
  const step = roundStep((high - low) / 16);
  const from = Math.floor(low / step + 1e-9) * step;
  const bands = Math.max(1, Math.ceil((high - from) / step - 1e-9));
  return scale(from, from + bands * step, bands, interpolateViridis);
}

/** A scale for errors up to `limit`, white in the middle. */
export const errorScale = (limit: number) =>
  symmetric(limit > 0 && Number.isFinite(limit) ? limit : 1, t => redToBlue(1 - t));

/** Of `#rrggbb`, as d3's table has them, or `rgb(r, g, b)`. */
function pixel(colour: string): number {
  const parts = colour.startsWith('#')
    ? [1, 3, 5].map(i => Number.parseInt(colour.slice(i, i + 2), 16))
    : (colour.match(/\d+/g) ?? []).map(Number);
  const [red, green, blue] = parts;
  return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}
