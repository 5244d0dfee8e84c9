/**
 * What is computed element by element, as a chain: elements of a first operand go through functions one after the other,
 * some of which take an element of another operand. A single function is a chain of one, a copy in another order one of
 * none, and where a result is read by nothing but the next chain, the compiler joins the two (see `plan/fuse`).
 */
import {
  type Chain,
  type Finish,
  type FunctionName,
  f32Bits,
  input,
  type KernelPlan,
  type Link,
  lineOfWorkgroups,
  type Mask,
  type Op,
  type Operand,
  output,
  unused,
  updated,
  work,
} from '../op.ts';
import { noSecondDerivative, sizeOf, type Tensor } from '../tensor.ts';
import { boxWords, commonAxes, isPlain, touched } from '../view.ts';

/** Codes shared with `shaders/prelude/pointwise.wgsl`; operations an element, see `Work`. */
const functions = {
  add: { code: 1, flops: 1 },
  sub: { code: 2, flops: 1 },
  /** The other operand minus the element. */
  subFrom: { code: 3, flops: 1 },
  mul: { code: 4, flops: 1 },
  div: { code: 5, flops: 1 },
  divInto: { code: 6, flops: 1 },
  /** Of the gradient, by the other operand x. */
  geluGrad: { code: 7, flops: 2 },
  reluGrad: { code: 8, flops: 1 },
  affine: { code: 20, flops: 2 },
  square: { code: 21, flops: 1 },
  sqrt: { code: 22, flops: 1 },
  exp: { code: 23, flops: 1 },
  gelu: { code: 24, flops: 1 },
  relu: { code: 25, flops: 1 },
  dropout: { code: 30, flops: 1 },
} as const satisfies Record<FunctionName, { readonly code: number; readonly flops: number }>;

/** Links that a product, which has places for one operand of them, can do as it stores. */
const LINKS_OF_FINISH = 2;

/**
 * What a kernel can do as it stores a result that `chain` reads first, in its own order.
 * @param second the result is needed as well
 */
export function finishOf({ views, links, mask }: Chain, second: boolean): Finish | undefined {
  const own =
    links.length >= 1 && links.length <= LINKS_OF_FINISH && views.length <= 2 && views.every(isPlain);
  return own && links.every(link => link.function !== 'affine') ? { links, mask, second } : undefined;
}

/** Links of a chain, and among how many of them, from the first, operands can be. */
const MOST_LINKS = 4;
const LINKS_WITH_OPERANDS = 3;

/** Whether one kernel can do all of it, apart from how operands lie. */
export function fitsLinks(links: readonly Link[]): boolean {
  return (
    links.length <= MOST_LINKS &&
    links.every(({ operand }, index) => operand === undefined || index < LINKS_WITH_OPERANDS) &&
    links.filter(link => link.function === 'dropout').length <= 1
  );
}

export const codeOf = (link: Link | undefined): number => (link ? functions[link.function].code : 0);

/** Operations of all links for each element. */
export function flopsOf(links: readonly Link[]): number {
  return links.reduce((sum, link) => sum + functions[link.function].flops, 0);
}

/** Elements that an invocation makes. */
const RUN = 4;

/** Whether four neighbours of the own part share a block of random words. */
export function isAligned({ own, whole, first, sampleSize }: Mask): boolean {
  const contiguous = own[0] === whole[0] && own[1] === whole[1];
  return [first, sampleSize, ...(contiguous ? [] : [own[1], whole[1]])].every(length => length % 4 === 0);
}

/** The words of `Dropout` in `shaders/prelude/dropout.wgsl`. */
export function maskWords({ rate, layer, own, whole, first, sampleSize }: Mask): number[] {
  return [layer, f32Bits(1 / (1 - rate)), Math.round(rate * 2 ** 32), ...own, ...whole, first, sampleSize];
}

/** Seed (low, high), step, and how many samples earlier passes of the step had. */
export const RANDOM_WORDS = 4;

/** @param place index of the input whose place the result takes; it is read in the order of the result */
export function chainKernels({ shape, views, links, mask }: Chain, place?: number): KernelPlan {
  const size = sizeOf(shape);
  // Binding 0 is the first operand's, then one for each of the first three links.
  const slots = [0, ...Array.from({ length: LINKS_WITH_OPERANDS }, (_, index) => links[index]?.operand)];
  const axes = commonAxes(views);
  const ofSlots = (values: readonly number[]) =>
    slots.map(operand => (operand === undefined ? 0 : values[operand]));
  const box = boxWords(
    axes.map(({ length, strides }) => ({ length, strides: ofSlots(strides) })),
    ofSlots(views.map(({ offset }) => offset)),
  );
  const constant = (pick: (link: Link) => number | undefined) =>
    Array.from({ length: MOST_LINKS }, (_, index) => f32Bits((links[index] && pick(links[index])) ?? 0));
  const operands = slots.map(
    (operand): Operand => (operand === undefined || operand === place ? unused : input(operand)),
  );
  const read = views.reduce((total, view) => total + touched(view), mask ? RANDOM_WORDS : 0);
  return {
    kernels: [
      {
        shader: 'elementwise',
        constants: {
          ...Object.fromEntries(links.map((link, index) => [`F${index + 1}`, codeOf(link)])),
          RANK: axes.length,
          RUN: axes[0].length % RUN === 0 ? RUN : 1,
          PLACE: place === undefined ? 0 : slots.indexOf(place) + 1,
          ...(mask ? { ALIGNED: Number(isAligned(mask)) } : {}),
        },
        params: [
          size,
          0,
          0,
          0,
          ...box,
          ...constant(({ factor }) => factor),
          ...constant(({ shift }) => shift),
          ...(mask ? maskWords(mask) : []),
        ],
        operands: [...operands, mask ? input(views.length) : unused, place === undefined ? output : updated],
        workgroups: lineOfWorkgroups(Math.ceil(size / RUN), 64),
        work: work(links.length > 0 ? 'pointwise' : 'copy', flopsOf(links) * size, read, size),
      },
    ],
  };
}

/** Whether the result can take the place of an input: only what an invocation makes itself may it have read there. */
function inPlace(chain: Chain, index: number): KernelPlan | undefined {
  const view = chain.views[index];
  return view && isPlain(view) ? chainKernels(chain, index) : undefined;
}

/** An op with the kernel of its chain. */
export function byElement<Attributes>(
  op: Op<Attributes> & { chain(result: Tensor<Attributes>): Chain },
): Op<Attributes> {
  return {
    ...op,
    kernels: result => chainKernels(op.chain(result)),
    inPlace: (result, index) => inPlace(op.chain(result), index),
  };
}

/** Several ops in one: what the compiler makes of chains that it joins, after differentiation. */
export function chainOp(name: string): Op<Chain> {
  return byElement({
    name,
    shape: (_, { shape }) => shape,
    vjp: () => noSecondDerivative(name),
    chain: ({ attributes }) => attributes,
  });
}
