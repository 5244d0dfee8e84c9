/** Tells of what changes often at most once in a while: at once where nothing was told of late, else when the time is up. */

export interface Reporter {
  /** There is something to tell. */
  changed(): void;
  /** Nothing is told any more. */
  end(): void;
}

/** @param everyMs between two tellings */
export function createReporter(tell: () => void, everyMs: number): Reporter {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let toldAt = Number.NEGATIVE_INFINITY;
  let isOver = false;

  const send = () => {
    timer = undefined;
    toldAt = performance.now();
    tell();
  };
  return {
    changed() {
      if (!isOver) timer ??= setTimeout(send, Math.max(0, toldAt + everyMs - performance.now()));
    },
    end() {
      isOver = true;
      clearTimeout(timer);
    },
  };
}
