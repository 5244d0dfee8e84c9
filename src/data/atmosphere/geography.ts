/**
 * An idealised earth: a few Gaussian mountains and elliptical continents near the real ones, with plausible heights.
 * It gives the flow standing waves and storm tracks; it is not a topography data set.
 */
import { EKMAN_HEIGHT, EKMAN_HEIGHT_SCALE, EKMAN_LAND, EKMAN_RATE } from './coefficients.ts';
import { analyse, CELLS, LATITUDES, LONGITUDES, MU, SIZE, synthesise } from './spectral.ts';

/** An ellipse in longitude and latitude, in degrees: centre and half widths. */
interface Ellipse {
  readonly east: number;
  readonly north: number;
  readonly width: number;
  readonly height: number;
}

/** Mountains: half widths are those of a Gaussian's standard deviation. */
const MOUNTAINS: readonly (Ellipse & { readonly peakMetres: number })[] = [
  { east: 250, north: 43, width: 9, height: 13, peakMetres: 2200 }, // Rockies
  { east: 88, north: 35, width: 16, height: 9, peakMetres: 4200 }, // Himalaya and Tibet
  { east: 320, north: 73, width: 14, height: 8, peakMetres: 2300 }, // Greenland
  { east: 290, north: -22, width: 6, height: 18, peakMetres: 2600 }, // Andes
];

const CONTINENTS: readonly Ellipse[] = [
  { east: 260, north: 52, width: 38, height: 23 }, // North America
  { east: 320, north: 74, width: 22, height: 10 }, // Greenland
  { east: 300, north: -18, width: 20, height: 32 }, // South America
  { east: 20, north: 18, width: 33, height: 18 }, // northern Africa
  { east: 26, north: -15, width: 14, height: 20 }, // southern Africa
  { east: 85, north: 50, width: 85, height: 26 }, // Eurasia
  { east: 134, north: -25, width: 20, height: 12 }, // Australia
  { east: 90, north: -90, width: 1e6, height: 20 }, // Antarctica
];

export interface Geography {
  /** [32, 64] height of the ground as T21 holds it, m; ripples leave small negative values near mountains. */
  readonly orography: Float64Array;
  /** [32, 64] 1 on land, 0 at sea. */
  readonly land: Float64Array;
  /** [32, 64] Ekman friction rate, s-1 (MM93, appendix): more over land and more again over high ground. */
  readonly drag: Float64Array;
}

export function idealisedEarth(): Geography {
  const land = new Float64Array(CELLS);
  const heights = new Float64Array(CELLS);
  for (let cell = 0; cell < CELLS; cell++) {
    const north = (Math.asin(MU[Math.floor(cell / LONGITUDES) % LATITUDES]) * 180) / Math.PI;
    const east = ((cell % LONGITUDES) * 360) / LONGITUDES;
    land[cell] = CONTINENTS.some(continent => distanceSquared(continent, east, north) <= 1) ? 1 : 0;
    for (const mountain of MOUNTAINS) {
      heights[cell] += mountain.peakMetres * Math.exp(-distanceSquared(mountain, east, north) / 2);
    }
  }
  const spectrum = new Float64Array(SIZE);
  const orography = new Float64Array(CELLS);
  analyse(heights, spectrum);
  synthesise(spectrum, orography);
  const drag = orography.map((height, cell) => {
    const highGround = 1 - Math.exp(-Math.max(0, height) / EKMAN_HEIGHT_SCALE);
    return EKMAN_RATE * (1 + EKMAN_LAND * land[cell] + EKMAN_HEIGHT * highGround);
  });
  return { orography, land, drag };
}

/** Squared distance from the centre in half widths, the short way round in longitude. */
function distanceSquared(ellipse: Ellipse, east: number, north: number): number {
  const turn = Math.abs(east - ellipse.east);
  const x = Math.min(turn, 360 - turn) / ellipse.width;
  const y = (north - ellipse.north) / ellipse.height;
  return x * x + y * y;
}
