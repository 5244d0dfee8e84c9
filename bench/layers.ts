/** Layers of ResNet-50 that convolutions are measured on, and what is computed of each. */
import { ancestors } from '../src/graph/grad.ts';
import { conv2d } from '../src/graph/ops/conv.ts';
import { inputTensor } from '../src/graph/ops/leaf.ts';
import type { Tensor } from '../src/graph/tensor.ts';

export interface Layer {
  readonly name: string;
  /** Channels of the images and of the result. */
  readonly channels: readonly [number, number];
  /** Pixels each way. */
  readonly size: number;
  readonly kernel: number;
  readonly stride: number;
}

/** The result, or the gradient of the images or of the weights. */
export const directions = ['forward', 'images', 'weights'] as const;
export type Direction = (typeof directions)[number];

export const resnetLayers: readonly Layer[] = [
  { name: 'stem 7x7/2, 3 -> 64 at 224', channels: [3, 64], size: 224, kernel: 7, stride: 2 },
  { name: '3x3, 64 at 56', channels: [64, 64], size: 56, kernel: 3, stride: 1 },
  { name: '3x3, 128 at 28', channels: [128, 128], size: 28, kernel: 3, stride: 1 },
  { name: '3x3, 256 at 14', channels: [256, 256], size: 14, kernel: 3, stride: 1 },
  { name: '3x3, 512 at 7', channels: [512, 512], size: 7, kernel: 3, stride: 1 },
  { name: '3x3/2, 128 at 56', channels: [128, 128], size: 56, kernel: 3, stride: 2 },
  { name: '1x1, 256 -> 64 at 56', channels: [256, 64], size: 56, kernel: 1, stride: 1 },
  { name: '1x1/2, 256 -> 512 at 56', channels: [256, 512], size: 56, kernel: 1, stride: 2 },
];

/** Padding that keeps the middle of the kernel on the image, and the shapes of images, weights and the result's gradient. */
export function shapesOf({ channels: [inputs, outputs], size, kernel, stride }: Layer, images = 1) {
  const padding = (kernel - 1) / 2;
  const after = Math.floor((size + 2 * padding - kernel) / stride) + 1;
  return {
    padding,
    x: [images, inputs, size, size],
    weight: [outputs, inputs, kernel, kernel],
    dy: [images, outputs, after, after],
  } as const;
}

/** A direction of a layer, of the inputs `x` and `weight`, `weight` and `dy`, or `x` and `dy`: the convolution's own kernels alone. */
export function layerGraph(layer: Layer, images: number, direction: Direction): Tensor {
  const { padding, ...shapes } = shapesOf(layer, images);
  const [x, weight] = [inputTensor('x', shapes.x), inputTensor('weight', shapes.weight)];
  const y = conv2d(x, weight, { stride: layer.stride, padding });
  if (direction === 'forward') return y;
  return gradientBy(y, inputTensor('dy', shapes.dy), direction === 'images' ? x : weight);
}

/** The gradient by `leaf` of what has the gradient `dy` by `y`, where but one path leads from one to the other. */
function gradientBy(y: Tensor, dy: Tensor, leaf: Tensor): Tensor {
  if (y === leaf) return dy;
  const index = y.inputs.findIndex(operand => ancestors(operand).includes(leaf));
  const gradient = y.op.vjp(y, dy)[index];
  if (!gradient) throw new Error(`${y.op.name} has no gradient by what a layer is computed from`);
  return gradientBy(y.inputs[index], gradient, leaf);
}
