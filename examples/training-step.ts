/**
 * A training step in one sentence of passes: the graph of a loss, its gradients, a plan that computes both, and the
 * optimizer behind it. Here it fits y = 2 x - 1 by a line, 40 steps of 8 samples.
 */
import { Executor } from '../src/engine/executor.ts';
import { formsFor } from '../src/engine/forms.ts';
import { allocateSpaces, destroySpaces } from '../src/engine/spaces.ts';
import { readFloats, writeInput } from '../src/engine/transfer.ts';
import type { Gpu } from '../src/gpu/device.ts';
import { PipelineCache } from '../src/gpu/pipelines.ts';
import { grad } from '../src/graph/grad.ts';
import { inputTensor, parameterTensor } from '../src/graph/ops/leaf.ts';
import { weightedMse } from '../src/graph/ops/loss.ts';
import { matmul } from '../src/graph/ops/matmul.ts';
import { compile } from '../src/plan/compile.ts';
import { layoutParameters } from '../src/plan/layout.ts';
import { lower } from '../src/plan/lower.ts';
import { drawParameters } from '../src/train/initial-parameters.ts';
import { hyperValues, withOptimizer } from '../src/train/optimizer.ts';
import type { OptimizerOptions } from '../src/train/optimizer-options.ts';

const optimizer: OptimizerOptions = {
  ...{ kind: 'adam', beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0, decayVectors: false },
  ...{ clipNorm: 0, rateScale: {}, averageDecay: 0 },
};
const initializer = { centre: 0, bound: 1 };
const xs = Float32Array.from({ length: 8 }, (_, i) => i / 4 - 1);

/** @returns the loss of every step */
export async function fitLine(gpu: Gpu): Promise<number[]> {
  const { device } = gpu;
  // The graph.
  const x = inputTensor('x', [8, 1]);
  const y = inputTensor('y', [8, 1]);
  const weight = inputTensor('weight', [1]);
  const slope = parameterTensor({ name: 'slope', shape: [1, 1], initializer, part: 'line', decays: true });
  const shift = parameterTensor({ name: 'shift', shape: [1], initializer, part: 'line', decays: false });
  const loss = weightedMse(matmul(x, slope, { bias: shift }), y, weight); // []
  // The plan.
  const parameters = [slope, shift];
  const layout = layoutParameters(parameters);
  const gradients = new Map(grad(loss, parameters).map((gradient, i) => [parameters[i], gradient]));
  const gradientPlan = compile({ outputs: { loss }, layout, gradients });
  const plan = lower(withOptimizer(gradientPlan, layout, optimizer), formsFor(gpu));
  // The device.
  const spaces = await allocateSpaces(gpu, plan);
  const executor = await Executor.create(gpu, new PipelineCache(device), plan, spaces);
  device.queue.writeBuffer(spaces.parameters[0], 0, drawParameters(layout, 1));
  writeInput(device, executor, 'x', xs);
  writeInput(
    device,
    executor,
    'y',
    xs.map(value => 2 * value - 1),
  );
  writeInput(device, executor, 'weight', Float32Array.of(1));
  // The steps.
  const losses: number[] = [];
  for (let step = 1; step <= 40; step++) {
    device.queue.writeBuffer(spaces.hyper[0], 0, hyperValues(layout, optimizer, 0.2, step));
    const encoder = device.createCommandEncoder();
    executor.encode(encoder);
    device.queue.submit([encoder.finish()]);
    const { buffer, offset, bytes } = executor.locate('loss');
    losses.push((await readFloats(device, buffer, offset, bytes))[0]);
  }
  executor.destroy();
  destroySpaces(spaces);
  return losses;
}
