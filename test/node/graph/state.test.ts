/** States: where they lie, how they begin, and when they are written. */
import { describe, expect, test } from 'vitest';
import { batchNorm } from '../../../src/graph/ops/batch-norm.ts';
import { add, exp, mul, scale } from '../../../src/graph/ops/elementwise.ts';
import { inputTensor, stateTensor } from '../../../src/graph/ops/leaf.ts';
import type { Tensor } from '../../../src/graph/tensor.ts';
import { type CompileRequest, compile } from '../../../src/plan/compile.ts';
import { layoutParameters, layoutStates } from '../../../src/plan/layout.ts';
import { isDispatch } from '../../../src/plan/plan.ts';
import { initialState } from '../../../src/train/initial-parameters.ts';

const running = (name: string, channels: number) =>
  stateTensor({ name, shape: [2, channels], initial: [0, 1] });

const planOf = (request: Omit<CompileRequest, 'layout'>) =>
  compile({ layout: layoutParameters([]), ...request });

test('begin with one value, or with one for each row', () => {
  const layout = layoutStates([running('norm', 3), stateTensor({ name: 'count', shape: [2], initial: 7 })]);
  const [norm, count] = layout.entries;
  const flat = initialState(layout);
  expect([...flat.subarray(norm.offset, norm.offset + 6)]).toEqual([0, 0, 0, 1, 1, 1]);
  expect([...flat.subarray(count.offset, count.offset + 2)]).toEqual([7, 7]);
  expect(flat.length).toBe(layout.floats);
  expect(() => stateTensor({ name: 's', shape: [2, 3], initial: [1, 2, 3] })).toThrow(
    'state s: 3 initial values for [2,3]',
  );
});

describe('are written behind all else', () => {
  const x = inputTensor('x', [4, 3, 5, 5]);
  const vector = inputTensor('vector', [3]);
  const state = running('norm', 3);
  const layout = layoutStates([state]);

  test('in place, by the kernel of the value itself', () => {
    const { y, running: next } = batchNorm(x, state, vector, vector);
    const plan = planOf({ outputs: { y }, state: layout, assigned: new Map([[state as Tensor, next]]) });
    const steps = plan.steps.filter(isDispatch);
    expect(steps.map(({ shader }) => shader)).toEqual([
      'batch_moments',
      'batch_merge',
      'batch_apply',
      'batch_update',
    ]);
    const place = { space: 'state', block: 0, offset: 0, bytes: 24 };
    expect(steps[3].operands).toEqual([null, expect.anything(), { ...place, access: 'update' }]);
    expect(plan.spaces.state).toEqual([{ bytes: 4 * layout.floats, label: 'all states' }]);
  });

  test('and by a copy where the value is needed elsewhere, or read later', () => {
    const { running: next } = batchNorm(x, state, vector, vector);
    const doubled = scale(next, 2);
    const late = exp(mul(state, state));
    const plan = planOf({
      outputs: { doubled, late },
      state: layout,
      assigned: new Map([[state as Tensor, next]]),
    });
    const steps = plan.steps.filter(isDispatch);
    const touches = steps.map(({ operands }) =>
      operands.flatMap(operand => (operand?.space === 'state' ? [operand.access] : [])),
    );
    expect(touches.flat().filter(access => access !== 'read')).toEqual(['write']);
    expect(touches.at(-1)).toEqual(['write']);
    // A dispatch may not read a buffer that it writes.
    expect(touches.every(access => new Set(access).size <= 1)).toBe(true);
  });

  test('so that two may be exchanged, each by way of a value', () => {
    const other = running('other', 3);
    const both = layoutStates([state, other]);
    const assigned = new Map<Tensor, Tensor>([
      [state, scale(other, 1)],
      [other, add(state, other)],
    ]);
    const steps = planOf({ outputs: {}, state: both, assigned }).steps.filter(isDispatch);
    const written = steps.map(({ operands }) => operands.findIndex(operand => operand?.access === 'write'));
    expect(steps.map(({ operands }, i) => operands[written[i]]?.space)).toEqual([
      'arena',
      'arena',
      'state',
      'state',
    ]);
  });

  test('refused: another size, another state as it is, a state without a place, what is no state', () => {
    const assign = (to: Tensor, value: Tensor, places = layout) =>
      planOf({ outputs: {}, state: places, assigned: new Map([[to, value]]) });
    expect(() => assign(state, vector)).toThrow('state norm [2,3] is assigned [3]');
    expect(() => assign(state, running('other', 3))).toThrow(
      'state norm is assigned the state other as it is',
    );
    expect(() => assign(running('other', 3), scale(state, 2))).toThrow(
      'state other is not in the layout of states',
    );
    expect(() => assign(vector, vector)).toThrow('a input is assigned, which is no state');
  });
});
