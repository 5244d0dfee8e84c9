/** What a number's own sum is made of, and where a step's numbers come from: who wrote them, and who gave them. */
import { placesOf } from '../plan/look.ts';
import type { DispatchStep, Placement, Plan, PlanStep } from '../plan/plan.ts';
import { writesOf } from './plan-flow.ts';

export type Steps = Pick<Plan, 'steps'>;

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
export const mostTerms = 8192;

export const given: NoSum = { why: 'It was there before the step began: a weight, or what the model reads.' };

/** The number that is asked for, and the steps of its rank. */
export interface From {
  readonly plans: readonly Steps[];
  readonly of: Ref;
  readonly steps: readonly PlanStep[];
}

/** The last step before another that wrote a float of a place, and where it is there. */
export function writerOf(
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
export function giversOf(
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

const scratch = new DataView(new ArrayBuffer(4));
/** A param that is a float. */
export function floatOf(bits: number): number {
  scratch.setUint32(0, bits >>> 0);
  return scratch.getFloat32(0);
}

/** What an updated place held before. */
export function before({ steps, of }: From, step: DispatchStep): Ref | undefined {
  const made = writerOf(steps, of.step, step.operands[of.operand], of.at);
  return made && { rank: of.rank, ...made };
}
