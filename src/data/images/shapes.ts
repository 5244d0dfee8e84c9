/**
 * Ten classes of textured shapes that need no download: a figure of random size, place, tilt and colour before a
 * background of another, each plain, striped, dotted or grainy. Colour, place and texture say nothing of the class, so
 * that a linear model does little better than chance; the outline says all.
 *
 * An image is a function of (seed, index) alone. Outlines are signed distances (negative inside), after Inigo Quilez'
 * "2D distance functions" (https://iquilezles.org/articles/distfunctions2d), in units of the figure's radius; the
 * distance to the outline in pixels is how much of the pixel is covered.
 */
import { drawsOf, type Uniform } from './draws.ts';
import { type ImageSource, indices } from './image-source.ts';

/** Pixels of a side. */
const SIZE = 32;
/** Of one colour of an image. */
const PLANE = SIZE * SIZE;

export interface ShapesOptions {
  readonly seed: number;
  /** Images to train on. */
  readonly train?: number;
  readonly test?: number;
}

/** Radii from the centre beyond which no figure reaches, with a pixel to spare. */
const REACH = 1.3;

/** Signed distance from the outline at a point, both in radii of the figure. */
type Outline = (x: number, y: number) => number;

/** `Math.hypot` guards against overflow, at ten times the cost. */
const lengthOf = (x: number, y: number): number => Math.sqrt(x * x + y * y);

const box = (x: number, y: number, halfWidth: number, halfHeight: number): number => {
  const [dx, dy] = [Math.abs(x) - halfWidth, Math.abs(y) - halfHeight];
  return lengthOf(Math.max(dx, 0), Math.max(dy, 0)) + Math.min(Math.max(dx, dy), 0);
};

/** The distance to the nearest side of a polygon, whose corners are listed as x, y, x, y ... */
function polygon(corners: readonly number[]): Outline {
  const count = corners.length / 2;
  return (x, y) => {
    let least = Number.POSITIVE_INFINITY;
    let sign = 1;
    for (let i = 0, j = count - 1; i < count; j = i++) {
      const [ax, ay, bx, by] = [corners[2 * i], corners[2 * i + 1], corners[2 * j], corners[2 * j + 1]];
      const [ex, ey, wx, wy] = [bx - ax, by - ay, x - ax, y - ay];
      const along = Math.min(1, Math.max(0, (wx * ex + wy * ey) / (ex * ex + ey * ey)));
      least = Math.min(least, lengthOf(wx - ex * along, wy - ey * along));
      // Every side that a ray crosses turns inside out.
      if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) sign = -sign;
    }
    return sign * least;
  };
}

const corners = (count: number, radius: (i: number) => number): readonly number[] =>
  Array.from({ length: count }, (_, i) => {
    const angle = (2 * Math.PI * i) / count;
    return [radius(i) * Math.cos(angle), radius(i) * Math.sin(angle)];
  }).flat();

const figures: Readonly<Record<string, Outline>> = {
  disc: (x, y) => lengthOf(x, y) - 0.85,
  ring: (x, y) => Math.abs(lengthOf(x, y) - 0.72) - 0.24,
  square: (x, y) => box(x, y, 0.72, 0.72),
  frame: (x, y) => Math.abs(box(x, y, 0.58, 0.58)) - 0.2,
  triangle: polygon(corners(3, () => 1)),
  cross: (x, y) => Math.min(box(x, y, 0.95, 0.28), box(x, y, 0.28, 0.95)),
  star: polygon(corners(10, i => (i % 2 === 0 ? 1.05 : 0.42))),
  crescent: (x, y) => Math.max(lengthOf(x, y) - 0.95, 0.72 - lengthOf(x - 0.55, y)),
  bar: (x, y) => box(x, y, 1, 0.3),
  corner: (x, y) => Math.min(box(x + 0.55, y, 0.28, 0.85), box(x, y + 0.57, 0.83, 0.28)),
};

/** Names of the classes, in the order of their labels. */
export const shapeClasses: readonly string[] = Object.keys(figures);
const outlines = Object.values(figures);

/**
 * Labels go round: image `i` is of class `i` modulo 10, so every class has the same number of images to train and to
 * test on where both counts are multiples of ten.
 */
export function openShapes({ seed, train = 10_000, test = 2_000 }: ShapesOptions): ImageSource {
  const count = train + test;
  return {
    name: `textured shapes (seed ${seed}), computed`,
    synthetic: true,
    classes: shapeClasses,
    channels: 3,
    height: SIZE,
    width: SIZE,
    labels: Uint32Array.from({ length: count }, (_, i) => i % shapeClasses.length),
    train: indices(0, train),
    test: indices(train, count),
    notes: [],
    async read(images, signal) {
      signal?.throwIfAborted();
      const pixels = new Uint8Array(images.length * 3 * PLANE);
      for (let n = 0; n < images.length; n++) {
        drawShape(seed, images[n], pixels.subarray(n * 3 * PLANE, (n + 1) * 3 * PLANE));
      }
      return pixels;
    },
  };
}

/** @param out [3, 32, 32] */
export function drawShape(seed: number, index: number, out: Uint8Array): void {
  const draw = drawsOf(seed, 'shape', index);
  const outline = outlines[index % outlines.length];
  const radius = 9.5 + 3.5 * draw();
  const [centreX, centreY] = [SIZE / 2 + placeFor(radius, draw), SIZE / 2 + placeFor(radius, draw)];
  const angle = MOST_TURN * (2 * draw() - 1);
  const [cos, sin] = [Math.cos(angle) / radius, Math.sin(angle) / radius];
  const [near, far] = twoColours(draw);
  const [figure, background] = [textureOf(draw), textureOf(draw)];
  for (let y = 0; y < SIZE; y++) {
    for (let x = 0; x < SIZE; x++) {
      const [dx, dy] = [x + 0.5 - centreX, y + 0.5 - centreY];
      const [u, v] = [cos * dx + sin * dy, cos * dy - sin * dx];
      const isNear = u * u + v * v < REACH * REACH;
      const cover = isNear ? Math.min(1, Math.max(0, 0.5 - radius * outline(u, v))) : 0;
      const light = (cover < 0.5 ? background : figure)(x, y) + GRAIN * (draw() - 0.5);
      for (let c = 0; c < 3; c++) {
        const value = far[c] + cover * (near[c] - far[c]) + light;
        out[c * PLANE + y * SIZE + x] = Math.min(255, Math.max(0, Math.round(value)));
      }
    }
  }
}

/** Of a figure, either way, in radians. */
const MOST_TURN = Math.PI / 9;

/** All pixels vary by half of this either way. */
const GRAIN = 12;

/** From the middle, so far that the figure touches the edge of the image. */
const placeFor = (radius: number, draw: Uniform): number => (2 * draw() - 1) * (SIZE / 2 - radius);

/** Colours that can be told apart: each at least this far from the other (of 441). */
const LEAST_CONTRAST = 200;

function twoColours(draw: Uniform): [readonly number[], readonly number[]] {
  const colour = () => Array.from({ length: 3 }, () => 30 + 195 * draw());
  for (;;) {
    const [a, b] = [colour(), colour()];
    if (Math.hypot(...a.map((value, c) => value - b[c])) >= LEAST_CONTRAST) return [a, b];
  }
}

/** What a texture adds to the colour at a pixel: at most 16 either way, far less than colours differ. */
function textureOf(draw: Uniform): (x: number, y: number) => number {
  const strength = 6 + 10 * draw();
  const period = 3 + 4 * draw();
  const angle = Math.PI * draw();
  const [cos, sin] = [(2 * Math.PI * Math.cos(angle)) / period, (2 * Math.PI * Math.sin(angle)) / period];
  const phase = 2 * Math.PI * draw();
  switch (Math.floor(4 * draw())) {
    case 0:
      return () => 0;
    case 1:
      return (x, y) => strength * Math.sin(cos * x + sin * y + phase);
    case 2:
      return (x, y) => strength * Math.sin(cos * x + sin * y + phase) * Math.sin(cos * y - sin * x + phase);
    default:
      return () => 2 * strength * (draw() - 0.5);
  }
}
