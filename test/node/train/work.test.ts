/** The work of what is no op of the graph, counted by computing it: the update, the gradient's norm, packed blocks. */
import { expect, test } from 'vitest';
import { meshAt } from '../../../src/mesh/mesh.ts';
import { blockBytes, withHalfWire } from '../../../src/plan/half-wire.ts';
import { type DispatchStep, isDispatch, type Plan } from '../../../src/plan/plan.ts';
import { presets } from '../../../src/session/api/presets.ts';
import type { OptimizerOptions } from '../../../src/train/optimizer-options.ts';
import { trainingPlan } from '../../../src/train/plans.ts';
import { forecastJob } from '../../reference/jobs.ts';
import { Tally } from '../../reference/tally.ts';
import { oddModels } from '../models/odd-models.ts';

const model = oddModels['add and add'];
const stepsOf = ({ steps }: Plan, shader: string): DispatchStep[] =>
  steps.filter(isDispatch).filter(step => step.shader === shader);

/** Operations of an update of `size` values: as Kingma and Ba, Loshchilov and Hutter, and PyTorch's clipping have it. */
function updateFlops(options: OptimizerOptions, size: number): number {
  const { kind, nesterov, beta1, beta2, epsilon, clipNorm, averageDecay, weightDecay } = options;
  const t = new Tally();
  const [rate, norm, correction1, correction2] = [1e-3, 4, 1.5, 1.2];
  // What the host works out before a step: 1 - beta, and the corrections.
  const [rest1, rest2] = [1 - beta1, 1 - beta2];
  const clip = clipNorm > 0 ? t.min(1, t.div(clipNorm, t.add(t.sqrt(norm), 1e-6))) : undefined;
  const taken = kind === 'adamw' ? t.mul(rate, weightDecay) : weightDecay;
  const left = averageDecay > 0 ? t.sub(1, averageDecay) : 0;
  for (let i = 0; i < size; i++) {
    let [p, g, m, v, average] = [0.5, 0.1, 0.2, 0.3, 0.4];
    if (clip !== undefined) g = t.mul(g, clip);
    if (kind === 'adamw') p = t.sub(p, t.mul(taken, p));
    else g = t.add(g, t.mul(taken, p));
    if (kind === 'sgd') {
      m = t.add(t.mul(beta1, m), g);
      const ahead = nesterov ? t.add(g, t.mul(beta1, m)) : m;
      p = t.sub(p, t.mul(rate, ahead));
    } else {
      m = t.add(t.mul(beta1, m), t.mul(rest1, g));
      v = t.add(t.mul(beta2, v), t.mul(t.mul(rest2, g), g));
      const size = t.add(t.sqrt(t.mul(v, correction2)), epsilon);
      p = t.sub(p, t.div(t.mul(rate, t.mul(m, correction1)), size));
    }
    if (averageDecay > 0) average = t.add(t.mul(averageDecay, average), t.mul(left, p));
    expect(Number.isFinite(p + average)).toBe(true);
  }
  return t.flops;
}

test.each<[string, Partial<OptimizerOptions>]>([
  ['adamw', {}],
  ['adam without an average', { kind: 'adam', averageDecay: 0 }],
  ['sgd without clipping', { kind: 'sgd', clipNorm: 0 }],
  ['sgd by Nesterov', { kind: 'sgd', nesterov: true, clipNorm: 0 }],
])('the update by %s', (_, changes) => {
  const options = { ...presets.demo.optimizer, ...changes };
  const { plan, layout } = trainingPlan(forecastJob(model), 2, options);
  const [update, ...more] = stepsOf(plan, 'adam');
  expect(more).toEqual([]);
  const flops = layout.groups.reduce((total, { size }) => total + updateFlops(options, size), 0);
  expect(update.work.flops).toBe(flops);
  // Values that are kept from step to step are read and written, gradients read; and the settings of a step.
  const kept = 1 + (options.kind === 'sgd' ? 1 : 2) + (options.averageDecay > 0 ? 1 : 0);
  const { floats, groups } = layout;
  expect(update.work.written).toBe(4 * kept * floats);
  const settings = 48 * groups.length + (options.clipNorm > 0 ? 4 : 0);
  expect(update.work.read - 4 * (kept + 1) * floats).toBe(settings);
});

test('the norm of the gradient', () => {
  const { plan, layout } = trainingPlan(forecastJob(model), 2, presets.demo.optimizer);
  const t = new Tally();
  const { floats } = layout;
  const [squares] = stepsOf(plan, 'sum_squares');
  const count = squares.work.written / 4;
  const parts = Array.from({ length: count }, (_, part) => {
    const fours = Array.from({ length: floats / 4 }, (_, four) => four).filter(four => four % count === part);
    return t.sum(fours.flatMap(() => Array.from({ length: 4 }, () => t.mul(0.5, t.mul(2, 2)))));
  });
  expect(squares.work).toMatchObject({ kernel: 'reduction', flops: t.flops, read: 4 * floats });
  const before = t.flops;
  t.sum(parts);
  const norm = plan.steps.filter(isDispatch).find(({ label }) => label === 'norm of the gradient');
  expect(norm?.work).toEqual({ kernel: 'reduction', flops: t.flops - before, read: 4 * count, written: 4 });
});

test('packing and unpacking of blocks', () => {
  const mesh = meshAt({ rows: 1, columns: 2, replicas: 1 }, 1);
  const config = { ...model, channels: 6 };
  const { plan } = trainingPlan(forecastJob(config), 2, presets.demo.optimizer, { mesh });
  const half = withHalfWire(plan);
  expect(stepsOf(half, 'pack_half').length).toBeGreaterThan(5);
  for (const { params, work } of stepsOf(half, 'pack_half')) {
    const [floats] = params;
    const t = new Tally();
    for (let at = 0; at < floats; at += 128) {
      const run = Array.from({ length: Math.min(128, floats - at) }, (_, i) => i);
      const scale = t.div(
        1,
        run.reduce((most, value) => t.max(most, value)),
      );
      for (const value of run) t.mul(value, scale);
    }
    expect(work).toEqual({
      kernel: 'pointwise',
      flops: t.flops,
      read: 4 * floats,
      written: blockBytes(floats, 'f16'),
    });
  }
  for (const { params, work } of stepsOf(half, 'unpack_half')) {
    const [floats] = params;
    const moved = { read: blockBytes(floats, 'f16'), written: 4 * floats };
    expect(work).toEqual({ kernel: 'pointwise', flops: floats, ...moved });
  }
});
