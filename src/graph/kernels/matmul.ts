/**
 * The kernels of a matrix product. Which form it is computed in is chosen here from its sizes, as suits a GPU; for other
 * devices `plan/lower` puts another form in its place.
 */
import {
  type Finish,
  further,
  input,
  type Kernel,
  type KernelPlan,
  output,
  type Product,
  type ProductForm,
  scratch,
  unused,
  updated,
  work,
} from '../op.ts';
import { codeOf, flopsOf, isAligned, maskWords, RANDOM_WORDS } from '../ops/chain.ts';
import { sumKernel } from '../ops/reduce.ts';
import type { Patches } from '../patches.ts';
import { linesOfBlocks, PATCHES_AT, patchWords, touchedElements } from './patches.ts';

export interface MatmulAttributes {
  /** a is stored [.., K, M] rather than [.., M, K]. */
  readonly transposeA: boolean;
  /** b is stored [.., N, K] rather than [.., K, N]. */
  readonly transposeB: boolean;
  /** Sum the products of the batch: the result is [M, N]. */
  readonly sumBatch: boolean;
  /** A third input added to every row (`columns`: [N]) or to every column (`rows`: [M]). */
  readonly bias: 'none' | 'columns' | 'rows';
  readonly finish?: Finish;
  /** See `Product`. */
  readonly longestSum?: number;
}

/** Sizes of one product, as kernels and formulas need them. */
export interface MatmulSizes {
  /** Products in the result (1 where the batch is summed). */
  readonly batch: number;
  /** Products summed into each result. */
  readonly summed: number;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  /** Elements from one matrix of a (b) to the next; 0 where the batch shares it. */
  readonly stepA: number;
  readonly stepB: number;
}

/** `cost` is the time of a result relative to the large tile's: each loaded word serves half as many products. */
const tiles = [
  { shader: 'matmul', edge: 64, cost: 1 },
  { shader: 'matmul_small', edge: 32, cost: 1.5 },
] as const;
type Tile = (typeof tiles)[number];

/** Steps of the inner axis that pass through workgroup memory together. */
const DEPTH = 16;
/** Fewer workgroups than this leave a GPU idle: the inner axis is split, or the tile made smaller. */
const ENOUGH_WORKGROUPS = 64;
/**
 * The partial results of a split may take a quarter of the operands' memory: a share of a smaller model then takes a
 * smaller share of memory too.
 */
const OPERANDS_PER_PARTIAL = 4;
/** Slices of the inner axis that a split must keep, for the second pass to be worth it. */
const MIN_DEPTHS_PER_SPLIT = 4;

const biasCodes = { none: 0, columns: 1, rows: 2 } as const;

/** @param accumulate add the product to what the result's place holds */
export function matmulKernels(
  sizes: MatmulSizes,
  attributes: MatmulAttributes,
  accumulate: boolean,
): KernelPlan {
  const { batch, summed, m, n, k, stepA, stepB } = flattened(sizes, attributes);
  const { transposeA, transposeB, bias, finish, longestSum } = attributes;
  const flat = { batch, summed, m, n, k, stepA, stepB };
  const optional = { ...(finish ? { finish } : {}), ...(longestSum ? { longestSum } : {}) };
  const product = { ...flat, transposeA, transposeB, bias, accumulate, ...optional };
  return productKernels(product, tiledForm(product));
}

/** Whether the results are all that there are at their place; those of a phase of a convolution have others between them. */
export const isWhole = ({ m, n, patches }: Product): boolean =>
  !patches?.layout || patches.images * patches.layout.results.image === m * n;

/** Whether partial results are all that is added up: nothing is done to a result but once, and they are whole. */
const isPlain = (product: Product): boolean =>
  product.bias === 'none' && product.finish === undefined && isWhole(product);

/** Whether the inner axis may be cut, and the parts added up by a kernel of its own. */
export const canBeSplit = (product: Product): boolean => product.batch === 1 && isPlain(product);

/** What tells a shader that b is the patches of images. */
export function patchConstants({ patches, transposeB }: Product): Readonly<Record<string, number>> {
  return patches ? { PATCHES: transposeB ? 2 : 1 } : {};
}

/** The form in tiles of workgroup memory. */
export function tiledForm(product: Product): ProductForm {
  const [{ tile, splits }] = tiles
    .map(candidate => ({ tile: candidate, ...estimate(candidate, product, canBeSplit(product)) }))
    .sort((one, other) => one.cost - other.cost);
  return {
    shader: tile.shader,
    constants: {
      TRANSPOSE_A: Number(product.transposeA),
      // The patches of an image are not contiguous along the depth, transposed or not.
      TRANSPOSE_B: Number(product.transposeB && !product.patches),
      ...patchConstants(product),
    },
    tile: [tile.edge, tile.edge],
    depth: DEPTH,
    splits,
  };
}

/** A core needs no more workgroups than this to be busy, and there are few cores. */
const ENOUGH_WITHOUT_GPU = 16;
/** Rows and columns of the result that a workgroup of `conv_direct`, `conv_lanes` and their like makes. */
const STRAIGHT_TILE = [16, 32] as const;
/** Of `conv_direct_narrow` and `conv_lanes_narrow`: the time goes with the columns. */
const NARROW_TILE = [16, 28] as const;

/** Tiles of seven columns an invocation where they leave fewer idle: of one image of 7 x 7 seven of 56, not 15 of 64. */
function isFullerNarrow(n: number): boolean {
  const covered = ([, columns]: readonly [number, number]) => Math.ceil(n / columns) * columns;
  return covered(NARROW_TILE) < covered(STRAIGHT_TILE);
}

/**
 * The form of a convolution for adapters that compute on the CPU: a slice of the inner axis is a row of positions, where
 * the sum is over those, and all of it where the sum is over taps.
 *
 * @param kind of the shader: `direct` or `lanes`
 */
export function straightForm(product: Product, patches: Patches, kind: string): ProductForm {
  const { m, n, k, summed, transposeB, longestSum = Number.POSITIVE_INFINITY } = product;
  const constants = patchConstants(product);
  if (!transposeB) {
    const depth = Math.max(1, k);
    return isFullerNarrow(n)
      ? { shader: `conv_${kind}_narrow`, constants, tile: NARROW_TILE, depth, splits: 1 }
      : { shader: `conv_${kind}`, constants, tile: STRAIGHT_TILE, depth, splits: 1 };
  }
  const tile = STRAIGHT_TILE;
  const depth = patches.columns.positions;
  const workgroups = Math.ceil(m / tile[0]) * Math.ceil(n / tile[1]);
  const wanted = Math.max(Math.ceil(ENOUGH_WITHOUT_GPU / workgroups), Math.ceil((summed * k) / longestSum));
  const rows = summed * patches.rows.positions;
  const splits = isPlain(product) ? filled(rows, Math.min(wanted, rows)) : 1;
  return { shader: `conv_weights_${kind}`, constants, tile, depth, splits };
}

/**
 * A product in a form: one kernel, or two where the inner axis is split, with the partial results as scratch. Inputs are
 * a, b and, where there are such, the bias, what the finish reads, and the state of the random numbers.
 *
 * @throws Error where a batch, a part of the results, or a product with a bias or a finish, is to be split
 */
export function productKernels(product: Product, form: ProductForm): KernelPlan {
  const { batch, summed, m, n, k, stepA, stepB, transposeA, transposeB, bias, accumulate, finish } = product;
  const { shader, constants, tile, depth, splits } = form;
  const { patches } = product;
  if (splits > 1 && !canBeSplit(product)) {
    const what = 'with a batch, a bias or a finish, or of a part of the results,';
    throw new Error(`a product of ${m} x ${n} x ${k} ${what} cannot be split ${splits} ways`);
  }
  const result = accumulate ? updated : output;
  const depths = summed * Math.ceil(k / depth);
  const perSplit = Math.ceil(depths / splits);
  const lengths = [m, n, k, summed, stepA, stepB, perSplit, splits];
  const size = batch * m * n;
  const { links = [], mask, second = false } = finish ?? {};
  const readsOther = links.some(({ operand }) => operand !== undefined);
  const otherInput = bias === 'none' ? 2 : 3;
  const added = Number(bias !== 'none') + Number(accumulate && splits === 1) + flopsOf(links);
  // The last splits may be empty; a sum of nothing takes nothing.
  const parts = depths === 0 ? 0 : Math.ceil(depths / perSplit);
  const sums = 2 * k * summed - parts + added;
  const read =
    m * k * (stepA > 0 ? batch * summed : 1) +
    elementsOfB(product) +
    { none: 0, columns: n, rows: m }[bias] +
    (accumulate && splits === 1 ? size : 0) +
    (readsOther ? size : 0) +
    (mask ? RANDOM_WORDS : 0);
  const [across, lines] = patches ? linesOfBlocks(Math.ceil(n / tile[1])) : [Math.ceil(n / tile[1]), batch];
  const words = [...lengths, biasCodes[bias], Number(transposeA), Number(transposeB)];
  words.push(Number(accumulate && splits === 1), ...(mask ? maskWords(mask) : []));
  const padding = new Array<number>(patches ? PATCHES_AT - words.length : 0).fill(0);
  const kernel: Kernel = {
    shader,
    constants: { ...constants, ...(finish ? finishConstants(finish, n) : {}) },
    params: [...words, ...padding, ...(patches ? patchWords(patches, across) : [])],
    operands: [
      input(0),
      input(1),
      bias === 'none' ? unused : input(2),
      readsOther ? input(otherInput) : unused,
      mask ? input(otherInput + Number(readsOther)) : unused,
      second ? further(0) : unused,
      splits > 1 ? scratch(0, 'write') : result,
    ],
    workgroups: [across, Math.ceil(m / tile[0]), lines * splits],
    work: work(patches ? 'convolution' : 'product', size * sums, read, size * (second ? 2 : splits)),
    product: { of: product, form },
  };
  if (splits === 1) return { kernels: [kernel] };
  return {
    kernels: [kernel, sumKernel(1, splits, m * n, 1, scratch(0, 'read'), result)],
    scratch: [splits * m * n],
  };
}

/** Of all matrices, or of the images whose patches are multiplied: those that are touched. */
function elementsOfB({ batch, summed, n, k, stepB, patches }: Product): number {
  if (patches) return touchedElements(patches) * patches.images * summed;
  return k * n * (stepB > 0 ? batch * summed : 1);
}

/** Four neighbours of a row share random words where rows of so many columns begin together with blocks of words. */
function finishConstants({ links, mask, second }: Finish, columns: number): Record<string, number> {
  return {
    F1: codeOf(links[0]),
    F2: codeOf(links[1]),
    SECOND: Number(second),
    ...(mask ? { ALIGNED: Number(isAligned(mask) && columns % 4 === 0) } : {}),
  };
}

/** How many ways a tile would split the inner axis, and the relative time of the whole product. */
function estimate(
  { edge, cost }: Tile,
  { batch, summed, m, n, k, longestSum }: Product,
  splittable: boolean,
): { splits: number; cost: number } {
  const workgroups = batch * Math.ceil(m / edge) * Math.ceil(n / edge);
  const depths = summed * Math.ceil(k / DEPTH);
  const wanted = Math.min(
    Math.max(
      Math.ceil(ENOUGH_WORKGROUPS / workgroups),
      longestSum ? Math.ceil((summed * k) / longestSum) : 0,
    ),
    Math.floor(depths / MIN_DEPTHS_PER_SPLIT),
    Math.floor((summed * k * (m + n)) / (OPERANDS_PER_PARTIAL * m * n)),
  );
  const most = splittable ? Math.max(1, wanted) : 1;
  const splits = longestSum ? filled(depths, most) : most;
  const busy = Math.min(1, (workgroups * splits) / ENOUGH_WORKGROUPS);
  return { splits, cost: (workgroups * edge * edge * cost) / busy };
}

/** So many splits, but for those that would be empty. */
const filled = (depths: number, splits: number): number =>
  depths === 0 ? 1 : Math.ceil(depths / Math.ceil(depths / splits));

/** Folds the batch into M or K where the memory layout allows: fewer, larger products. */
function flattened(sizes: MatmulSizes, { transposeA, transposeB, bias }: MatmulAttributes): MatmulSizes {
  const { batch, summed, m, k, stepA, stepB } = sizes;
  if (batch > 1 && stepB === 0 && !transposeA && bias !== 'rows') {
    return { ...sizes, batch: 1, m: m * batch, stepA: 0 };
  }
  if (summed > 1 && transposeA && !transposeB && stepA > 0 && stepB > 0) {
    return { ...sizes, summed: 1, k: k * summed, stepA: 0, stepB: 0 };
  }
  return sizes;
}
