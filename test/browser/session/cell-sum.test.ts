/** A number's own sum is the number, to rounding: on real runs, of every kernel and exchange of a block that has one. */
import { afterEach, expect, test } from 'vitest';
import { placesOf } from '../../../src/plan/look.ts';
import type { HashedPlan, Looked } from '../../../src/session/api/api.ts';
import type { RunConfig } from '../../../src/session/api/run-config.ts';
import type { Session } from '../../../src/session/session.ts';
import { beatsOf, layersOf } from '../../../src/show/beats.ts';
import type { CellSum, Ref } from '../../../src/show/cell-source.ts';
import { cellSumOf } from '../../../src/show/cell-sum.ts';
import { looksFor, type RefLook, reader, refsOf, summed } from '../../../src/show/cell-values.ts';
import { forgetRuns, smallRun, testSession } from './helpers.ts';
import { closeAll, connect, ranks } from './mesh-helpers.ts';

afterEach(() => forgetRuns());

const on = (rows: number, columns: number, replicas = 1): RunConfig => ({
  ...smallRun,
  mesh: { rows, columns, replicas },
});
const images: RunConfig = {
  preset: 'resnet8',
  steps: 10,
  seed: 3,
  data: { kind: 'shapes', seed: 1 },
  overrides: { width: 4, batch: 4 },
};

/** As many looks as one call may have. */
async function lookAll(session: Session, looks: readonly RefLook[]): Promise<readonly Looked[]> {
  const seen: Looked[] = [];
  for (let i = 0; i < looks.length; i += 900) seen.push(...(await session.look(looks.slice(i, i + 900))));
  return seen;
}

/** Two numbers of each that the steps of a layer write, send or receive, on all ranks. */
function cellsIn(plans: readonly HashedPlan[], isWanted: (layer: string) => boolean): Ref[] {
  return layersOf(plans[0])
    .filter(({ layer, phase }) => isWanted(layer) && (phase === 'forward' || phase === 'backward'))
    .flatMap(of => beatsOf(plans, of))
    .flatMap(({ steps }) =>
      steps.flatMap((own, rank) =>
        own.flatMap(step => {
          const of = plans[rank].steps[step];
          return placesOf(of).flatMap((place, operand): Ref[] => {
            const isMade = place && (!('access' in place) || place.access !== 'read');
            if (!place || !isMade) return [];
            const size = place.bytes / 4;
            return [Math.floor(size / 3), size - 1].map(at => ({ rank, step, operand, at }));
          });
        }),
      ),
    );
}

async function check(config: RunConfig, isWanted: (layer: string) => boolean) {
  const own = await testSession();
  const { rows = 1, columns = 1, replicas = 1 } = config.mesh ?? {};
  const others = ranks(rows * columns * replicas - 1);
  if (others.length > 0) await connect(own.session, others);
  await own.session.prepare(config);
  await own.session.train(2);
  const plans = (
    await Promise.all([0, ...others.map((_, i) => i + 1)].map(rank => own.session.plan(rank)))
  ).flatMap(all => all.slice(-1));
  const cells = cellsIn(plans, isWanted);
  const sums = cells.map(cell => cellSumOf(plans, cell));
  const found = cells.flatMap((cell, i): { cell: Ref; sum: CellSum }[] => {
    const sum = sums[i];
    return 'why' in sum ? [] : [{ cell, sum }];
  });
  const looks = looksFor(
    plans,
    [...cells, ...found.flatMap(({ sum }) => refsOf(sum))],
    Number.POSITIVE_INFINITY,
  )!;
  const values = (await lookAll(own.session, looks)).map(each => each.values);
  const read = reader(looks, values);
  await closeAll(own, others);
  const kinds = new Map<string, number>();
  const borrowed = new Set<string>();
  for (const { cell, sum } of found) {
    const seen = read(cell);
    const { value, terms } = summed(sum, read, seen);
    const scale = Math.max(
      Math.abs(seen),
      Math.abs(sum.factor) * terms.reduce((all, term) => all + Math.abs(term), 0),
      1e-6,
    );
    const { label, provenance } = plans[cell.rank].steps[cell.step];
    const what = `rank ${cell.rank}, step ${cell.step} [${cell.operand}] ${cell.at}: ${label}, ${provenance.phase}`;
    expect(Math.abs(value - seen) / scale, `${what}: ${value} and ${seen}`).toBeLessThan(2e-6);
    kinds.set(sum.kind, (kinds.get(sum.kind) ?? 0) + 1);
    if (sum.terms.some(({ owner }) => owner !== cell.rank)) borrowed.add(sum.kind);
  }
  return { kinds, borrowed };
}

const inBlocks = (layer: string) => layer.startsWith('blocks.0.');

test.each([
  [on(1, 1), []],
  [on(1, 2), ['product', 'sum', 'pointwise', 'moved']],
  [on(2, 2), ['product', 'sum', 'pointwise', 'moved']],
  [on(1, 1, 2), []],
])('%o: the sum of each number of a block is that number', async (config, kindsBorrowed) => {
  const { kinds, borrowed } = await check(config, inBlocks);
  expect(new Set(kinds.keys()).size).toBeGreaterThanOrEqual(4);
  expect([...borrowed].sort()).toEqual([...kindsBorrowed].sort());
});

test('of a residual network too', async () => {
  const { kinds } = await check(images, layer => layer !== '');
  expect(kinds.get('product')).toBeGreaterThan(10);
});
