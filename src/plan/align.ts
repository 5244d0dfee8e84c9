/** Where WebGPU lets storage and uniforms be bound: the largest alignment that an adapter may ask for. */

export const BINDING_BYTES = 256;

/** Floats that a binding begins at a multiple of. */
export const BINDING_FLOATS = BINDING_BYTES / 4;

/** The next number of floats, from `floats` on, at which something else may begin. */
export function aligned(floats: number): number {
  return Math.ceil(floats / BINDING_FLOATS) * BINDING_FLOATS;
}

/** The next such number of bytes. */
export function alignedBytes(bytes: number): number {
  return Math.ceil(bytes / BINDING_BYTES) * BINDING_BYTES;
}
