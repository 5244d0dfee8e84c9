/**
 * Matrix products: plain or transposed operands, batched or with one operand shared by the batch, summed over the
 * batch (weight gradients), and with a bias added on the way out. The vjps are products of the same family, so no
 * tensor is ever transposed in memory.
 */
import { type MatmulAttributes, type MatmulSizes, matmulKernels } from '../kernels/matmul.ts';
import type { Chain, Finish, Fused, Op } from '../op.ts';
import { apply, noSecondDerivative, rootOf, type Shape, ShapeError, sizeOf, type Tensor } from '../tensor.ts';
import { finishOf } from './chain.ts';
import { sum } from './reduce.ts';

interface MatmulOpAttributes extends MatmulAttributes {
  /** Of the result, where what follows a product has another one of its size. */
  readonly shape?: Shape;
}

/** @throws ShapeError */
export function matmulSizes(a: Shape, b: Shape, attributes: MatmulAttributes): MatmulSizes {
  const fail = (why: string): never => {
    const { transposeA, transposeB } = attributes;
    throw new ShapeError(
      `matmul: [${a}]${transposeA ? '^T' : ''} by [${b}]${transposeB ? '^T' : ''}: ${why}`,
    );
  };
  if (![2, 3].includes(a.length) || ![2, 3].includes(b.length)) fail('operands have 2 or 3 axes');
  const [rowsA, columnsA] = a.slice(-2);
  const [rowsB, columnsB] = b.slice(-2);
  const [m, k] = attributes.transposeA ? [columnsA, rowsA] : [rowsA, columnsA];
  const [n, kb] = attributes.transposeB ? [rowsB, columnsB] : [columnsB, rowsB];
  if (k !== kb) fail(`inner lengths ${k} and ${kb} differ`);
  const [batchA, batchB] = [a.length === 3 ? a[0] : 1, b.length === 3 ? b[0] : 1];
  if (a.length === 3 && b.length === 3 && batchA !== batchB) fail(`batches ${batchA} and ${batchB} differ`);
  const batch = Math.max(batchA, batchB);
  return {
    batch: attributes.sumBatch ? 1 : batch,
    summed: attributes.sumBatch ? batch : 1,
    m,
    n,
    k,
    stepA: a.length === 3 ? m * k : 0,
    stepB: b.length === 3 ? k * n : 0,
  };
}

const matmulOp: Op<MatmulOpAttributes> = {
  name: 'matmul',
  shape: ([a, b, bias], attributes) => {
    const { m, n, batch } = matmulSizes(a, b, attributes);
    const length = attributes.bias === 'rows' ? m : n;
    if (attributes.bias !== 'none' && (bias.length !== 1 || bias[0] !== length)) {
      throw new ShapeError(`matmul: a bias of [${bias}] where [${length}] is needed`);
    }
    const batched = !attributes.sumBatch && (a.length === 3 || b.length === 3);
    return attributes.shape ?? (batched ? [batch, m, n] : [m, n]);
  },
  vjp: ({ inputs: [a, b, bias], attributes }, dy) => {
    const { transposeA, transposeB, longestSum } = attributes;
    // An operand without a batch axis took part in every product of the batch: its gradient is their sum.
    const sumA = a.shape.length === 2 && (b.shape.length === 3 || dy.shape.length === 3);
    const sumB = b.shape.length === 2 && (a.shape.length === 3 || dy.shape.length === 3);
    const gradientA = () =>
      transposeA
        ? matmul(b, dy, { transposeA: transposeB, transposeB: true, sumBatch: sumA, longestSum })
        : matmul(dy, b, { transposeB: !transposeB, sumBatch: sumA, longestSum });
    const gradientB = () =>
      transposeB
        ? matmul(dy, a, { transposeA: true, transposeB: transposeA, sumBatch: sumB, longestSum })
        : matmul(a, dy, { transposeA: !transposeA, sumBatch: sumB, longestSum });
    // A shared operand is a weight. Its gradient comes first: after it the activation's memory is free for the other.
    const early = sumB ? gradientB() : undefined;
    const da = gradientA();
    const db = early ?? gradientB();
    if (attributes.bias === 'none') return [da, db];
    const kept = attributes.bias === 'rows' ? dy.shape.length - 2 : dy.shape.length - 1;
    const others = dy.shape.map((_, axis) => axis).filter(axis => axis !== kept);
    return [da, db, bias && sum(dy, others)];
  },
  kernels: ({ inputs: [a, b], attributes }) =>
    matmulKernels(matmulSizes(a.shape, b.shape, attributes), attributes, false),
  accumulate: ({ inputs: [a, b], attributes }) =>
    matmulKernels(matmulSizes(a.shape, b.shape, attributes), attributes, true),
  followedBy: ({ op, inputs: [a, b], attributes }, chain) => {
    const finish = attributes.finish ? undefined : finishOf(chain, false);
    return finish && finished(op.name, a.shape, b.shape, attributes, finish, chain);
  },
  together: (product, other) => {
    const { op, inputs, attributes, shape } = product;
    const chain = other.op.chain?.(other);
    const finish = chain?.views.length === 1 && !attributes.finish ? finishOf(chain, true) : undefined;
    if (!finish || rootOf(other.inputs[0]) !== product || sizeOf(other.shape) !== sizeOf(shape))
      return undefined;
    const [a, b] = inputs;
    const whole = finished(op.name, a.shape, b.shape, attributes, finish, { ...chain!, shape });
    return whole && { ...whole, inputs: [...inputs, ...other.inputs.slice(1)] };
  },
};

/** The op that also does `finish` to its results; none where a product without it would be cut into parts. */
function finished(
  name: string,
  a: Shape,
  b: Shape,
  attributes: MatmulAttributes,
  finish: Finish,
  { shape, links }: Chain,
): Fused<MatmulOpAttributes> | undefined {
  if (matmulKernels(matmulSizes(a, b, attributes), attributes, false).kernels.length > 1) return undefined;
  const whole = [name, ...links.map(link => link.function)].join(', ');
  const op = { ...matmulOp, name: whole, accumulate: undefined, vjp: () => noSecondDerivative(whole) };
  return { op, attributes: { ...attributes, finish, shape } };
}

export interface MatmulOptions extends Partial<Omit<MatmulAttributes, 'bias'>> {
  /** Added along the last axis of the result: [N]. */
  readonly bias?: Tensor;
  /** Added along the axis before it: [M]. */
  readonly rowBias?: Tensor;
}

/**
 * a [.., M, K] by b [.., K, N] -> [.., M, N]; with `transposeA` a is [.., K, M], with `transposeB` b is [.., N, K].
 * Either operand may lack the batch axis and is then shared.
 * @throws ShapeError
 */
export function matmul(a: Tensor, b: Tensor, options: MatmulOptions = {}): Tensor {
  const { bias, rowBias, transposeA = false, transposeB = false, sumBatch = false, longestSum } = options;
  const attributes = {
    transposeA,
    transposeB,
    sumBatch,
    longestSum,
    bias: bias ? 'columns' : rowBias ? 'rows' : 'none',
  } as const;
  const added = bias ?? rowBias;
  return apply(matmulOp, added ? [a, b, added] : [a, b], attributes);
}
