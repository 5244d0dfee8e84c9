/**
 * Predicted beside measured: the training step of the demo (a batch of eight, cut in shards) or of ResNet-8 (a batch of 32, in
 * copies) on ranks in workers of this page over emulated links, and on the simulator with rates that are measured in this very
 * run, on one rank and one link only.
 */
import { formsFor } from '../src/engine/forms.ts';
import { openGpu } from '../src/gpu/device.ts';
import { PipelineCache } from '../src/gpu/pipelines.ts';
import { type MeshShape, meshAt, meshName, parseMesh, ranksOf } from '../src/mesh/mesh.ts';
import { lower } from '../src/plan/lower.ts';
import { typicalMachine } from '../src/plan/machine.ts';
import type { Plan } from '../src/plan/plan.ts';
import { jobOf } from '../src/session/api/plan-report.ts';
import { forecastPresets, presets } from '../src/session/api/presets.ts';
import { simulate } from '../src/simulate/simulate.ts';
import { loadAllKinds } from '../src/train/load-kinds.ts';
import type { OptimizerOptions } from '../src/train/optimizer-options.ts';
import { type Job, trainingPlan } from '../src/train/plans.ts';
import { forecastJob } from '../test/reference/jobs.ts';
import { demoConfig, demoOptimizer } from './demo.ts';
import { BATCH, type BenchRun, openRanks } from './overlap-ranks.ts';
import { measureRates } from './rates.ts';

const asked = new URLSearchParams(location.search);

interface Mode {
  readonly overlap: boolean;
  readonly microBatches?: number;
}

interface Measured {
  readonly job: Job;
  readonly optimizer: OptimizerOptions;
  /** Samples of a step, all copies together. */
  readonly batch: number;
  /** With overlap; every mesh is measured without it, too. */
  readonly overlapped: Mode;
  readonly meshes: string;
  /** As a session trains it; absent: the demo. */
  readonly run?: BenchRun;
}

const demoModel = { ...demoConfig, dropout: forecastPresets.demo.model.options.dropout };
const resnetBatch = 32;
/** `1x2`, and for two copies of it `1x2x2`. */
function meshOf(text: string): MeshShape {
  const [rows, columns, copies = '1'] = text.split('x');
  return parseMesh(`${rows}x${columns}`, Number(copies));
}

const models: Readonly<Record<string, Measured>> = {
  demo: {
    job: forecastJob(demoModel),
    optimizer: demoOptimizer,
    batch: BATCH,
    overlapped: { overlap: true, microBatches: 2 },
    meshes: '1x2,2x2,2x4',
  },
  resnet8: {
    job: jobOf(presets.resnet8),
    optimizer: presets.resnet8.optimizer,
    batch: resnetBatch,
    overlapped: { overlap: true },
    meshes: '1x1x2,1x1x4',
    run: { data: { kind: 'shapes', seed: 1 }, preset: 'resnet8', overrides: { batch: resnetBatch } },
  },
};
const { job, optimizer, batch, overlapped, run, ...usual } = models[asked.get('model') ?? 'demo'];
const meshes = (asked.get('meshes') ?? usual.meshes).split(',').map(text => meshOf(text));
/** Milliseconds one way and MB/s. */
const links = (asked.get('links') ?? '0.5-60,5-20,20-5').split(',').map(text => text.split('-').map(Number));
const ROUNDS = 3;

const report = document.querySelector('#report');
function print(line: string): void {
  console.log(line);
  report?.append(`${line}\n`);
}

const rangeOf = (values: readonly number[]) =>
  `(${Math.min(...values).toFixed(0)}-${Math.max(...values).toFixed(0)})`;
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

const modes: readonly Mode[] = [overlapped, { overlap: false }];

function plansOf(shape: MeshShape, { overlap, microBatches }: Mode): Plan[] {
  return Array.from({ length: ranksOf(shape) }, (_, rank) => {
    const options = {
      mesh: meshAt(shape, rank),
      microBatches,
      overlap: overlap ? typicalMachine : undefined,
    };
    return lower(trainingPlan(job, batch / shape.replicas, optimizer, options).plan, forms);
  });
}

await loadAllKinds();
const gpu = await openGpu(navigator.gpu);
const forms = formsFor(gpu);
const alone = lower(trainingPlan(job, batch, optimizer).plan, forms);
const rates = await measureRates(gpu, new PipelineCache(gpu.device), alone);
const { device } = rates;
print(
  `one rank: ${rates.stepMs.toFixed(1)} ms a step, ${rates.kernelsMs.toFixed(1)} ms of kernels one by one`,
);
const rateText =
  `${(device.flopsPerSecond / 1e9).toFixed(1)} GFLOP/s, ${(device.bytesPerSecond / 1e9).toFixed(2)} GB/s, ` +
  `${(1e6 * device.secondsPerDispatch).toFixed(0)} us a dispatch, ${(1e3 * device.secondsPerExchange).toFixed(2)} ms an exchange beside ranks at work, ` +
  `and ${(1e3 * (device.sharedSecondsPerExchange ?? 0)).toFixed(2)} ms of the cores`;
print(rateText);
gpu.device.destroy();

/** Milliseconds of a step, and of it, mean over the ranks, what they wait for exchanges. */
function predict(plans: readonly Plan[], latencyMs: number, megabytesPerSecond: number) {
  const link = { latencySeconds: latencyMs / 1000, bytesPerSecond: 1e6 * megabytesPerSecond };
  // All ranks run on the adapter of this machine.
  const machines = plans.map(() => ({ device, linkTo: () => link }));
  const hashes = plans.map((_, rank) => `rank ${rank}`);
  const traces = simulate(plans, machines, hashes);
  const stepMs = Math.max(...traces.flatMap(({ spans }) => spans.map(({ ended }) => ended)));
  const exposedMs = mean(
    traces.map(({ spans }) =>
      spans.reduce((sum, { exposed, begun, ended }) => sum + (exposed ? ended - begun : 0), 0),
    ),
  );
  return { stepMs, exposedMs };
}

const results: object[] = [];
/** For the docs: a line a mesh and link. */
const lines: string[][] = [];
const single = predict([alone], 0, 1);
print(
  '\nmesh    overlap  link              step: predicted   measured (least-most)       ratio   exposed: predicted   measured',
);
print(
  `1x1              none                    ${single.stepMs.toFixed(0).padStart(9)}  ${rates.stepMs.toFixed(0).padStart(9)}`,
);
results.push({ mesh: '1x1', predicted: single, measured: rates });
lines.push([
  '1x1',
  '',
  'none',
  single.stepMs.toFixed(0),
  rates.stepMs.toFixed(0),
  (single.stepMs / rates.stepMs).toFixed(2),
  '',
]);
const ranks = await openRanks(run);
const cases = meshes.flatMap(mesh =>
  modes.flatMap(mode => {
    const plans = plansOf(mesh, mode);
    return links.map(([latencyMs, megabytesPerSecond]) => {
      return { mesh, mode, plans, latencyMs, megabytesPerSecond };
    });
  }),
);
for (const { mesh, mode, plans, latencyMs, megabytesPerSecond } of cases) {
  const overlap = mode.overlap ? 'on' : 'off';
  const predicted = predict(plans, latencyMs, megabytesPerSecond);
  const rounds = [];
  for (let round = 0; round < ROUNDS; round++) {
    rounds.push(await ranks.measure({ ...mesh, ...mode }, { latencyMs, megabytesPerSecond }));
  }
  const steps = rounds.map(({ stepMs }) => stepMs);
  const measured = { stepMs: mean(steps), exposedMs: mean(rounds.map(({ exposedMs }) => exposedMs)) };
  const range = rangeOf(steps);
  print(
    `${meshName(mesh).padEnd(8)}${overlap.padEnd(9)}${`${latencyMs} ms, ${megabytesPerSecond} MB/s`.padEnd(18)}` +
      `${predicted.stepMs.toFixed(0).padStart(15)}${measured.stepMs.toFixed(0).padStart(11)} ${range.padEnd(18)}` +
      `${(predicted.stepMs / measured.stepMs).toFixed(2).padStart(8)}` +
      `${predicted.exposedMs.toFixed(0).padStart(21)}${measured.exposedMs.toFixed(0).padStart(11)}`,
  );
  lines.push([
    meshName(mesh),
    overlap,
    `${latencyMs} ms, ${megabytesPerSecond} MB/s`,
    predicted.stepMs.toFixed(0),
    `${measured.stepMs.toFixed(0)} ${range}`,
    (predicted.stepMs / measured.stepMs).toFixed(2),
    `${predicted.exposedMs.toFixed(0)}, ${measured.exposedMs.toFixed(0)} ${rangeOf(rounds.map(({ exposedMs }) => exposedMs))}`,
  ]);
  results.push({ mesh: meshName(mesh), ...mode, latencyMs, megabytesPerSecond, predicted, measured, rounds });
}
const head = [
  'mesh',
  'overlap',
  'link',
  'predicted, ms',
  'measured, ms',
  'ratio',
  'exposed exchange: predicted, measured',
];
const docs = [
  `From ${rateText}:`,
  '',
  ...[head, head.map(() => '---'), ...lines].map(cells => `| ${cells.join(' | ')} |`),
].join('\n');
Object.assign(window, { __benchResult: { rates, results, docs } });
