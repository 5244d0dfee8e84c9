/**
 * A small ResNet of convolutions, batch norms, a max pool and the loss of a classifier against PyTorch in float64: prediction,
 * loss, every gradient, ten steps of SGD, running statistics, and the prediction by them. The file comes from
 * `make_resnet_fourcastnet.py` of the shared fixtures.
 */
import { expect, test } from 'vitest';
import { Executor } from '../../../src/engine/executor.ts';
import { formsFor } from '../../../src/engine/forms.ts';
import { allocateSpaces, destroySpaces } from '../../../src/engine/spaces.ts';
import { readFloats, writeInput } from '../../../src/engine/transfer.ts';
import { grad } from '../../../src/graph/grad.ts';
import { batchNorm, batchNormBy } from '../../../src/graph/ops/batch-norm.ts';
import { softmaxCrossEntropy } from '../../../src/graph/ops/classify.ts';
import { conv2d } from '../../../src/graph/ops/conv.ts';
import { add, relu } from '../../../src/graph/ops/elementwise.ts';
import { inputTensor, stateTensor } from '../../../src/graph/ops/leaf.ts';
import { matmul } from '../../../src/graph/ops/matmul.ts';
import { globalAveragePool, maxPool } from '../../../src/graph/ops/pool.ts';
import type { Tensor } from '../../../src/graph/tensor.ts';
import { readSafetensors } from '../../../src/io/safetensors.ts';
import { compile } from '../../../src/plan/compile.ts';
import { layoutParameters, layoutStates } from '../../../src/plan/layout.ts';
import { lower } from '../../../src/plan/lower.ts';
import { initialState } from '../../../src/train/initial-parameters.ts';
import { relativeError } from '../check.ts';
import { testGpu } from '../gpu.ts';

const TOLERANCE = 1e-4;
const sgd = { rate: 0.05, momentum: 0.9, weightDecay: 1e-4 };

async function fixture() {
  const url = new URL('../../fixtures/resnet-tiny.safetensors', import.meta.url);
  return readSafetensors(new Uint8Array(await (await fetch(url)).arrayBuffer())).tensors;
}
type Fixture = Awaited<ReturnType<typeof fixture>>;

/** The model; with `next` by the batch's statistics, and the running values after it are put there. */
function resnet(
  x: Tensor,
  parameter: (name: string) => Tensor,
  state: (name: string) => Tensor,
  next?: Map<Tensor, Tensor>,
): Tensor {
  const norm = (y: Tensor, name: string): Tensor => {
    const [scale, shift, running] = [parameter(`${name}.weight`), parameter(`${name}.bias`), state(name)];
    if (!next) return batchNormBy(y, running, scale, shift);
    const trained = batchNorm(y, running, scale, shift);
    next.set(running, trained.running);
    return trained.y;
  };
  const conv = (y: Tensor, name: string, stride = 1): Tensor => {
    const weight = parameter(`${name}.weight`);
    return conv2d(y, weight, { stride, padding: (weight.shape[2] - 1) / 2 });
  };
  const bottleneck = (y: Tensor, name: string, stride: number): Tensor => {
    const first = relu(norm(conv(y, `${name}.conv1`), `${name}.bn1`));
    const second = relu(norm(conv(first, `${name}.conv2`, stride), `${name}.bn2`));
    const third = norm(conv(second, `${name}.conv3`), `${name}.bn3`);
    return relu(add(third, norm(conv(y, `${name}.down`, stride), `${name}.bnd`)));
  };
  const stem = maxPool(relu(norm(conv(x, 'conv'), 'bn')), { kernel: 3, stride: 2, padding: 1 });
  const features = bottleneck(bottleneck(stem, 'layer1', 1), 'layer2', 2);
  return matmul(globalAveragePool(features), parameter('fc.weight'), {
    transposeB: true,
    bias: parameter('fc.bias'),
  });
}

/** Leaves of the model by their names in the file. */
function leavesOf(truth: Fixture) {
  const memo = (make: (name: string) => Tensor) => {
    const made = new Map<string, Tensor>();
    return (name: string): Tensor => {
      const tensor = made.get(name) ?? make(name);
      made.set(name, tensor);
      return tensor;
    };
  };
  return {
    x: inputTensor('input', truth.get('input')!.shape),
    labels: inputTensor('labels', truth.get('labels')!.shape, 'u32'),
    parameter: memo(name => inputTensor(name, truth.get(`param/${name}`)!.shape)),
    state: memo(name => {
      const [channels] = truth.get(`buffer/${name}.running_mean`)!.shape;
      return stateTensor({ name, shape: [2, channels], initial: [0, 1] });
    }),
  };
}

test('prediction, loss, gradients, ten steps of SGD, running statistics, evaluation', async () => {
  const truth = await fixture();
  const valuesOf = (name: string) => Float32Array.from(truth.get(name)!.values);
  const names = [...truth.keys()].flatMap(key => (key.startsWith('param/') ? [key.slice(6)] : []));
  const { x, labels, parameter, state } = leavesOf(truth);
  const next = new Map<Tensor, Tensor>();
  const logits = resnet(x, parameter, state, next);
  const loss = softmaxCrossEntropy(logits, labels, { smoothing: 0.1 });
  const gradients = Object.fromEntries(
    grad(loss, names.map(parameter)).map((gradient, i) => [`grad/${names[i]}`, gradient]),
  );
  const layout = layoutParameters([]);
  const states = layoutStates([...next.keys()]);
  const { gpu, pipelines } = await testGpu();
  const forms = formsFor(gpu);
  const outputs = { logits, loss, ...gradients };
  const plan = lower(compile({ outputs, layout, state: states, assigned: next }), forms);
  const evaluation = lower(
    compile({ outputs: { logits: resnet(x, parameter, state) }, layout, state: states }),
    forms,
  );
  const spaces = await allocateSpaces(gpu, plan);
  const others = await allocateSpaces(gpu, evaluation, { state: spaces.state });
  const [training, evaluating] = [
    await Executor.create(gpu, pipelines, plan, spaces),
    await Executor.create(gpu, pipelines, evaluation, others),
  ];
  const { device } = gpu;
  const run = (executor: Executor) => {
    const encoder = device.createCommandEncoder();
    executor.encode(encoder);
    device.queue.submit([encoder.finish()]);
  };
  const read = (executor: Executor, name: string) => {
    const { buffer, offset, bytes } = executor.locate(name);
    return readFloats(device, buffer, offset, bytes);
  };
  const parameters = new Map(names.map(name => [name, valuesOf(`param/${name}`)]));
  const upload = (executor: Executor) => {
    writeInput(device, executor, 'input', valuesOf('input'));
    for (const [name, values] of parameters) writeInput(device, executor, name, values);
  };
  try {
    device.queue.writeBuffer(spaces.state[0], 0, initialState(states));
    writeInput(device, training, 'labels', Uint32Array.from(truth.get('labels')!.values));
    const velocities = new Map(names.map(name => [name, new Float32Array(parameters.get(name)!.length)]));
    const losses: number[] = [];
    for (let step = 0; step < 10; step++) {
      upload(training);
      run(training);
      losses.push((await read(training, 'loss'))[0]);
      if (step === 0) {
        expect(relativeError(await read(training, 'logits'), truth.get('pred')!.values)).toBeLessThanOrEqual(
          TOLERANCE,
        );
      }
      for (const name of names) {
        const gradient = await read(training, `grad/${name}`);
        if (step === 0) {
          const expected = truth.get(`grad/${name}`)!.values;
          expect(relativeError(gradient, expected), `gradient of ${name}`).toBeLessThanOrEqual(TOLERANCE);
        }
        const [own, velocity] = [parameters.get(name)!, velocities.get(name)!];
        own.forEach((value, i) => {
          velocity[i] = sgd.momentum * velocity[i] + gradient[i] + sgd.weightDecay * value;
          own[i] = value - sgd.rate * velocity[i];
        });
      }
    }
    expect(relativeError(losses, truth.get('losses')!.values)).toBeLessThanOrEqual(TOLERANCE);
    const running = await readFloats(device, spaces.state[0], 0, 4 * states.floats);
    for (const { name, offset, size } of states.entries) {
      const [mean, variance] = [
        running.subarray(offset, offset + size / 2),
        running.subarray(offset + size / 2, offset + size),
      ];
      expect(relativeError(mean, truth.get(`buffer/${name}.running_mean`)!.values), name).toBeLessThanOrEqual(
        TOLERANCE,
      );
      expect(
        relativeError(variance, truth.get(`buffer/${name}.running_var`)!.values),
        name,
      ).toBeLessThanOrEqual(TOLERANCE);
    }
    upload(evaluating);
    run(evaluating);
    expect(relativeError(await read(evaluating, 'logits'), truth.get('eval')!.values)).toBeLessThanOrEqual(
      TOLERANCE,
    );
    const after = await readFloats(device, spaces.state[0], 0, 4 * states.floats);
    expect(after).toEqual(running);
  } finally {
    training.destroy();
    evaluating.destroy();
    destroySpaces(spaces);
    destroySpaces(Object.fromEntries(Object.entries(others).filter(([space]) => space !== 'state')));
  }
});
