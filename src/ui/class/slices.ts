/** Work cut in slices, each in a task of its own, so that none is long however busy the machine is. */

export interface Slices {
  /** In place of what is left of the work before. */
  begin(work: readonly (() => void)[]): void;
}

/** No timer: those of a page behind others are slow. */
export function createSlices(): Slices {
  const { port1, port2 } = new MessageChannel();
  let left: (() => void)[] = [];
  let isAwaited = false;
  const ask = () => {
    if (isAwaited || left.length === 0) return;
    isAwaited = true;
    port2.postMessage(undefined);
  };
  port1.onmessage = () => {
    isAwaited = false;
    left.shift()?.();
    ask();
  };
  return {
    begin(work) {
      left = [...work];
      ask();
    },
  };
}
