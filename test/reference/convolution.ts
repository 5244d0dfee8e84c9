/** Convolutions as they are defined: every weight meets every pixel that it reaches from a position. */
import type { Shape, Tensor } from '../../src/graph/tensor.ts';

export interface Geometry {
  readonly stride: readonly [number, number];
  readonly padding: readonly [number, number];
  readonly dilation: readonly [number, number];
}

/** Shapes of the images, the weight and what comes of them, of a convolution or of a gradient of one. */
export function shapesOf({ op, inputs: [first, second], shape }: Tensor): readonly [Shape, Shape, Shape] {
  // conv2d has weight and x, the gradients weight and dy, and dy and x.
  if (op.name === 'conv2d') return [second.shape, first.shape, shape];
  return op.name === 'conv2dInputGradient'
    ? [shape, first.shape, second.shape]
    : [second.shape, shape, first.shape];
}

/**
 * Calls `visit` with runs of elements that meet: `count` pixels from `pixel` on, `step` apart, an element of the weight, and
 * as many neighbouring elements of y.
 */
export function eachRun(
  result: Tensor,
  visit: (pixel: number, step: number, tap: number, at: number, count: number) => void,
): void {
  const { stride, padding, dilation } = result.attributes as Geometry;
  const [[images, channels, height, width], [outputs, , taps, across], [, , rows, columns]] =
    shapesOf(result);
  for (let n = 0; n < images; n++)
    for (let o = 0; o < outputs; o++)
      for (let c = 0; c < channels; c++)
        for (let r = 0; r < taps; r++)
          for (let s = 0; s < across; s++)
            for (let p = 0; p < rows; p++) {
              const h = p * stride[0] - padding[0] + r * dilation[0];
              if (h < 0 || h >= height) continue;
              const from = s * dilation[1] - padding[1];
              const first = Math.max(0, Math.ceil(-from / stride[1]));
              const end = Math.min(columns, Math.ceil((width - from) / stride[1]));
              if (first >= end) continue;
              const pixel = ((n * channels + c) * height + h) * width + from + first * stride[1];
              const tap = ((o * channels + c) * taps + r) * across + s;
              const at = ((n * outputs + o) * rows + p) * columns + first;
              visit(pixel, stride[1], tap, at, end - first);
            }
}
