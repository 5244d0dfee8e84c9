/**
 * Forms of products that are worth measuring on a GPU beside the usual one. Their shaders are variants of the family in
 * `bench/kernels/family.ts`, whose text they are; more of them, and what each is good for, the laboratory measures.
 */
import type { Gpu } from '../gpu/device.ts';
import { canBeSplit, isWhole, patchConstants } from '../graph/kernels/matmul.ts';
import type { Product, ProductForm } from '../graph/op.ts';

/** Other forms of a product that a device can run, the most promising first. */
export type Candidates = (product: Product) => readonly ProductForm[];

/** Undefined for an adapter that computes on the CPU: its forms are fixed. */
export const candidatesFor = ({ software }: Gpu): Candidates | undefined =>
  software ? undefined : candidatesOf;

interface ShippedKernel {
  readonly shader: string;
  readonly tile: readonly [rows: number, columns: number];
  readonly depth: number;
  /** Loads four values at a time, so rows must begin at multiples of four. */
  readonly vectors: boolean;
}

/** The most promising first. */
export const shippedKernels: readonly ShippedKernel[] = [
  { shader: 'matmul_128x64_8x4_d16_s1_p1_vectors', tile: [128, 64], depth: 16, vectors: true },
  { shader: 'matmul_128x128_8x8_d8_s1_p1_vectors', tile: [128, 128], depth: 8, vectors: true },
  { shader: 'matmul_64x64_4x4_d16_s1_p1_vectors', tile: [64, 64], depth: 16, vectors: true },
  { shader: 'matmul', tile: [64, 64], depth: 16, vectors: false },
  { shader: 'matmul_small', tile: [32, 32], depth: 16, vectors: false },
];

/** Workgroups that fill a large GPU: where there are fewer, the inner axis is cut. */
const FULL = 256;
/** Slices that a split keeps at least. */
const LEAST_SLICES = 8;

/**
 * Ways to cut the inner axis that are worth a try: as seldom as its digits allow and, where it may be cut, into as many
 * parts as fill a large GPU.
 */
export function splitsWorthTrying(
  product: Product,
  { tile, depth }: Pick<ProductForm, 'tile' | 'depth'>,
): number[] {
  if (!canBeSplit(product)) return [1];
  const { summed, m, n, k, longestSum = Number.POSITIVE_INFINITY } = product;
  const workgroups = Math.ceil(m / tile[0]) * Math.ceil(n / tile[1]);
  const slices = summed * Math.ceil(k / depth);
  const least = Math.max(1, Math.min(slices, Math.ceil((summed * k) / longestSum)));
  const wanted = Math.min(Math.ceil(FULL / workgroups), Math.floor(slices / LEAST_SLICES));
  return wanted > least ? [least, wanted] : [least];
}

/**
 * True where all rows and matrices of the operands and of the result begin at multiples of four values: those of patches
 * lie scattered.
 */
export function startsAtVectors({
  m,
  n,
  k,
  stepA,
  stepB,
  transposeA,
  transposeB,
  patches,
}: Product): boolean {
  if (patches) return false;
  return [transposeA ? m : k, transposeB ? k : n, n, stepA, stepB].every(length => length % 4 === 0);
}

export function candidatesOf(product: Product): ProductForm[] {
  // What lies between the results of a phase would have to be compared too.
  if (!isWhole(product)) return [];
  const constants = {
    TRANSPOSE_A: Number(product.transposeA),
    // The patches of an image are not contiguous along the depth, transposed or not.
    TRANSPOSE_B: Number(product.transposeB && !product.patches),
    ...patchConstants(product),
  };
  return shippedKernels
    .filter(({ vectors }) => !vectors || startsAtVectors(product))
    .flatMap(({ shader, tile, depth }) =>
      splitsWorthTrying(product, { tile, depth }).map(splits => ({ shader, constants, tile, depth, splits })),
    );
}
