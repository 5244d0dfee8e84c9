/**
 * Convolutions as products with the patches of images (docs/convolution.md): forward, and the gradients of
 * images and weights.
 */
import type { KernelPlan, Product } from '../op.ts';
import type { Patches, Walk } from '../patches.ts';
import { productKernels, tiledForm } from './matmul.ts';

/** One axis of a convolution. */
export interface ConvAxis {
  readonly length: number;
  readonly taps: number;
  readonly stride: number;
  readonly padding: number;
  readonly dilation: number;
  /** Of the result. */
  readonly positions: number;
}

/** x [images, inputs, rows, columns], weight [outputs, inputs, taps down, taps across]. */
export interface Convolution {
  readonly images: number;
  readonly inputs: number;
  readonly outputs: number;
  readonly rows: ConvAxis;
  readonly columns: ConvAxis;
}

/** What a product has beside its sizes. */
export type ProductExtras = Partial<Pick<Product, 'bias' | 'accumulate' | 'finish'>>;

/** In f32 a longer sum loses digits that show: sums over all positions of a batch do. */
export const LONGEST_SUM = 8192;

const plain = { transposeA: false, bias: 'none', accumulate: false, longestSum: LONGEST_SUM } as const;

const forwardWalk = ({ length, taps, stride, padding, dilation, positions }: ConvAxis): Walk => ({
  length,
  positions,
  taps,
  scale: stride,
  offset: -padding,
  step: dilation,
});

/** x and weight -> y [images, outputs, positions down, positions across]. */
export function forwardProduct(conv: Convolution, extras: ProductExtras = {}): Product {
  const { images, inputs, outputs, rows, columns } = conv;
  const [taps, positions] = [rows.taps * columns.taps, rows.positions * columns.positions];
  const patches: Patches = {
    images,
    channels: inputs,
    rows: forwardWalk(rows),
    columns: forwardWalk(columns),
    layout: {
      weights: { first: 0, row: inputs * taps, channel: taps, down: columns.taps, across: 1 },
      results: { first: 0, row: positions, image: outputs * positions, down: columns.positions, across: 1 },
    },
  };
  const sizes = { m: outputs, n: images * positions, k: inputs * taps, stepA: 0, stepB: 0 };
  return { ...plain, batch: 1, summed: 1, ...sizes, transposeB: false, patches, ...extras };
}

/** dy and x -> the gradient of the weight. */
export function weightProduct(conv: Convolution, extras: ProductExtras = {}): Product {
  const { images, inputs, outputs, rows, columns } = conv;
  const positions = rows.positions * columns.positions;
  const patches = { images: 1, channels: inputs, rows: forwardWalk(rows), columns: forwardWalk(columns) };
  const sizes = { m: outputs, n: inputs * rows.taps * columns.taps, k: positions };
  const steps = { stepA: outputs * positions, stepB: inputs * rows.length * columns.length };
  return { ...plain, batch: 1, summed: images, ...sizes, ...steps, transposeB: true, patches, ...extras };
}

/** Pixels along an axis that meet the same taps: every `stride`-th from the first, and the taps likewise. */
interface Phase {
  readonly walk: Walk;
  readonly firstPixel: number;
  readonly firstTap: number;
  /** From one tap to the next. */
  readonly tapStep: number;
}

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));

/** Pixel h and tap r meet where h + padding - r dilation = stride * position. */
function phasesOf({ length, taps, stride, padding, dilation, positions }: ConvAxis): Phase[] {
  const tapStep = stride / gcd(stride, dilation);
  return Array.from({ length: Math.min(stride, length) }, (_, firstPixel): Phase => {
    const meets = (tap: number) => (firstPixel + padding - tap * dilation) % stride === 0;
    const candidates = Array.from({ length: Math.min(taps, tapStep) }, (__, tap) => tap);
    const firstTap = candidates.find(meets);
    const walk = {
      length: positions,
      positions: Math.ceil((length - firstPixel) / stride),
      scale: 1,
      step: (-tapStep * dilation) / stride,
    };
    if (firstTap === undefined)
      return { walk: { ...walk, taps: 0, offset: 0 }, firstPixel, firstTap: 0, tapStep };
    const offset = (firstPixel + padding - firstTap * dilation) / stride;
    const count = Math.ceil((taps - firstTap) / tapStep);
    return { walk: { ...walk, taps: count, offset }, firstPixel, firstTap, tapStep };
  });
}

/** Weight and dy -> the gradient of x: a product for the pixels of each phase. */
export function inputProducts(conv: Convolution, extras: ProductExtras = {}): Product[] {
  const { images, inputs, outputs, rows, columns } = conv;
  const [taps, pixels] = [rows.taps * columns.taps, rows.length * columns.length];
  return phasesOf(rows).flatMap(down =>
    phasesOf(columns).map((across): Product => {
      const patches: Patches = {
        images,
        channels: outputs,
        rows: down.walk,
        columns: across.walk,
        layout: {
          weights: {
            first: down.firstTap * columns.taps + across.firstTap,
            row: taps,
            channel: inputs * taps,
            down: down.tapStep * columns.taps,
            across: across.tapStep,
          },
          results: {
            first: down.firstPixel * columns.length + across.firstPixel,
            row: pixels,
            image: inputs * pixels,
            down: rows.stride * columns.length,
            across: columns.stride,
          },
        },
      };
      const sizes = {
        m: inputs,
        n: images * down.walk.positions * across.walk.positions,
        k: outputs * down.walk.taps * across.walk.taps,
      };
      return {
        ...plain,
        batch: 1,
        summed: 1,
        ...sizes,
        stepA: 0,
        stepB: 0,
        transposeB: false,
        patches,
        ...extras,
      };
    }),
  );
}

/** The kernels of several products that make parts of one result. */
export function convolutionKernels(products: readonly Product[]): KernelPlan {
  const plans = products.map(product => productKernels(product, tiledForm(product)));
  // Only a product that makes the whole result is split.
  const scratch = plans.flatMap(plan => plan.scratch ?? []);
  return { kernels: plans.flatMap(({ kernels }) => kernels), ...(scratch.length > 0 ? { scratch } : {}) };
}
