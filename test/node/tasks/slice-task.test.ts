import { describe, expect, it } from 'vitest';
import { sliceDataset } from '../../../src/data/slice.ts';
import { makeTask } from '../../../src/tasks/forecast/make-task.ts';
import { partTask } from '../../../src/tasks/forecast/part-task.ts';
import { openShard } from '../../../src/tasks/forecast/shard-reader.ts';
import { dataBoxOf, frameOf, type ShardBox, sliceTask } from '../../../src/tasks/forecast/slice-task.ts';
import type { ForecastTask, TaskOptions } from '../../../src/tasks/forecast/task.ts';
import { type BatchSource, batchesOf, sampleOrder } from '../../../src/train/batches.ts';
import { shardInputs } from '../../reference/jobs.ts';
import { failureOf, makeDataset } from '../data/fixtures.ts';

/** Three channels and a static field on 5 x 7 points, so padded to 6 x 8, with gaps and no round numbers. */
const dataset = makeDataset({
  steps: 60,
  stepHours: 240,
  channels: ['a', 'b', 'c'],
  latitude: [-40, -20, 0, 20, 40],
  longitude: [0, 50, 100, 150, 200, 250, 300],
  statics: [Array.from({ length: 35 }, (_, p) => (p === 8 ? Number.NaN : Math.sin(p)))],
  value: (t, c, y, x) =>
    (t + 3 * y + x + c) % 11 === 0 ? Number.NaN : (c + 1) * Math.sin(t * 0.7 + y * 1.3 + x * 0.9) + 10 * c,
});
const options: TaskOptions = {
  inputSteps: 2,
  leadSteps: 2,
  patch: [2, 4],
  split: { kind: 'fraction', train: 0.6, validation: 0.2 },
  normalisation: 'anomaly',
  harmonics: 1,
  positionInputs: true,
  seasonInputs: true,
  variableWeights: { b: 3 },
};
const task = makeTask(dataset, options);
// Inputs: 2 steps x 3 channels, 1 static field, 2 of position, 2 of season: 0 to 10.
const boxes: readonly (readonly [string, ShardBox])[] = [
  ['all of it', { inputChannels: range(11), outputChannels: range(3), rowFrom: 0, rowTo: 6 }],
  [
    'blocks that cut across steps and statics',
    { inputChannels: [2, 3, 4, 6, 9], outputChannels: [0, 2], rowFrom: 2, rowTo: 4 },
  ],
  [
    'padding of channels and of rows past the grid',
    { inputChannels: [5, 8, 10, -1], outputChannels: [1, -1], rowFrom: 4, rowTo: 8 },
  ],
  ['rows of padding alone', { inputChannels: [0, 10], outputChannels: [0], rowFrom: 6, rowTo: 8 }],
];

function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

/** The box of [planes, height, width], zero where the box has padding. */
function cut(
  { height, width }: ForecastTask,
  whole: Float32Array,
  planes: readonly number[],
  { rowFrom, rowTo }: ShardBox,
): Float32Array {
  const rows = rowTo - rowFrom;
  const out = new Float32Array(planes.length * rows * width);
  planes.forEach((plane, i) => {
    for (let row = rowFrom; plane >= 0 && row < Math.min(rowTo, height); row++) {
      const from = (plane * height + row) * width;
      out.set(whole.subarray(from, from + width), (i * rows + row - rowFrom) * width);
    }
  });
  return out;
}

/** Batches of the whole as the task says that they are, sample by sample. */
function wholeBatches(batch: number): BatchSource {
  const { channels, statics, height, width } = task;
  const { inputSteps, leadSteps } = options;
  const size = channels * height * width;
  const inputSize = (inputSteps * channels + statics) * height * width;
  const draw = sampleOrder(task.train);
  const later = new Float32Array(inputSize);
  return {
    samples: batch,
    allocate: () => ({
      input: new Float32Array(batch * inputSize),
      target: new Float32Array(batch * size),
      mask: new Float32Array(batch * size),
    }),
    fill(batchArrays, index, step, seed) {
      const [input, target, mask] = ['input', 'target', 'mask'].map(
        name => batchArrays[name] as Float32Array<ArrayBuffer>,
      );
      const time = draw((step - 1) * batch + index, seed);
      task.fillInput(time, input, index * inputSize);
      task.fillMask(time, mask, index * size);
      // The target is the oldest state of a later input.
      task.fillInput(time + leadSteps + inputSteps - 1, later, 0);
      target.set(later.subarray(0, size), index * size);
    },
  };
}

function batchAt(source: BatchSource, step: number) {
  const batch = source.allocate();
  for (let i = 0; i < source.samples; i++) source.fill(batch, i, step, 7);
  return batch;
}

/** The samples of the steps given, one after the other. */
function drawn(source: BatchSource, steps: readonly number[]) {
  return steps.flatMap(step => {
    const { input, target, mask } = batchAt(source, step);
    const samples = input.length / inputSize;
    return range(samples).map(i => ({
      input: part(input, i, samples),
      target: part(target, i, samples),
      mask: part(mask!, i, samples),
    }));
  });
}
const inputSize = 11 * 48;
const part = (all: ArrayLike<number>, i: number, samples: number) => {
  const size = all.length / samples;
  return Float32Array.from(all).slice(i * size, (i + 1) * size);
};

describe('the shard of a task', () => {
  it.each(boxes)('has the numbers of the whole, to the last bit: %s', (_, box) => {
    // The worker of a rank gets a clone.
    const shard = structuredClone(sliceTask(task, box));
    const share = { batch: 3, globalBatch: 3, offset: 0 };
    const mine = batchesOf(openShard(shard), shardInputs(shard), share);
    const whole = wholeBatches(3);
    // Step 12 spans the end of the first pass over the 32 samples.
    for (const step of [1, 2, 11, 12]) {
      const batch = batchAt(mine, step);
      const expected = batchAt(whole, step);
      for (let i = 0; i < 3; i++) {
        expect(part(batch.input, i, 3)).toEqual(
          cut(task, part(expected.input, i, 3), box.inputChannels, box),
        );
        expect(part(batch.target, i, 3)).toEqual(
          cut(task, part(expected.target, i, 3), box.outputChannels, box),
        );
        expect(part(batch.mask!, i, 3)).toEqual(
          cut(task, part(expected.mask!, i, 3), box.outputChannels, box),
        );
      }
    }
    const { lossWeight } = sliceTask(task, boxes[0][1]);
    expect(shard.lossWeight).toEqual(cut(task, lossWeight, box.outputChannels, box));
  });

  it('holds a channel once, however many inputs and outputs name it', () => {
    const shard = sliceTask(task, { inputChannels: [1, 4], outputChannels: [1], rowFrom: 0, rowTo: 2 });
    expect(shard.channels).toEqual([1]);
    // Of the training part.
    expect(shard.values.length).toBe(36 * 1 * 2 * 8);
  });

  it('has no mask where the data set has no gaps, and one on every rank where it has', () => {
    const box = { inputChannels: [0], outputChannels: [0], rowFrom: 0, rowTo: 2 };
    const gap = (t: number, c: number) => (c === 1 && t === 5 ? Number.NaN : t + c);
    const whole = makeDataset({ steps: 60, channels: ['a', 'b'], value: (t, c) => t + c });
    const holed = makeDataset({ steps: 60, channels: ['a', 'b'], value: gap });
    const plain: TaskOptions = { ...options, patch: [2, 2], positionInputs: false, seasonInputs: false };
    expect(sliceTask(makeTask(whole, plain), box).known).toBeUndefined();
    expect(sliceTask(makeTask(holed, plain), box).known?.length).toBe(36 * 2 * 4);
  });

  it('refuses channels that the model does not have', () => {
    const [, box] = boxes[0];
    expect(failureOf(() => sliceTask(task, { ...box, inputChannels: [11] }))).toBe(
      "RangeError: The shard's inputs name channel 11 of 11.",
    );
    expect(failureOf(() => sliceTask(task, { ...box, outputChannels: [3] }))).toBe(
      "RangeError: The shard's outputs name channel 3 of 3.",
    );
  });
});

describe('the shares of replicas', () => {
  it('are together the batch of the whole, sample by sample', () => {
    const [, box] = boxes[0];
    const shard = sliceTask(task, box);
    const steps = [1, 2, 3, 9];
    const whole = drawn(wholeBatches(4), steps);
    const replicas = [0, 2].map(offset =>
      drawn(batchesOf(openShard(shard), shardInputs(shard), { batch: 2, globalBatch: 4, offset }), steps),
    );
    const together = range(steps.length).flatMap(s =>
      replicas.flatMap(samples => samples.slice(2 * s, 2 * s + 2)),
    );
    expect(together).toEqual(whole);
  });
});

describe('a rank that is alone', () => {
  const [, all] = boxes[0];
  // As above, on a grid that needs no padding and is not shared with other tests.
  const evenDataset = () =>
    makeDataset({
      steps: 60,
      stepHours: 240,
      channels: ['a', 'b', 'c'],
      latitude: [-50, -30, -10, 10, 30, 50],
      longitude: [0, 45, 90, 135, 180, 225, 270, 315],
      statics: [Array.from({ length: 48 }, (_, p) => Math.sin(p))],
      value: (t, c, y, x) => ((t + y + x + c) % 11 === 0 ? Number.NaN : Math.sin(t * 0.7 + y + x * 0.9) + c),
    });
  const evenTask = () => makeTask(evenDataset(), options);

  it.each([
    ['padded, needed elsewhere', () => makeTask(dataset, options), false],
    ['padded, of no more use', () => makeTask(dataset, options), true],
    ['needed elsewhere', evenTask, false],
    ['of no more use', evenTask, true],
  ])('has the shard of the whole, and scores by what is left of it: data %s', (_, make, isOwn) => {
    const expected = make();
    const whole = make();
    const { shard, task: scored } = partTask(whole, all, isOwn);
    if (!isOwn) expect(whole.dataset).toEqual(expected.dataset);
    expect(shard).toEqual(sliceTask(expected, all));
    for (const part of ['train', 'validation', 'test'] as const) expect(scored[part]).toEqual(expected[part]);
    const states = (of: ForecastTask, time: number) => {
      const out = new Float32Array(inputSize);
      of.fillInput(time, out, 0);
      return [out, of.denormalise(out, time), of.climatologyAt(time)];
    };
    for (const time of [expected.validation[0], expected.test[expected.test.length - 1]]) {
      expect(states(scored, time)).toEqual(states(expected, time));
    }
    expect(failureOf(() => states(scored, expected.train[0]))).toMatch(
      /^RangeError: Step 0 is not in memory/,
    );
  });

  it('holds nothing twice where the whole is of no more use, and needs no padding', () => {
    const whole = evenTask();
    const { buffer, byteLength } = whole.dataset.values;
    const { shard, task: scored } = partTask(whole, all, true);
    expect(shard.values.buffer).toBe(buffer);
    expect(scored.dataset.values.buffer).toBe(buffer);
    expect(shard.values.byteLength + scored.dataset.values.byteLength).toBe(byteLength);
  });
});

describe('a slice of a data set', () => {
  it('takes channels, static fields, rows and steps', () => {
    const slice = sliceDataset(dataset, {
      channels: [2, 0],
      statics: [0],
      latitudeFrom: 1,
      latitudeTo: 3,
      timeFrom: 4,
      timeTo: 6,
    });
    expect(slice.channels.map(({ name }) => name)).toEqual(['c', 'a']);
    expect([...slice.latitude]).toEqual([-20, 0]);
    expect([...slice.times]).toEqual([...dataset.times.slice(4, 6)]);
    expect(slice.statics[0].values).toEqual(dataset.statics[0].values.slice(7, 21));
    // Step 5, channel 2, row 2, column 6 of the whole is step 1, channel 0, row 1 of the slice.
    expect(slice.values[((1 * 2 + 0) * 2 + 1) * 7 + 6]).toBe(dataset.values[((5 * 3 + 2) * 5 + 2) * 7 + 6]);
  });

  it('of rows beyond the grid is empty, and beyond the data refused', () => {
    const box = dataBoxOf(frameOf(task), { inputChannels: [], outputChannels: [0], rowFrom: 6, rowTo: 8 });
    expect([box.latitudeFrom, box.latitudeTo]).toEqual([5, 5]);
    expect(failureOf(() => sliceDataset(dataset, { ...box, latitudeTo: 7 }))).toBe(
      'RangeError: The box takes rows 5 to 7, of 5 there are.',
    );
  });
});
