/** The loss of a classifier and its top guesses, against float64. */
import { expect, test } from 'vitest';
import { evaluate } from '../../../src/engine/run.ts';
import { grad } from '../../../src/graph/grad.ts';
import { softmaxCrossEntropy, topCounts } from '../../../src/graph/ops/classify.ts';
import { inputTensor } from '../../../src/graph/ops/leaf.ts';
import type { Tensor } from '../../../src/graph/tensor.ts';
import { interpret } from '../../reference/interpret.ts';
import { checkOp, randomValues, relativeError } from '../check.ts';
import { testGpu } from '../gpu.ts';

const labelsOf = (rows: number, classes: number) =>
  Uint32Array.from({ length: rows }, (_, row) => (row * 7 + 3) % classes);

test.each([
  [1, 1, 0],
  [1, 2, 0.1],
  [67, 10, 0.1],
  [5, 64, 0],
  [3, 65, 0.3],
  [7, 1000, 0.1],
])('softmax and cross-entropy of %i rows of %i classes, smoothing %f', async (rows, classes, smoothing) => {
  const labels = inputTensor('labels', [rows], 'u32');
  await checkOp({
    shapes: [[rows, classes]],
    build: logits => softmaxCrossEntropy(logits, labels, { smoothing, count: rows + 2 }),
    // One class has no loss and no gradient.
    tolerance: classes === 1 ? 1e-30 : 2e-6,
    prepare: value => 5 * value,
    given: new Map([[labels, labelsOf(rows, classes)]]),
  });
});

test.each([10, 100])('logits of 1e4, of %i classes: right, wrong and undecided rows', async classes => {
  const { gpu, pipelines } = await testGpu();
  const rows = 4;
  const [logits, labels] = [inputTensor('logits', [rows, classes]), inputTensor('labels', [rows], 'u32')];
  const values = new Float32Array(rows * classes).fill(-1e4);
  values[3] = 1e4; // row 0: its label
  values[classes + 4] = 1e4; // row 1: another class than its label
  values.fill(1e4, 2 * classes, 3 * classes); // row 2: all alike
  values.set(
    randomValues(classes, 5).map(value => 1e4 + value),
    3 * classes,
  ); // row 3: alike but for little
  const words = Uint32Array.of(3, 5, 0, 7);
  for (const smoothing of [0, 0.1]) {
    const loss = softmaxCrossEntropy(logits, labels, { smoothing });
    const [gradient] = grad(loss, [logits]);
    const computed = await evaluate(gpu, pipelines, { loss, gradient }, { logits: values, labels: words });
    const leaves = new Map<Tensor, ArrayLike<number>>([
      [logits, values],
      [labels, words],
    ]);
    const [truth, slope] = interpret([loss, gradient], leaves);
    expect(computed.loss.every(Number.isFinite) && computed.gradient.every(Number.isFinite)).toBe(true);
    expect(relativeError(computed.loss, truth)).toBeLessThanOrEqual(1e-6);
    expect(relativeError(computed.gradient, slope)).toBeLessThanOrEqual(1e-6);
  }
});

test('top-1 and top-5: ties go to the earlier class, and what is no number is a miss', async () => {
  const { gpu, pipelines } = await testGpu();
  const classes = 70;
  const rows = 6;
  const values = randomValues(rows * classes, 1);
  const words = labelsOf(rows, classes);
  const row = (index: number) => values.subarray(index * classes, (index + 1) * classes);
  row(0)[words[0]] = 2; // first
  row(1).fill(1); // all alike: only the first five count
  words[1] = 4;
  row(2).fill(1);
  words[2] = 5;
  row(3)[words[3]] = Number.NaN;
  row(4).fill(0);
  row(4).set([5, 4, 3, 2, 1]);
  words[4] = 4; // fifth
  row(5).fill(0);
  words[5] = 0;
  const [logits, labels] = [inputTensor('logits', [rows, classes]), inputTensor('labels', [rows], 'u32')];
  const { counts } = await evaluate(
    gpu,
    pipelines,
    { counts: topCounts(logits, labels) },
    { logits: values, labels: words },
  );
  expect([...counts]).toEqual([2, 4]);
  const few = [inputTensor('logits', [2, 3]), inputTensor('labels', [2], 'u32')] as const;
  const given = { logits: Float32Array.of(1, 2, 3, Number.NaN, 0, 0), labels: Uint32Array.of(0, 0) };
  expect([...(await evaluate(gpu, pipelines, { counts: topCounts(...few) }, given)).counts]).toEqual([0, 1]);
  // Without ties or gaps: as float64 says.
  const plain = randomValues(rows * classes, 9);
  const all = topCounts(logits, labels);
  const [truth] = interpret(
    [all],
    new Map<Tensor, ArrayLike<number>>([
      [logits, plain],
      [labels, words],
    ]),
  );
  const computed = await evaluate(gpu, pipelines, { all }, { logits: plain, labels: words });
  expect([...computed.all]).toEqual([...truth]);
});

test('labels that are floats, or not one a row, and impossible smoothing are refused', () => {
  const logits = inputTensor('logits', [4, 10]);
  const words = (rows: number) => inputTensor('labels', [rows], 'u32');
  expect(() => softmaxCrossEntropy(logits, inputTensor('labels', [4]))).toThrow('labels are f32, not u32');
  expect(() => topCounts(logits, words(3))).toThrow('topHits: logits [4,10] and labels [3]');
  expect(() => softmaxCrossEntropy(logits, words(4), { smoothing: 1 })).toThrow(
    'a smoothing of 1 is not in [0, 1)',
  );
});
