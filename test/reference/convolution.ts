/** Convolutions as they are defined: every weight meets every pixel that it reaches from a position. */
import type { Shape, Tensor } from '../../src/graph/tensor.ts';

interface Geometry {
  readonly stride: readonly [number, number];
  readonly padding: readonly [number, number];
  readonly dilation: readonly [number, number];
}

/** Elements that meet: of x, the weight and y; x is -1 where the pixel is one of padding. */
type Meet = (x: number, weight: number, y: number) => void;

/** @param y shape [N, O, P, Q] */
function eachMeeting(x: Shape, weight: Shape, y: Shape, { stride, padding, dilation }: Geometry, meet: Meet) {
  const [, channels, height, width] = x;
  const [outputs, , taps, across] = weight;
  const [images, , rows, columns] = y;
  for (let n = 0; n < images; n++)
    for (let o = 0; o < outputs; o++)
      for (let p = 0; p < rows; p++)
        for (let q = 0; q < columns; q++)
          for (let c = 0; c < channels; c++)
            for (let r = 0; r < taps; r++)
              for (let s = 0; s < across; s++) {
                const h = p * stride[0] - padding[0] + r * dilation[0];
                const w = q * stride[1] - padding[1] + s * dilation[1];
                const inside = h >= 0 && h < height && w >= 0 && w < width;
                const pixel = inside ? ((n * channels + c) * height + h) * width + w : -1;
                const at = ((o * channels + c) * taps + r) * across + s;
                meet(pixel, at, ((n * outputs + o) * rows + p) * columns + q);
              }
}

/** What of the three tensors a convolution or a gradient is made of, and which of them it is. */
export function meetingsOf(result: Tensor<never>): {
  readonly each: (meet: Meet) => void;
  readonly images: readonly [Shape, Shape, Shape];
} {
  const geometry = result.attributes as Geometry;
  const [first, second] = result.inputs.map(({ shape }) => shape);
  // conv2d has weight and x, the gradients weight and dy, and dy and x.
  const of: Record<string, readonly [Shape, Shape, Shape]> = {
    conv2d: [second, first, result.shape],
    conv2dInputGradient: [result.shape, first, second],
    conv2dWeightGradient: [second, result.shape, first],
  };
  const shapes = of[result.op.name];
  return { images: shapes, each: meet => eachMeeting(...shapes, geometry, meet) };
}
