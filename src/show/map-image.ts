/** Paints a field of a grid into a small image, each pixel at its true latitude and longitude. */
import type { ColourScale } from './colours.ts';
import type { MapFrame } from './map-frame.ts';

/** For every pixel along one axis: the two neighbouring grid indices and the weight of the second. */
interface Neighbours {
  readonly first: Int32Array;
  readonly second: Int32Array;
  readonly weight: Float32Array;
}

export interface Sampler {
  readonly width: number;
  readonly height: number;
  /** Grid points in a row. */
  readonly columns: number;
  readonly x: Neighbours;
  readonly y: Neighbours;
}

/** Places `targets` between the ascending `centres`; outside them the outermost centre counts alone. */
function neighbours(centres: Float64Array, targets: Float64Array): Neighbours {
  const n = targets.length;
  const found = { first: new Int32Array(n), second: new Int32Array(n), weight: new Float32Array(n) };
  let i = 0;
  targets.forEach((target, k) => {
    while (i < centres.length - 2 && centres[i + 1] <= target) i++;
    const next = Math.min(i + 1, centres.length - 1);
    const gap = centres[next] - centres[i];
    found.first[k] = i;
    found.second[k] = next;
    found.weight[k] = gap > 0 ? Math.min(1, Math.max(0, (target - centres[i]) / gap)) : 0;
  });
  return found;
}

/** Middles of `n` equal cells from `from` to `to`. */
const middles = (from: number, to: number, n: number) =>
  Float64Array.from({ length: n }, (_, k) => from + ((k + 0.5) * (to - from)) / n);

function columnNeighbours(longitude: Float64Array, frame: MapFrame, width: number): Neighbours {
  const targets = middles(frame.west, frame.east, width);
  if (frame.east - frame.west < 359) return neighbours(longitude, targets);
  // One more column on either side closes the circle; the pixels are taken round to the grid's own range.
  const n = longitude.length;
  const closed = Float64Array.of(longitude[n - 1] - 360, ...longitude, longitude[0] + 360);
  const start = closed[0];
  const order = Array.from(targets, (target, k) => ({
    k,
    at: start + ((((target - start) % 360) + 360) % 360),
  }));
  order.sort((a, b) => a.at - b.at);
  const sorted = neighbours(
    closed,
    Float64Array.from(order, o => o.at),
  );
  const found = {
    first: new Int32Array(width),
    second: new Int32Array(width),
    weight: new Float32Array(width),
  };
  order.forEach(({ k }, j) => {
    found.first[k] = (sorted.first[j] - 1 + n) % n;
    found.second[k] = (sorted.second[j] - 1 + n) % n;
    found.weight[k] = sorted.weight[j];
  });
  return found;
}

function rowNeighbours(latitude: Float64Array, frame: MapFrame, height: number): Neighbours {
  const southward = middles(frame.north, frame.south, height);
  const n = latitude.length;
  const descending = n > 1 && latitude[0] > latitude[n - 1];
  const ascending = descending ? latitude.slice().reverse() : latitude;
  const found = neighbours(ascending, southward.slice().reverse());
  const own = (i: number) => (descending ? n - 1 - i : i);
  return {
    first: found.first.map(own).reverse(),
    second: found.second.map(own).reverse(),
    weight: found.weight.slice().reverse(),
  };
}

/** How to paint fields of this grid ([latitude, longitude], either direction) into `width` pixels a row, north up. */
export function createSampler(
  latitude: Float64Array,
  longitude: Float64Array,
  frame: MapFrame,
  width: number,
): Sampler {
  const height = Math.max(1, Math.round(width / frame.aspect));
  return {
    width,
    height,
    columns: longitude.length,
    x: columnNeighbours(longitude, frame, width),
    y: rowNeighbours(latitude, frame, height),
  };
}

/** The value at one pixel, between its four neighbours; NaN where the nearest of them is missing. */
export function valueAt(
  field: Float32Array,
  { columns, x, y }: Sampler,
  column: number,
  row: number,
): number {
  const top = y.first[row] * columns;
  const bottom = y.second[row] * columns;
  const left = x.first[column];
  const right = x.second[column];
  const across = x.weight[column];
  const down = y.weight[row];
  const value =
    (field[top + left] * (1 - across) + field[top + right] * across) * (1 - down) +
    (field[bottom + left] * (1 - across) + field[bottom + right] * across) * down;
  // A missing neighbour makes the mean NaN; the nearest point then speaks for the pixel.
  return Number.isNaN(value) ? field[(down < 0.5 ? top : bottom) + (across < 0.5 ? left : right)] : value;
}

/** Paints `field` on the canvas, which takes the sampler's size; missing values stay clear. */
export function paintField(
  canvas: HTMLCanvasElement,
  field: Float32Array,
  sampler: Sampler,
  colours: ColourScale,
): void {
  const { width, height } = sampler;
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  const image = new ImageData(width, height);
  const words = new Uint32Array(image.data.buffer);
  const { low, high, pixels } = colours;
  const perUnit = pixels.length / (high - low);
  for (let row = 0, k = 0; row < height; row++) {
    for (let column = 0; column < width; column++, k++) {
      const value = valueAt(field, sampler, column, row);
      if (Number.isNaN(value)) continue;
      const band = Math.floor((value - low) * perUnit);
      words[k] = pixels[Math.max(0, Math.min(pixels.length - 1, band))];
    }
  }
  canvas.getContext('2d')?.putImageData(image, 0, 0);
}
