/** Pieces as shapes cover what they are of, once; and the board shows what was asked for last. */
import { expect, test } from 'vitest';
import type { Prediction } from '../../../src/session/api/cut-prediction.ts';
import { type Cuts, cutsOf, wholeOf } from '../../../src/session/api/cuts.ts';
import type { CutsApi } from '../../../src/session/api/open-cuts.ts';
import type { MeshConfig } from '../../../src/session/api/run-config.ts';
import { loadAllKinds } from '../../../src/train/load-kinds.ts';
import {
  drawnSize,
  exampleWeights,
  kindsOf,
  numberedRects,
  ordinalsText,
  runsText,
  sampleCells,
  sheetsOf,
} from '../../../src/ui/board/pieces.ts';
import { type BoardView, watchCuts } from '../../../src/ui/board/watch-cuts.ts';

await loadAllKinds();

const whole = wholeOf({ preset: 'tiny' });
function cutFor(mesh: MeshConfig): Cuts {
  const answer = cutsOf(whole, mesh);
  if ('impossible' in answer) throw new Error(answer.impossible);
  return answer.cuts;
}

const shape = (rows: number, columns: number, replicas = 1) => ({ rows, columns, replicas });

test.each([shape(2, 2), shape(2, 4), shape(1, 1, 2), shape(3, 2)])(
  '%o: on every sheet the stripes of all owners cover the whole once',
  mesh => {
    for (const weight of cutFor(mesh).weights) {
      const size = { width: 10 * weight.columns, height: 10 * weight.rows };
      for (const sheet of sheetsOf(weight, size)) {
        const covered = new Uint8Array(weight.rows * weight.columns);
        for (const { x, y, width, height } of sheet.flatMap(({ rects }) => rects)) {
          for (let row = Math.round(y / 10); row < Math.round((y + height) / 10); row++)
            for (let column = Math.round(x / 10); column < Math.round((x + width) / 10); column++)
              covered[row * weight.columns + column]++;
        }
        expect(
          covered.every(count => count === 1),
          weight.name,
        ).toBe(true);
      }
    }
  },
);

test('an owner of stripes has one path, named by rows and columns', () => {
  const { weights } = cutFor(shape(2, 2));
  const weight = weights.find(({ name }) => name === 'blocks.0.token1.weight')!;
  const [sheet, ...others] = sheetsOf(weight, { width: 64, height: 32 });
  expect(others).toEqual([]);
  expect(sheet.map(({ rank, text }) => [rank, text])).toEqual([
    [0, 'rows 0-7, 16-23, columns 0-31'],
    [1, 'rows 8-15, 24-31, columns 0-31'],
    [2, 'rows 0-7, 16-23, columns 32-63'],
    [3, 'rows 8-15, 24-31, columns 32-63'],
  ]);
  expect(sheet[1].path).toBe('M0 8H32V16H0ZM0 24H32V32H0Z');
  // What two ranks hold copies of is drawn once for each.
  const norm = weights.find(({ name }) => name === 'norm.bias')!;
  const sheets = sheetsOf(norm, { width: 1, height: 1 });
  expect(sheets.map(copy => copy.map(({ rank }) => rank))).toEqual([
    [0, 1],
    [2, 3],
  ]);
});

test('texts of runs, sizes and numbers', () => {
  expect(
    runsText([
      [0, 32],
      [64, 65],
    ]),
  ).toBe('0-31, 64');
  expect(
    ordinalsText([
      [0, 7],
      [14, 16],
    ]),
  ).toBe('1-7, 15-16');
  expect(drawnSize({ rows: 256, columns: 128 }, { width: 100, height: 100 })).toEqual({
    width: 50,
    height: 100,
  });
  expect(drawnSize({ rows: 1, columns: 1000 }, { width: 100, height: 50 })).toEqual({
    width: 100,
    height: 20,
  });
  const thin = { x: 0, y: 0, width: 40, height: 3 };
  const thick = { x: 0, y: 9, width: 40, height: 14 };
  expect(numberedRects([thin, thick])).toEqual([thick]);
  expect(numberedRects([thin])).toEqual([thin]);
});

test('the sample lies as it is held, and examples are the same whatever the mesh', () => {
  const cuts = cutFor(shape(2, 2));
  const cells = sampleCells(cuts.ranks, cuts.sample.shape, { width: 170, height: 64 });
  expect(cells.map(({ x, y, width, height }) => [x, y, width, height])).toEqual([
    [0, 0, 90, 32],
    [90, 0, 80, 32],
    [0, 32, 90, 32],
    [90, 32, 80, 32],
  ]);
  for (const mesh of [shape(1, 1), shape(2, 2), shape(1, 1, 2)]) {
    const names = exampleWeights(cutFor(mesh).weights).map(({ name }) => name);
    expect(names).toEqual(['blocks.0.token1.weight', 'blocks.0.channel1.weight']);
  }
  const kinds = kindsOf(cuts.weights);
  expect(kinds.find(({ weight }) => weight.name === 'blocks.0.token1.weight')?.count).toBe(2);
  expect(kinds.reduce((sum, { count }) => sum + count, 0)).toBe(cuts.weights.length);
});

/** Answers when it is told to, in any order. */
function heldApi() {
  const waiting = new Map<string, () => void>();
  const held = <Value>(name: string, value: Value) =>
    new Promise<Value>(resolve => waiting.set(name, () => resolve(value)));
  const predicted = (mesh: MeshConfig): Prediction => ({ mesh, memory: cutFor(mesh).undivided, steps: [] });
  const api: CutsApi = {
    meshes: async () => [],
    cuts: (_, mesh) => held(`cuts ${mesh.columns}`, { cuts: cutFor(mesh) }),
    prediction: (_, mesh) => held(`prediction ${mesh.columns}`, predicted(mesh)),
    step: async () => undefined,
    laptops: async () => [],
    machines: () => Promise.reject(new Error('no machines here')),
  };
  return { api, asked: (name: string) => waiting.has(name), answer: (name: string) => waiting.get(name)!() };
}

test('an answer that comes too late is not shown', async () => {
  const { api, asked, answer } = heldApi();
  let view: BoardView | undefined;
  const watch = watchCuts(api, next => {
    view = next;
  });
  const columns = () => (view?.answer && 'cuts' in view.answer ? view.answer.cuts.mesh.columns : undefined);
  const first = watch.show({ preset: 'tiny' }, shape(1, 2));
  const second = watch.show({ preset: 'tiny' }, shape(1, 1));
  answer('cuts 1');
  await Promise.resolve();
  answer('cuts 2');
  await first;
  await expect.poll(() => columns()).toBe(1);
  await expect.poll(() => asked('prediction 1')).toBe(true);
  answer('prediction 1');
  await second;
  expect(view?.prediction?.mesh.columns).toBe(1);
  expect(columns()).toBe(1);
});
