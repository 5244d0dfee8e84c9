/** The buffers of a plan on the device. */
import type { Gpu } from '../gpu/device.ts';
import { usage } from '../gpu/usage.ts';
import { bytes as sizeText } from '../io/number-text.ts';
import { TooLargeError, totalBytes } from '../plan/limits.ts';
import type { Placement, Plan } from '../plan/plan.ts';

/** Buffers by space; spaces can be shared by several plans (the parameters, above all). */
export type Spaces = Record<string, GPUBuffer[]>;

/**
 * Makes the buffers of `plan` that `shared` lacks.
 * @throws TooLargeError where the device runs out of memory.
 */
export async function allocateSpaces(gpu: Gpu, plan: Plan, shared: Spaces = {}): Promise<Spaces> {
  const { device } = gpu;
  device.pushErrorScope('out-of-memory');
  const made: GPUBuffer[] = [];
  const spaces = Object.fromEntries(
    Object.entries(plan.spaces).map(([space, buffers]) => [
      space,
      shared[space] ??
        buffers.map(({ bytes, label }) => {
          const size = Math.ceil(bytes / 16) * 16;
          const buffer = device.createBuffer({ label: `${space}: ${label}`, size, usage: usage.storage });
          made.push(buffer);
          return buffer;
        }),
    ]),
  );
  const error = await device.popErrorScope();
  if (error) {
    for (const buffer of made) buffer.destroy();
    throw new TooLargeError(
      `The graphics device ran out of memory while this run's ${sizeText(totalBytes(plan.spaces))} were ` +
        `allocated (${error.message}). Choose a smaller preset or batch, or close other pages.`,
    );
  }
  return spaces;
}

export function destroySpaces(spaces: Spaces): void {
  for (const buffer of Object.values(spaces).flat()) buffer.destroy();
}

export function bindingOf(spaces: Spaces, { space, block, offset, bytes }: Placement): GPUBufferBinding {
  return { buffer: spaces[space][block], offset, size: bytes };
}
