/** The tuner on a real device: what it refuses, what it keeps, and how it chooses. Which form is fast is not asserted. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { keepForms, readForms } from '../../../bench/gpu/kept-forms.ts';
import { variantName, variants, variantText } from '../../../bench/kernels/family.ts';
import { candidatesOf, shippedKernels } from '../../../src/engine/candidates.ts';
import { formsFor } from '../../../src/engine/forms.ts';
import { adapterIdentity, fasterThanFirst, tuneForms, withMeasured } from '../../../src/engine/tuner.ts';
import type { Gpu } from '../../../src/gpu/device.ts';
import { PipelineCache } from '../../../src/gpu/pipelines.ts';
import type { Product, ProductForm } from '../../../src/graph/op.ts';
import { inputTensor } from '../../../src/graph/ops/leaf.ts';
import { type MatmulOptions, matmul } from '../../../src/graph/ops/matmul.ts';
import type { Shape } from '../../../src/graph/tensor.ts';
import { compile } from '../../../src/plan/compile.ts';
import { layoutParameters } from '../../../src/plan/layout.ts';
import { formOf, lower } from '../../../src/plan/lower.ts';
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

/** One workgroup for a result that takes many: fast, and wrong but for its first tile. */
const lazy = (product: Product): ProductForm => ({ ...formOf(formsFor(gpu), product), tile: [4096, 4096] });

describe('tuning', () => {
  test('refuses a form that is faster but wrong, and one that does not compile', async () => {
    const plan = planOf([160, 64], [64, 160]);
    const usual = formsFor(gpu);
    const broken = (product: Product) => ({ ...formOf(usual, product), constants: { NO_SUCH: 1 } });
    const candidates = (product: Product) => [lazy(product), broken(product)];
    const measured = await tuneForms(gpu, pipelines, [plan], { usual, candidates });
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
    const measured = await tuneForms(gpu, pipelines, plans, { usual, candidates, known });
    expect(measured.map(([name]) => name)).toEqual([
      '16x8x8 nn batch 1 summed 1',
      '8x16x24 tn batch 2 summed 1',
      '8x8x8 nn batch 1 summed 1',
    ]);
    expect(asked).toHaveLength(2);
    expect(measured[0]).toEqual(known[0]);
  });

  test('begins nothing when its time is over', async () => {
    const usual = formsFor(gpu);
    const options = { usual, candidates: candidatesOf, budgetMs: 0 };
    expect(await tuneForms(gpu, pipelines, [planOf([8, 8], [8, 8])], options)).toEqual([]);
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
