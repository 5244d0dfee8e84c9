/**
 * Activations that are computed again in the backward pass instead of kept (checkpoints after Chen et al. 2016,
 * arXiv:1604.06174). A segment is what one layer of the model makes at a stretch. What later segments read of it is kept, and
 * the rest is made anew, from what is kept, just before the first derivative of the segment: by the same ops of the same
 * values, masks of dropout among them, which are a function of counters. Nothing is exchanged twice: what
 * collectives brought is kept too.
 */
import { isCollective } from './ops/collective.ts';
import { asAgain, provenanceOf } from './provenance.ts';
import { apply, sizeOf, type Tensor } from './tensor.ts';

interface Segment {
  readonly tensors: Tensor[];
  /** Those that others read. */
  readonly kept: Set<Tensor>;
}

/**
 * @param order all tensors of the forward pass, inputs before results
 * @returns of a tensor whose derivative is about to be made, in descending order, the one to derive in its place: the
 * same of what is computed again, or itself
 */
export function recomputed(order: readonly Tensor[]): (tensor: Tensor) => Tensor {
  const segments = worthwhile(segmentsOf(order));
  const segmentOf = new Map(segments.flatMap(segment => segment.tensors.map(tensor => [tensor, segment])));
  const again = new Map<Tensor, Tensor>();
  const operand = (tensor: Tensor): Tensor =>
    segmentOf.get(tensor)?.kept.has(tensor) ? tensor : (again.get(tensor) ?? tensor);
  return tensor => {
    const segment = segmentOf.get(tensor);
    if (segment && !again.has(tensor)) {
      for (const made of segment.tensors) {
        again.set(
          made,
          asAgain(made, () => apply(made.op, made.inputs.map(operand), made.attributes)),
        );
      }
    }
    return again.get(tensor) ?? tensor;
  };
}

/** Runs of tensors that are of one layer, leaves aside. */
function segmentsOf(order: readonly Tensor[]): Segment[] {
  const segments: Segment[] = [];
  const segmentOf = new Map<Tensor, Segment>();
  let layer: string | undefined;
  for (const tensor of order) {
    if (tensor.inputs.length === 0) continue;
    const { layer: own } = provenanceOf(tensor);
    if (own !== layer) segments.push({ tensors: [], kept: new Set() });
    layer = own;
    const segment = segments[segments.length - 1];
    segment.tensors.push(tensor);
    segmentOf.set(tensor, segment);
    if (isCollective(tensor)) segment.kept.add(tensor);
    for (const read of tensor.inputs) {
      const from = segmentOf.get(read);
      if (from !== segment) from?.kept.add(read);
    }
  }
  return segments;
}

/**
 * Without the last ones, as many as can be kept whole: when the backward pass begins, they and what is kept of all take no more than
 * the largest segment beside what is kept of those before it, which must be there at one time anyway.
 */
function worthwhile(segments: readonly Segment[]): Segment[] {
  let kept = 0;
  let most = 0;
  const inner = segments.map(segment => {
    const own = bytesOf([...segment.kept]);
    const rest = bytesOf(segment.tensors) - own;
    kept += own;
    most = Math.max(most, kept + rest);
    return rest;
  });
  let count = segments.length;
  for (let last = kept; count > 0 && last + inner[count - 1] <= most; count--) last += inner[count - 1];
  return segments.slice(0, count);
}

function bytesOf(tensors: readonly Tensor[]): number {
  return tensors.reduce((sum, { op, shape }) => sum + (op.alias ? 0 : 4 * sizeOf(shape)), 0);
}
