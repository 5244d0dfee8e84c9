/** Views against what they say, element by element. */
import { describe, expect, test } from 'vitest';
import type { View } from '../../../src/graph/op.ts';
import { philox } from '../../../src/graph/philox.ts';
import { stridesOf } from '../../../src/graph/tensor.ts';
import {
  broadcastView,
  commonAxes,
  isPlain,
  plain,
  readTogether,
  strided,
  touched,
  viewOfView,
} from '../../../src/graph/view.ts';

/** Places in the operand, in the order of the result. */
function placesOf({ offset, axes }: View): number[] {
  return axes.reduce(
    (places, { length, stride }) =>
      places.flatMap(place => Array.from({ length }, (_, step) => place + step * stride)),
    [offset],
  );
}

/** A view of `from`: some of it, in another order, some of it repeated. */
function randomView(from: readonly number[], seed: number): View {
  const words = (i: number) => philox(i, 0, 0, 0, seed, 1)[0];
  const strides = stridesOf(from);
  const order = from.map((_, axis) => axis).sort((a, b) => words(a) - words(b));
  const starts = from.map((length, axis) => (words(9 + axis) % 3 === 0 ? words(19 + axis) % length : 0));
  const lengths = order.map(axis => from[axis] - starts[axis]);
  const offset = starts.reduce((sum, start, axis) => sum + start * strides[axis], 0);
  const repeats = words(40) % 3 === 0 ? [{ length: 2, stride: 0 }] : [];
  const { axes } = strided(
    lengths,
    order.map(axis => strides[axis]),
    offset,
  );
  return { offset, axes: [...repeats, ...axes] };
}

const size = (view: View) => view.axes.reduce((product, { length }) => product * length, 1);

test('a view of a view reads what the inner one reads, in the order of the outer one, or there is none', () => {
  let found = 0;
  for (let seed = 1; seed <= 400; seed++) {
    const inner = randomView([2, 3, 4, 2], seed);
    // The result of the inner one, cut in some other way.
    const count = size(inner);
    const rows = [6, 4, 3, 2].find(each => count % each === 0) ?? 1;
    const outer = randomView([rows, count / rows], 1000 + seed);
    const view = viewOfView(outer, inner);
    if (!view) continue;
    found++;
    const places = placesOf(inner);
    expect(placesOf(view), `seed ${seed}`).toEqual(placesOf(outer).map(place => places[place]));
  }
  expect(found).toBeGreaterThan(150);
});

test('a transpose of a transpose is plain', () => {
  const transpose = (rows: number, columns: number) => strided([columns, rows], [1, columns]);
  const view = viewOfView(transpose(7, 5), transpose(5, 7));
  expect(view && isPlain(view)).toBe(true);
  expect(isPlain(transpose(5, 7))).toBe(false);
  expect(isPlain(plain(35))).toBe(true);
  expect(isPlain({ ...plain(35), offset: 1 })).toBe(false);
});

test('steps that would leave a row for the next are none', () => {
  const columns = strided([3, 2], [1, 3]);
  // Every second element of [3, 2] in the order of columns is no even step.
  expect(viewOfView({ offset: 1, axes: [{ length: 4, stride: 1 }] }, columns)).toBeUndefined();
  expect(
    viewOfView({ offset: 0, axes: [{ length: 3, stride: 3 }] }, strided([2, 4], [5, 1])),
  ).toBeUndefined();
});

describe('axes in common', () => {
  test.each([
    [[broadcastView([4, 1, 6], [4, 5, 6]), plain(120)]],
    [[strided([4, 5, 6], [1, 4, 20]), strided([20, 6], [6, 1], 3)]],
    [[broadcastView([6], [2, 3, 6]), strided([6, 6], [1, 6]), plain(36)]],
  ])('of %o', views => {
    const axes = commonAxes(views);
    views.forEach((view, operand) => {
      const steps = axes.map(({ length, strides }) => ({ length, stride: strides[operand] })).reverse();
      expect(placesOf({ offset: view.offset, axes: steps })).toEqual(placesOf(view));
    });
  });

  test('are merged where all step evenly, and at least one', () => {
    expect(commonAxes([plain(24), strided([2, 3, 4], [12, 4, 1])])).toEqual([
      { length: 24, strides: [1, 1] },
    ]);
    expect(commonAxes([plain(1)])).toEqual([{ length: 1, strides: [0] }]);
  });

  test('there are none where an end of one lies within a step of another, or too many', () => {
    expect(readTogether([strided([4, 6], [1, 4]), strided([6, 4], [1, 6])])).toBe(false);
    const many = [2, 2, 2, 2, 2, 2, 2];
    expect(readTogether([strided(many, [...stridesOf(many)].reverse())])).toBe(false);
    expect(readTogether([strided([4, 6], [1, 4]), strided([2, 2, 6], [1, 2, 4])])).toBe(true);
  });
});

test('what is repeated is touched once', () => {
  expect(touched(broadcastView([4, 1, 6], [4, 5, 6]))).toBe(24);
});
