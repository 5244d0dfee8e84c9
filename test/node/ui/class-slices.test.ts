import { expect, test } from 'vitest';
import { createSlices } from '../../../src/ui/class/slices.ts';

test('each slice is a task of its own, and new work takes the place of what is left', async () => {
  const slices = createSlices();
  const done: string[] = [];
  const work = (name: string, then?: () => void) => () => {
    // Of one task: what is promised in it comes before the next.
    done.push(name);
    queueMicrotask(() => done.push(`after ${name}`));
    then?.();
  };
  await new Promise<void>(resolve => {
    slices.begin([
      work('a'),
      work('b', () => slices.begin([work('x'), work('y', () => setTimeout(resolve))])),
      work('c'),
    ]);
    expect(done).toEqual([]);
  });
  expect(done).toEqual(['a', 'after a', 'b', 'after b', 'x', 'after x', 'y', 'after y']);
  slices.begin([work('never')]);
  slices.begin([]);
  await new Promise(resolve => setTimeout(resolve));
  expect(done).toHaveLength(8);
});
