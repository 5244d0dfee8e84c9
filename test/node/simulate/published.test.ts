/**
 * The simulator against timings that others measured (arXiv:2507.05753). Four numbers are calibrated on rows of one GPU; every
 * other row only checks.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { root } from '../../../scripts/setup.mjs';
import { publishedSizes } from '../../../src/models/published-sizes.ts';
import { publishedTraffic } from '../../../src/models/published-traffic.ts';
import { axesOf } from '../../../src/models/sharded-config.ts';
import { workOf } from '../../../src/plan/work.ts';
import {
  type ComparedRow,
  type ComparedTable,
  comparedTables,
  errorsOf,
  publishedComparison,
  publishedModel,
} from '../../../src/session/api/published-comparison.ts';
import { calibrate } from '../../../src/simulate/published/calibrate.ts';
import { calibrated } from '../../../src/simulate/published/node.ts';
import { publishedPlan } from '../../../src/simulate/published/step.ts';
import { simulate } from '../../../src/simulate/simulate.ts';
import { forwardFlops } from '../../reference/weathermixer-size.ts';

const rows = publishedComparison();
const checking = rows.filter(({ calibrates, chose }) => !calibrates && !chose);
/** Chosen on, not held out: how well a hypothesis fits what it was made for. */
const chosenOn = rows.filter(({ chose }) => chose);
const nameOf = ({ table, size, precision, loading, ways, gpus }: ComparedRow) =>
  [table, size, precision, loading ? 'loading' : 'none', `${ways}-way`, `${gpus} GPUs`].join(' ');

describe('beside the papers', () => {
  test('only rows of one GPU set a number, and not all of them', () => {
    expect(rows.filter(({ calibrates }) => calibrates).every(({ gpus }) => gpus === 1)).toBe(true);
    const alone = rows.filter(({ table, gpus }) => table === 'epoch' && gpus === 1);
    expect(alone.filter(({ calibrates }) => calibrates)).toHaveLength(6);
    expect(alone.filter(({ calibrates }) => !calibrates)).toHaveLength(8);
  });

  test('the calibrated numbers are those that fit these rows best', () => {
    const found = calibrate(publishedModel, calibrated, 1);
    for (const [name, value] of Object.entries(calibrated))
      expect(Math.abs(found[name as keyof typeof found] / value - 1), name).toBeLessThan(0.01);
  });

  test('on one node every row is within 25 %, and half of them within 5 %', () => {
    const { median, worst } = errorsOf(checking.filter(({ table }) => table !== 'replicas'));
    expect(median).toBeLessThan(0.05);
    expect(worst).toBeLessThan(0.25);
  });

  test('of every table and of all of them half of the rows that check are within 10 %, and all within 25 %', () => {
    for (const table of [...comparedTables, undefined]) {
      const { median, worst } = errorsOf(checking.filter(row => table === undefined || row.table === table));
      expect(median, table).toBeLessThanOrEqual(0.1);
      expect(worst, table).toBeLessThanOrEqual(0.25);
    }
  });

  test('1, 2 and 4 ways are ranked as published on one node', () => {
    const groups = new Map<string, ComparedRow[]>();
    for (const row of rows.filter(({ table }) => table === 'epoch')) {
      const key = [row.size, row.precision, row.loading].join();
      groups.set(key, [...(groups.get(key) ?? []), row]);
    }
    for (const group of groups.values()) {
      const order = (by: 'published' | 'predicted') =>
        [...group].sort((a, b) => a[by] - b[by]).map(({ ways }) => ways);
      expect(order('predicted'), nameOf(group[0])).toEqual(order('published'));
    }
    const strong = rows.filter(({ table }) => table === 'strong');
    expect(strong.every(({ published, predicted }) => published > 1 && predicted > 1)).toBe(true);
    for (const row of strong.filter(({ ways }) => ways === 4)) {
      const two = strong.find(
        other => other.ways === 2 && nameOf({ ...other, ways: 4, gpus: 4 }) === nameOf(row),
      );
      expect(row.predicted, nameOf(row)).toBeGreaterThan(two?.predicted ?? Number.POSITIVE_INFINITY);
    }
  });

  test('1-way copies, on which a hypothesis was chosen, fit it, and count among none of those that check', () => {
    expect(chosenOn.map(({ table, ways, gpus }) => [table, ways, gpus])).toEqual(
      [8, 16, 32, 64, 128, 256].map(gpus => ['replicas', 1, gpus]),
    );
    const { median, worst } = errorsOf(chosenOn);
    expect(median).toBeLessThanOrEqual(0.1);
    expect(worst).toBeLessThanOrEqual(0.25);
  });

  test('of copies those in one piece lose most, as published', () => {
    const copies = rows.filter(({ table }) => table === 'replicas');
    for (const one of copies.filter(({ ways }) => ways === 1)) {
      for (const cut of copies.filter(({ ways, gpus }) => ways > 1 && gpus === one.gpus)) {
        expect(cut.published, nameOf(cut)).toBeGreaterThan(one.published);
        expect(cut.predicted, nameOf(cut)).toBeGreaterThan(one.predicted);
      }
    }
  });

  test('the docs have every row and every summary as they are now', () => {
    const docs = readFileSync(join(root, 'docs/simulator.md'), 'utf8');
    for (const row of rows) expect(docs, nameOf(row)).toContain(cellOf(row));
    for (const [title, own] of [...summaries(checking), ['1-way copies: not held out', chosenOn] as const]) {
      const { median, worst } = errorsOf(own);
      const percent = (error: number, digits: number) => `${(100 * error).toFixed(digits)} %`;
      expect(docs).toContain(`| ${title} | ${own.length} | ${percent(median, 1)} | ${percent(worst, 0)} |`);
    }
  });
});

/** A row as the docs have it: published / predicted (error). */
function cellOf({ table, published, predicted, error, calibrates }: ComparedRow): string {
  const digits = table === 'epoch' ? 3 : 2;
  const percent = Math.round(100 * error);
  const mark = calibrates ? ' *' : '';
  return `${published.toFixed(digits)} / ${predicted.toFixed(digits)} (${percent > 0 ? '+' : ''}${percent || 0} %)${mark}`;
}

/** The lines of the docs' table of errors. */
function summaries(checking: readonly ComparedRow[]): readonly (readonly [string, readonly ComparedRow[]])[] {
  const of = (table: ComparedTable) => checking.filter(row => row.table === table);
  return [
    ['seconds of a step, one node', of('epoch')],
    ['of them, one GPU', of('epoch').filter(({ gpus }) => gpus === 1)],
    ['strong scaling', of('strong')],
    ['weak scaling', of('weak')],
    ['copies, 2-way and 4-way, 8 to 256 GPUs', of('replicas').filter(({ ways }) => ways > 1)],
    ['all that check', checking],
  ];
}

describe('the published schedule as plans', () => {
  const model = publishedSizes['16'];
  const kernels = { shortestRow: 1 };
  const plansOf = (ways: 1 | 2 | 4) =>
    Array.from({ length: ways }, (_, place) =>
      publishedPlan(model, { ways, replicas: 1, ranksPerHost: 4 }, place, kernels),
    );

  test('four ranks send what the closed form says, but for the sums of norm gradients', () => {
    const sent = plansOf(4).reduce((sum, plan) => sum + workOf(plan).sent, 0);
    const { embedding } = axesOf(model, { rows: 1, columns: 1 });
    const norms = 2 * (2 * (2 * model.blocks + 1) * embedding.size + 2 * 3 * 70);
    const expected = 4 * (publishedTraffic(model, 1).step - norms);
    expect(Math.abs(sent / expected - 1)).toBeLessThan(0.01);
  });

  test('all ranks compute the products of one, ranks 1 and 2 three eighths of those that are lopsided', () => {
    const flops = (ways: 1 | 2 | 4) => plansOf(ways).map(plan => workOf(plan, 'product').flops);
    const [alone] = flops(1);
    // Two weights' gradients a layer beside the forward product, but none of the first layer's input.
    expect(alone / (3 * forwardFlops(model))).toBeCloseTo(0.97, 1);
    for (const ways of [2, 4] as const) {
      const all = flops(ways).reduce((sum, each) => sum + each, 0);
      // The head has 72 channels instead of 69.
      expect(Math.abs(all / alone - 1)).toBeLessThan(0.01);
    }
    const [first, second] = flops(4);
    expect(second / first).toBeGreaterThan(1.5);
  });

  test('ranks that wait for each other all come to the end', () => {
    const device = {
      flopsPerSecond: 1e13,
      bytesPerSecond: 1e12,
      secondsPerDispatch: 0,
      secondsPerExchange: 0,
    };
    const link = { latencySeconds: 1e-5, bytesPerSecond: 1e10 };
    for (const ways of [2, 4] as const) {
      const plans = plansOf(ways);
      const machines = plans.map(() => ({ device: { ...device }, linkTo: () => link }));
      expect(simulate(plans, machines, plans.map(String))).toHaveLength(ways);
    }
  });
});
