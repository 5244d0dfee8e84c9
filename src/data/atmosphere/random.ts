/**
 * Uniform numbers in [0, 1) for the first state of a run: a Weyl sequence through the finaliser of MurmurHash3.
 * Integer arithmetic only, so a seed gives the same numbers on every engine.
 */
export function uniform(seed: number): () => number {
  let counter = seed | 0;
  return () => {
    counter = (counter + 0x9e3779b9) | 0;
    let z = counter;
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return ((z ^ (z >>> 16)) >>> 0) / 2 ** 32;
  };
}
