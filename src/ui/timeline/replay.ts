/**
 * The clock of a replay: a recorded step once more, so much slower that one can follow, over and over. It knows no page
 * and no time of its own: whoever moves the cursor tells it what time it is.
 */

/** Seconds that a replay of a step is meant to take. */
const aimedSeconds = 8;

/** How many times slower a step of so many ms is replayed: a round number. */
export function slowdownOf(wallMs: number): number {
  if (!(wallMs > 0)) return 1;
  const exact = (1000 * aimedSeconds) / wallMs;
  const power = 10 ** Math.floor(Math.log10(exact));
  return (
    [1, 2, 5, 10].reduce((best, factor) =>
      Math.abs(Math.log((factor * power) / exact)) < Math.abs(Math.log((best * power) / exact))
        ? factor
        : best,
    ) * power
  );
}

export interface Replay {
  readonly slowdown: number;
  isPlaying(): boolean;
  /** @param now in ms, of any clock that does not go back */
  play(now: number): void;
  pause(now: number): void;
  /** Goes on from a moment of the step, in ms. */
  seek(at: number, now: number): void;
  /** The moment of the step, in ms since its beginning. */
  at(now: number): number;
}

export interface ReplayOptions {
  readonly wallMs: number;
  readonly slowdown?: number;
  /** Moments to stand at, in order, instead of moving: for who wants less motion. */
  readonly moments?: readonly number[];
}

/** Milliseconds of the viewer between two jumps, at least. */
const restMs = 500;

export function createReplay({ wallMs, slowdown = slowdownOf(wallMs), moments }: ReplayOptions): Replay {
  const stops = moments && spaced(moments, restMs / slowdown);
  let from = 0;
  let since: number | undefined;
  const exact = (now: number) => {
    const at = since === undefined ? from : from + (now - since) / slowdown;
    return wallMs > 0 ? at % wallMs : 0;
  };
  return {
    slowdown,
    isPlaying: () => since !== undefined,
    play(now) {
      since ??= now;
    },
    pause(now) {
      from = exact(now);
      since = undefined;
    },
    seek(at, now) {
      from = Math.max(0, Math.min(at, wallMs));
      if (since !== undefined) since = now;
    },
    at(now) {
      const at = exact(now);
      return stops ? (stops.findLast(stop => stop <= at) ?? 0) : at;
    },
  };
}

/** Those of moments that are at least so far from the one before. */
function spaced(moments: readonly number[], least: number): number[] {
  const kept: number[] = [];
  for (const moment of moments) if (moment - (kept.at(-1) ?? -least) >= least) kept.push(moment);
  return kept;
}
