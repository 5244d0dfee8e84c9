/** What ranks send each other beside blocks: calls, their replies, and failures. */
import { HEADER_BYTES } from '../net/frame.ts';
import { FrameError } from '../net/frame-error.ts';
import { unpack } from './packing.ts';

export interface Call {
  readonly name: string;
  readonly argument: unknown;
}

export type Reply = { readonly value: unknown } | { readonly error: string };

/** What the others are told: who cannot be worked with, the sender itself perhaps, and why; or where the model diverged. */
export type Failure =
  | { readonly rank: number; readonly reason: string }
  | { readonly rank: number; readonly divergedAt: number };

function objectOf(frame: ArrayBuffer): object {
  const value = unpack(frame, HEADER_BYTES);
  return typeof value === 'object' && value !== null ? value : {};
}

/** @throws FrameError */
export function readCall(frame: ArrayBuffer): Call {
  const value = objectOf(frame);
  if (!('name' in value && typeof value.name === 'string')) throw new FrameError('a call without a name');
  return { name: value.name, argument: 'argument' in value ? value.argument : undefined };
}

/** @throws FrameError */
export function readReply(frame: ArrayBuffer): Reply {
  const value = objectOf(frame);
  if ('value' in value) return { value: value.value };
  if ('error' in value && typeof value.error === 'string') return { error: value.error };
  throw new FrameError('a reply that is neither an answer nor an error');
}

/** @throws FrameError */
export function readFailure(frame: ArrayBuffer): Failure {
  const value = objectOf(frame);
  if ('rank' in value && typeof value.rank === 'number') {
    const { rank } = value;
    if ('reason' in value && typeof value.reason === 'string') return { rank, reason: value.reason };
    if ('divergedAt' in value && typeof value.divergedAt === 'number')
      return { rank, divergedAt: value.divergedAt };
  }
  throw new FrameError('a failure without a rank or a reason');
}
