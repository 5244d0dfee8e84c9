/**
 * A number's own sum: of which numbers a step has made it, and which rank held each of them. Read off the plan's shapes and
 * operands; `cell-values.ts` does it again in float64, so that it can be compared with what the device has.
 */
import { placesOf } from '../plan/look.ts';
import type { DispatchStep, PlanStep } from '../plan/plan.ts';
import { productSum } from './cell-product.ts';
import {
  type After,
  before,
  type CellSum,
  type From,
  floatOf,
  given,
  giversOf,
  mostTerms,
  type NoSum,
  type Ref,
  type Steps,
  type Term,
  writerOf,
} from './cell-source.ts';

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
