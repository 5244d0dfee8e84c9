/** Plays a forecast lead by lead; where motion is not wanted, each press goes one lead on. */

export interface Player {
  readonly isPlaying: boolean;
  /** Whether a press goes one lead on, instead of playing. */
  readonly isStill: boolean;
  /** Plays, stops, or goes one lead on. */
  press(): void;
  stop(): void;
  /** Ends it, and looks no more at what the reader prefers. */
  end(): void;
}

const pauseMilliseconds = 600;

/**
 * @param next goes one lead on, from the last to the first
 * @param isLast whether the last lead is shown
 * @param onChange called when what a press does has changed
 */
export function createPlayer(next: () => void, isLast: () => boolean, onChange: () => void): Player {
  const stillness = matchMedia('(prefers-reduced-motion: reduce)');
  let timer: ReturnType<typeof setInterval> | undefined;
  const stop = () => {
    if (timer === undefined) return;
    clearInterval(timer);
    timer = undefined;
    onChange();
  };
  const preferenceChanged = () => {
    stop();
    onChange();
  };
  stillness.addEventListener('change', preferenceChanged);
  return {
    get isPlaying() {
      return timer !== undefined;
    },
    get isStill() {
      return stillness.matches;
    },
    press() {
      if (timer !== undefined) stop();
      else if (stillness.matches) next();
      else {
        next();
        timer = setInterval(() => {
          next();
          if (isLast()) stop();
        }, pauseMilliseconds);
        onChange();
      }
    },
    stop,
    end() {
      stop();
      stillness.removeEventListener('change', preferenceChanged);
    },
  };
}
