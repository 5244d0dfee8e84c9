/** Images as a task: what is held back, how batches are filled, how ranks come by the images, and what is scored. */
import { describe, expect, test } from 'vitest';
import type { ImageSource } from '../../../src/data/images/image-source.ts';
import { openShapes } from '../../../src/data/images/shapes.ts';
import { classifyScores, guessOf } from '../../../src/tasks/classify/guesses.ts';
import { heldBack } from '../../../src/tasks/classify/open-source.ts';
import type { ClassifyOptions } from '../../../src/tasks/classify/options.ts';
import { type ImageShard, openShard } from '../../../src/tasks/classify/shard.ts';
import { openClassify } from '../../../src/tasks/classify/supply.ts';
import type { ClassifyTypes } from '../../../src/tasks/classify/types.ts';
import type { Predictor } from '../../../src/tasks/predictor.ts';
import type { OpenContext } from '../../../src/tasks/task.ts';
import { batchFeed } from '../../../src/train/batch-feed.ts';
import { batchesOf } from '../../../src/train/batches.ts';
import { loadAllKinds } from '../../../src/train/load-kinds.ts';

await loadAllKinds();

const options: ClassifyOptions = {
  validation: 0.1,
  augmentation: 'shift',
  labelSmoothing: 0,
  scoredImages: 7,
  imageSize: 32,
};
const alone: OpenContext<ClassifyTypes> = {
  ranks: 1,
  instance: 1,
  blocksOf: () => [{}],
  ask: () => expect.unreachable(),
  memory: 2 ** 30,
  progress: () => {},
};

describe('what is held back to validate', () => {
  test('is the same share of every class, and nothing is in both parts', () => {
    // Forty of class 0, twenty of class 1, five of class 2, in turns.
    const labels = Uint32Array.from({ length: 65 }, (_, i) => (i < 40 ? 0 : i < 60 ? 1 : 2));
    const train = Int32Array.from({ length: 65 }, (_, i) => (i * 7) % 65);
    const parts = heldBack({ labels, train }, 0.2);
    const counts = (images: Int32Array) => [0, 1, 2].map(c => images.filter(i => labels[i] === c).length);
    expect(counts(parts.validation)).toEqual([8, 4, 1]);
    expect([...parts.train, ...parts.validation].sort((a, b) => a - b)).toEqual(
      [...train].sort((a, b) => a - b),
    );
  });

  test('is nothing where nothing is wanted', () => {
    const { train, validation } = heldBack(openShapes({ seed: 1, train: 50, test: 10 }), 0);
    expect([train.length, validation.length]).toEqual([50, 0]);
  });
});

describe('guesses', () => {
  test('are of the largest logit, with its probability and the loss of the label', () => {
    const guess = guessOf(Float32Array.of(1, 3, 2), 2);
    const sum = Math.exp(1) + Math.exp(2) + Math.exp(3);
    expect(guess).toMatchObject({ guess: 1, above: 1 });
    expect(guess.confidence).toBeCloseTo(Math.exp(3) / sum, 12);
    expect(guess.loss).toBeCloseTo(-Math.log(Math.exp(2) / sum), 12);
  });

  test('are stable where logits are large', () => {
    expect(guessOf(Float32Array.of(1e4, -1e4), 1)).toEqual({ guess: 0, confidence: 1, above: 1, loss: 2e4 });
  });

  test('make an accuracy beside the commonest class, and top-5 where that says something', () => {
    const labels = [0, 0, 1, 2];
    const logits = [
      [9, 0, 0],
      [0, 9, 0],
      [0, 9, 0],
      [0, 0, 9],
    ];
    const guesses = logits.map((row, i) => guessOf(Float32Array.from(row), labels[i]));
    const [accuracy, loss, ...more] = classifyScores(guesses, labels, 3);
    expect(accuracy).toMatchObject({
      value: 75,
      main: true,
      better: 'higher',
      baselines: [{ name: 'commonest class', value: 50 }],
    });
    expect(loss.value).toBeCloseTo(
      guesses.reduce((sum, { loss }) => sum + loss / 4, 0),
      12,
    );
    expect(more).toEqual([]);
    const wide = Float32Array.from({ length: 10 }, (_, c) => -c);
    const [first, top5] = classifyScores([guessOf(wide, 4), guessOf(wide, 5)], [4, 5], 10);
    expect([first.value, top5.value]).toEqual([0, 50]);
  });
});

const shapes = openShapes({ seed: 3, train: 60, test: 20 });
const format = { channels: shapes.channels, height: shapes.height, width: shapes.width };
const moments = { mean: [0.4, 0.5, 0.6], deviation: [0.2, 0.25, 0.3] };

async function batchOf(shard: ImageShard, step: number, share: { batch: number; offset: number }) {
  const inputs = [
    { name: 'image', shape: [3, 32, 32], dtype: 'f32', per: 'sample', for: 'model' },
    { name: 'label', shape: [], dtype: 'u32', per: 'sample', for: 'loss' },
  ] as const;
  const source = batchesOf(openShard(shard), inputs, { globalBatch: 8, ...share });
  const { image, label } = await batchFeed(source, () => undefined).take(step, 5);
  return { image: [...image], label: [...label] };
}

describe('batches', () => {
  const base = { format, moments, augmentation: 'shift' } as const;
  const whole = async (): Promise<ImageShard> => ({
    ...base,
    pixels: await shapes.read(shapes.train),
    labels: shapes.labels.slice(0, 60),
  });

  test('are the same from memory and from images that are read when they are drawn', async () => {
    const read: ImageShard = { ...base, source: shapes, train: shapes.train };
    for (const step of [1, 9]) {
      const own = await batchOf(await whole(), step, { batch: 8, offset: 0 });
      expect(await batchOf(read, step, { batch: 8, offset: 0 })).toEqual(own);
    }
  });

  test('are shared by replicas as one rank would have them, whatever is done to the images', async () => {
    const own = await batchOf(await whole(), 4, { batch: 8, offset: 0 });
    const halves = await Promise.all(
      [0, 4].map(async offset => batchOf(await whole(), 4, { batch: 4, offset })),
    );
    expect(halves.flatMap(({ label }) => label)).toEqual(own.label);
    expect(halves.flatMap(({ image }) => image)).toEqual(own.image);
  });

  test('cut an image anew at every draw, and alike at the same one', async () => {
    const opened = openShard(await whole());
    const cuts = Array.from({ length: 12 }, (_, n) => {
      const batch = { image: new Float32Array(3 * 32 * 32), label: new Uint32Array(1) };
      opened.fill(batch, 0, 7, { seed: 5, drawn: n % 6 });
      return batch.image.join();
    });
    expect(new Set(cuts).size).toBe(6);
    expect(cuts.slice(6)).toEqual(cuts.slice(0, 6));
  });

  test('are normalised by channel', async () => {
    const shard: ImageShard = {
      format: { channels: 3, height: 1, width: 1 },
      moments,
      augmentation: 'none',
      pixels: Uint8Array.of(0, 255, 51),
      labels: Uint32Array.of(7),
    };
    const batch = { image: new Float32Array(3), label: new Uint32Array(1) };
    openShard(shard).fill(batch, 0, 0, { seed: 1, drawn: 0 });
    expect([...batch.image].map(value => value.toFixed(4))).toEqual(['-2.0000', '2.0000', '-1.3333']);
    expect(batch.label[0]).toBe(7);
  });

  test('that cannot be read fail with the reason', async () => {
    const source: ImageSource = { ...shapes, read: () => Promise.reject(new Error('the folder is gone')) };
    const shard: ImageShard = { ...base, source, train: shapes.train };
    await expect(batchOf(shard, 1, { batch: 8, offset: 0 })).rejects.toThrow('the folder is gone');
  });
});

describe('opening', () => {
  test('gives rank 0 and every other rank all images that are trained on', async () => {
    const blocksOf = () => [{}, {}, {}];
    const { data, others } = await openClassify({ kind: 'shapes', seed: 1 }, options, {
      ...alone,
      ranks: 3,
      blocksOf,
    });
    expect(data.task.samples).toEqual({ train: 9000, validation: 1000, test: 2000 });
    expect(data.task.frame.sizes).toMatchObject({ channels: 3, height: 32, width: 32, classes: 10 });
    expect(others.map(command => command())).toEqual([{ shard: data.own }, { shard: data.own }]);
    const again = await openClassify({ kind: 'shapes', seed: 1 }, options, { ...alone, before: data });
    expect(again.data.kept).toBe(data.kept);
  });

  test('takes a part of every class where a part is wanted, and validates on as much as before', async () => {
    const { data } = await openClassify({ kind: 'shapes', seed: 1 }, { ...options, subset: 1 / 64 }, alone);
    expect(data.task.samples).toEqual({ train: 140, validation: 1000, test: 2000 });
    const labels = 'labels' in data.own ? [...data.own.labels] : [];
    for (let c = 0; c < 10; c++) expect(labels.filter(label => label === c)).toHaveLength(14);
  });

  test('scores by the model that it is handed, in batches with a rest', async () => {
    const { data } = await openClassify({ kind: 'shapes', seed: 1 }, options, alone);
    let asked = 0;
    // Always class 3.
    const model: Predictor = {
      forecastBatch: 4,
      async predict(_, batch = 4) {
        asked += batch;
        return Float32Array.from({ length: 10 * batch }, (_, i) => (i % 10 === 3 ? 1 : 0));
      },
      rollOut: () => undefined,
    };
    const [accuracy] = await data.task.evaluate(model, 'validation');
    expect(asked).toBe(8);
    expect(accuracy.value).toBeLessThanOrEqual(100);
    const [test] = await data.task.evaluate(model, 'test');
    expect(test.value).toBeCloseTo(10, 9);
    const table = await data.task.view(model, 'confusion', {});
    const values = 'values' in table && Array.isArray(table.values) ? table.values : [];
    // A thousand of two thousand images, of all classes: each has between 60 and 140 of them.
    const counts: number[] = values.map(row => row[3]);
    expect(counts.reduce((sum, number) => sum + number)).toBe(1000);
    expect(Math.min(...counts)).toBeGreaterThan(60);
    expect(Math.max(...counts)).toBeLessThan(140);
  });
});
