/** Isolines of a field on a grid: what isobars are for pressure. */
import { contours } from 'd3-contour';

/** Lines of equal value, each a list of points [degrees east, degrees north]. */
export interface Isoline {
  readonly level: number;
  readonly lines: readonly (readonly (readonly [number, number])[])[];
}

export interface IsolineGrid {
  /** Degrees of the cells' centres: see `Dataset`. */
  readonly latitude: Float64Array;
  readonly longitude: Float64Array;
}

/** Every n-th row and column of a grid with more than `most` columns: lines need no more points than can be seen. */
export function thinned(
  field: Float32Array,
  { latitude, longitude }: IsolineGrid,
  most: number,
): IsolineGrid & { readonly field: Float32Array } {
  const stride = Math.ceil(longitude.length / most);
  if (stride === 1) return { field, latitude, longitude };
  const every = (values: Float64Array) => values.filter((_, i) => i % stride === 0);
  const columns = longitude.length;
  const isKept = (p: number) => Math.floor(p / columns) % stride === 0 && (p % columns) % stride === 0;
  return {
    field: field.filter((_, p) => isKept(p)),
    latitude: every(latitude),
    longitude: every(longitude),
  };
}

/**
 * Where a field [latitude, longitude] takes each of `levels`, linearly between the centres of cells. Round the whole globe
 * lines go on to the first column's repetition, 360 degrees further east; they end at the outermost centres and where
 * values are missing.
 */
export function isolines(
  field: Float32Array,
  { latitude, longitude }: IsolineGrid,
  levels: readonly number[],
): Isoline[] {
  const rows = latitude.length;
  const own = longitude.length;
  if (rows < 2 || own < 2) return levels.map(level => ({ level, lines: [] }));
  const isRound = longitude[own - 1] - longitude[0] + (longitude[1] - longitude[0]) > 359;
  const east = isRound ? Float64Array.of(...longitude, longitude[0] + 360) : longitude;
  const columns = east.length;
  const values = Array.from(
    { length: rows * columns },
    (_, k) => field[Math.floor(k / columns) * own + ((k % columns) % own)],
  );
  const tracer = contours().size([columns, rows]).smooth(false);

  /**
   * The tracer's corners lie half a cell from the centres: one of a point's coordinates is whole, and the line crosses
   * between the two centres on either side. Undefined on the rim, and where one of the two is missing.
   */
  const crossing = ([x, y]: readonly number[], level: number): readonly [number, number] | undefined => {
    const isAcross = Number.isInteger(x);
    if (isAcross ? x === 0 || x === columns : y === 0 || y === rows) return undefined;
    const [x0, y0] = isAcross ? [x - 1, y - 0.5] : [x - 0.5, y - 1];
    const [x1, y1] = isAcross ? [x, y0] : [x0, y];
    const [a, b] = [values[y0 * columns + x0], values[y1 * columns + x1]];
    if (Number.isNaN(a) || Number.isNaN(b)) return undefined;
    const t = (level - a) / (b - a);
    return [east[x0] + t * (east[x1] - east[x0]), latitude[y0] + t * (latitude[y1] - latitude[y0])];
  };

  return levels.map(level => {
    const rings = tracer.contour(values, level).coordinates.flat();
    return { level, lines: rings.flatMap(ring => linesOf(ring.map(point => crossing(point, level)))) };
  });
}

/** Cuts a ring, whose last point is its first, where points are not there. */
function linesOf<Point>(ring: readonly (Point | undefined)[]): Point[][] {
  const gap = ring.indexOf(undefined);
  if (gap < 0) return [ring.filter(point => point !== undefined)];
  // From a gap on, all round: so that a line over the ring's seam stays one.
  const turned = [...ring.slice(gap), ...ring.slice(1, gap)];
  const lines: Point[][] = [];
  let line: Point[] = [];
  for (const point of [...turned, undefined]) {
    if (point !== undefined) line.push(point);
    else {
      if (line.length > 1) lines.push(line);
      line = [];
    }
  }
  return lines;
}
