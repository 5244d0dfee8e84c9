/** ResNets by their published sizes, read off layouts and plans. */
import * as v from 'valibot';
import { expect, test } from 'vitest';
import { checkMesh } from '../../../src/models/check-mesh.ts';
import { modelKind } from '../../../src/models/index.ts';
import { ConfigError, type ModelConfig } from '../../../src/models/model.ts';
import { type ResNetConfig, resNets, smallStem } from '../../../src/models/resnet-config.ts';
import { resNetKind } from '../../../src/models/resnet-kind.ts';
import { resNetSchema } from '../../../src/models/resnet-schema.ts';
import { workOf } from '../../../src/plan/work.ts';
import { classifyFrame } from '../../../src/tasks/classify/frame.ts';
import { forecastFrame } from '../../../src/tasks/forecast/frame.ts';
import { loadAllKinds } from '../../../src/train/load-kinds.ts';
import { forecastPlan, type Job, wholeLayout } from '../../../src/train/plans.ts';

await loadAllKinds();

const imageNet = classifyFrame({ channels: 3, height: 224, width: 224, classes: 1000 });

function jobOf(options: Partial<ResNetConfig>, frame = imageNet): Job {
  return { model: { kind: 'resnet', config: resNetKind.fit(options, frame) }, frame };
}

/** Of some 32 pixels. */
const small = classifyFrame({ channels: 3, height: 32, width: 32, classes: 10 });

// Parameters as torchvision counts them; multiply-adds of a forward pass, GMAC. Those of the small ones were counted in PyTorch.
test.each([
  [8, 78_810, 0.001_061_504, small],
  [14, 176_026, 0.001_946_24, small],
  [18, 11_689_512, 1.82],
  [34, 21_797_672, 3.67],
  [50, 25_557_032, 4.09],
  [101, 44_549_160, 7.8],
] as const)('ResNet-%i has its parameters and work', (depth, parameters, gigaMacs, frame = imageNet) => {
  const job = jobOf(resNets[depth], frame);
  expect(wholeLayout(job.model).count).toBe(parameters);
  const { plan } = forecastPlan(job, 1);
  const flops = workOf(plan, 'product').flops + workOf(plan, 'convolution').flops;
  expect(Math.abs(flops / 2e9 / gigaMacs - 1)).toBeLessThan(0.01);
  expect(modelKind('resnet').facts(job.model.config)).toEqual([
    { label: 'Layers with weights', value: String(depth) },
  ]);
});

test("norms are a replica's own if nothing else is said, in configs that know nothing of it too", () => {
  const { config } = jobOf(resNets[18]).model as ModelConfig<ResNetConfig>;
  expect(config.syncNorms).toBe(false);
  const { syncNorms: _, ...older } = config;
  expect(v.parse(resNetSchema, older)).toEqual(config);
  expect(resNetKind.facts({ ...config, syncNorms: true })).toContainEqual({
    label: 'Norms',
    value: 'by the batch of all replicas',
  });
});

test('every block begins as its shortcut, and running values begin as a norm that changes nothing', () => {
  const { entries, states } = wholeLayout(jobOf({ ...resNets[18], stem: smallStem }).model);
  const centreOf = (name: string) =>
    entries.find(entry => entry.name === name)!.attributes.initializer.centre;
  expect(centreOf('layer1.0.bn2.weight')).toBe(0);
  expect(centreOf('layer1.0.bn1.weight')).toBe(1);
  expect(centreOf('layer2.0.downsample.1.weight')).toBe(1);
  expect(states.entries).toHaveLength(20);
  expect(states.entries[0]).toMatchObject({ name: 'bn1.running', shape: [2, 64] });
});

test.each<[Partial<ResNetConfig>, string]>([
  [{ blocks: [] }, 'A ResNet needs at least one stage of blocks.'],
  [{ blocks: [2, 0] }, 'blocks of stage 2 is 0; it must be a whole number of at least 1.'],
  [{ stem: { kernel: 4, stride: 1, pool: false } }, 'stem.kernel is 4; it must be odd'],
])('%j is refused', (change, words) => {
  const fit = () => jobOf({ ...resNets[18], ...change });
  expect(fit).toThrow(ConfigError);
  expect(fit).toThrow(words);
});

test('fields of the weather are no images', () => {
  const weather = forecastFrame({ channels: 1, statics: 0, inputSteps: 1, height: 8, width: 8 }, false);
  expect(() => jobOf(resNets[18], weather)).toThrow(
    'A ResNet needs images with classes, which the task forecast does not have.',
  );
});

test('it may have replicas, and is not cut', () => {
  const model: ModelConfig = jobOf(resNets[18]).model;
  expect(() => checkMesh(model, { rows: 1, columns: 1, replicas: 4 }, 8)).not.toThrow();
  expect(() => checkMesh(model, { rows: 1, columns: 2, replicas: 1 }, 8)).toThrow(
    'The mesh 1x2 is impossible for this model: a ResNet is not cut in shards, it can only have replicas. ' +
      'The nearest possible ones are 1x1.',
  );
});
