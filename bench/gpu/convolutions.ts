/** Convolutions and their gradients as work for `FormBench`: some results in float64, and all in other forms. */

import { usualTableOf } from '../../src/engine/forms.ts';
import type { Gpu } from '../../src/gpu/device.ts';
import { sizeOf } from '../../src/graph/tensor.ts';
import { compile } from '../../src/plan/compile.ts';
import { layoutParameters } from '../../src/plan/layout.ts';
import { direct, lower, tiles } from '../../src/plan/lower.ts';
import { type Direction, type Layer, layerGraph, shapesOf } from '../layers.ts';
import { relativeError } from '../measure.ts';
import type { FormWork } from './form-bench.ts';
import { madeUp } from './values.ts';

/** Results that are held against sums in float64, from the first to the last. */
const SAMPLES = 97;

/** What may meet in a layer. */
interface Operands {
  readonly x: Float32Array<ArrayBuffer>;
  readonly weight: Float32Array<ArrayBuffer>;
  readonly dy: Float32Array<ArrayBuffer>;
}

/** A direction of a layer on made-up operands. */
export function convolutionWork(gpu: Gpu, layer: Layer, images: number, direction: Direction): FormWork {
  const shapes = shapesOf(layer, images);
  const operands: Operands = {
    x: madeUp(sizeOf(shapes.x), 1),
    weight: madeUp(sizeOf(shapes.weight), 2),
    dy: madeUp(sizeOf(shapes.dy), 3),
  };
  const sizes = sizesOf(layer, images);
  const y = layerGraph(layer, images, direction);
  const compiled = compile({ outputs: { y }, layout: layoutParameters([]) });
  return {
    name: `${layer.name}, ${direction}`,
    compiled,
    inputs: { ...operands },
    plain: lower(compiled, usualTableOf(gpu) === 'direct' ? tiles : direct),
    sampleError(ours) {
      const places = Array.from({ length: SAMPLES }, (_, i) =>
        Math.round((i / (SAMPLES - 1)) * (ours.length - 1)),
      );
      const exact = places.map(place => exactAt[direction](sizes, operands, indicesOf(place, y.shape)));
      return relativeError(
        places.map(place => ours[place]),
        exact,
      );
    },
  };
}

/** Row-major. */
function indicesOf(place: number, shape: readonly number[]): number[] {
  const indices: number[] = [];
  let rest = place;
  for (const length of [...shape].reverse()) {
    indices.unshift(rest % length);
    rest = Math.floor(rest / length);
  }
  return indices;
}

interface Sizes {
  readonly images: number;
  /** Channels, and pixels or positions each way. */
  readonly inputs: number;
  readonly outputs: number;
  readonly before: number;
  readonly after: number;
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;
}

function sizesOf(layer: Layer, images: number): Sizes {
  const { kernel, stride } = layer;
  const { padding, x, dy } = shapesOf(layer, images);
  const [, inputs, before] = x;
  const [, outputs, after] = dy;
  return { images, inputs, outputs, before, after, kernel, stride, padding };
}

type Exact = (sizes: Sizes, operands: Operands, indices: readonly number[]) => number;

/** One result by the definition: pixel = position * stride - padding + tap, each way. */
const exactAt: Readonly<Record<Direction, Exact>> = {
  forward({ inputs, before, kernel, stride, padding }, { x, weight }, [n, o, p, q]) {
    let sum = 0;
    for (let r = 0; r < kernel; r++) {
      for (let s = 0; s < kernel; s++) {
        const [row, column] = [p * stride - padding + r, q * stride - padding + s];
        if (!isOn(row, before) || !isOn(column, before)) continue;
        for (let c = 0; c < inputs; c++) {
          const tap = weight[((o * inputs + c) * kernel + r) * kernel + s];
          sum += tap * x[((n * inputs + c) * before + row) * before + column];
        }
      }
    }
    return sum;
  },
  images({ inputs, outputs, after, kernel, stride, padding }, { weight, dy }, [n, c, row, column]) {
    let sum = 0;
    for (let r = 0; r < kernel; r++) {
      for (let s = 0; s < kernel; s++) {
        const [p, q] = [(row + padding - r) / stride, (column + padding - s) / stride];
        if (!isOn(p, after) || !isOn(q, after)) continue;
        for (let o = 0; o < outputs; o++) {
          const tap = weight[((o * inputs + c) * kernel + r) * kernel + s];
          sum += tap * dy[((n * outputs + o) * after + p) * after + q];
        }
      }
    }
    return sum;
  },
  weights({ images, inputs, outputs, before, after, stride, padding }, { x, dy }, [o, c, r, s]) {
    let sum = 0;
    for (let n = 0; n < images; n++) {
      for (let p = 0; p < after; p++) {
        const row = p * stride - padding + r;
        if (!isOn(row, before)) continue;
        for (let q = 0; q < after; q++) {
          const column = q * stride - padding + s;
          if (!isOn(column, before)) continue;
          const pixel = x[((n * inputs + c) * before + row) * before + column];
          sum += pixel * dy[((n * outputs + o) * after + p) * after + q];
        }
      }
    }
    return sum;
  },
};

/** Whether there is such a pixel, or such a position. */
const isOn = (at: number, length: number): boolean => Number.isInteger(at) && at >= 0 && at < length;
