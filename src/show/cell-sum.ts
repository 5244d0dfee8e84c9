/**
 * A number's own sum: of which numbers a step has made it, and which rank held each of them. Read off the plan's shapes and
 * operands, and done again in float64, so that it can be compared with what the device has.
 */
import { type Look, placesOf } from '../plan/look.ts';
import type { DispatchStep, Placement, Plan, PlanStep } from '../plan/plan.ts';
import { normalDensity, normalShare } from './normal.ts';
import { writesOf } from './plan-flow.ts';

type Steps = Pick<Plan, 'steps'>;

/** One float of an operand, right after its step. */
export interface Ref {
  readonly rank: number;
  readonly step: number;
  readonly operand: number;
  /** In floats from the operand's beginning. */
  readonly at: number;
}

/** A product of its factors, of which there are one or two. */
export interface Term {
  readonly factors: readonly Ref[];
  /** The rank that held it: of a product with something borrowed, the one it was borrowed from. */
  readonly owner: number;
}

/** What is done to the sum, one after the other. */
export type After =
  | {
      readonly kind: 'function';
      readonly name: string;
      readonly factor: number;
      readonly shift: number;
      readonly other?: Ref;
    }
  | { readonly kind: 'dropout'; readonly scale: number }
  | {
      readonly kind: 'norm';
      readonly x: Ref;
      readonly weight: Ref;
      readonly bias: Ref;
      readonly epsilon: number;
    };

export interface CellSum {
  readonly kind: 'product' | 'sum' | 'pointwise' | 'norm' | 'moved';
  readonly terms: readonly Term[];
  /** What their sum is multiplied by. */
  readonly factor: number;
  readonly after: readonly After[];
}

/** Why there is no sum to draw, for people. */
export interface NoSum {
  readonly why: string;
}

/** Sums with more terms than this are not drawn. */
const mostTerms = 8192;

/**
 * @param plans of all ranks, by rank
 * @param of a float that is written, sent or received in its step
 */
export function cellSumOf(plans: readonly Steps[], of: Ref): CellSum | NoSum {
  const { steps } = plans[of.rank];
  const step = steps[of.step];
  const from = { plans, of, steps };
  if (step.kind !== 'dispatch') return moved(from, step);
  const place = step.operands[of.operand];
  if (!place || place.access === 'read') {
    const made = writerOf(steps, of.step, place, of.at);
    return made ? alone('moved', { rank: of.rank, ...made }, of.rank) : given;
  }
  if (step.product) return productSum(from, step, step.product);
  if (step.shader === 'sum') return plainSum(from, step);
  if (step.shader === 'elementwise') return chain(from, step);
  if (step.shader === 'norm_statistics') return norm(from, step);
  return { why: `No sum is drawn for the kernel ${step.shader}.` };
}

const given: NoSum = { why: 'It was there before the step began: a weight, or what the model reads.' };

interface From {
  readonly plans: readonly Steps[];
  readonly of: Ref;
  readonly steps: readonly PlanStep[];
}

const alone = (kind: CellSum['kind'], ref: Ref, owner: number): CellSum => ({
  kind,
  terms: [{ factors: [ref], owner }],
  factor: 1,
  after: [],
});

/** Of an exchange: what its sender had, or whoever made what goes out. */
function moved({ plans, of, steps }: From, step: Exclude<PlanStep, DispatchStep>): CellSum | NoSum {
  const { rank, operand, at } = of;
  if (step.wire === 'f16') return { why: 'It travels in half precision, two numbers in a word.' };
  if (step.kind === 'finish' && operand < step.receives.length) {
    const { peer } = step.receives[operand];
    const which = step.receives.slice(0, operand).filter(other => other.peer === peer).length;
    const sent = plans[peer].steps.findIndex(({ kind }, i) => {
      const other = plans[peer].steps[i];
      return kind === 'start' && other.kind === 'start' && other.exchange === step.exchange;
    });
    const start = plans[peer].steps.at(sent);
    if (start?.kind !== 'start') return { why: `Rank ${peer} has no such exchange in its plan.` };
    const parcels = start.sends.flatMap((send, i) => (send.peer === rank ? [i] : []));
    const parcel = parcels.at(which);
    if (parcel === undefined) return { why: `Rank ${peer} sends nothing here.` };
    return alone('moved', { rank: peer, step: sent, operand: parcel, at }, peer);
  }
  const place = step.kind === 'finish' ? step.keep?.from : placesOf(step)[operand];
  const made = writerOf(steps, of.step, place ?? null, at);
  return made ? alone('moved', { rank, ...made }, rank) : given;
}

/** The last step before another that wrote a float of a place, and where it is there. */
function writerOf(
  steps: readonly PlanStep[],
  before: number,
  place: Placement | null | undefined,
  at: number,
): Omit<Ref, 'rank'> | undefined {
  if (!place) return undefined;
  const byte = place.offset + 4 * at;
  for (let step = before - 1; step >= 0; step--) {
    if (steps[step].kind === 'start') continue;
    const places = placesOf(steps[step]);
    for (const [operand, other] of places.entries()) {
      if (!other || ('access' in other && other.access === 'read')) continue;
      const isIt =
        other.space === place.space &&
        other.block === place.block &&
        other.offset <= byte &&
        byte < other.offset + other.bytes;
      if (isIt) return { step, operand, at: (byte - other.offset) / 4 };
    }
  }
  return undefined;
}

/** Whose the floats are that a step reads: of the rank that sent them, where they have come from another. */
function giversOf(
  { steps, of }: Pick<From, 'steps' | 'of'>,
  before: number,
  place: Placement,
): (at: number) => number {
  // Latest first.
  const written: { readonly from: number; readonly to: number; readonly owner: number }[] = [];
  for (let index = before - 1; index >= 0; index--) {
    const step = steps[index];
    const note = ({ space, block, offset, bytes }: Placement, owner: number) => {
      const [from, to] = [
        Math.max(offset, place.offset),
        Math.min(offset + bytes, place.offset + place.bytes),
      ];
      if (space === place.space && block === place.block && from < to) written.push({ from, to, owner });
    };
    if (step.kind === 'finish') for (const { peer, at } of step.receives) note(at, peer);
    // What came in half precision was unpacked.
    const [packed] = step.kind === 'dispatch' && step.shader === 'unpack_half' ? step.operands : [];
    const owner = packed ? giversOf({ steps, of }, index, packed)(0) : of.rank;
    if (step.kind === 'dispatch') for (const made of writesOf(step)) note(made, owner);
    else if (step.kind === 'finish' && step.keep) note(step.keep.to, of.rank);
  }
  return at => {
    const byte = place.offset + 4 * at;
    return written.find(({ from, to }) => from <= byte && byte < to)?.owner ?? of.rank;
  };
}

const floats = new DataView(new ArrayBuffer(4));
function floatOf(bits: number): number {
  floats.setUint32(0, bits >>> 0);
  return floats.getFloat32(0);
}

/** What an updated place held before. */
function before({ steps, of }: From, step: DispatchStep): Ref | undefined {
  const made = writerOf(steps, of.step, step.operands[of.operand], of.at);
  return made && { rank: of.rank, ...made };
}

type Product = NonNullable<DispatchStep['product']>;

function productSum(from: From, step: DispatchStep, { of: product, form }: Product): CellSum | NoSum {
  const { of } = from;
  const { summed, m, n, k, stepA, stepB, transposeA, transposeB, bias, accumulate, finish, patches } =
    product;
  const { splits, depth } = form;
  if (patches && (transposeB || !patches.layout))
    return { why: 'Its sum is over all positions of all images: too many terms to draw.' };
  const whole = patches
    ? resultPlace(product, of.at)
    : { batch: Math.floor(of.at / (m * n)), split: 0, row: 0, column: 0 };
  if (!whole) return { why: 'Another kernel makes this number.' };
  if (!patches) {
    const matrix = Math.floor(of.at / (m * n));
    whole.batch = Math.floor(matrix / splits);
    whole.split = matrix % splits;
    whole.row = Math.floor((of.at % (m * n)) / n);
    whole.column = of.at % n;
  }
  const { batch, split, row, column } = whole;
  const depths = Math.ceil(k / depth);
  const perSplit = splits > 1 ? step.params[6] : depths * summed;
  const last = Math.min((split + 1) * perSplit, depths * summed);
  const terms: Term[] = [];
  const [a, b] = step.operands;
  if (!a || !b) return given;
  const [giverA, giverB] = [giversOf(from, of.step, a), giversOf(from, of.step, b)];
  for (let slice = split * perSplit; slice < last; slice++) {
    const matrix = batch * summed + Math.floor(slice / depths);
    const begin = (slice % depths) * depth;
    for (let inner = begin; inner < Math.min(begin + depth, k); inner++) {
      const left = patches
        ? weightAt(product, row, inner)
        : matrix * stepA + (transposeA ? inner * m + row : row * k + inner);
      const right = patches
        ? pixelAt(product, column, inner)
        : matrix * stepB + (transposeB ? column * k + inner : inner * n + column);
      // Outside of an image all is zero.
      if (right === undefined) continue;
      const factors = [
        { rank: of.rank, step: of.step, operand: 0, at: left },
        { rank: of.rank, step: of.step, operand: 1, at: right },
      ];
      const owners = [giverA(left), giverB(right)];
      terms.push({ factors, owner: owners.find(owner => owner !== of.rank) ?? of.rank });
      if (terms.length > mostTerms)
        return { why: `Its sum has more than ${mostTerms} terms: too many to draw.` };
    }
  }
  if (bias !== 'none') {
    const ref = { rank: of.rank, step: of.step, operand: 2, at: bias === 'columns' ? column : row };
    terms.push({ factors: [ref], owner: of.rank });
  }
  if (accumulate && splits === 1) {
    const held = before(from, step);
    if (!held) return given;
    terms.unshift({ factors: [held], owner: of.rank });
  }
  // With a second result the product itself is the last one.
  const isFinished = finish !== undefined && !(finish.second && of.operand === step.operands.length - 1);
  const other = { rank: of.rank, step: of.step, operand: 3, at: of.at };
  const after = isFinished
    ? finish.links.map(
        ({ function: name, operand, factor = 1, shift = 0 }): After =>
          name === 'dropout'
            ? { kind: 'dropout', scale: 1 / (1 - (finish.mask?.rate ?? 0)) }
            : { kind: 'function', name, factor, shift, ...(operand === undefined ? {} : { other }) },
      )
    : [];
  return { kind: 'product', terms, factor: 1, after };
}

/** Row, and column among all positions of all images, of a result of a convolution. */
function resultPlace({ m, patches }: Product['of'], at: number) {
  const { images, rows, columns, layout } = patches!;
  const { first, row: perRow, image: perImage, down, across } = layout!.results;
  for (let image = 0; image < images; image++)
    for (let row = 0; row < m; row++) {
      const left = at - first - row * perRow - image * perImage;
      if (left < 0) continue;
      const [i, j] = [Math.floor(left / down), (left % down) / across];
      if (i < rows.positions && j < columns.positions && Number.isInteger(j)) {
        const column = (image * rows.positions + i) * columns.positions + j;
        return { batch: 0, split: 0, row, column };
      }
    }
  return undefined;
}

function weightAt({ patches }: Product['of'], row: number, inner: number): number {
  const { rows, columns, layout } = patches!;
  const { first, row: perRow, channel, down, across } = layout!.weights;
  const taps = rows.taps * columns.taps;
  const tap = inner % taps;
  return (
    first +
    row * perRow +
    Math.floor(inner / taps) * channel +
    Math.floor(tap / columns.taps) * down +
    (tap % columns.taps) * across
  );
}

/** Undefined outside of the image. */
function pixelAt({ patches }: Product['of'], column: number, inner: number): number | undefined {
  const { channels, rows, columns } = patches!;
  const taps = rows.taps * columns.taps;
  const [channel, tap] = [Math.floor(inner / taps), inner % taps];
  const grid = rows.positions * columns.positions;
  const [image, at] = [Math.floor(column / grid), column % grid];
  const y =
    Math.floor(at / columns.positions) * rows.scale +
    rows.offset +
    Math.floor(tap / columns.taps) * rows.step;
  const x = (at % columns.positions) * columns.scale + columns.offset + (tap % columns.taps) * columns.step;
  if (y < 0 || y >= rows.length || x < 0 || x >= columns.length) return undefined;
  return ((image * channels + channel) * rows.length + y) * columns.length + x;
}

/** Of a kernel `sum`: see its shader for the words of its params. */
function plainSum(from: From, step: DispatchStep): CellSum | NoSum {
  const { of } = from;
  const { constants, params } = step;
  const [outer, reduced, inner, parts, length, accumulate, all, factor] = params;
  const [x] = step.operands;
  if (constants.SQUARES) return { why: 'It is a sum of squares, of the loss or of a norm.' };
  if (!x) return given;
  const part = Math.floor(of.at / inner) % parts;
  const base = Math.floor(of.at / (inner * parts)) * reduced * inner + (of.at % inner);
  const end = Math.min((part + 1) * length, all);
  if (end - part * length > mostTerms)
    return { why: `Its sum has more than ${mostTerms} terms: too many to draw.` };
  const terms: Term[] = [];
  const giver = giversOf(from, of.step, x);
  for (let term = part * length; term < end; term++) {
    const lead = constants.LEAD ? Math.floor(term / reduced) * (outer - 1) * reduced * inner : 0;
    const at = base + term * inner + lead;
    terms.push({
      factors: [{ rank: of.rank, step: of.step, operand: 0, at }],
      owner: giver(at),
    });
  }
  if (!accumulate) return { kind: 'sum', terms, factor: floatOf(factor), after: [] };
  const held = before(from, step);
  if (!held) return given;
  const other = { kind: 'function', name: 'add', factor: 1, shift: 0, other: held } as const;
  return { kind: 'sum', terms, factor: floatOf(factor), after: [other] };
}

/** Codes of `shaders/prelude/pointwise.wgsl`. */
const functions: ReadonlyMap<number, string> = new Map([
  [1, 'add'],
  [2, 'sub'],
  [3, 'subFrom'],
  [4, 'mul'],
  [5, 'div'],
  [6, 'divInto'],
  [7, 'geluGrad'],
  [8, 'reluGrad'],
  [20, 'affine'],
  [21, 'square'],
  [22, 'sqrt'],
  [23, 'exp'],
  [24, 'gelu'],
  [25, 'relu'],
  [30, 'dropout'],
]);

/** Words of params of `elementwise`: where the parts of its box begin (see `graph/view.ts`), and where it ends. */
const box = { offsets: 4, lengths: 8, strides: 16, last: 36, end: 40 };

/** Of a kernel `elementwise`: its operands may be read in another order than its result is written. */
function chain(from: From, step: DispatchStep): CellSum | NoSum {
  const { of } = from;
  const { constants, params, operands } = step;
  const codes = [1, 2, 3, 4].map(at => constants[`F${at}`] ?? 0).filter(code => code !== 0);
  const placeIn = (operand: number) => {
    let at = params[box.offsets + operand];
    let rest = of.at;
    for (let axis = 0; axis < constants.RANK - 1; axis++) {
      const length = params[box.lengths + axis];
      at += (rest % length) * params[box.strides + 4 * axis + operand];
      rest = Math.floor(rest / length);
    }
    return at + rest * params[box.last + operand];
  };
  const slot = (index: number): Ref | undefined => {
    if (constants.PLACE === index + 1) return before(from, step);
    return operands[index] ? { rank: of.rank, step: of.step, operand: index, at: placeIn(index) } : undefined;
  };
  const first = slot(0);
  if (!first) return given;
  const owner = (ref: Ref) => {
    const place = operands[ref.operand];
    return ref.step === of.step && place ? giversOf(from, of.step, place)(ref.at) : of.rank;
  };
  const terms: Term[] = [{ factors: [first], owner: owner(first) }];
  const after: After[] = [];
  for (const [i, code] of codes.entries()) {
    const name = functions.get(code);
    const other = takesOther(code) ? slot(i + 1) : undefined;
    if (!name || (takesOther(code) && !other)) return given;
    if (name === 'add' && other && after.length === 0) terms.push({ factors: [other], owner: owner(other) });
    else if (name === 'dropout') after.push({ kind: 'dropout', scale: floatOf(params[box.end + 8 + 1]) });
    else {
      const [factor, shift] = [params[box.end + i], params[box.end + 4 + i]].map(floatOf);
      after.push({ kind: 'function', name, factor, shift, ...(other ? { other } : {}) });
    }
  }
  return { kind: 'pointwise', terms, factor: 1, after };
}

const takesOther = (code: number | undefined) => code !== undefined && code > 0 && code < 20;

/** Of a kernel `norm_statistics` that applies what it finds. */
function norm({ of }: From, step: DispatchStep): CellSum | NoSum {
  const { constants, params, operands } = step;
  const [, channels, groups, segments, whole, first, own] = params;
  if (!constants.APPLY || of.operand !== operands.length - 1)
    return { why: 'It is a mean or a deviation of the norm.' };
  const row = Math.floor(of.at / channels);
  const channel = of.at % channels;
  const half = channels / segments;
  const run = whole / groups;
  const group = Math.min(Math.floor((first + (channel % half)) / run), groups - 1);
  const within = (at: number) => Math.min(Math.max(at, first), first + own) - first;
  const ref = (operand: number, at: number): Ref => ({ rank: of.rank, step: of.step, operand, at });
  const terms: Term[] = [];
  for (let segment = 0; segment < segments; segment++)
    for (let at = within(group * run); at < within((group + 1) * run); at++) {
      terms.push({ factors: [ref(0, row * channels + segment * half + at)], owner: of.rank });
    }
  const after: After = {
    kind: 'norm',
    x: ref(0, of.at),
    weight: ref(1, channel),
    bias: ref(2, channel),
    epsilon: floatOf(params[8]),
  };
  return { kind: 'norm', terms, factor: 1, after: [after] };
}

/** All numbers that it is made of. */
export function refsOf({ terms, after }: CellSum): Ref[] {
  const others = after.flatMap((each): Ref[] => {
    if (each.kind === 'norm') return [each.x, each.weight, each.bias];
    return each.kind === 'function' && each.other ? [each.other] : [];
  });
  return [...terms.flatMap(({ factors }) => factors), ...others];
}

/** Floats that are read whole rather than in pieces, where they are given as they are. */
const wholeFloats = 16 * 1024;
const mostLooks = 900;

export type RefLook = Look & { readonly rank: number };

/** The looks that have all of these numbers; undefined where they are more than one call may have. */
export function looksFor(
  plans: readonly Steps[],
  refs: readonly Ref[],
  most = mostLooks,
): RefLook[] | undefined {
  const byOperand = new Map<string, Ref[]>();
  for (const ref of refs) {
    const key = `${ref.rank} ${ref.step} ${ref.operand}`;
    const known = byOperand.get(key);
    if (known) known.push(ref);
    else byOperand.set(key, [ref]);
  }
  const looks = [...byOperand.values()].flatMap((own): RefLook[] => {
    const [{ rank, step, operand }] = own;
    const floats = (placesOf(plans[rank].steps[step])[operand]?.bytes ?? 0) / 4;
    const runs: { from: number; to: number }[] = [];
    for (const at of own.map(ref => ref.at).sort((a, b) => a - b)) {
      const last = runs.at(-1);
      if (last && at <= last.to && at - last.from < wholeFloats) last.to = Math.max(last.to, at + 1);
      else runs.push({ from: at, to: at + 1 });
    }
    const wanted = runs.length > 8 && floats <= wholeFloats ? [{ from: 0, to: floats }] : runs;
    return wanted.map(({ from, to }) => ({ rank, step, operand, from, rows: 1, columns: to - from }));
  });
  return looks.length > most ? undefined : looks;
}

/** Reads numbers out of what `looksFor` has brought. */
export function reader(looks: readonly RefLook[], values: readonly Float32Array[]): (ref: Ref) => number {
  return ref => {
    const index = looks.findIndex(
      ({ rank, step, operand, from, columns }) =>
        rank === ref.rank &&
        step === ref.step &&
        operand === ref.operand &&
        from <= ref.at &&
        ref.at < from + columns,
    );
    return index < 0 ? Number.NaN : values[index][ref.at - looks[index].from];
  };
}

export interface Summed {
  readonly value: number;
  /** Terms in order. */
  readonly terms: readonly number[];
  /** Of dropout: the number was set to zero. */
  readonly isDropped: boolean;
}

/**
 * Does the sum, in float64.
 *
 * @param seen what the device has made of it: tells whether dropout has kept the number
 */
export function summed(
  { terms, factor, after, kind }: CellSum,
  read: (ref: Ref) => number,
  seen: number,
): Summed {
  const values = terms.map(({ factors }) => factors.reduce((product, ref) => product * read(ref), 1));
  const sum = factor * values.reduce((total, value) => total + value, 0);
  const finished = (isDropped: boolean) =>
    after.reduce(
      (value, each) => applied(each, value, values, isDropped, read),
      kind === 'norm' ? sum / terms.length : sum,
    );
  const kept = finished(false);
  const dropped = after.some(each => each.kind === 'dropout') ? finished(true) : kept;
  const isDropped = Math.abs(dropped - seen) < Math.abs(kept - seen);
  return { value: isDropped ? dropped : kept, terms: values, isDropped };
}

function applied(
  after: After,
  value: number,
  terms: readonly number[],
  isDropped: boolean,
  read: (ref: Ref) => number,
): number {
  if (after.kind === 'dropout') return isDropped ? 0 : value * after.scale;
  if (after.kind === 'norm') {
    const variance = terms.reduce((sum, term) => sum + (term - value) ** 2, 0) / terms.length;
    const standard = (read(after.x) - value) / Math.sqrt(variance + after.epsilon);
    return standard * read(after.weight) + read(after.bias);
  }
  const other = after.other ? read(after.other) : 0;
  const made: Readonly<Record<string, () => number>> = {
    add: () => value + other,
    sub: () => value - other,
    subFrom: () => other - value,
    mul: () => value * other,
    div: () => value / other,
    divInto: () => other / value,
    geluGrad: () => value * (normalShare(other) + other * normalDensity(other)),
    reluGrad: () => (other > 0 ? value : 0),
    affine: () => after.factor * value + after.shift,
    square: () => value * value,
    sqrt: () => Math.sqrt(value),
    exp: () => Math.exp(value),
    gelu: () => value * normalShare(value),
    relu: () => Math.max(0, value),
  };
  return made[after.name]?.() ?? Number.NaN;
}
