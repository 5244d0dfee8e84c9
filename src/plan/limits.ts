/** Checks a plan against an adapter before anything is allocated. */
import { bytes as sizeText } from '../io/number-text.ts';
import type { Buffer, Plan } from './plan.ts';

export interface BufferLimits {
  readonly maxBufferSize: number;
  readonly maxStorageBufferBindingSize: number;
}

/** A buffer or a whole plan that does not fit; the message says which, how much it takes and how much is allowed. */
export class TooLargeError extends Error {
  override readonly name = 'TooLargeError';
}

export function totalBytes(spaces: Plan['spaces']): number {
  return Object.values(spaces)
    .flat()
    .reduce((total, { bytes }) => total + bytes, 0);
}

/**
 * @param budget bytes that all buffers together may take.
 * @throws TooLargeError
 */
export function checkLimits(
  plan: Pick<Plan, 'spaces'>,
  limits: BufferLimits,
  budget = Number.POSITIVE_INFINITY,
): void {
  const total = totalBytes(plan.spaces);
  const whole = `The whole run takes ${sizeText(total)}.`;
  for (const [space, buffers] of Object.entries(plan.spaces)) {
    for (const buffer of buffers) checkBuffer(space, buffer, limits, whole);
  }
  if (total > budget) {
    throw new TooLargeError(
      `This run takes ${sizeText(total)} of memory; ${sizeText(budget)} are allowed here. ` +
        'Choose a smaller preset or batch, or a mesh of more ranks.',
    );
  }
}

function checkBuffer(space: string, { bytes, label }: Buffer, limits: BufferLimits, whole: string): void {
  const allowed = Math.min(limits.maxBufferSize, limits.maxStorageBufferBindingSize);
  if (bytes <= allowed) return;
  throw new TooLargeError(
    `${space}: ${label} needs ${sizeText(bytes)} in one buffer; this adapter allows ${sizeText(allowed)}. ` +
      `${whole} Choose a smaller preset or batch, or a mesh of ${Math.ceil(bytes / allowed)} or more ranks.`,
  );
}
