/**
 * Complex Fourier transforms of 64 points, in place and in batches: three radix-4 passes.
 * The inverse takes its input in base-4 digit-reversed order and the forward transform leaves its output so;
 * callers put and fetch coefficients at `SLOT[k]`, and no permutation pass is ever run.
 */

/** Points on one latitude circle. */
export const POINTS = 64;

/** [64] where coefficient k (negative k at k + 64) lies in the reversed order. */
export const SLOT = Int32Array.from({ length: POINTS }, (_, k) => ((k & 3) << 4) | (k & 12) | (k >> 4));

const COS = Float64Array.from({ length: POINTS }, (_, k) => Math.cos((2 * Math.PI * k) / POINTS));
const SIN = Float64Array.from({ length: POINTS }, (_, k) => Math.sin((2 * Math.PI * k) / POINTS));

/**
 * x_j = sum over k of X_k exp(+2 pi i jk / 64), unnormalised, for `count` transforms that lie one after another.
 * In: X_k at `SLOT[k]`. Out: x_j at j.
 */
export function inverseFft64(re: Float64Array, im: Float64Array, count: number): void {
  inversePass(re, im, 1, count * 16);
  inversePass(re, im, 4, count * 4);
  inversePass(re, im, 16, count);
}

/** X_k = sum over j of x_j exp(-2 pi i jk / 64), unnormalised. In: x_j at j. Out: X_k at `SLOT[k]`. */
export function forwardFft64(re: Float64Array, im: Float64Array, count: number): void {
  forwardPass(re, im, 16, count);
  forwardPass(re, im, 4, count * 4);
  forwardPass(re, im, 1, count * 16);
}

/** Joins four transforms of `span` points into one of 4 span points (decimation in time). */
function inversePass(re: Float64Array, im: Float64Array, span: number, blocks: number): void {
  const stride = 16 / span;
  for (let j = 0; j < span; j++) {
    const c1 = COS[j * stride];
    const s1 = SIN[j * stride];
    const c2 = COS[2 * j * stride];
    const s2 = SIN[2 * j * stride];
    const c3 = COS[3 * j * stride];
    const s3 = SIN[3 * j * stride];
    for (let block = 0, p = j; block < blocks; block++, p += 4 * span) {
      const p1 = p + span;
      const p2 = p1 + span;
      const p3 = p2 + span;
      const ar = re[p];
      const ai = im[p];
      const br = re[p1] * c1 - im[p1] * s1;
      const bi = re[p1] * s1 + im[p1] * c1;
      const cr = re[p2] * c2 - im[p2] * s2;
      const ci = re[p2] * s2 + im[p2] * c2;
      const dr = re[p3] * c3 - im[p3] * s3;
      const di = re[p3] * s3 + im[p3] * c3;
      const er = ar + cr;
      const ei = ai + ci;
      const fr = ar - cr;
      const fi = ai - ci;
      const gr = br + dr;
      const gi = bi + di;
      const hr = br - dr;
      const hi = bi - di;
      re[p] = er + gr;
      im[p] = ei + gi;
      re[p1] = fr - hi;
      im[p1] = fi + hr;
      re[p2] = er - gr;
      im[p2] = ei - gi;
      re[p3] = fr + hi;
      im[p3] = fi - hr;
    }
  }
}

/** Splits a transform of 4 span points into four of `span` points (decimation in frequency). */
function forwardPass(re: Float64Array, im: Float64Array, span: number, blocks: number): void {
  const stride = 16 / span;
  for (let j = 0; j < span; j++) {
    const c1 = COS[j * stride];
    const s1 = SIN[j * stride];
    const c2 = COS[2 * j * stride];
    const s2 = SIN[2 * j * stride];
    const c3 = COS[3 * j * stride];
    const s3 = SIN[3 * j * stride];
    for (let block = 0, p = j; block < blocks; block++, p += 4 * span) {
      const p1 = p + span;
      const p2 = p1 + span;
      const p3 = p2 + span;
      const er = re[p] + re[p2];
      const ei = im[p] + im[p2];
      const fr = re[p] - re[p2];
      const fi = im[p] - im[p2];
      const gr = re[p1] + re[p3];
      const gi = im[p1] + im[p3];
      const hr = re[p1] - re[p3];
      const hi = im[p1] - im[p3];
      const br = fr + hi;
      const bi = fi - hr;
      const cr = er - gr;
      const ci = ei - gi;
      const dr = fr - hi;
      const di = fi + hr;
      re[p] = er + gr;
      im[p] = ei + gi;
      re[p1] = br * c1 + bi * s1;
      im[p1] = bi * c1 - br * s1;
      re[p2] = cr * c2 + ci * s2;
      im[p2] = ci * c2 - cr * s2;
      re[p3] = dr * c3 + di * s3;
      im[p3] = di * c3 - dr * s3;
    }
  }
}
