/** A long curve in bounded memory: the loss of every step, kept as means over ever wider runs of steps. */

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Series {
  /** Adds the value at `step`; steps must not decrease. */
  add(step: number, value: number): void;
  /** Forgets what lies past `step`: the run goes on from there. */
  rewind(step: number): void;
  /** At most the maximum number of points, oldest first. */
  points(): Point[];
  /** The same points, smoothed exponentially over about a twentieth of the run. */
  smoothed(): Point[];
}

interface Bucket {
  readonly lastStep: number;
  readonly sum: number;
  readonly count: number;
}

/**
 * An empty series that never holds more than `maximum` points. When it is full, neighbours are merged in pairs, so
 * that adding a value costs the same however long the run is. Values that are not finite are left out.
 */
export function createSeries(maximum: number): Series {
  let buckets: Bucket[] = [];
  /** Values in a full bucket. */
  let width = 1;

  const merge = (a: Bucket, b: Bucket): Bucket => ({
    lastStep: b.lastStep,
    sum: a.sum + b.sum,
    count: a.count + b.count,
  });

  const points = () => buckets.map(b => ({ x: b.lastStep, y: b.sum / b.count }));

  return {
    add(step, value) {
      if (!Number.isFinite(value)) return;
      const last = buckets.at(-1);
      const single = { lastStep: step, sum: value, count: 1 };
      if (last && last.count < width) buckets[buckets.length - 1] = merge(last, single);
      else buckets.push(single);
      if (buckets.length <= maximum) return;
      const pairs: Bucket[] = [];
      for (let i = 0; i < buckets.length; i += 2) {
        pairs.push(i + 1 < buckets.length ? merge(buckets[i], buckets[i + 1]) : buckets[i]);
      }
      buckets = pairs;
      width *= 2;
    },
    rewind(step) {
      buckets = buckets.filter(b => b.lastStep <= step);
    },
    points,
    smoothed() {
      const decay = 1 - 1 / Math.min(20, 1 + buckets.length / 20);
      let mean = 0;
      let weight = 0;
      return points().map(({ x, y }) => {
        mean = decay * mean + (1 - decay) * y;
        weight = decay * weight + (1 - decay);
        // Dividing by the weight so far keeps the first points from being drawn towards zero.
        return { x, y: mean / weight };
      });
    },
  };
}
