/** Products in other forms: a sum of partial results comes and goes with the form that needs it. */

import { expect, test } from 'vitest';
import { conv2d } from '../../../src/graph/ops/conv.ts';
import { inputTensor } from '../../../src/graph/ops/leaf.ts';
import { matmul } from '../../../src/graph/ops/matmul.ts';
import { compile } from '../../../src/plan/compile.ts';
import { layoutParameters } from '../../../src/plan/layout.ts';
import { direct, type FormTable, lanes, lower, tiles } from '../../../src/plan/lower.ts';
import { isDispatch, type Plan } from '../../../src/plan/plan.ts';

/** y = a b of 8 x 4096 and 4096 x 8, which tiles split, and z = y c of 8 x 8, which they do not. */
function twoProducts(): Plan {
  const y = matmul(inputTensor('a', [8, 4096]), inputTensor('b', [4096, 8]));
  const z = matmul(y, inputTensor('c', [8, 8]));
  return compile({ outputs: { y, z }, layout: layoutParameters([]) });
}

/** Every product in its usual tiles, but split so many ways. */
const splitting = (splits: number): FormTable => ({
  name: `in ${splits}`,
  entries: new Map(),
  otherwise: product => ({ ...tiles.otherwise(product), splits }),
});

const kindsOf = ({ steps }: Plan) =>
  steps.filter(isDispatch).map(({ product }) => (product ? `product in ${product.form.splits}` : 'sum'));

test('a split product is two steps, any other one', () => {
  const plan = twoProducts();
  const [first] = kindsOf(plan);
  expect(first).toMatch(/^product in ([2-9]|\d\d)/);
  expect(kindsOf(plan)).toEqual([first, 'sum', 'product in 1']);
  expect(kindsOf(lower(plan, splitting(1)))).toEqual(['product in 1', 'product in 1']);
  expect(kindsOf(lower(plan, splitting(3)))).toEqual(['product in 3', 'sum', 'product in 3', 'sum']);
  expect(kindsOf(lower(lower(plan, splitting(1)), splitting(2)))).toEqual([
    'product in 2',
    'sum',
    'product in 2',
    'sum',
  ]);
});

test('the form that a plan was compiled in gives the plan back', () => {
  const plan = twoProducts();
  expect(lower(plan, tiles)).toEqual(plan);
  expect(lower(lower(plan, direct), tiles)).toEqual(plan);
});

test('results stay in their places; partial results that find no room have a space of their own', () => {
  const plan = twoProducts();
  const more = lower(plan, splitting(100));
  const [product, sum, , last] = more.steps.filter(isDispatch);
  const partials = { space: 'partials', block: 0, offset: 0, bytes: 100 * 8 * 8 * 4 };
  expect(product.operands.at(-1)).toEqual({ access: 'write', ...partials });
  expect(sum.operands[0]).toEqual({ access: 'read', ...partials });
  expect(sum.operands.at(-1)).toMatchObject(plan.outputs.get('y')!);
  expect(last.operands.at(-1)).toMatchObject(plan.outputs.get('z')!);
  expect(more.spaces.partials).toEqual([{ bytes: partials.bytes, label: 'partial results of products' }]);
});

test.each([
  ['one image of 7 x 7 (49 of 56 columns)', 1, 7, '_narrow', 28],
  ['one of 14 x 14 (all of 196)', 1, 14, '_narrow', 28],
  ['one of 56 x 56, which fills both', 1, 56, '', 32],
  ['one of 8 x 8 (all of 64)', 1, 8, '', 32],
  ['32 of 4 x 4 (all of 512)', 32, 4, '', 32],
])(
  'without a GPU, a convolution of %s is in the tiles that leave fewer columns idle',
  (_, images, size, suffix, columns) => {
    const y = conv2d(inputTensor('x', [images, 3, size, size]), inputTensor('w', [5, 3, 3, 3]), {
      padding: 1,
    });
    const plan = compile({ outputs: { y }, layout: layoutParameters([]) });
    for (const table of [lanes, direct]) {
      const [step] = lower(plan, table).steps.filter(isDispatch);
      expect(step.product?.form).toMatchObject({
        shader: `conv_${table.name}${suffix}`,
        tile: [16, columns],
      });
      expect(step.workgroups.slice(0, 2)).toEqual([Math.ceil((images * size * size) / columns), 1]);
    }
  },
);
