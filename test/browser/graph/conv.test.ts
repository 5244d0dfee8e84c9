/** Convolutions and their gradients against float64, in every form, on odd and round sizes. */
import { beforeAll, describe, expect, test } from 'vitest';
import { formsFor } from '../../../src/engine/forms.ts';
import { evaluate } from '../../../src/engine/run.ts';
import { ancestors, grad } from '../../../src/graph/grad.ts';
import { type ConvOptions, conv2d } from '../../../src/graph/ops/conv.ts';
import { add, mul, relu } from '../../../src/graph/ops/elementwise.ts';
import { inputTensor, isInput } from '../../../src/graph/ops/leaf.ts';
import { sum } from '../../../src/graph/ops/reduce.ts';
import { type Shape, sizeOf, type Tensor } from '../../../src/graph/tensor.ts';
import { compile } from '../../../src/plan/compile.ts';
import { layoutParameters } from '../../../src/plan/layout.ts';
import { direct, type FormTable, lanes, tiles } from '../../../src/plan/lower.ts';
import { isDispatch } from '../../../src/plan/plan.ts';
import { interpret } from '../../reference/interpret.ts';
import { casesOf, checkOp, randomValues, relativeError } from '../check.ts';
import { testGpu } from '../gpu.ts';

const tolerance = 1e-5;

type ConvCase = readonly [images: Shape, weight: Shape, options: ConvOptions];

const cases = casesOf<ConvCase>(
  [
    [[2, 3, 7, 5], [4, 3, 3, 3], { padding: 1 }],
    [[2, 3, 8, 9], [4, 3, 1, 1], {}],
    [[2, 2, 11, 12], [3, 2, 3, 3], { dilation: 2, stride: 2, padding: 1 }],
    [[1, 3, 10, 17], [2, 3, 2, 5], { stride: [3, 2], padding: [0, 4], dilation: [1, 2] }],
    // Tiles over several images, of seven columns an invocation and of eight.
    [[5, 33, 4, 4], [35, 33, 3, 3], { padding: 1 }],
    [[4, 33, 4, 6], [35, 33, 3, 3], { padding: 1 }],
  ],
  [
    [[1, 1, 1, 1], [1, 1, 1, 1], {}],
    [[3, 5, 9, 11], [7, 5, 3, 3], { stride: 2, padding: 1 }],
    [[2, 3, 15, 13], [5, 3, 7, 7], { stride: 2, padding: 3 }],
    [[2, 3, 8, 9], [4, 3, 1, 1], { stride: 2 }],
    [[1, 2, 6, 7], [3, 2, 1, 1], { padding: 1 }],
    [[2, 2, 12, 10], [3, 2, 3, 3], { dilation: 2, padding: 2 }],
    [[2, 3, 4, 4], [5, 3, 4, 4], {}], // one position
    [[1, 2, 9, 9], [3, 2, 2, 2], { stride: 3 }], // pixels that no tap meets
    [[1, 2, 3, 3], [2, 2, 11, 11], { padding: 5 }], // a kernel larger than the image
    [[1, 104, 5, 5], [208, 104, 1, 1], {}],
    [[1, 440, 3, 3], [440, 440, 1, 1], {}],
  ],
);

/** Inputs x0, x1, ... of the graph have these values. */
async function evaluated(
  results: readonly Tensor[],
  values: readonly Float32Array<ArrayBuffer>[],
  forms: FormTable,
) {
  const { gpu, pipelines } = await testGpu();
  const outputs = Object.fromEntries(results.map((result, i) => [`output${i}`, result]));
  const used = new Set(
    ancestors(...results)
      .filter(isInput)
      .map(({ attributes }) => attributes.name),
  );
  const named = values.map((value, i) => [`x${i}`, value] as const);
  const inputs = Object.fromEntries(named.filter(([name]) => used.has(name)));
  const computed = await evaluate(gpu, pipelines, outputs, inputs, forms);
  return results.map((_, i) => computed[`output${i}`]);
}

/** Largest difference of any element, over the largest element. */
function largestError(actual: ArrayLike<number>, truth: Float64Array): number {
  let [difference, scale] = [0, 0];
  truth.forEach((value, i) => {
    difference = Math.max(difference, Math.abs(actual[i] - value));
    scale = Math.max(scale, Math.abs(value));
  });
  return difference / scale;
}

describe.each<[string, FormTable]>([
  ['lanes', lanes],
  ['direct', direct],
  ['tiles', tiles],
])('convolutions by %s', (name, forms) => {
  // Lanes need what few adapters have.
  let runs = true;
  beforeAll(async () => {
    runs = name !== 'lanes' || formsFor((await testGpu()).gpu) === lanes;
  });

  test.each(cases)('images %o, weight %o, %o', async (x, weight, options) => {
    if (!runs) return;
    await checkOp({ shapes: [x, weight], build: (a, w) => conv2d(a, w, options), tolerance, forms });
  });

  test('bias, addition and activation are done as it stores; so is an activation beside it', async () => {
    if (!runs) return;
    const padding = 1;
    const shapes = [[2, 3, 7, 5], [4, 3, 3, 3], [4], [2, 4, 7, 5]];
    const wide = [[2, 3, 8, 4], [4, 3, 3, 3], [4], [2, 4, 8, 4]];
    const inputs = shapes.map((shape, i) => inputTensor(`x${i}`, shape));
    const block = (x: Tensor, weight: Tensor, bias: Tensor, skip: Tensor) =>
      relu(add(conv2d(x, weight, { padding, bias }), skip));
    const { steps } = compile({
      outputs: { y: block(inputs[0], inputs[1], inputs[2], inputs[3]) },
      layout: layoutParameters([]),
    });
    expect(steps.filter(isDispatch).map(({ label }) => label)).toEqual(['conv2d, add, relu']);
    for (const each of [shapes, wide]) await checkOp({ shapes: each, build: block, tolerance, forms });
    const both = (x: Tensor, weight: Tensor, bias: Tensor) => {
      const y = conv2d(x, weight, { padding, bias });
      return mul(relu(y), y);
    };
    await checkOp({ shapes: shapes.slice(0, 3), build: both, tolerance, forms });
    await checkOp({
      shapes: [[2, 3, 7, 5], [4, 3, 1, 1], [4]],
      build: (x, w, bias) => relu(conv2d(x, w, { bias })),
      tolerance,
      forms,
    });
  });

  test('gradients of images and weights that serve twice are added where they lie', async () => {
    if (!runs) return;
    const shapes = [
      [2, 3, 8, 7],
      [2, 3, 7, 8],
      [4, 3, 3, 3],
      [4, 3, 1, 1],
    ];
    const build = (x: Tensor, other: Tensor, weight: Tensor, short: Tensor) => {
      const once = conv2d(x, weight, { stride: 2, padding: 1 });
      return add(
        add(once, conv2d(x, short, { stride: 2 })),
        conv2d(other, weight, { stride: 2, padding: 1 }),
      );
    };
    await checkOp({ shapes, build, tolerance, forms });
  });

  /** Sums over 2 images of 32 771 positions. */
  const positions = 32_771;
  const terms = casesOf<readonly [string, (dy: number, i: number) => number]>(
    [['that nearly cancel', (dy, i) => (i % 2 === 0 ? 1 : -1) + Math.fround(dy / 64)]],
    [
      ['of one sign', dy => Math.abs(dy)],
      ['of both', dy => dy],
      ['that are tiny', dy => dy * 1e-12],
    ],
  );
  test.each(terms)('gradients of weights by 65 542 terms %s', async (_, dyOf) => {
    if (!runs) return;
    for (const taps of [1, 3]) {
      const shapes = [
        [2, 3, 1, positions],
        [5, 3, 1, taps],
        [2, 5, 1, positions],
      ];
      const [x, weight, dy] = shapes.map((shape, i) => inputTensor(`x${i}`, shape));
      const y = conv2d(x, weight, { padding: [0, (taps - 1) / 2] });
      const [gradient] = grad(sum(mul(y, dy)), [weight]);
      const values = shapes.map((shape, i) => randomValues(sizeOf(shape), i + 1));
      values[0] = values[0].map(value => 1 + value / 64);
      values[2] = values[2].map(dyOf);
      const leaves = new Map([
        [x, values[0]],
        [weight, values[1]],
        [dy, values[2]],
      ] as const);
      const [computed] = await evaluated([gradient], values, forms);
      const [truth] = interpret([gradient], leaves);
      expect(truth.every(value => value !== 0)).toBe(true);
      expect(largestError(computed, truth)).toBeLessThanOrEqual(tolerance);
    }
  });
});

test('more columns than a dispatch is wide', async () => {
  const shapes = [
    [1, 1, 1024, 2049],
    [1, 1, 1, 2],
  ];
  const [x, weight] = shapes.map((shape, i) => inputTensor(`x${i}`, shape));
  const y = conv2d(x, weight);
  const values = shapes.map((shape, i) => randomValues(sizeOf(shape), i + 1));
  const [truth] = interpret(
    [y],
    new Map([
      [x, values[0]],
      [weight, values[1]],
    ]),
  );
  const [computed] = await evaluated([y], values, formsFor((await testGpu()).gpu));
  expect(relativeError(computed, truth)).toBeLessThanOrEqual(tolerance);
});

const layers = casesOf<readonly [string, ...ConvCase]>(
  [
    ['the stem', [1, 3, 224, 224], [64, 3, 7, 7], { stride: 2, padding: 3 }],
    ['3x3 at 14', [1, 256, 14, 14], [256, 256, 3, 3], { padding: 1 }],
  ],
  [
    ['3x3 at 7', [1, 512, 7, 7], [512, 512, 3, 3], { padding: 1 }],
    ['3x3 from 28 to 14', [1, 256, 28, 28], [256, 256, 3, 3], { stride: 2, padding: 1 }],
    ['1x1 from 56 to 28', [1, 256, 56, 56], [512, 256, 1, 1], { stride: 2 }],
    ['1x1 at 56', [1, 64, 56, 56], [256, 64, 1, 1], {}],
  ],
);
test.each(layers)('of ResNet-50, %s: all values', (_, x, weight, options) =>
  checkOp({ shapes: [x, weight], build: (a, w) => conv2d(a, w, options), tolerance: 3e-6 }),
);

test.each<[Shape, Shape, ConvOptions, string]>([
  [[1, 3, 8], [4, 3, 3, 3], {}, 'conv2d: images [1,3,8] by [4,3,3,3]: both have four axes'],
  [[1, 3, 8, 8], [4, 2, 3, 3], {}, 'images of 3 channels, weights for 2'],
  [[1, 3, 8, 2], [4, 3, 3, 3], {}, 'a kernel that reaches over 3 of 2 pixels'],
  [[1, 3, 8, 8], [4, 3, 3, 3], { dilation: 4 }, 'a kernel that reaches over 9 of 8 pixels'],
  [[1, 3, 8, 8], [4, 3, 3, 3], { stride: 0 }, 'a stride of 0, padding of 0 or dilation of 1'],
  [[1, 3, 8, 8], [4, 3, 3, 3], { padding: 0.5 }, 'a stride of 1, padding of 0.5 or dilation of 1'],
])('images %o by %o, %o: refused', (x, weight, options, message) => {
  expect(() => conv2d(inputTensor('x', x), inputTensor('w', weight), options)).toThrow(message);
});

test('a bias of another length is refused', () => {
  const [x, weight, bias] = [
    inputTensor('x', [1, 3, 8, 8]),
    inputTensor('w', [4, 3, 3, 3]),
    inputTensor('b', [3]),
  ];
  expect(() => conv2d(x, weight, { bias })).toThrow('a bias of [3] where [4] is needed');
});
