/** Convolutions of ResNet-50 beside tfjs and jax-js: forward, and the gradients of images and weights, of one image. */
import { type Array as JaxArray, grad as jaxGrad, jit, lax, numpy as np } from '@jax-js/jax';
import * as tf from '@tensorflow/tfjs-core';
import { Executor } from '../src/engine/executor.ts';
import { formsFor } from '../src/engine/forms.ts';
import { allocateSpaces, destroySpaces } from '../src/engine/spaces.ts';
import { readFloats, writeInput } from '../src/engine/transfer.ts';
import type { Gpu } from '../src/gpu/device.ts';
import type { PipelineCache } from '../src/gpu/pipelines.ts';
import { sizeOf } from '../src/graph/tensor.ts';
import { compile } from '../src/plan/compile.ts';
import { layoutParameters } from '../src/plan/layout.ts';
import { lower } from '../src/plan/lower.ts';
import { isDispatch } from '../src/plan/plan.ts';
import { workOf } from '../src/plan/work.ts';
import { type Direction, type Layer, layerGraph, shapesOf } from './layers.ts';
import { tfjsDone } from './libraries.ts';
import { medians, normalValues, relativeError, type Work } from './measure.ts';

export interface LayerResult {
  readonly layer: string;
  readonly direction: Direction;
  readonly gflop: number;
  /** Milliseconds by library. */
  readonly ms: Readonly<Record<string, number>>;
  /** ||theirs - ours|| / ||ours||. */
  readonly relativeError: Readonly<Record<string, number>>;
}

interface Contender {
  readonly work: Work;
  readonly result: () => Promise<Float32Array>;
  readonly close: () => void;
}

/** What the three libraries are given. */
interface Operands {
  readonly x: Float32Array<ArrayBuffer>;
  readonly weight: Float32Array<ArrayBuffer>;
  readonly dy: Float32Array<ArrayBuffer>;
}

/** Values that differ by more than this are no longer the same convolution. */
const TOLERANCE = 1e-5;

/** @throws Error where a library's values differ from ours. */
export async function benchLayer(
  gpu: Gpu,
  pipelines: PipelineCache,
  layer: Layer,
  direction: Direction,
  repetitions: number,
): Promise<LayerResult> {
  const shapes = shapesOf(layer);
  const operands: Operands = {
    x: normalValues(sizeOf(shapes.x), 1),
    weight: normalValues(sizeOf(shapes.weight), 2),
    dy: normalValues(sizeOf(shapes.dy), 3),
  };
  const { contender, gflop } = await isobar(gpu, pipelines, layer, direction, operands);
  const contenders: Record<string, Contender> = {
    isobar: contender,
    tfjs: tfjs(layer, direction, operands),
    'jax-js': jax(layer, direction, operands),
  };
  const works = Object.fromEntries(Object.entries(contenders).map(([name, { work }]) => [name, work]));
  const ms = (await medians(works, repetitions)) as Record<string, number>;
  const ours = await contender.result();
  const errors: Record<string, number> = {};
  for (const [name, each] of Object.entries(contenders)) {
    if (name !== 'isobar') errors[name] = relativeError(await each.result(), ours);
    each.close();
  }
  for (const [name, error] of Object.entries(errors)) {
    if (!(error <= TOLERANCE)) {
      throw new Error(`${layer.name}, ${direction}: ${name} differs from ours by ${error}`);
    }
  }
  return { layer: layer.name, direction, gflop, ms, relativeError: errors };
}

async function isobar(
  gpu: Gpu,
  pipelines: PipelineCache,
  layer: Layer,
  direction: Direction,
  operands: Operands,
): Promise<{ contender: Contender; gflop: number }> {
  const result = layerGraph(layer, 1, direction);
  const plan = lower(compile({ outputs: { result }, layout: layoutParameters([]) }), formsFor(gpu));
  const spaces = await allocateSpaces(gpu, plan);
  const executor = await Executor.create(gpu, pipelines, plan, spaces);
  for (const [name, values] of Object.entries(operands)) {
    if (plan.inputs.has(name)) writeInput(gpu.device, executor, name, values);
  }
  const { buffer, offset, bytes } = executor.locate('result');
  const contender = {
    work: () => {
      const encoder = gpu.device.createCommandEncoder();
      executor.encode(encoder);
      gpu.device.queue.submit([encoder.finish()]);
      return gpu.device.queue.onSubmittedWorkDone();
    },
    result: () => readFloats(gpu.device, buffer, offset, bytes),
    close: () => {
      executor.destroy();
      destroySpaces(spaces);
    },
  };
  return { contender, gflop: workOf({ steps: plan.steps.filter(isDispatch) }).flops / 1e9 };
}

/** In its own order of axes, [N, H, W, C] and [R, S, C, O], by the kernels that its gradients call. */
function tfjs(layer: Layer, direction: Direction, operands: Operands): Contender {
  const { padding: pad, ...shapes } = shapesOf(layer);
  const own = (values: Float32Array, shape: readonly number[], axes: number[]) =>
    tf.tidy(() => tf.transpose(tf.tensor(values, [...shape]), axes));
  const toLast = [0, 2, 3, 1];
  const toTaps = [2, 3, 1, 0];
  const x = own(operands.x, shapes.x, toLast);
  const dy = own(operands.dy, shapes.dy, toLast);
  const filter = own(operands.weight, shapes.weight, toTaps);
  const strides = layer.stride;
  const attributes = { strides, pad, dataFormat: 'NHWC', dilations: 1, dimRoundingMode: 'floor' };
  const run = (name: string, inputs: tf.NamedTensorMap, more: tf.NamedAttrMap): tf.Tensor =>
    tf.engine().runKernel(name, inputs, { ...attributes, ...more }) as tf.Tensor;
  const product = {
    forward: () => run('Conv2D', { x, filter }, {}),
    images: () => run('Conv2DBackpropInput', { dy, filter }, { inputShape: x.shape }),
    weights: () => run('Conv2DBackpropFilter', { x, dy }, { filterShape: filter.shape }),
  }[direction];
  return {
    work: async () => {
      const y = product();
      await tfjsDone();
      y.dispose();
    },
    result: async () => {
      const y = product();
      const axes = direction === 'weights' ? [3, 2, 0, 1] : [0, 3, 1, 2];
      const turned = tf.transpose(y, axes);
      const data = (await turned.data()) as Float32Array;
      tf.dispose([y, turned]);
      return data;
    },
    close: () => tf.dispose([x, dy, filter]),
  };
}

function jax(layer: Layer, direction: Direction, operands: Operands): Contender {
  const { padding, ...shapes } = shapesOf(layer);
  const x = np.array(operands.x).reshape([...shapes.x]);
  const weight = np.array(operands.weight).reshape([...shapes.weight]);
  const dy = np.array(operands.dy).reshape([...shapes.dy]);
  const { stride } = layer;
  const conv = (images: JaxArray, taps: JaxArray) =>
    lax.convGeneralDilated(
      images,
      taps,
      [stride, stride],
      [
        [padding, padding],
        [padding, padding],
      ],
    );
  const product = {
    forward: jit((images: JaxArray, taps: JaxArray, _: JaxArray) => {
      _.dispose();
      return conv(images, taps);
    }),
    images: jit(
      jaxGrad((images: JaxArray, taps: JaxArray, by: JaxArray) => np.sum(conv(images, taps).mul(by))),
    ),
    weights: jit((images: JaxArray, taps: JaxArray, by: JaxArray) =>
      jaxGrad((own: JaxArray, others: JaxArray, last: JaxArray) => np.sum(conv(others, own).mul(last)))(
        taps,
        images,
        by,
      ),
    ),
  }[direction] as (images: JaxArray, taps: JaxArray, by: JaxArray) => JaxArray;
  const run = () => product(x.ref, weight.ref, dy.ref);
  return {
    work: async () => {
      const y = await run().blockUntilReady();
      y.dispose();
    },
    result: async () => (await run().data()) as Float32Array,
    close: () => {
      for (const array of [x, weight, dy]) array.dispose();
    },
  };
}
