import type { Clock } from '../../../src/ui/recording/player.ts';

/** A clock that stands still until it is turned. */
export function handClock(): Clock & { turn(milliseconds: number): void } {
  let now = 0;
  let due: { readonly at: number; readonly done: () => void }[] = [];
  return {
    now: () => now,
    wait(milliseconds, done) {
      const wait = { at: now + milliseconds, done };
      due.push(wait);
      return () => {
        due = due.filter(other => other !== wait);
      };
    },
    turn(milliseconds) {
      const end = now + milliseconds;
      for (;;) {
        const [next] = due.toSorted((a, b) => a.at - b.at);
        if (!next || next.at > end) break;
        due = due.filter(other => other !== next);
        now = next.at;
        next.done();
      }
      now = end;
    },
  };
}
