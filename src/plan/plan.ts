/**
 * The plan: what `compile` makes of a graph, and all that the executor, the memory bars and the scaling formulas
 * read. An ordered list of dispatches, and of exchanges with peers, with every buffer known, and placed, before the first
 * one runs.
 */
import type { Access, Kernel, Work } from '../graph/op.ts';
import type { Provenance } from '../graph/provenance.ts';

/** A range of a buffer: buffer `block` of the space. */
export interface Placement {
  /** `arena`, `exchange` (what collectives read and write), `inputs`, `parameters`, `gradients`, `state`, or a space of the optimizer's. */
  readonly space: string;
  readonly block: number;
  readonly offset: number;
  readonly bytes: number;
}

/** What a kernel binds, and what it does with it. */
export interface Operand extends Placement {
  readonly access: Access;
}

/** One kernel. */
export interface DispatchStep {
  readonly kind: 'dispatch';
  readonly label: string;
  readonly shader: string;
  readonly constants: Readonly<Record<string, number>>;
  readonly params: readonly number[];
  /** Null: a dummy for an operand that this variant of the shader does not read. */
  readonly operands: readonly (Operand | null)[];
  readonly workgroups: readonly [number, number, number];
  readonly work: Work;
  readonly provenance: Provenance;
  readonly product?: Kernel['product'];
}

/** How blocks travel between peers: as they are, or packed in half precision (see `half-wire`). */
export type WirePrecision = 'f32' | 'f16';

/** A block on its way from or to a peer. */
export interface Parcel {
  readonly peer: number;
  readonly at: Placement;
}

/** Sends: the blocks are read when everything before this step is done. */
export interface StartStep {
  readonly kind: 'start';
  readonly label: string;
  readonly provenance: Provenance;
  /** Number of the exchange: the same on all peers. */
  readonly exchange: number;
  readonly group: string;
  /** Blocks travel as they are, whatever the precision of the wire. */
  readonly exact?: boolean;
  /** All members go on with what was sent, the sender too: where blocks are rounded, its own ones are as well. */
  readonly alike?: boolean;
  /** How the blocks lie in memory; f32 where absent. */
  readonly wire?: WirePrecision;
  readonly sends: readonly Parcel[];
}

/** Receives: the steps after this one see what the peers sent. */
export interface FinishStep {
  readonly kind: 'finish';
  readonly label: string;
  readonly provenance: Provenance;
  readonly exchange: number;
  readonly group: string;
  readonly exact?: boolean;
  readonly wire?: WirePrecision;
  readonly receives: readonly Parcel[];
  /** The own block takes its place among the others. */
  readonly keep?: { readonly from: Placement; readonly to: Placement };
}

export type PlanStep = DispatchStep | StartStep | FinishStep;

export const isDispatch = (step: PlanStep): step is DispatchStep => step.kind === 'dispatch';

export interface Buffer {
  readonly bytes: number;
  /** The largest tensor in it, for messages. */
  readonly label: string;
}

export interface Plan {
  readonly steps: readonly PlanStep[];
  /** Buffers of every space that the plan touches. */
  readonly spaces: Readonly<Record<string, readonly Buffer[]>>;
  readonly inputs: ReadonlyMap<string, Placement>;
  readonly outputs: ReadonlyMap<string, Placement>;
  /** Exchanges are numbered from 0 to this. */
  readonly exchanges: number;
}

/** What a step is called in messages, and what it is a part of. */
export type About = Pick<DispatchStep, 'label' | 'provenance'>;

/** @param places of the kernel's operands in order; null for those that are not bound */
export function planStep(
  { shader, constants = {}, params, workgroups, operands, work, product }: Kernel,
  places: readonly (Placement | null)[],
  { label, provenance }: About,
): DispatchStep {
  const bound = operands.map((operand, index): Operand | null => {
    const place = places[index];
    return place && operand.kind !== 'unused' ? { ...place, access: operand.access } : null;
  });
  const code = { shader, constants, params, workgroups };
  return {
    kind: 'dispatch',
    label,
    ...code,
    operands: bound,
    work,
    provenance,
    ...(product ? { product } : {}),
  };
}
