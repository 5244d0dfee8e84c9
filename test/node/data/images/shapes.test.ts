import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { indices } from '../../../../src/data/images/image-source.ts';
import { channelMoments } from '../../../../src/data/images/moments.ts';
import { openShapes, shapeClasses } from '../../../../src/data/images/shapes.ts';

const PIXELS = 3 * 32 * 32;
const source = openShapes({ seed: 3, train: 2000, test: 500 });

test('ten classes, each as often as another', () => {
  expect(source).toMatchObject({ synthetic: true, channels: 3, height: 32, width: 32, notes: [] });
  expect(shapeClasses.length).toBe(10);
  for (const [part, each] of [
    [source.train, 200],
    [source.test, 50],
  ] as const) {
    const counts = new Array<number>(10).fill(0);
    for (const image of part) counts[source.labels[image]]++;
    expect(counts).toEqual(new Array(10).fill(each));
  }
});

test('an image follows from seed and index alone', async () => {
  const together = await source.read([0, 17, 1234]);
  expect(await source.read([17])).toEqual(together.slice(PIXELS, 2 * PIXELS));
  const larger = openShapes({ seed: 3, train: 50_000 });
  expect(await larger.read([1234])).toEqual(together.slice(2 * PIXELS));
  expect(await openShapes({ seed: 4 }).read([17])).not.toEqual(together.slice(PIXELS, 2 * PIXELS));
});

test('no two images are alike, in whichever part', async () => {
  const pixels = await source.read([...source.train, ...source.test]);
  const digests = Array.from({ length: 2500 }, (_, i) =>
    createHash('sha1')
      .update(pixels.subarray(i * PIXELS, (i + 1) * PIXELS))
      .digest('hex'),
  );
  expect(new Set(digests).size).toBe(2500);
});

test('its pixels use the whole range, and are normalised like photographs', async () => {
  const { mean, deviation } = await channelMoments(source);
  for (let c = 0; c < 3; c++) {
    expect(mean[c]).toBeGreaterThan(0.45);
    expect(mean[c]).toBeLessThan(0.55);
    expect(deviation[c]).toBeGreaterThan(0.2);
    expect(deviation[c]).toBeLessThan(0.3);
  }
});

/** Pixels as they are normalised: [images, pixels]. */
async function normalised(images: Int32Array): Promise<Float32Array> {
  return Float32Array.from(await source.read(images), value => (value / 255 - 0.5) / 0.24);
}

test('a linear model does little better than chance', async () => {
  const [train, tested] = [await normalised(source.train), await normalised(source.test)];
  const weights = new Float32Array(10 * PIXELS);
  const logits = new Float64Array(10);
  const score = (pixels: Float32Array, image: number) => {
    for (let k = 0; k < 10; k++) {
      let sum = 0;
      for (let i = 0; i < PIXELS; i++) sum += weights[k * PIXELS + i] * pixels[image * PIXELS + i];
      logits[k] = sum;
    }
    return logits.indexOf(Math.max(...logits));
  };
  for (let epoch = 0; epoch < 3; epoch++) {
    for (let image = 0; image < 2000; image++) {
      score(train, image);
      const most = Math.max(...logits);
      const odds = logits.map(value => Math.exp(value - most));
      const sum = odds.reduce((total, value) => total + value, 0);
      for (let k = 0; k < 10; k++) {
        const step = 1e-4 * (odds[k] / sum - (source.labels[image] === k ? 1 : 0));
        for (let i = 0; i < PIXELS; i++) weights[k * PIXELS + i] -= step * train[image * PIXELS + i];
      }
    }
  }
  const right = [...source.test].filter((image, n) => score(tested, n) === source.labels[image]);
  expect(right.length / 500).toBeLessThan(0.3);
});

describe('moments', () => {
  test('are those of the images looked at, exactly', async () => {
    const pixels = Uint8Array.of(0, 255, 10, 10, 255, 0, 10, 10, 7, 7, 7, 7);
    const of = (train: number[]) =>
      channelMoments({
        name: 'by hand',
        synthetic: false,
        classes: ['a', 'b'],
        channels: 1,
        height: 1,
        width: 4,
        labels: Uint32Array.of(0, 1, 0),
        train: Int32Array.from(train),
        test: indices(2, 3),
        notes: [],
        read: async images =>
          Uint8Array.from(
            Array.from(images).flatMap(image => [...pixels.subarray(4 * image, 4 * image + 4)]),
          ),
      });
    const [mean, square] = [(255 + 20) / 4, (255 * 255 + 200) / 4];
    const { mean: got, deviation } = await of([0, 1]);
    expect(got[0]).toBeCloseTo(mean / 255, 14);
    expect(deviation[0]).toBeCloseTo(Math.sqrt(square - mean * mean) / 255, 14);
    // What never changes is divided by one.
    expect(await of([2])).toEqual({ mean: [7 / 255], deviation: [1] });
  });

  test('come in pieces, of so many images as are asked for', async () => {
    const asked: number[] = [];
    const told: number[] = [];
    const counting = {
      ...source,
      read: (images: ArrayLike<number>) => {
        asked.push(images.length);
        return source.read(images);
      },
    };
    await channelMoments(counting, { progress: fraction => told.push(fraction) });
    expect(asked).toEqual([1365, 635]);
    expect(told).toEqual([1365 / 2000, 1]);
    asked.length = 0;
    const some = await channelMoments(counting, { most: 100 });
    expect(asked).toEqual([100]);
    const whole = await channelMoments(source);
    expect(Math.abs(some.mean[0] - whole.mean[0])).toBeLessThan(0.06);
    await expect(channelMoments(source, { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow(
      'enough',
    );
  });
});
