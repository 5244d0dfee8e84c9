/** The tuner on a real device: what it refuses, what it keeps, and how it chooses. Which form is fast is not asserted. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { keepForms, readForms } from '../../../bench/gpu/kept-forms.ts';
import { variantName, variants, variantText } from '../../../bench/kernels/family.ts';
import {
  candidatesFor,
  candidatesOf,
  shippedKernels,
  splitsWorthTrying,
} from '../../../src/engine/candidates.ts';
import {
  adapterIdentity,
  fittingForms,
  type MeasuredForms,
  usualForms,
  withMeasured,
} from '../../../src/engine/form-choice.ts';
import { formsFor } from '../../../src/engine/forms.ts';
import { evaluate } from '../../../src/engine/run.ts';
import { fasterThanFirst, tuneForms } from '../../../src/engine/tuner.ts';
import type { Gpu } from '../../../src/gpu/device.ts';
import { PipelineCache } from '../../../src/gpu/pipelines.ts';
import { grad } from '../../../src/graph/grad.ts';
import type { Product, ProductForm } from '../../../src/graph/op.ts';
import { conv2d } from '../../../src/graph/ops/conv.ts';
import { square } from '../../../src/graph/ops/elementwise.ts';
import { inputTensor } from '../../../src/graph/ops/leaf.ts';
import { type MatmulOptions, matmul } from '../../../src/graph/ops/matmul.ts';
import { sum } from '../../../src/graph/ops/reduce.ts';
import type { Shape } from '../../../src/graph/tensor.ts';
import { compile } from '../../../src/plan/compile.ts';
import { layoutParameters } from '../../../src/plan/layout.ts';
import { direct, formOf, lower, shapeClass, tiles } from '../../../src/plan/lower.ts';
import { isDispatch, type Plan } from '../../../src/plan/plan.ts';
import { openDawn } from '../dawn.ts';

let gpu: Gpu;
let pipelines: PipelineCache;

beforeAll(async () => {
  gpu = await openDawn();
  pipelines = new PipelineCache(gpu.device);
});

function planOf(a: Shape, b: Shape, options: MatmulOptions = {}): Plan {
  const y = matmul(inputTensor('a', a), inputTensor('b', b), options);
  return compile({ outputs: { y }, layout: layoutParameters([]) });
}

const productsOf = (plan: Plan): Product[] =>
  plan.steps.filter(isDispatch).flatMap(({ product }) => (product ? [product.of] : []));

/** ||own - expected|| / ||expected|| */
function distance(own: Float32Array, expected: Float32Array): number {
  const norm = (values: Float32Array) => Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0));
  return norm(own.map((value, i) => value - expected[i])) / norm(expected);
}

/** One workgroup for a result that takes many: fast, and wrong but for its first tile. */
const lazy = (product: Product): ProductForm => ({ ...formOf(formsFor(gpu), product), tile: [4096, 4096] });

/** More than any machine needs: on a busy one the tuner's own budget may be over before it has tried all. */
const budgetMs = 600_000;

describe('tuning', () => {
  test('refuses a form that is faster but wrong, and one that does not compile', async () => {
    const plan = planOf([160, 64], [64, 160]);
    const usual = formsFor(gpu);
    const broken = (product: Product) => ({ ...formOf(usual, product), constants: { NO_SUCH: 1 } });
    const candidates = (product: Product) => [lazy(product), broken(product)];
    const measured = await tuneForms(gpu, pipelines, [plan], { usual, candidates, budgetMs });
    const [product] = productsOf(plan);
    expect(measured).toEqual([['160x160x64 nn batch 1 summed 1', formOf(usual, product)]]);
  });

  test('measures every class once, the one with most work first, and none that is known', async () => {
    const plans = [
      planOf([8, 8], [8, 8]),
      planOf([2, 24, 8], [24, 16], { transposeB: false, transposeA: true, sumBatch: false }),
      planOf([8, 8], [8, 8]),
      planOf([16, 8], [8, 8]),
    ];
    const usual = formsFor(gpu);
    const asked: Product[] = [];
    const candidates = (product: Product) => {
      asked.push(product);
      return [];
    };
    const known = [['16x8x8 nn batch 1 summed 1', lazy(productsOf(plans[3])[0])]] as const;
    const measured = await tuneForms(gpu, pipelines, plans, { usual, candidates, known, budgetMs });
    expect(measured.map(([name]) => name)).toEqual([
      '16x8x8 nn batch 1 summed 1',
      '8x16x24 tn batch 2 summed 1',
      '8x8x8 nn batch 1 summed 1',
    ]);
    expect(asked).toHaveLength(2);
    expect(measured[0]).toEqual(known[0]);
  });

  test('measures nothing when its time is over: the usual forms are what is kept from then on', async () => {
    const usual = formsFor(gpu);
    const plan = planOf([8, 8], [8, 8]);
    const told: number[] = [];
    const candidates = () => expect.unreachable();
    const options = { usual, candidates, budgetMs: 0, onProgress: (fraction: number) => told.push(fraction) };
    const forms = await tuneForms(gpu, pipelines, [plan], options);
    expect(forms).toEqual([['8x8x8 nn batch 1 summed 1', formOf(usual, productsOf(plan)[0])]]);
    expect(forms).toEqual(usualForms([plan], usual));
    expect(told).toEqual([0]);
  });

  test('a product with a bias is a class of its own: a form that cuts the inner axis is none of it', () => {
    const [plain, whole] = [{}, { bias: inputTensor('bias', [64]) }].map(options =>
      planOf([64, 256], [256, 64], options),
    );
    const candidates = (product: Product) =>
      splitsWorthTrying(product, { tile: [64, 64], depth: 16 }).map(splits => ({
        ...formOf(tiles, product),
        splits,
      }));
    const choice = { usual: tiles, candidates };
    const split = candidates(productsOf(plain)[0])[1];
    expect(split.splits).toBe(2);
    const forms = [
      ['64x64x256 nn batch 1 summed 1', split],
      ['64x64x256 nn batch 1 summed 1 whole', split],
    ] as const;
    expect(fittingForms([plain, whole], choice, forms)).toEqual([forms[0]]);
    const table = withMeasured(tiles, fittingForms([plain, whole], choice, forms));
    const counts = [plain, whole].map(plan => lower(plan, table).steps.length);
    expect(counts).toEqual([2, 1]);
  });

  test('a convolution has forms in tiles, each as right as the plain one, and a sum too long for its digits is cut', async () => {
    const [x, w] = [inputTensor('x', [3, 5, 9, 11]), inputTensor('w', [7, 5, 3, 3])];
    const y = conv2d(x, w, { padding: 1 });
    const outputs = { y, gradient: grad(sum(square(y)), [w])[0] };
    const plan = compile({ outputs, layout: layoutParameters([]) });
    const [forward, backward] = productsOf(plan);
    const wave = (length: number) => Float32Array.from({ length }, (_, i) => Math.sin(1.7 * i));
    const inputs = { x: wave(3 * 5 * 99), w: wave(7 * 45) };
    const plain = await evaluate(gpu, pipelines, outputs, inputs, direct);
    for (const product of [forward, backward]) {
      const shaders = candidatesOf(product).map(({ shader }) => shader);
      expect(new Set(shaders)).toEqual(new Set(['matmul', 'matmul_small']));
      for (const form of candidatesOf(product)) {
        const table = withMeasured(direct, [[shapeClass(product), form]]);
        const own = await evaluate(gpu, pipelines, outputs, inputs, table);
        for (const name of ['y', 'gradient'] as const) {
          expect(distance(own[name], plain[name]), `${name} by ${form.shader}`).toBeLessThan(1e-6);
        }
      }
    }
    const tried: string[] = [];
    const candidates = (product: Product) => {
      tried.push(shapeClass(product));
      return candidatesOf(product);
    };
    const measured = await tuneForms(gpu, pipelines, [plan], { usual: formsFor(gpu), candidates, budgetMs });
    expect(measured.map(([name]) => name).sort()).toEqual(tried.sort());
    const long = { ...backward, summed: 100, k: 3000 };
    for (const { splits } of candidatesOf(long)) expect(splits).toBeGreaterThanOrEqual(300_000 / 8192);
  });

  test('the phases of a strided convolution keep their usual form: their results lie between each other', () => {
    const [x, w] = [inputTensor('x', [1, 2, 8, 8]), inputTensor('w', [3, 2, 3, 3])];
    const [gradient] = grad(sum(square(conv2d(x, w, { padding: 1, stride: 2 }))), [x]);
    const phases = productsOf(compile({ outputs: { gradient }, layout: layoutParameters([]) })).slice(1);
    expect(phases).toHaveLength(4);
    for (const phase of phases) expect(candidatesOf(phase)).toEqual([]);
  });

  test('gives a table that plans are lowered with, and all other products stay as they were', () => {
    const [one, other] = [planOf([64, 64], [64, 64]), planOf([64, 64], [64, 128])];
    const usual = formsFor(gpu);
    const form = candidatesOf(productsOf(one)[0]).find(({ tile }) => tile[0] === 64)!;
    const table = withMeasured(usual, [['64x64x64 nn batch 1 summed 1', form]]);
    const shaders = (plan: Plan) =>
      lower(plan, table)
        .steps.filter(isDispatch)
        .map(({ shader }) => shader);
    expect(shaders(one)[0]).toBe('matmul_64x64_4x4_d16_s1_p1_vectors');
    expect(lower(other, table)).toEqual(lower(other, usual));
  });

  test('the same forms are read again for the same adapter, and none for another', () => {
    const folder = mkdtempSync(join(tmpdir(), 'isobar-forms-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'forms.json');
    const forms = [['8x8x8 nn', candidatesOf(productsOf(planOf([8, 8], [8, 8]))[0])[0]]] as const;
    expect(adapterIdentity(gpu)).toContain('swiftshader');
    expect(readForms(file, adapterIdentity(gpu))).toEqual([]);
    keepForms(file, 'another adapter', []);
    keepForms(file, adapterIdentity(gpu), forms);
    expect(readForms(file, adapterIdentity(gpu))).toEqual(forms);
    expect(readForms(file, 'another adapter')).toEqual([]);
  });
});

describe('forms that somebody wrote', () => {
  const usual = tiles;
  const plan = planOf([64, 64], [64, 60]);
  const name = '64x60x64 nn batch 1 summed 1';
  const good = candidatesOf(productsOf(plan)[0])[0];
  const fitting = (forms: MeasuredForms) => fittingForms([plan], { usual, candidates: candidatesOf }, forms);

  test('the usual form and every candidate are taken, with our own constants', () => {
    for (const form of [formOf(usual, productsOf(plan)[0]), ...candidatesOf(productsOf(plan)[0])]) {
      expect(fitting([[name, { ...form, constants: { TRANSPOSE_A: 1e9 } }]])).toEqual([[name, form]]);
    }
  });

  test.each<[string, string, Partial<ProductForm>]>([
    ['a shader that is no product', name, { shader: 'adam' }],
    ['a shader that is a path', name, { shader: '../../../etc/passwd' }],
    ['a name of every object', name, { shader: 'constructor' }],
    ['another tile than its shader makes', name, { tile: [4096, 4096] }],
    ['another depth', name, { depth: 1 }],
    ['more splits than are worth trying', name, { splits: 65_535 }],
    ['a class that the plan has not', '8x8x8 nn batch 1 summed 1', {}],
  ])('%s is passed over', (_, of, change) => {
    expect(fitting([[of, { ...good, ...change }]])).toEqual([]);
  });

  test('vectors of four are passed over where rows do not begin at one', () => {
    const odd = planOf([64, 64], [64, 62]);
    const forms = [['64x62x64 nn batch 1 summed 1', good]] as const;
    expect(good.shader).toContain('vectors');
    expect(fittingForms([odd], { usual, candidates: candidatesOf }, forms)).toEqual([]);
  });
});

describe('the choice', () => {
  test.each([
    ['nothing beside the usual one', [[10, 10, 10]], 0],
    [
      'a clear gain',
      [
        [10, 10.1, 10.2],
        [8, 8.1, 8.2],
      ],
      1,
    ],
    [
      'the largest of several',
      [
        [10, 10, 10],
        [8, 8, 8],
        [7, 7, 7],
        [9, 9, 9],
      ],
      2,
    ],
    [
      'a gain of 4 %',
      [
        [10, 10, 10],
        [9.6, 9.6, 9.6],
      ],
      0,
    ],
    [
      'a gain within the noise',
      [
        [8, 10, 12],
        [7, 9, 13],
      ],
      0,
    ],
  ])('%s', (_, times, chosen) => {
    expect(fasterThanFirst(times)).toBe(chosen);
  });
});

test('an adapter that computes on the CPU has nothing to try, a GPU all that ships', () => {
  expect(candidatesFor({ ...gpu, software: true })).toBe(undefined);
  expect(candidatesFor({ ...gpu, software: false })).toBe(candidatesOf);
});

test('the shipped kernels of the family are its text', () => {
  const shipped = shippedKernels.filter(({ vectors }) => vectors);
  expect(shipped.length).toBeGreaterThan(2);
  for (const { shader, tile, depth } of shipped) {
    const variant = variants.find(one => variantName(one, 'vectors') === shader)!;
    expect(variant).toMatchObject({ tile, depth });
    const text = readFileSync(`shaders/${shader}.wgsl`, 'utf8');
    expect(text).toBe(variantText(variant, 'vectors'));
  }
});
