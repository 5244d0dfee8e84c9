/**
 * The contract of an op: its shape rule, its derivative, and the kernels that compute it. A new op is one file in
 * `ops/` that exports such an object and a function that applies it, plus a shader.
 */

import type { Patches } from './patches.ts';

export type Shape = readonly number[];
export type DType = 'f32' | 'u32';

/** See `tensor.ts`. */
export interface Tensor<Attributes = unknown> {
  readonly id: number;
  readonly op: Op<Attributes>;
  readonly inputs: readonly Tensor[];
  readonly attributes: Attributes;
  readonly shape: Shape;
  readonly dtype: DType;
}

/** What a kernel does with what it binds; an `update` reads what is there, and writes it. */
export type Access = 'read' | 'write' | 'update';

/** What a kernel binds: an input or the output of the op, or a scratch buffer of its own. */
export type BoundOperand =
  | { readonly kind: 'input'; readonly index: number; readonly access: Access }
  | { readonly kind: 'output'; readonly access: Access }
  | { readonly kind: 'further'; readonly index: number; readonly access: Access }
  | { readonly kind: 'scratch'; readonly index: number; readonly access: Access };

/** Or nothing: a dummy. */
export type Operand = BoundOperand | { readonly kind: 'unused' };

/** An input, which is read. */
export const input = (index: number): BoundOperand => ({ kind: 'input', index, access: 'read' });
/** The result, which is written. */
export const output: BoundOperand = { kind: 'output', access: 'write' };
/** A further result, which the kernels of another make. */
export const further = (index: number): BoundOperand => ({ kind: 'further', index, access: 'write' });
/** The result, added to or computed from what its place holds. */
export const updated: BoundOperand = { kind: 'output', access: 'update' };
export const scratch = (index: number, access: 'read' | 'write'): BoundOperand => ({
  kind: 'scratch',
  index,
  access,
});
export const unused: Operand = { kind: 'unused' };

/**
 * What a kernel does, and what it must move.
 *
 * Floating-point operations: an addition, subtraction, product, quotient, minimum, maximum or choice of two numbers is 1,
 * and so is a function that has a name (square root, exponential, GELU, the derivative of GELU). A sum of n numbers is
 * n - 1.
 * What a kernel computes twice to save memory counts once; integers, indices, conversions, signs and copies count
 * nothing.
 *
 * Bytes: every element of an operand that is touched counts once, however often the kernel loads it. Padding counts as
 * what it pads.
 */
export interface Work {
  readonly kernel: 'product' | 'convolution' | 'pointwise' | 'reduction' | 'copy';
  readonly flops: number;
  /** Bytes. */
  readonly read: number;
  readonly written: number;
}

/** @param read elements of 32 bits that are touched, as are those `written` */
export function work(kernel: Work['kernel'], flops: number, read: number, written: number): Work {
  return { kernel, flops, read: 4 * read, written: 4 * written };
}

/** A matrix product as the choice of its kernel sees it: sizes as `MatmulSizes` has them, the batch folded into M or K. */
export interface Product {
  readonly batch: number;
  readonly summed: number;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly stepA: number;
  readonly stepB: number;
  readonly transposeA: boolean;
  readonly transposeB: boolean;
  readonly bias: 'none' | 'columns' | 'rows';
  /** Added to what the result's place holds. */
  readonly accumulate: boolean;
  /** Such a product is not split. */
  readonly finish?: Finish;
  /** Terms that are added up one after the other, where partial results have room: longer sums lose digits. */
  readonly longestSum?: number;
  /** b is no matrix in memory but patches of images: a convolution, or a gradient of one. */
  readonly patches?: Patches;
}

/** What is done to every element of a result before it is stored. */
export interface Finish {
  /** One or two; where one of them takes an operand, that is read as the result is. */
  readonly links: readonly Link[];
  /** Of dropout. */
  readonly mask?: Mask;
  /** The result stays as it is, and what is made of it is a further one. */
  readonly second: boolean;
}

/** How a product is computed. */
export interface ProductForm {
  readonly shader: string;
  readonly constants: Readonly<Record<string, number>>;
  /** Rows and columns of the result that a workgroup makes. */
  readonly tile: readonly [rows: number, columns: number];
  /** Steps of the inner axis that are taken together: a split is a multiple of them. Several begin anew with each matrix. */
  readonly depth: number;
  /** Ways in which the inner axis is cut; with more than one, partial results are summed by a second kernel. */
  readonly splits: number;
}

/**
 * One dispatch. Binding 0 of group 0 is a uniform of `params` (32-bit words, floats as bits), bindings 1, 2, ...
 * are the operands in order. Shapes travel in `params`, so that one pipeline serves all shapes; `constants` hold
 * only what changes the code (variants, tile sizes).
 */
export interface Kernel {
  readonly shader: string;
  readonly constants?: Readonly<Record<string, number>>;
  readonly params: readonly number[];
  readonly operands: readonly Operand[];
  readonly workgroups: readonly [number, number, number];
  readonly work: Work;
  /** For a product: what it computes and in which form, so that another can take its place (see `plan/lower`). */
  readonly product?: { readonly of: Product; readonly form: ProductForm };
}

/** Peers that exchange with each other, in the order of their blocks. To the graph a peer is just a number. */
export interface Group {
  readonly name: string;
  readonly members: readonly number[];
  /** Which of the members this graph is for. */
  readonly index: number;
}

/** A block of an operand: `size` floats from `offset`. */
export interface Block {
  readonly operand: Operand;
  readonly offset: number;
  readonly size: number;
}

/** What a collective sends and where it puts what it receives; its kernels, if any, run once all has arrived. */
export interface Exchange {
  readonly group: Group;
  /** `member` is an index in the group. A block of an input that goes out, or one that a member fills. */
  readonly sends: readonly (Block & { readonly member: number })[];
  readonly receives: readonly (Block & { readonly member: number })[];
  /** Blocks travel as they are, whatever the precision of the wire. */
  readonly exact?: boolean;
  /** The own block, where it has a place among the received ones. */
  readonly keep?: { readonly from: Block; readonly to: Block };
}

export interface KernelPlan {
  readonly kernels: readonly Kernel[];
  /** Floats of each scratch buffer, which lives for this op only. */
  readonly scratch?: readonly number[];
  /** For a collective. */
  readonly exchange?: Exchange;
}

/** What the compiler must know of an op beyond how it is computed. */
export type Role =
  | 'input'
  | 'parameter'
  | 'state'
  | 'gradientSoFar'
  | 'collective'
  | 'addition'
  | 'broadcast';

/** So many steps, each so many elements further on. */
export interface Steps {
  readonly length: number;
  readonly stride: number;
}

/**
 * The elements of a result in row-major order, as places in an operand: steps within steps, the innermost last, from an
 * element of the operand on.
 */
export interface View {
  readonly offset: number;
  readonly axes: readonly Steps[];
}

/** Functions of an element, and of an element of another operand: see `ops/chain`. */
export type FunctionName =
  | 'add'
  | 'sub'
  | 'subFrom'
  | 'mul'
  | 'div'
  | 'divInto'
  | 'geluGrad'
  | 'reluGrad'
  | 'affine'
  | 'square'
  | 'sqrt'
  | 'exp'
  | 'gelu'
  | 'relu'
  | 'dropout';

/** One function of a chain. */
export interface Link {
  readonly function: FunctionName;
  /** Index of the other operand among the inputs, where it takes one. */
  readonly operand?: number;
  /** affine: factor * x + shift. */
  readonly factor?: number;
  readonly shift?: number;
}

/** The mask of dropout: see `ops/dropout`. */
export interface Mask {
  /** Probability of zero, below 1. */
  readonly rate: number;
  /** Tells the masks of different layers apart. */
  readonly layer: number;
  /** Rows and columns of a sample of the own part, and of the whole that it is a part of. */
  readonly own: readonly [number, number];
  readonly whole: readonly [number, number];
  /** Index in the whole of the first element. */
  readonly first: number;
  /** Elements of a sample of the whole: by so many the part moves on for every sample that came before. */
  readonly sampleSize: number;
}

/**
 * What is computed element by element: elements of input 0 go through functions one after the other, some of which take
 * an element of another input. See `ops/chain`.
 */
export interface Chain {
  readonly shape: Shape;
  /** How the inputs are read, all but the last where that is the state of the random numbers. */
  readonly views: readonly View[];
  readonly links: readonly Link[];
  /** Of the one link that is dropout: the last input is the state of the random numbers. */
  readonly mask?: Mask;
}

/** An op that the compiler puts in the place of others. */
export interface Fused<Attributes = unknown> {
  readonly op: Op<Attributes>;
  readonly attributes: Attributes;
}

export interface Op<Attributes> {
  readonly name: string;
  /** Absent for most. */
  readonly role?: Role;
  /** f32 unless said otherwise. */
  readonly dtype?: DType;
  /** @throws ShapeError */
  shape(inputs: readonly Shape[], attributes: Attributes): Shape;
  /**
   * The gradients of a scalar with respect to the inputs, given its gradient `dy` with respect to the result;
   * null for an input that has none (masks, indices).
   */
  vjp(result: Tensor<Attributes>, dy: Tensor): readonly (Tensor | null)[];
  /**
   * How to compute it. Absent for leaves, which have data of their own, and for aliases.
   */
  kernels?(result: Tensor<Attributes>): KernelPlan;
  /**
   * How to compute it where the result takes the place of input `index`, which is needed no more and has its shape;
   * absent, or undefined, where that is impossible.
   */
  inPlace?(result: Tensor<Attributes>, index: number): KernelPlan | undefined;
  /** How to add it to what its place holds already, where the op can: a sum of two then needs no memory for one. */
  accumulate?(result: Tensor<Attributes>): KernelPlan;
  /** How it is computed element by element, where it is: the compiler joins such ops into one kernel. */
  chain?(result: Tensor<Attributes>): Chain;
  /**
   * The op that does also what `chain` does to every element of the result, where there is one: `chain` reads the result
   * first and in its own order. Its inputs are those of the result, then the others of the chain.
   */
  followedBy?(result: Tensor<Attributes>, chain: Chain): Fused | undefined;
  /** The op that reads input 0 through `chain`, where there is one. Its inputs are those of the chain, then the others. */
  after?(result: Tensor<Attributes>, chain: Chain): Fused | undefined;
  /**
   * The op that makes `other` as well, as a further result, where there is one: what reads the result first and in its own
   * order, or what reads the same as it, or is read by nothing else where it is not `needed`: then it is left out.
   */
  together?(
    result: Tensor<Attributes>,
    other: Tensor,
    needed: boolean,
  ): (Fused & Pick<Tensor, 'inputs'>) | undefined;
  /** True where the result is input 0, or its beginning, seen with another shape: no memory, no kernel. */
  readonly alias?: boolean;
}

const f32Word = new Float32Array(1);
const u32Word = new Uint32Array(f32Word.buffer);

/** The bits of a float32, to be put among a kernel's params. */
export function f32Bits(value: number): number {
  f32Word[0] = value;
  return u32Word[0];
}

/** WebGPU allows 65 535 workgroups in a dimension: what is larger is folded into y. */
export const maxWorkgroupsPerDimension = 65535;

/**
 * Workgroups for `threads` invocations in a line, folded into two dimensions. The shader finds its index as
 * `global_id.x + global_id.y * num_workgroups.x * workgroup_size.x`, and must ignore what is past the end.
 */
export function lineOfWorkgroups(threads: number, workgroupSize: number): [number, number, number] {
  const groups = Math.ceil(threads / workgroupSize);
  if (groups <= maxWorkgroupsPerDimension) return [groups, 1, 1];
  const rows = Math.ceil(groups / maxWorkgroupsPerDimension);
  return [Math.ceil(groups / rows), rows, 1];
}
