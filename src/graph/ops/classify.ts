/**
 * The loss of a classifier, softmax and cross-entropy in one, by labels as words: no row of ones and zeros is ever made. And how
 * many labels are among the first guesses.
 */
import {
  f32Bits,
  input,
  type KernelPlan,
  lineOfWorkgroups,
  type Op,
  output,
  type Work,
  work,
} from '../op.ts';
import { apply, noSecondDerivative, type Shape, ShapeError, sizeOf, type Tensor } from '../tensor.ts';
import { scale } from './elementwise.ts';
import { sum } from './reduce.ts';

interface EntropyAttributes {
  /** Share of the target that all classes have alike. */
  readonly smoothing: number;
}

/** Classes of which one invocation does a row on its own. */
const FEW_CLASSES = 64;

/** @throws ShapeError where logits are no [rows, classes], or labels no [rows] */
function rowsOf(name: string, logits: Shape, labels: Shape): { rows: number; classes: number } {
  if (logits.length !== 2 || labels.length !== 1 || labels[0] !== logits[0]) {
    throw new ShapeError(
      `${name}: logits [${logits}] and labels [${labels}], not [rows, classes] and [rows]`,
    );
  }
  return { rows: logits[0], classes: logits[1] };
}

/** One kernel over rows: it reads all inputs, and writes the result. */
function rowKernel(
  shader: string,
  { inputs, shape }: Tensor,
  params: readonly number[],
  flops: number,
): KernelPlan {
  const [rows, classes] = inputs[0].shape;
  const lanes = classes > FEW_CLASSES ? 64 : 1;
  const read = inputs.reduce((total, operand) => total + sizeOf(operand.shape), 0);
  const done: Work = work('reduction', flops, read, sizeOf(shape));
  return {
    kernels: [
      {
        shader,
        constants: { LANES: lanes },
        params: [rows, classes, ...params],
        operands: [...inputs.map((_, index) => input(index)), output],
        workgroups: lineOfWorkgroups(rows * lanes, 64),
        work: done,
      },
    ],
  };
}

/** logits, labels -> the loss of every row. */
const entropyOp: Op<EntropyAttributes> = {
  name: 'crossEntropy',
  shape: ([logits, labels], { smoothing }) => {
    if (!(smoothing >= 0 && smoothing < 1)) {
      throw new ShapeError(`crossEntropy: a smoothing of ${smoothing} is not in [0, 1)`);
    }
    return [rowsOf('crossEntropy', logits, labels).rows];
  },
  vjp: ({ inputs: [logits, labels], attributes }, dy) => [
    apply(entropyGradientOp, [logits, labels, dy], attributes),
    null,
  ],
  kernels: result => {
    const [rows, classes] = result.inputs[0].shape;
    // The largest; differences, their exponentials and the sums of both; the logarithm, the mean, and 4 to put it together.
    const flops = rows * (5 * classes + 3);
    return rowKernel('cross_entropy', result, [f32Bits(result.attributes.smoothing)], flops);
  },
};

/** logits, labels, dy -> the gradient of the logits. */
const entropyGradientOp: Op<EntropyAttributes> = {
  name: 'crossEntropyGradient',
  shape: ([logits]) => logits,
  vjp: ({ op }) => noSecondDerivative(op.name),
  kernels: result => {
    const [rows, classes] = result.inputs[0].shape;
    // The largest; differences, their exponentials and the sum; the quotient, the choice of a target, less it, times dy.
    const flops = rows * (8 * classes - 2);
    return rowKernel('cross_entropy_gradient', result, [f32Bits(result.attributes.smoothing)], flops);
  },
};

/** logits, labels -> [rows, 2]. */
const hitsOp: Op<null> = {
  name: 'topHits',
  shape: ([logits, labels]) => [rowsOf('topHits', logits, labels).rows, 2],
  vjp: () => [null, null],
  kernels: result => {
    const [rows, classes] = result.inputs[0].shape;
    // A choice for every class, their sum, and the two results' choices.
    return rowKernel('top_hits', result, [], rows * (2 * classes + 1));
  },
};

export interface EntropyOptions {
  /** Share of the target that all classes have alike (Szegedy et al. 2016, "Rethinking the Inception architecture"); 0 where absent. */
  readonly smoothing?: number;
  /** So many rows are meant, and the result is this part's share of their mean. */
  readonly count?: number;
}

/**
 * Mean over the rows of the cross-entropy of softmax(logits) and the labels. logits [rows, classes]; labels [rows], words below
 * the number of classes: whoever reads them sees to that.
 * @throws ShapeError
 */
export function softmaxCrossEntropy(logits: Tensor, labels: Tensor, options: EntropyOptions = {}): Tensor {
  const { smoothing = 0, count = logits.shape[0] } = options;
  checkWords('crossEntropy', labels);
  return scale(sum(apply(entropyOp, [logits, labels], { smoothing })), 1 / count);
}

/**
 * In how many rows the label is the first guess, and among the first five: [2]. Of equal logits the earlier class comes first;
 * one that is no number comes before all others, and a label with such a logit counts as missed.
 * @throws ShapeError
 */
export function topCounts(logits: Tensor, labels: Tensor): Tensor {
  checkWords('topHits', labels);
  return sum(apply(hitsOp, [logits, labels], null), [0]);
}

function checkWords(name: string, { dtype }: Tensor): void {
  if (dtype !== 'u32') throw new ShapeError(`${name}: labels are ${dtype}, not u32`);
}
