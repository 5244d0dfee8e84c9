/** What of a beat is worth a picture on a rank: operands of its steps, as matrices, and whose they are. */
import { type Look, placesOf } from '../plan/look.ts';
import type { DispatchStep, PlanStep } from '../plan/plan.ts';
import type { HashedPlan } from '../session/api/api.ts';
import type { Beat } from './beats.ts';

/** What is read of the plan of a step's first pass; of its inputs, which are no floats. */
export type StepPlan = Pick<HashedPlan, 'hash' | 'steps' | 'inputs'>;
type Pictured = Pick<StepPlan, 'steps' | 'inputs'>;

/** `left` and `right` of a product; what a step reads or makes; what goes to another rank or came from one. */
export type Role = 'left' | 'right' | 'result' | 'read' | 'sent' | 'received';

/** The first matrix of an operand: that of the first sample, where there are several. */
export interface Picture {
  readonly role: Role;
  readonly look: Look;
  /** The rank that it goes to, or came from. */
  readonly other?: number;
  /** How many such matrices the operand has. */
  readonly of: number;
}

/** More are not seen together. */
const most = 6;

/** Words, or half-precision numbers two in a word: no floats to draw. */
const notFloats = /^(pack_half|unpack_half|cross_entropy|cross_entropy_gradient|top_hits)$/;

export function picturesOf(plan: Pictured, beat: Beat, rank: number): Picture[] {
  const own = beat.steps[rank] ?? [];
  const pictures = own.flatMap(index => picturesOfStep(plan, index));
  // What two steps both read is drawn once.
  const seen = new Set<string>();
  const distinct = pictures.filter(({ look: { step, operand }, role }) => {
    const place = placesOf(plan.steps[step])[operand];
    const key = `${place?.space} ${place?.block} ${place?.offset} ${role}`;
    if (role !== 'left' && role !== 'right') return true;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
  return distinct.slice(0, most);
}

function picturesOfStep(plan: Pictured, step: number): Picture[] {
  const of = plan.steps[step];
  if (of.kind === 'dispatch') return picturesOfKernel(plan, of, step);
  if (of.wire === 'f16') return [];
  if (of.kind === 'start') {
    const { peer } = of.sends[0] ?? {};
    return of.sends.length > 0 ? [matrixOf(of, step, 0, 'sent', peer)] : [];
  }
  return of.receives.map(({ peer }, operand) => matrixOf(of, step, operand, 'received', peer));
}

function picturesOfKernel({ inputs }: Pictured, of: DispatchStep, step: number): Picture[] {
  if (notFloats.test(of.shader)) return [];
  const random = inputs.get('random');
  const isWords = (operand: number) => {
    const place = of.operands[operand];
    return place?.space === 'inputs' && place.block === random?.block;
  };
  const operands = of.operands.flatMap((place, operand) =>
    place && !isWords(operand) ? [{ place, operand }] : [],
  );
  const written = operands.filter(({ place }) => place.access !== 'read');
  const result = written.at(-1);
  const made = result ? [matrixOf(of, step, result.operand, 'result')] : [];
  const product = of.product?.of;
  if (product && !product.patches) {
    const { m, n, k, transposeA, transposeB } = product;
    const block = (operand: number, role: Role, rows: number, columns: number): Picture => {
      const floats = (of.operands[operand]?.bytes ?? 0) / 4;
      return {
        role,
        look: { step, operand, from: 0, rows, columns },
        of: Math.floor(floats / (rows * columns)),
      };
    };
    return [
      block(0, 'left', ...(transposeA ? ([k, m] as const) : ([m, k] as const))),
      block(1, 'right', ...(transposeB ? ([n, k] as const) : ([k, n] as const))),
      ...made,
    ];
  }
  const read = operands.find(
    ({ place }) => place.access === 'read' && place.bytes >= (result?.place.bytes ?? 0),
  );
  return [...(read ? [matrixOf(of, step, read.operand, 'read')] : []), ...made];
}

/** As the last two axes of the step's shape, where the operand is of so many; else in rows of the last axis, or one row. */
function matrixOf(of: PlanStep, step: number, operand: number, role: Role, other?: number): Picture {
  const floats = (placesOf(of)[operand]?.bytes ?? 4) / 4;
  const { shape } = of.provenance;
  const fits = (size: number | undefined, whole: number): size is number =>
    size !== undefined && size > 0 && whole % size === 0;
  const last = shape.at(-1);
  const columns = fits(last, floats) ? last : floats;
  const before = shape.at(-2);
  const rows = fits(before, floats / columns) ? before : floats / columns;
  const look = { step, operand, from: 0, rows, columns };
  return { role, look, of: floats / (rows * columns), ...(other === undefined ? {} : { other }) };
}
