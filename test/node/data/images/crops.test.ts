import { describe, expect, test } from 'vitest';
import {
  centreCrop,
  type ImageShape,
  middlePart,
  randomPart,
  resizedCrop,
  resizePart,
  shiftedCrop,
} from '../../../../src/data/images/crops.ts';
import { drawsOf } from '../../../../src/data/images/draws.ts';

const range = (length: number, value: (i: number) => number = i => i) =>
  Uint8Array.from({ length }, (_, i) => value(i));
const sizeOf = ({ channels, height, width }: ImageShape) => channels * height * width;

describe('draws', () => {
  test('are the same for the same seed and number, and others for others', () => {
    const five = (seed: number, index: number) => {
      const draw = drawsOf(seed, 'crop', index);
      return Array.from({ length: 5 }, draw);
    };
    expect(five(1, 2)).toEqual(five(1, 2));
    const firsts = new Set(
      [1, 2, -1, 2 ** 31].flatMap(seed => [0, 1, 2, 2 ** 32, 2 ** 33 + 1].map(index => five(seed, index)[0])),
    );
    expect(firsts.size).toBe(20);
    expect(drawsOf(1, 'shape', 2)()).not.toBe(five(1, 2)[0]);
  });

  test('are uniform over numbers and within one', () => {
    const bins = [new Array<number>(16).fill(0), new Array<number>(16).fill(0)];
    for (let i = 0; i < 16_000; i++) bins[0][Math.floor(16 * drawsOf(5, 'crop', i)())]++;
    const draw = drawsOf(5, 'crop', 0);
    for (let i = 0; i < 16_000; i++) bins[1][Math.floor(16 * draw())]++;
    // Chi squared of 15 degrees of freedom: above 37.7 once in a thousand.
    for (const counts of bins) {
      expect(counts.reduce((sum, n) => sum + (n - 1000) ** 2 / 1000, 0)).toBeLessThan(37.7);
    }
  });
});

describe('the shifted crop', () => {
  const shape: ImageShape = { channels: 2, height: 9, width: 11 };
  const pixels = range(sizeOf(shape), i => 1 + i);

  /** By the definition: padded, cut, mirrored. */
  const byHand = (down: number, right: number, isMirrored: boolean) => {
    const { channels, height, width } = shape;
    const at = (c: number, y: number, x: number) =>
      y < 0 || y >= height || x < 0 || x >= width ? 0 : pixels[(c * height + y) * width + x];
    const out: number[] = [];
    for (let c = 0; c < channels; c++) {
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) out.push(at(c, y + down, (isMirrored ? width - 1 - x : x) + right));
      }
    }
    return Uint8Array.from(out).join();
  };

  test('is one of all 162, each as often as another', () => {
    const names = new Map<string, string>();
    for (let down = -4; down <= 4; down++) {
      for (let right = -4; right <= 4; right++) {
        for (const isMirrored of [false, true]) {
          names.set(byHand(down, right, isMirrored), `${down} ${right} ${isMirrored}`);
        }
      }
    }
    expect(names.size).toBe(162);
    const counts = new Map<string, number>();
    const out = new Uint8Array(pixels.length);
    for (let drawn = 0; drawn < 16_200; drawn++) {
      shiftedCrop(pixels, shape, { seed: 1, drawn }, out.fill(99));
      const name = names.get(out.join());
      expect(name).toBeDefined();
      counts.set(name!, (counts.get(name!) ?? 0) + 1);
    }
    // Chi squared of 161 degrees of freedom: above 221 once in a thousand.
    expect([...counts.values()].reduce((sum, n) => sum + (n - 100) ** 2 / 100, 0)).toBeLessThan(221);
    expect(counts.size).toBe(162);
  });

  test('is the same whoever draws it', () => {
    const [a, b] = [new Uint8Array(pixels.length), new Uint8Array(pixels.length)];
    shiftedCrop(pixels, shape, { seed: 7, drawn: 1000 }, a);
    shiftedCrop(pixels, shape, { seed: 7, drawn: 999 }, b);
    shiftedCrop(pixels, shape, { seed: 7, drawn: 1000 }, b);
    expect(a).toEqual(b);
  });
});

describe('the random part', () => {
  test.each([
    [100, 100],
    [375, 500],
    [37, 23],
  ])('of %i x %i pixels lies within it, of the areas and ratios allowed', (height, width) => {
    const [areas, ratios]: [number[], number[]] = [[], []];
    for (let drawn = 0; drawn < 4000; drawn++) {
      const part = randomPart({ height, width }, drawsOf(2, 'crop', drawn));
      expect(part.top >= 0 && part.left >= 0).toBe(true);
      expect(part.top + part.height <= height && part.left + part.width <= width).toBe(true);
      areas.push((part.height * part.width) / (height * width));
      ratios.push(part.width / part.height);
    }
    // To whole pixels.
    const margin = 1 + 4 / Math.sqrt(0.08 * height * width);
    expect(Math.min(...areas)).toBeGreaterThan(0.08 / margin);
    expect(Math.min(...areas)).toBeLessThan(0.1);
    // Of a long image no part of an allowed ratio is all of it.
    const largest = Math.min(1, (4 / 3) * (Math.min(height, width) / Math.max(height, width)));
    expect(Math.max(...areas)).toBeGreaterThan(0.9 * largest);
    expect(Math.min(...ratios)).toBeGreaterThan(3 / 4 / margin);
    expect(Math.max(...ratios)).toBeLessThan((4 / 3) * margin);
    // As often upright as lying, where the image is neither.
    if (height === width) {
      const logs = ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length;
      expect(Math.abs(logs)).toBeLessThan(0.015);
    }
  });

  test('is the middle of an image that is far longer than wide', () => {
    const part = randomPart({ height: 3, width: 300 }, drawsOf(1, 'crop', 0));
    expect(part).toEqual({ top: 0, left: 148, height: 3, width: 4 });
  });
});

describe('resizing', () => {
  const shape: ImageShape = { channels: 3, height: 6, width: 8 };
  const pixels = range(sizeOf(shape), i => (i * 37) % 256);
  const whole = { top: 0, left: 0, height: 6, width: 8 };

  test('to the same size changes nothing, and mirrors', () => {
    const out = new Uint8Array(pixels.length);
    resizePart(pixels, shape, whole, { height: 6, width: 8, isMirrored: false }, out);
    expect(out).toEqual(pixels);
    resizePart(pixels, shape, whole, { height: 6, width: 8, isMirrored: true }, out);
    expect([...out.subarray(0, 8)]).toEqual([...pixels.subarray(0, 8)].reverse());
  });

  test('cuts whole pixels out', () => {
    const out = new Uint8Array(3 * 2 * 3);
    const part = { top: 3, left: 4, height: 2, width: 3 };
    resizePart(pixels, shape, part, { height: 2, width: 3, isMirrored: false }, out);
    const at = (c: number, y: number, x: number) => pixels[(c * 6 + y) * 8 + x];
    expect([...out]).toEqual([0, 1, 2].flatMap(c => [3, 4].flatMap(y => [4, 5, 6].map(x => at(c, y, x)))));
  });

  test('enlarges linearly between the centres of pixels', () => {
    const line: ImageShape = { channels: 1, height: 1, width: 2 };
    const out = new Uint8Array(8);
    const part = { top: 0, left: 0, height: 1, width: 2 };
    resizePart(Uint8Array.of(0, 200), line, part, { height: 1, width: 8, isMirrored: false }, out);
    // At -0.375, -0.125, 0.125 ... of the way between the two.
    expect([...out]).toEqual([0, 0, 25, 75, 125, 175, 200, 200]);
  });

  test('averages where it reduces: a fine pattern becomes grey', () => {
    const stripes = range(64 * 64, i => (i % 8 === 3 ? 255 : 0));
    const out = new Uint8Array(8 * 8);
    centreCrop(stripes, { channels: 1, height: 64, width: 64 }, { height: 8, width: 8 }, out, 1);
    for (const value of out) expect(Math.abs(value - 255 / 8)).toBeLessThan(6);
  });

  test('the middle has the ratio asked for, and the margin', () => {
    expect(middlePart({ height: 100, width: 200 }, { height: 10, width: 10 })).toEqual({
      top: 0,
      left: 50,
      height: 100,
      width: 100,
    });
    expect(middlePart({ height: 256, width: 256 }, { height: 224, width: 224 }, 224 / 256)).toEqual({
      top: 16,
      left: 16,
      height: 224,
      width: 224,
    });
    const out = new Uint8Array(3 * 4 * 4);
    centreCrop(pixels, shape, { height: 4, width: 4 }, out, 4 / 6);
    const at = (c: number, y: number, x: number) => pixels[(c * 6 + y) * 8 + x];
    expect([...out]).toEqual(
      [0, 1, 2].flatMap(c => [1, 2, 3, 4].flatMap(y => [2, 3, 4, 5].map(x => at(c, y, x)))),
    );
  });

  test('a random part of one colour is of that colour, for a thousand draws', () => {
    const grey = new Uint8Array(3 * 31 * 45).fill(173);
    const out = new Uint8Array(3 * 20 * 24);
    for (let drawn = 0; drawn < 1000; drawn++) {
      resizedCrop(
        grey,
        { channels: 3, height: 31, width: 45 },
        { seed: 1, drawn },
        { height: 20, width: 24 },
        out.fill(0),
      );
      expect(out.every(value => value === 173)).toBe(true);
    }
  });

  test('a random part is a smooth map of the image, mirrored half of the time', () => {
    // The value is the column, so that a row of the part must rise or fall along all of its columns.
    const ramp: ImageShape = { channels: 1, height: 50, width: 100 };
    const columns = range(5000, i => 2 * (i % 100));
    const out = new Uint8Array(16 * 16);
    let mirrored = 0;
    for (let drawn = 0; drawn < 1000; drawn++) {
      resizedCrop(columns, ramp, { seed: 4, drawn }, { height: 16, width: 16 }, out);
      const row = [...out.subarray(0, 16)];
      if (row[0] > row[15]) mirrored++;
      const rising = row[0] > row[15] ? row.reverse() : row;
      for (let x = 1; x < 16; x++) expect(rising[x]).toBeGreaterThanOrEqual(rising[x - 1]);
    }
    expect(Math.abs(mirrored - 500)).toBeLessThan(60);
  });
});
