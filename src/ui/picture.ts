/**
 * A picture of the run that is asked of the session and drawn, again and again: one at a time, and while the run trains so
 * rarely that training hardly notices.
 */

/** While training, a picture is drawn anew at most this often, and takes at most a tenth of the time. */
const shortestPauseMilliseconds = 4000;

export interface Picture<Subject> {
  /** Draws it anew; calls during a drawing are answered by one more. */
  refresh(): void;
  /** The same, unless the last drawing was a moment ago: for use while training. */
  refreshSometimes(): void;
  /** The run is about to go: asks nothing more of it, and resolves once the last answer is there. */
  leave(): Promise<void>;
  /** What is drawn from now on; nothing where it is undefined. */
  restart(subject: Subject | undefined): void;
}

/** @param draw asks the session and draws; what it gets after `isGone` is of no use any more */
export function createPicture<Subject>(
  draw: (subject: Subject, isGone: () => boolean) => Promise<void>,
  onError: (cause: unknown) => void,
): Picture<Subject> {
  let subject: Subject | undefined;
  let drawing: Promise<void> | undefined;
  let again = false;
  let nextAllowed = 0;

  const drawAll = async () => {
    try {
      do {
        again = false;
        const asked = subject;
        if (!asked) return;
        const began = performance.now();
        await draw(asked, () => subject !== asked);
        const took = performance.now() - began;
        nextAllowed = performance.now() + Math.max(shortestPauseMilliseconds, 10 * took);
      } while (again);
    } catch (cause) {
      onError(cause);
    }
  };
  const refresh = () => {
    again = drawing !== undefined;
    drawing ??= drawAll().finally(() => {
      drawing = undefined;
    });
  };

  return {
    refresh,
    refreshSometimes() {
      if (performance.now() >= nextAllowed) refresh();
    },
    async leave() {
      subject = undefined;
      await drawing;
    },
    restart(next) {
      subject = next;
    },
  };
}
