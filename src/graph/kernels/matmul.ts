/** Chooses the kernels of a matrix product from its sizes. */
import { input, type Kernel, type KernelPlan, output, scratch, unused } from '../op.ts';
import type { MatmulAttributes, MatmulSizes } from '../ops/matmul.ts';
import { sumKernel } from '../ops/reduce.ts';

const TILE = 32;
const DEPTH = 16;
/** Results with fewer tiles than this leave a GPU idle: their inner axis is split. */
const ENOUGH_TILES = 64;
/** Inner tiles that a split must keep, for the second pass to be worth it. */
const MIN_DEPTHS_PER_SPLIT = 4;

const biasCodes = { none: 0, columns: 1, rows: 2 } as const;

export function matmulKernels(sizes: MatmulSizes, attributes: MatmulAttributes): KernelPlan {
  const { batch, summed, m, n, k, stepA, stepB } = flattened(sizes, attributes);
  const tiles = batch * Math.ceil(m / TILE) * Math.ceil(n / TILE);
  const depths = summed * Math.ceil(k / DEPTH);
  const wanted = Math.min(Math.ceil(ENOUGH_TILES / tiles), Math.floor(depths / MIN_DEPTHS_PER_SPLIT));
  const splits = batch === 1 && attributes.bias === 'none' ? Math.max(1, wanted) : 1;
  const product: Kernel = {
    shader: 'matmul',
    constants: {
      TRANSPOSE_A: attributes.transposeA ? 1 : 0,
      TRANSPOSE_B: attributes.transposeB ? 1 : 0,
      BIAS: biasCodes[attributes.bias],
    },
    params: [m, n, k, summed, stepA, stepB, Math.ceil(depths / splits), splits],
    operands: [
      input(0),
      input(1),
      attributes.bias === 'none' ? unused : input(2),
      splits > 1 ? scratch(0) : output,
    ],
    workgroups: [Math.ceil(n / TILE), Math.ceil(m / TILE), batch * splits],
  };
  if (splits === 1) return { kernels: [product] };
  return {
    kernels: [product, sumKernel(1, splits, m * n, 1, scratch(0), output)],
    scratch: [splits * m * n],
  };
}

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
