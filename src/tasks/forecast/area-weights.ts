/** Area weights by latitude, with mean 1 over the rows of the grid. */

const RADIANS = Math.PI / 180;

/**
 * Share of the sphere of each row: sin(upper bound) - sin(lower bound), bounds halfway between neighbours, as
 * WeatherBench 2 weights its scores (`get_lat_weights` in its metrics.py). Its grids are global and their outer
 * bounds the poles; here a row is bounded by the pole only where that is no further than one spacing away, and by
 * half a spacing else, so that the edge of a regional grid does not stand for all the area beyond.
 *
 * @param latitude degrees north, monotonic in either direction
 * @returns one weight per row
 */
export function cellWeights(latitude: ArrayLike<number>): Float64Array {
  const count = latitude.length;
  if (count < 2) return new Float64Array(count).fill(1);
  const outer = (edge: number, next: number): number => {
    const pole = 90 * Math.sign(edge - next);
    const spacing = Math.abs(edge - next);
    return Math.abs(pole - edge) <= spacing * 1.001 ? pole : edge + (edge - next) / 2;
  };
  const bounds = Float64Array.from({ length: count + 1 }, (_, i) => {
    if (i === 0) return outer(latitude[0], latitude[1]);
    if (i === count) return outer(latitude[count - 1], latitude[count - 2]);
    return (latitude[i - 1] + latitude[i]) / 2;
  });
  return unitMean(
    Float64Array.from(latitude, (_, i) =>
      Math.abs(Math.sin(bounds[i + 1] * RADIANS) - Math.sin(bounds[i] * RADIANS)),
    ),
  );
}

/** cos(latitude) of each row over their mean, as FourCastNet and Jigsaw weight theirs; 0 at a pole. */
export function cosineWeights(latitude: ArrayLike<number>): Float64Array {
  // cos(90 degrees) is 6e-17 in floating point, and latitudes in single precision may lie just beyond a pole.
  return unitMean(Float64Array.from(latitude, degrees => Math.max(0, Math.cos(degrees * RADIANS))));
}

function unitMean(weights: Float64Array): Float64Array {
  const mean = weights.reduce((a, b) => a + b, 0) / weights.length;
  return weights.map(weight => weight / mean);
}
