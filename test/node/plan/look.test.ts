/** What is given of a block that is looked at, and what is refused. */
import { expect, test } from 'vitest';
import { meshAt } from '../../../src/mesh/mesh.ts';
import {
  type Look,
  lookedAt,
  lookFault,
  placesOf,
  poolStart,
  stepsBeforeUpdate,
} from '../../../src/plan/look.ts';
import { typicalMachine } from '../../../src/plan/machine.ts';
import { jobOf } from '../../../src/session/api/plan-report.ts';
import { presets } from '../../../src/session/api/presets.ts';
import { trainingPlan } from '../../../src/train/plans.ts';

const look: Look = { step: 0, operand: 0, from: 0, rows: 128, columns: 128 };
const numbered = (length: number) => Float32Array.from({ length }, (_, i) => i);

test('up to 64 KiB a block is given as it is, a larger one as means over 64 x 64 pools of nearly one size', () => {
  const exact = lookedAt(look, numbered(128 * 128));
  expect(exact).toEqual({ rows: 128, columns: 128, values: numbered(128 * 128) });
  const [rows, columns] = [130, 200];
  const values = numbered(rows * columns);
  const pooled = lookedAt({ ...look, rows, columns }, values);
  expect([pooled.rows, pooled.columns, pooled.values.length]).toEqual([64, 64, 4096]);
  let sum = 0;
  pooled.values.forEach((mean, i) => {
    const [y, x] = [Math.floor(i / 64), i % 64];
    const height = poolStart(y + 1, 64, rows) - poolStart(y, 64, rows);
    const width = poolStart(x + 1, 64, columns) - poolStart(x, 64, columns);
    expect([2, 3]).toContain(height);
    expect([3, 4]).toContain(width);
    sum += mean * height * width;
  });
  // Every value counts once.
  expect(sum / values.reduce((all, value) => all + value, 0)).toBeCloseTo(1, 6);
  // A long row stays one.
  expect(lookedAt({ ...look, rows: 1, columns: 20_000 }, numbered(20_000))).toMatchObject({
    rows: 1,
    columns: 64,
  });
});

test('steps of the update, operands that are none, and blocks beyond an operand are refused with numbers', () => {
  const { optimizer, batch } = presets.tiny;
  const mesh = meshAt({ rows: 1, columns: 2, replicas: 1 }, 1);
  const { plan } = trainingPlan(jobOf(presets.tiny), batch, optimizer, { mesh, overlap: typicalMachine });
  const update = plan.steps.length - 1;
  expect(stepsBeforeUpdate(plan)).toBe(update);
  const first = { ...look, rows: 1, columns: 1 };
  // All that is before the update can be looked at, whole.
  plan.steps.slice(0, update).forEach((step, index) => {
    placesOf(step).forEach((place, operand) => {
      const whole = { ...first, step: index, operand, columns: (place?.bytes ?? 0) / 4 };
      expect(lookFault(plan, [whole]) === undefined).toBe(place !== null);
      expect(lookFault(plan, [{ ...whole, from: 1 }])).toBeDefined();
    });
  });
  const all = `the plan has the steps 0 to ${update - 1} before its update`;
  for (const step of [update, -1, 0.5]) {
    expect(lookFault(plan, [{ ...first, step }])).toBe(`step ${step} cannot be looked at: ${all}`);
  }
  expect(lookFault(plan, [{ ...first, rows: 0 }])).toMatch(/and no 0 x 1 from 0 on$/);
  const largest = plan.steps.findIndex(step => (placesOf(step)[0]?.bytes ?? 0) > 1e5);
  const rows = (placesOf(plan.steps[largest])[0]?.bytes ?? 0) / 4;
  const much = new Array<Look>(1000).fill({ ...first, step: largest, rows });
  expect(lookFault(plan, much)).toBe(
    `${1000 * rows} values are looked at together; at most 16777216 are: look at fewer operands at once`,
  );
});
