/** Made-up numbers, fast even for matrices of 256 MiB: a block of normal deviates, repeated. */
import { normalValues } from '../measure.ts';

/** Prime, so that no row of a matrix equals another. */
const BLOCK = 1_048_573;
const blocks = new Map<number, Float32Array<ArrayBuffer>>();

/** @param spread standard deviation */
export function madeUp(size: number, seed: number, spread = 1): Float32Array<ArrayBuffer> {
  let block = blocks.get(seed);
  if (!block || block.length < Math.min(size, BLOCK)) {
    block = normalValues(Math.min(size, BLOCK), seed);
    blocks.set(seed, block);
  }
  const values = new Float32Array(size);
  for (let at = 0; at < size; at += block.length) {
    values.set(block.subarray(0, Math.min(block.length, size - at)), at);
  }
  return spread === 1 ? values : values.map(value => spread * value);
}
