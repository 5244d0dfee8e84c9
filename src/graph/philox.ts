/**
 * Counter-based random numbers: Philox-4x32-10 (Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as
 * 1, 2, 3", 2011), the same function as in `shaders/dropout.wgsl`.
 */

/** High word of the product of two 32-bit words. */
function multiplyHigh(p: number, q: number): number {
  const [pLow, pHigh, qLow, qHigh] = [p & 0xffff, p >>> 16, q & 0xffff, q >>> 16];
  const middle1 = pHigh * qLow + ((pLow * qLow) >>> 16);
  const middle2 = pLow * qHigh + (middle1 & 0xffff);
  return (pHigh * qHigh + Math.floor(middle1 / 65536) + Math.floor(middle2 / 65536)) >>> 0;
}

/** Four words in [0, 2^32) from a counter of four words and a key of two. */
export function philox(
  c0: number,
  c1: number,
  c2: number,
  c3: number,
  key0: number,
  key1: number,
): [number, number, number, number] {
  let [x0, x1, x2, x3, k0, k1] = [c0 >>> 0, c1 >>> 0, c2 >>> 0, c3 >>> 0, key0 >>> 0, key1 >>> 0];
  for (let round = 0; round < 10; round++) {
    const high0 = multiplyHigh(0xd2511f53, x0);
    const high1 = multiplyHigh(0xcd9e8d57, x2);
    const low0 = Math.imul(0xd2511f53, x0) >>> 0;
    const low1 = Math.imul(0xcd9e8d57, x2) >>> 0;
    [x0, x1, x2, x3] = [(high1 ^ x1 ^ k0) >>> 0, low1, (high0 ^ x3 ^ k1) >>> 0, low0];
    k0 = (k0 + 0x9e3779b9) >>> 0;
    k1 = (k1 + 0xbb67ae85) >>> 0;
  }
  return [x0, x1, x2, x3];
}

/** A 32-bit word for a name (FNV-1a), to give every parameter a stream of its own. */
export function hashName(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
