/** A cut is what would run: every element has its owner, bytes are the plans', and traffic is the closed form's. */
import { describe, expect, test } from 'vitest';
import { type MeshShape, meshAt, meshName, ranksOf } from '../../../src/mesh/mesh.ts';
import { typicalMachine } from '../../../src/plan/machine.ts';
import type { Plan } from '../../../src/plan/plan.ts';
import { predictionOf } from '../../../src/session/api/cut-prediction.ts';
import { type Card, type CardLink, usualSettings } from '../../../src/session/api/cut-settings.ts';
import {
  type Cuts,
  cutsOf,
  meshesFor,
  type Run,
  type Whole,
  wholeOf,
} from '../../../src/session/api/cuts.ts';
import { presets } from '../../../src/session/api/presets.ts';
import type { MeshConfig } from '../../../src/session/api/run-config.ts';
import { createCutter } from '../../../src/session/cutter.ts';
import { secondsOf } from '../../../src/simulate/step-seconds.ts';
import { loadAllKinds } from '../../../src/train/load-kinds.ts';
import { type Job, rankPlans, shardLayout, wholeLayout } from '../../../src/train/plans.ts';
import { forecastJob, imageJob } from '../../reference/jobs.ts';
import { trafficOf } from '../../reference/traffic.ts';
import { demo } from '../models/demo-model.ts';
import { oddModels } from '../models/odd-models.ts';

await loadAllKinds();

const BATCH = 4;
const goOn = () => Promise.resolve();
const { optimizer } = presets.demo;

function wholeFor(job: Job, accumulate = 1): Whole {
  const settings = { ...presets.demo, batch: BATCH, accumulate };
  return { settings, job, plans: rankPlans(job, BATCH, optimizer, { accumulate }) };
}

function cutOf(whole: Whole, mesh: MeshConfig): Cuts {
  const answer = cutsOf(whole, mesh);
  if ('impossible' in answer) throw new Error(answer.impossible);
  return answer.cuts;
}

const shape = (rows: number, columns: number, replicas = 1): MeshShape => ({ rows, columns, replicas });
const tall = { ...oddModels['concat and blend'], height: 12, channels: 7, embedding: 14 };
const cases: readonly (readonly [string, Job, readonly MeshShape[]])[] = [
  ['the demo', forecastJob(demo), [shape(1, 1), shape(1, 2), shape(2, 2), shape(2, 4), shape(2, 1, 2)]],
  [
    'a tall odd model',
    forecastJob(tall),
    [shape(2, 2), shape(3, 2), shape(2, 3), shape(4, 1), shape(1, 3, 2)],
  ],
  ...Object.entries(oddModels).map(
    ([name, config]) =>
      [name, forecastJob(config), config.channels < 2 ? [shape(1, 1, 2)] : [shape(1, 2)]] as const,
  ),
  ['a ResNet', imageJob(8), [shape(1, 1), shape(1, 1, 4)]],
];

const indices = (runs: readonly Run[]) =>
  runs.flatMap(([from, to]) => Array.from({ length: to - from }, (_, i) => from + i));

/** Ranks as bits. */
const bitsOf = (ranks: readonly number[]) => ranks.reduce((bits, rank) => bits | (1 << rank), 0);

/** By the whole's name: of every element, the ranks that hold it, by their layouts. */
function holdersByLayout({ model }: Job, mesh: MeshShape): Map<string, Uint32Array> {
  const holders = new Map(wholeLayout(model).entries.map(({ name, size }) => [name, new Uint32Array(size)]));
  for (let rank = 0; rank < ranksOf(mesh); rank++) {
    for (const { name, size, attributes } of shardLayout(model, meshAt(mesh, rank)).entries) {
      const of = holders.get(attributes.origin?.name ?? name)!;
      if (!attributes.origin) {
        for (let i = 0; i < size; i++) of[i] |= 1 << rank;
        continue;
      }
      const { rows, columns, rowLength } = attributes.origin;
      for (const row of rows)
        for (const column of columns) if (row >= 0 && column >= 0) of[row * rowLength + column] |= 1 << rank;
    }
  }
  return holders;
}

describe.each(cases)('%s', (_, job, meshes) => {
  const whole = wholeFor(job);

  test.each(meshes)('%o: every element of every parameter is in one piece, with all that hold it', mesh => {
    const expected = holdersByLayout(job, mesh);
    const { weights, ranks } = cutOf(whole, mesh);
    expect(weights.map(({ name }) => name).sort()).toEqual([...expected.keys()].sort());
    const kept = ranks.map(() => 0);
    for (const { name, rows, columns, isMatrix, pieces } of weights) {
      const holders = new Uint32Array(rows * columns);
      const times = new Uint8Array(rows * columns);
      for (const { ranks: owners, boxes, elements } of pieces) {
        let counted = 0;
        for (const box of boxes) {
          const across = indices(box.columns);
          for (const row of indices(box.rows)) {
            for (const column of across) {
              holders[row * columns + column] = bitsOf(owners);
              times[row * columns + column]++;
            }
            counted += across.length;
          }
        }
        expect(elements).toBe(counted);
        for (const rank of owners) kept[rank] += elements;
        // Of matrices nothing is held twice but by the copies of the whole model.
        if (isMatrix) expect(owners).toHaveLength(mesh.replicas);
      }
      expect(
        times.every(count => count === 1),
        name,
      ).toBe(true);
      const all = expected.get(name)!;
      expect(
        holders.every((bits, i) => bits === all[i]),
        name,
      ).toBe(true);
    }
    expect(ranks.map(({ elements }) => elements)).toEqual(kept);
  });

  test.each(meshes)('%o: every number of a sample is with one rank of each copy', mesh => {
    const { ranks, sample, batch } = cutOf(whole, mesh);
    const [channels, rows, columns] = sample.shape;
    const held = new Uint8Array(batch * channels * rows * columns);
    for (const { samples, block } of ranks) {
      const [own, height, width] = block.map(indices);
      for (const each of indices([samples]))
        for (const channel of own)
          for (const row of height)
            for (const column of width) held[((each * channels + channel) * rows + row) * columns + column]++;
    }
    expect(held.every(count => count === 1)).toBe(true);
  });

  test.each(meshes)('%o: bytes and traffic are those of the plans of each rank', mesh => {
    const { ranks, undivided } = cutOf(whole, mesh);
    for (const { rank, memory, traffic } of ranks) {
      const own = rankPlans(job, BATCH / mesh.replicas, optimizer, { mesh: meshAt(mesh, rank) });
      expect(memory.total).toBe(bytesOf(own));
      const sends = own.training.plan.steps.flatMap(step => (step.kind === 'start' ? [step.sends] : []));
      expect(traffic.totalExchanges).toBe(sends.length);
      expect(traffic.totalBytes).toBe(sends.flat().reduce((sum, { at }) => sum + at.bytes, 0));
    }
    if (ranksOf(mesh) === 1) expect(ranks[0].memory).toEqual(undivided);
  });
});

/** Bytes that training and forecasts take: these have the parameters and states of training. */
function bytesOf({ training, forecasts }: ReturnType<typeof rankPlans>): number {
  const total = ({ spaces }: Plan, without: readonly string[] = []) =>
    Object.entries(spaces)
      .filter(([space]) => !without.includes(space))
      .reduce((sum, [, buffers]) => sum + buffers.reduce((all, { bytes }) => all + bytes, 0), 0);
  return [...forecasts.values()].reduce(
    (sum, plan) => sum + total(plan, ['parameters', 'state']),
    total(training.plan),
  );
}

const formulas = [
  [shape(1, 2), 1],
  [shape(2, 2), 1],
  [shape(2, 3), 2],
  [shape(2, 2, 2), 1],
] as const;
test.each(formulas)('%o in %i passes: kinds of traffic are those of the closed form', (mesh, accumulate) => {
  for (const config of [demo, tall, { ...tall, normGroups: 1 }]) {
    const { ranks } = cutOf(wholeFor(forecastJob(config, false), accumulate), mesh);
    const formula = trafficOf(config, mesh, BATCH / mesh.replicas, { accumulate });
    for (const {
      traffic: { bytes },
    } of ranks) {
      expect(bytes.activations).toBe(formula.activations);
      expect(bytes.weights + bytes.gradients).toBe(formula.weights);
      expect(bytes.norms).toBe(formula.norms);
      expect(bytes.vectors).toBe(formula.vectors);
      expect(bytes.totals).toBe(formula.totals);
      expect(bytes.replicas > 0).toBe(mesh.replicas > 1);
    }
  }
});

test('the demo on 2x2 is striped', () => {
  const { weights, ranks, model, parameters, published } = cutOf(wholeFor(forecastJob(demo)), shape(2, 2));
  const piecesOf = (name: string) => {
    const { pieces } = weights.find(weight => weight.name === name)!;
    return pieces.map(({ ranks: owners, boxes }) => [owners, boxes]);
  };
  const halves: Run[][] = [[[0, 64]], [[64, 128]]];
  const even: Run[] = [
    [0, 32],
    [64, 96],
  ];
  const odd: Run[] = [
    [32, 64],
    [96, 128],
  ];
  expect(piecesOf('blocks.0.token1.weight')).toEqual([
    [[0], [{ rows: even, columns: halves[0] }]],
    [[1], [{ rows: odd, columns: halves[0] }]],
    [[2], [{ rows: even, columns: halves[1] }]],
    [[3], [{ rows: odd, columns: halves[1] }]],
  ]);
  const all: Run[] = [[0, 128]];
  expect(piecesOf('blocks.0.channel1.weight')).toEqual([
    [[0], [{ rows: [[0, 64]], columns: all }]],
    [[1], [{ rows: [[128, 192]], columns: all }]],
    [[2], [{ rows: [[64, 128]], columns: all }]],
    [[3], [{ rows: [[192, 256]], columns: all }]],
  ]);
  expect(piecesOf('blocks.0.norm1.bias')).toEqual([
    [[0, 2], [{ rows: [[0, 64]], columns: [[0, 1]] }]],
    [[1, 3], [{ rows: [[64, 128]], columns: [[0, 1]] }]],
  ]);
  expect(ranks[1]).toMatchObject({ row: 0, column: 1, replica: 0, samples: [0, BATCH] });
  expect(ranks[1].block).toEqual([
    [
      [7, 14],
      [16, 17],
    ],
    [[0, 16]],
    [[0, 64]],
  ]);
  // The channel weights of two ranks are one field of the input wider.
  expect(ranks[0].productShare).toBeCloseTo(1 / 4, 2);
  expect([model, parameters, published?.productShare]).toEqual([
    'WeatherMixer',
    wholeLayout(forecastJob(demo).model).count,
    3 / 8,
  ]);
});

test('meshes are offered with the reason where one is impossible', async () => {
  const meshes = meshesFor(wholeOf({ preset: 'demo' }));
  expect(meshes.map(({ name }) => name)).toEqual(['1x1', '1x2', '2x1', '2x2', '2x4', '1x1x2', '1x1x4']);
  expect(meshes.filter(({ impossible }) => impossible !== undefined)).toEqual([
    {
      name: '1x1x4',
      mesh: shape(1, 1, 4),
      impossible: 'A batch of 2 cannot be shared by 4 replicas: choose a multiple of 4.',
    },
  ]);
  const cutter = createCutter(goOn);
  const resnet = { preset: 'resnet8' };
  const answer = await cutter.cuts(resnet, shape(2, 2));
  expect(answer).toHaveProperty('impossible', expect.stringContaining('a ResNet is not cut in shards'));
  expect(await cutter.prediction(resnet, shape(2, 2), usualSettings(4))).toBeUndefined();
  const unknown = await cutter.cuts({ preset: 'demo', overrides: { width: 127 } }, shape(1, 1));
  expect(unknown).toHaveProperty('impossible', expect.stringContaining('embedding is 127'));
});

test('a prediction is of the plans that would run, on the cards that are there', async () => {
  const whole = wholeFor(forecastJob(demo));
  const settings = usualSettings(2, { gigaflops: 100 });
  const {
    steps: [alone],
  } = await predictionOf(whole, shape(1, 1), settings, goOn);
  const rates = { flopsPerSecond: 1e11, bytesPerSecond: 2e10, secondsPerDispatch: 1e-5 };
  const expected = whole.plans.training.plan.steps.reduce(
    (sum, step) => sum + (step.kind === 'dispatch' ? secondsOf(step, rates) : 0),
    0,
  );
  expect(Math.abs(alone.seconds - expected)).toBeLessThan(1e-9 * expected);
  expect(alone.aloneSeconds).toBe(alone.seconds);

  const mesh = shape(1, 1, 2);
  const { memory, steps } = await predictionOf(whole, mesh, settings, goOn);
  const options = { mesh: meshAt(mesh, 0), overlap: typicalMachine };
  expect(memory.total).toBe(bytesOf(rankPlans(forecastJob(demo), BATCH / 2, optimizer, options)));
  const byName = new Map(steps.map(step => [step.name, step]));
  // Two on one card take turns; on fast links two cards are faster than one; Wi-Fi is waited for.
  expect(byName.get('here')!.seconds).toBeGreaterThan(alone.seconds);
  expect(byName.get('fast')!.seconds).toBeLessThan(0.9 * alone.seconds);
  const wifi = byName.get('wifi')!;
  expect(wifi.waitingSeconds).toBeGreaterThan(0.8 * wifi.seconds);
  expect(wifi.aloneSeconds).toBe(alone.seconds);
});

test('ranks on unequal cards go as fast as the slowest, and as its link lets them', async () => {
  const whole = wholeFor(forecastJob(demo));
  const mesh = shape(1, 2);
  const way = (latencyMs: number, megabytesPerSecond: number) => ({ latencyMs, megabytesPerSecond });
  const [fast, slow] = [{ gigaflops: 400 }, { gigaflops: 100 }];
  const secondsWith = async (cards: readonly Card[], ways: readonly CardLink[], cardOf = [0, 1]) => {
    const setting = { name: 'room', cards, cardOf, ways, ...way(0, 1) };
    const { steps } = await predictionOf(whole, mesh, [setting], goOn);
    return steps[0];
  };
  const direct = way(0, 1e6);
  const quick = await secondsWith([fast, fast], [direct, direct]);
  const mixed = await secondsWith([fast, slow], [direct, direct]);
  const alike = await secondsWith([slow, slow], [direct, direct]);
  expect(mixed.seconds).toBeGreaterThan(1.5 * quick.seconds);
  expect(mixed.seconds).toBeLessThanOrEqual(1.001 * alike.seconds);
  // Alone is the first card's, whatever the others are.
  expect(mixed.aloneSeconds).toBe(quick.aloneSeconds);
  // The slower of two ways counts, on whichever side it is.
  const oneSlow = await secondsWith([fast, fast], [direct, way(3, 10)]);
  expect(oneSlow.seconds).toBeGreaterThan(2 * quick.seconds);
  expect(await secondsWith([fast, fast], [way(3, 10), direct])).toEqual(oneSlow);
  const far = await secondsWith([fast, fast], [direct, way(30, 1e6)]);
  expect(far.seconds).toBeGreaterThan(0.03);
  expect(await secondsWith([fast, fast], [way(30, 1e6), direct])).toEqual(far);
  // Ranks on one card need no link, and take turns.
  const shared = await secondsWith([fast], [way(3, 10)], [0, 0]);
  expect(shared.waitingSeconds).toBeLessThan(0.1 * oneSlow.waitingSeconds);
});

test('energy is of all cards that are used, each at rest once, and not told where the power of one is not known', async () => {
  const whole = wholeFor(forecastJob(demo));
  const exact = (value: number) => ({ low: value, central: value, high: value });
  // Software: as much as it is busy, without rates.
  const gpu = { idle: exact(10), full: exact(110), kind: 'software', name: '', evidence: '' } as const;
  const card: Card = { gigaflops: 100, power: { gpu, host: { watts: exact(30), pue: 1 } } };
  const direct = { latencyMs: 0, megabytesPerSecond: 1e6 };
  const joulesWith = async (cards: readonly Card[], cardOf: readonly number[]) => {
    const setting = { name: 'room', cards, cardOf, ways: cards.map(() => direct), ...direct };
    const { steps } = await predictionOf(whole, shape(1, 2), [setting], goOn);
    return { ...steps[0], watts: steps[0].joules && steps[0].joules.central / steps[0].seconds };
  };
  const apart = await joulesWith([card, card], [0, 1]);
  expect(apart.watts).toBeGreaterThan(2 * 40);
  expect(apart.watts).toBeLessThan(2 * 140);
  const together = await joulesWith([card], [0, 0]);
  expect(together.watts).toBeGreaterThan(100);
  expect(together.watts).toBeLessThanOrEqual(140);
  expect((await joulesWith([card, { gigaflops: 100 }], [0, 1])).joules).toBeUndefined();
});

test('the step that is drawn as predicted takes what is written of it, and its spans count the steps of the plans', async () => {
  const cutter = createCutter(goOn);
  const model = { preset: 'demo', overrides: { accumulate: 2 } };
  const mesh = shape(1, 2);
  const [here] = usualSettings(2, { gigaflops: 100 });
  const [{ seconds, busySeconds = 0 }] = (await cutter.prediction(model, mesh, [here]))!.steps;
  const { traces, plans } = (await cutter.step(model, mesh, here))!;
  const stepsOf = new Map(plans);
  expect(traces.map(({ rank }) => rank)).toEqual([0, 1, 0, 1]);
  expect(stepsOf.size).toBe(4);
  const ended = traces.flatMap(({ spans }) => spans.map(({ ended }) => ended));
  expect(Math.abs(Math.max(...ended) / 1000 - seconds)).toBeLessThan(1e-9);
  for (const { plan, spans } of traces) {
    const steps = stepsOf.get(plan)!;
    const computed = spans.filter(({ lane }) => lane === 'device');
    expect(computed.map(({ from }) => from)).toEqual(
      steps.flatMap(({ kind }, i) => (kind === 'dispatch' ? [i] : [])),
    );
  }
  // The one card is at work for most of it, and never for more.
  expect(busySeconds).toBeGreaterThan(0.5 * seconds);
  expect(busySeconds).toBeLessThanOrEqual(seconds);
  expect(await cutter.step({ preset: 'resnet8' }, shape(2, 2), here)).toBeUndefined();
});

test('passes are predicted one after the other', async () => {
  const stepsIn = async (accumulate: number) => {
    const whole = wholeFor(forecastJob(tall), accumulate);
    const { steps } = await predictionOf(whole, shape(1, 2), usualSettings(2), goOn);
    return steps;
  };
  const [one, two] = [await stepsIn(1), await stepsIn(2)];
  const wifi = two.findIndex(({ name }) => name === 'wifi');
  expect(two[wifi].seconds).toBeGreaterThan(1.3 * one[wifi].seconds);
  expect(two[wifi].seconds).toBeLessThan(2 * one[wifi].seconds);
});

test('names of meshes are unique', () => {
  const names = meshesFor(wholeOf({ preset: 'tiny' })).map(({ mesh }) => meshName(mesh));
  expect(new Set(names).size).toBe(names.length);
});
