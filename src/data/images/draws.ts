/**
 * Chance that depends on where it is used alone: the numbers of (seed, stream, index) are the same on every engine, and
 * whoever draws others before. The generator is sfc32 of PractRand (Chris Doty-Humphrey, 128 bits of state), begun at
 * the three words; the twelve rounds that are thrown away mix them.
 */

/** What the numbers are for; two purposes never share theirs. */
export type Stream = 'shape' | 'crop' | 'split' | 'subset' | 'scored';

const streams: Readonly<Record<Stream, number>> = { shape: 1, crop: 2, split: 3, subset: 4, scored: 5 };

/** Uniform numbers in [0, 1), in steps of 2^-32. */
export type Uniform = () => number;

export function drawsOf(seed: number, stream: Stream, index: number): Uniform {
  let [a, b, c] = [seed | 0, index | 0, streams[stream] ^ (Math.floor(index / 2 ** 32) << 8)];
  let counter = 1;
  const next = () => {
    const out = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + out) | 0;
    return (out >>> 0) / 2 ** 32;
  };
  for (let round = 0; round < 12; round++) next();
  return next;
}
