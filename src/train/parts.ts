/** How the samples that a rank trains on in a step are cut: into passes, and each pass into micro-batches. */

export interface StepParts {
  /**
   * Passes over parts of the batch, one after the other, whose gradients are added up before they are used: activations
   * take as much less memory, and weights are exchanged as often. Default 1.
   */
  readonly accumulate?: number;
  /** Parts of a pass that are computed in turn: while the sums of one travel, another computes. Default 1. */
  readonly microBatches?: number;
}

/** Why so many samples of a rank cannot be cut like this, and what would do; undefined where they can. */
export function partsFault(
  samples: number,
  { accumulate = 1, microBatches = 1 }: StepParts,
): string | undefined {
  const noun = (count: number) => `${count} ${count === 1 ? 'sample' : 'samples'}`;
  if (samples % accumulate !== 0) {
    return `${noun(samples)} of a rank cannot be computed in ${accumulate} passes: choose ${divisors(samples)}.`;
  }
  const each = samples / accumulate;
  if (each % microBatches !== 0) {
    return `${noun(each)} of a pass cannot be cut into ${microBatches} micro-batches: choose ${divisors(each)}.`;
  }
  return undefined;
}

/** The numbers that divide `count`, as a list in words. */
function divisors(count: number): string {
  const all = Array.from({ length: count }, (_, i) => i + 1).filter(number => count % number === 0);
  return new Intl.ListFormat('en-GB', { type: 'disjunction' }).format(all.map(String));
}
