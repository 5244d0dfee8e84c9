/** A study file, the runs that it asks for, and what it is refused with. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readStudy, runsOf } from '../../../src/study/study-file.ts';

const small = {
  name: 'small',
  models: [{ preset: 'tiny', samples: 640, days: 120 }],
  series: [
    { scaling: 'strong', replicas: [1, 2, 4], globalBatch: 16 },
    { scaling: 'weak', replicas: [1, 2, 4], localBatch: 4 },
  ],
  repeats: 2,
};
const runs = (changes: object) => runsOf(readStudy(JSON.stringify({ ...small, ...changes })));

test('strong runs see the same samples, weak ones their share; what two series ask for is trained once', () => {
  const first = runs({ repeats: 1 });
  const shown = first.map(({ id, replicas, globalBatch, fraction, days, steps }) => [
    id,
    replicas,
    globalBatch,
    fraction,
    days,
    steps,
  ]);
  expect(shown).toEqual([
    ['tiny-r1-b4-f0.250-n1', 1, 4, 0.25, 30, 40],
    ['tiny-r2-b4-f0.500-n1', 2, 8, 0.5, 60, 40],
    ['tiny-r1-b16-n1', 1, 16, 1, 120, 40],
    ['tiny-r2-b8-n1', 2, 16, 1, 120, 40],
    // Of both series.
    ['tiny-r4-b4-n1', 4, 16, 1, 120, 40],
  ]);
});

test('repetitions have seeds of their own, and come after one of everything', () => {
  const all = runs({ seed: 7 });
  expect(all).toHaveLength(10);
  expect(all.map(({ repeat }) => repeat)).toEqual([0, 0, 0, 0, 0, 1, 1, 1, 1, 1]);
  expect(all[5].seed).toBe(8);
  expect(new Set(all.map(({ id }) => id)).size).toBe(10);
});

test('the learning rate grows with the global batch, where the file says so', () => {
  const models = [{ preset: 'resnet8', samples: 256, learningRate: { value: 0.1, batch: 64 } }];
  const series = [{ scaling: 'weak', replicas: [1, 2], localBatch: 16 }];
  const found = runs({ models, series, repeats: 1 });
  expect(found.map(({ learningRate }) => learningRate)).toEqual([0.025, 0.05]);
  expect(found.map(({ subset, days }) => [subset, days])).toEqual([
    [0.5, undefined],
    [undefined, undefined],
  ]);
});

test('the example is a study', () => {
  const file = join(import.meta.dirname, '../../../examples/studies/five-minutes.json');
  expect(runsOf(readStudy(readFileSync(file, 'utf8')))).toHaveLength(14);
});

describe('refused with what is wrong', () => {
  const series = [{ scaling: 'strong', replicas: [1], globalBatch: 16 }];
  test.each([
    [
      { models: [{ preset: 'huge', samples: 1 }] },
      /^The study's models\.0\.preset: is no preset; there are .*tiny/,
    ],
    [{ models: [{ preset: 'tiny', samples: -1 }] }, /^The study's models\.0\.samples: /],
    [{ models: [{ preset: 'tiny' }] }, "The study's models.0.samples: is missing."],
    [{ models: [3] }, "The study's models.0: must be an object with fields."],
    [{ models: [] }, /^The study's models: /],
    [
      { watts: 3 },
      /^The study's watts: is no field of it; there are name, models, series, repeats, seed; of a model /,
    ],
    // A mesh that is no number of copies, or that no batch can be shared by.
    [
      { series: [{ scaling: 'strong', mesh: '2x2', replicas: [1], globalBatch: 16 }] },
      /^The study's series\.0\.mesh: is no field of it; .* of a series scaling, replicas, globalBatch, localBatch\.$/,
    ],
    [
      { series: [{ scaling: 'strong', replicas: [0], globalBatch: 16 }] },
      "The study's series.0.replicas.0: must be a whole number from 1 to 64.",
    ],
    [
      { series: [{ scaling: 'strong', replicas: [1.5], globalBatch: 16 }] },
      "The study's series.0.replicas.0: must be a whole number from 1 to 64.",
    ],
    [
      { series: [{ scaling: 'strong', replicas: [65], globalBatch: 65 }] },
      "The study's series.0.replicas.0: must be a whole number from 1 to 64.",
    ],
    [
      { series: [{ scaling: 'strong', replicas: [3], globalBatch: 16 }] },
      "The study's series.0: a batch of 16 cannot be shared by 3 replicas; choose a multiple of 3.",
    ],
    [
      { series: [{ scaling: 'strong', replicas: [1], globalBatch: 16, localBatch: 16 }] },
      "The study's series.0: has either globalBatch or localBatch, the one that is the same in all its runs.",
    ],
    [
      { series: [{ scaling: 'strong', replicas: [1], globalBatch: 1024 }] },
      "The study's series.0: 640 samples of tiny are not one batch of 1024.",
    ],
    [
      {
        series: [{ scaling: 'strong', replicas: [64], localBatch: 65_536 }],
        models: [{ preset: 'tiny', samples: 1e9 }],
      },
      /a batch of 4194304 is not a whole number from 1 to/,
    ],
    [
      {
        series: [{ scaling: 'weak', replicas: [1, 2], localBatch: 1 }],
        models: [{ preset: 'tiny', samples: 640 }],
      },
      "The study's series.0 is weak: its runs have a part of the data, and for tiny that needs days, of the embedded atmosphere.",
    ],
    [
      {
        series: [{ scaling: 'weak', replicas: [1, 4], localBatch: 1 }],
        models: [{ preset: 'tiny', samples: 640, days: 20 }],
      },
      /^The study's series\.0: 5 days of tiny are not a whole number from 10 to/,
    ],
    [{ series, repeats: 0 }, /^The study's repeats: /],
  ])('%j', (changes, message) => {
    expect(() => runs(changes)).toThrow(message);
  });

  test('a file that is no JSON', () => {
    expect(() => readStudy('{ "name": ')).toThrow(/^The study is not JSON: /);
  });
});
