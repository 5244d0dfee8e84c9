/**
 * Half precision on the wire: the blocks of a plan's exchanges are packed before they are sent and unpacked when they
 * have arrived, which halves what travels. Results then differ from peer to peer in what each rounds. Where all members
 * must see the same, an exchange is marked `alike`, and the sender rounds its own block as the others see it; or
 * `exact`, and it is left as it is.
 */
import { input, lineOfWorkgroups, output, work } from '../graph/op.ts';
import { BINDING_BYTES } from './align.ts';
import {
  type About,
  type Buffer,
  type Parcel,
  type Placement,
  type Plan,
  type PlanStep,
  planStep,
  type WirePrecision,
} from './plan.ts';

/** Elements that share a scale: see `shaders/pack_half.wgsl`. */
const RUN = 128;

/** Bytes of a block of so many elements on the wire: packed, a word for every two, and one for the scale of every run. */
export function blockBytes(floats: number, wire: WirePrecision): number {
  return wire === 'f32' ? 4 * floats : Math.ceil(floats / RUN) * (RUN / 2 + 1) * 4;
}

export function withHalfWire(plan: Plan): Plan {
  /** Packed blocks are needed during one step only, so all steps share them. */
  const sizes: number[] = [];
  const packedAt = (index: number, floats: number): Placement => {
    const bytes = blockBytes(floats, 'f16');
    sizes[index] = Math.max(sizes[index] ?? 0, bytes);
    return { space: 'wire', block: index, offset: 0, bytes };
  };
  const steps = plan.steps.flatMap((step): PlanStep[] => {
    if (step.kind === 'dispatch' || step.exact) return [step];
    if (step.kind === 'start') {
      const packed = new Map<string, Placement>();
      const packing: PlanStep[] = [];
      const sends = step.sends.map(({ peer, at }): Parcel => {
        const key = `${at.space} ${at.block} ${at.offset}`;
        let to = packed.get(key);
        if (!to) {
          to = packedAt(packed.size, at.bytes / 4);
          packed.set(key, to);
          packing.push(kernel('pack_half', RUN, at, to, step));
          if (step.alike) packing.push(kernel('unpack_half', 2, at, to, step));
        }
        return { peer, at: to };
      });
      return [...packing, { ...step, wire: 'f16', sends }];
    }
    const receives = step.receives.map(({ peer, at }, index) => ({
      peer,
      at: packedAt(index, at.bytes / 4),
    }));
    const unpacking = step.receives.map(({ at }, index) =>
      kernel('unpack_half', 2, at, receives[index].at, step),
    );
    return [{ ...step, wire: 'f16', receives }, ...unpacking];
  });
  const wire: Buffer[] = sizes.map(bytes => ({ bytes, label: 'packed blocks' }));
  return { ...plan, steps, spaces: { ...plan.spaces, ...(wire.length > 0 ? { wire } : {}) } };
}

/** Bits of an exponent: all ones in an infinity or NaN. In single precision, and in the two halves of a word. */
const SINGLE = 0x7f800000;
/** One more in the exponent of a single. */
const SINGLE_STEP = 0x00800000;
const LOW_HALF = 0x7c00;
const HIGH_HALF = 0x7c000000;

/**
 * False where an element of a block is NaN or infinite. Packed, such an element has left its mark in the scale of its
 * run; halves are looked at too, for a sender may not be what it should be.
 */
export function isFiniteBlock(bytes: Uint8Array, wire: WirePrecision): boolean {
  const words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >>> 2);
  if (wire === 'f32') return areFinite(words);
  // The first word of every run is its scale.
  const stride = RUN / 2 + 1;
  for (let run = 0; run < words.length; run += stride) {
    if ((words[run] & SINGLE) === SINGLE) return false;
    const end = Math.min(run + stride, words.length);
    for (let i = run + 1; i < end; i++) {
      if ((words[i] & LOW_HALF) === LOW_HALF || (words[i] & HIGH_HALF) === HIGH_HALF) return false;
    }
  }
  return true;
}

/**
 * Whether no word is an infinity or a NaN: then one more in the exponent does not reach the sign. Four at a time and
 * without a branch, which halves the time of a check word by word.
 */
function areFinite(words: Int32Array): boolean {
  let signs = 0;
  let i = 0;
  for (; i + 4 <= words.length; i += 4) {
    signs |=
      ((words[i] & SINGLE) + SINGLE_STEP) |
      ((words[i + 1] & SINGLE) + SINGLE_STEP) |
      ((words[i + 2] & SINGLE) + SINGLE_STEP) |
      ((words[i + 3] & SINGLE) + SINGLE_STEP);
  }
  for (; i < words.length; i++) signs |= (words[i] & SINGLE) + SINGLE_STEP;
  return signs >= 0;
}

/** A block may begin where a buffer cannot be bound: the kernel is told how far behind such a place. */
function kernel(
  shader: 'pack_half' | 'unpack_half',
  perInvocation: number,
  plain: Placement,
  packed: Placement,
  about: About,
): PlanStep {
  const floats = plain.bytes / 4;
  const ahead = plain.offset % BINDING_BYTES;
  const bound = { ...plain, offset: plain.offset - ahead, bytes: plain.bytes + ahead };
  const workgroups = lineOfWorkgroups(Math.ceil(floats / perInvocation), 64);
  const packs = shader === 'pack_half';
  const words = packed.bytes / 4;
  // Packing: the largest of every run, its inverse, and every element scaled by it; unpacking: every element scaled.
  const done = packs
    ? work('pointwise', 2 * floats, floats, words)
    : work('pointwise', floats, words, floats);
  const code = { shader, params: [floats, ahead / 4], workgroups, operands: [input(0), output] };
  return planStep({ ...code, work: done }, packs ? [bound, packed] : [packed, bound], about);
}
