/** The numbers of a sum: which looks bring them, and the sum done again in float64. */
import { type Look, placesOf } from '../plan/look.ts';
import type { After, CellSum, Ref, Steps } from './cell-source.ts';
import { normalDensity, normalShare } from './normal.ts';

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
