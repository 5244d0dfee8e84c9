/** Activations that are computed again instead of kept: less memory, the same gradients, nothing else done twice. */
import { describe, expect, test } from 'vitest';
import { ancestors, grad } from '../../../src/graph/grad.ts';
import { isInput } from '../../../src/graph/ops/leaf.ts';
import { meshAt } from '../../../src/mesh/mesh.ts';
import { hashOf } from '../../../src/plan/hash.ts';
import { totalBytes } from '../../../src/plan/limits.ts';
import { typicalMachine } from '../../../src/plan/machine.ts';
import { isDispatch, type Plan } from '../../../src/plan/plan.ts';
import { workByLayer } from '../../../src/plan/work.ts';
import { loadAllKinds } from '../../../src/train/load-kinds.ts';
import { momentum } from '../../../src/train/optimizer-options.ts';
import { type Job, lossGraph, type StepOptions, trainingPlan } from '../../../src/train/plans.ts';
import { interpret } from '../../reference/interpret.ts';
import { forecastJob, imageJob } from '../../reference/jobs.ts';
import { demo } from '../models/demo-model.ts';
import { leavesOf, oddModels } from '../models/odd-models.ts';

await loadAllKinds();

const BATCH = 4;

const planOf = (job: Job, options: StepOptions = {}): Plan =>
  trainingPlan(job, BATCH, momentum, options).plan;
const arenaOf = ({ spaces }: Plan) => totalBytes({ arena: spaces.arena });
const resNet50 = imageJob(50, { stem: { kernel: 7, stride: 2, pool: true }, height: 224, width: 224 });

const rates = {
  flopsPerSecond: 1,
  bytesPerSecond: 1,
  secondsPerDispatch: 0,
  linkBytesPerSecond: 1,
  linkLatencySeconds: 0,
};
const flopsOf = (plan: Plan, phase: string) =>
  workByLayer(plan, rates)
    .filter(row => row.phase === phase)
    .reduce((sum, { flops }) => sum + flops, 0);

// A share of the memory, and what it takes more of all operations; the last stages and the loss are kept.
test.each<[string, Job, StepOptions, number, number]>([
  ['ResNet-50', resNet50, {}, 0.36, 0.34],
  ['ResNet-18 of small images', imageJob(18), {}, 0.5, 0.25],
  ['ResNet-50 in two micro-batches', resNet50, { microBatches: 2 }, 0.36, 0.34],
  ['WeatherMixer', forecastJob(demo), {}, 0.5, 0.15],
  ['WeatherMixer of twelve blocks', forecastJob({ ...demo, blocks: 12 }), {}, 0.3, 0.17],
  [
    'WeatherMixer, exchanges hidden',
    forecastJob(demo),
    { overlap: typicalMachine, microBatches: 2 },
    0.5,
    0.15,
  ],
])('%s takes less memory, and not much more work', (_, job, options, share, more) => {
  const [kept, again] = [false, true].map(recompute => planOf(job, { ...options, recompute }));
  expect(arenaOf(again) / arenaOf(kept)).toBeLessThan(share);
  const phases = ['forward', 'backward', 'update'];
  for (const phase of phases) expect(flopsOf(again, phase) / flopsOf(kept, phase)).toBeCloseTo(1, 2);
  expect(flopsOf(kept, 'recompute')).toBe(0);
  const whole = phases.reduce((sum, phase) => sum + flopsOf(kept, phase), 0);
  expect(flopsOf(again, 'recompute') / whole).toBeLessThan(more);
});

test('without the option the plan is the same', () => {
  const job = forecastJob(demo);
  expect(hashOf(planOf(job, { recompute: false }))).toBe(hashOf(planOf(job)));
  expect(hashOf(planOf(job, { recompute: true }))).not.toBe(hashOf(planOf(job)));
});

test('what a rank holds of a mesh falls too, and nothing is sent twice', () => {
  const mesh = meshAt({ rows: 2, columns: 2, replicas: 1 }, 3);
  const [kept, again] = [false, true].map(recompute =>
    planOf(forecastJob(demo), { mesh, overlap: typicalMachine, recompute }),
  );
  expect(again.exchanges).toBe(kept.exchanges);
  const bytes = ({ spaces: { arena, exchange } }: Plan) => totalBytes({ arena, exchange });
  expect(bytes(again) / bytes(kept)).toBeLessThan(0.75);
});

test('running statistics are updated once, by what the forward pass found', () => {
  const plan = planOf(imageJob(18), { recompute: true });
  const updates = plan.steps
    .filter(isDispatch)
    .filter(({ operands }) => operands.some(at => at?.space === 'state' && at.access !== 'read'));
  expect(updates).toHaveLength(20);
  expect(updates.every(({ provenance }) => provenance.phase === 'forward')).toBe(true);
});

describe('gradients are the same to the last bit, in float64', () => {
  /** Gradients, and how many tensors were made again for them. */
  function gradientsOf(job: Job, recompute: boolean) {
    const { loss, parameters } = lossGraph(job, 2, { microBatches: 2 });
    const leaves = new Map(leavesOf(loss));
    for (const leaf of leaves.keys()) {
      if (isInput(leaf) && leaf.attributes.name.startsWith('label')) leaves.set(leaf, Uint32Array.of(3));
    }
    const gradients = grad(loss, parameters, { recompute });
    return { values: interpret(gradients, leaves), ops: ancestors(...gradients).length };
  }
  const small = { stemChannels: 4, stageChannels: 4, height: 8, width: 8 } as const;
  test.each<[string, Job]>([
    ...Object.entries(oddModels).map(([name, config]): [string, Job] => [name, forecastJob(config, true)]),
    ['basic blocks', imageJob(18, { ...small, blocks: [1, 2, 1] })],
    ['bottlenecks', imageJob(50, { ...small, blocks: [2, 1] })],
  ])('%s', (_, job) => {
    const [kept, again] = [gradientsOf(job, false), gradientsOf(job, true)];
    expect(again.ops).toBeGreaterThan(kept.ops);
    expect(again.values).toEqual(kept.values);
  });
});
