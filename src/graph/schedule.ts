/**
 * The order in which one peer works through its graph. Without collectives it is the order in which the graph was
 * built. With them, what is computed while an exchange is in flight decides how much of it is hidden: list scheduling
 * by critical path (Graham 1969; Kelley 1961) on a simple model of the machine and its links.
 *
 * The order is a function of the graph and the model alone, so all peers of a mesh arrive at the same one, and nobody
 * waits for a message that its sender has put off.
 */

export interface Task {
  /** Seconds of work on the device; 0 for sending and receiving. */
  readonly seconds: number;
  /** Tasks that must be done before, by index; all smaller than the task's own. */
  readonly after: readonly number[];
  /** For the end of an exchange: seconds from its start, which is the last of `after`, until the data are there. */
  readonly travel?: number;
}

/** What the model of time knows: it decides the order only, never a result. */
export interface Machine {
  readonly flopsPerSecond: number;
  /** Of a kernel that does no products: elements a second. */
  readonly elementsPerSecond: number;
  readonly secondsPerDispatch: number;
  readonly latencySeconds: number;
  readonly bytesPerSecond: number;
}

/** A link of a home network and a laptop's GPU: between them they rank work and waiting sensibly. */
export const typicalMachine: Machine = {
  flopsPerSecond: 2e9,
  elementsPerSecond: 2e8,
  secondsPerDispatch: 1e-4,
  latencySeconds: 6e-3,
  bytesPerSecond: 2e7,
};

/** Indices of `tasks` in the order to run them. */
export function schedule(tasks: readonly Task[]): number[] {
  const count = tasks.length;
  const followers: number[][] = tasks.map(() => []);
  const waitsFor = tasks.map(task => task.after.length);
  tasks.forEach((task, index) => {
    for (const before of task.after) followers[before].push(index);
  });

  // Seconds from the beginning of a task to the end of everything that depends on it.
  const height = new Float64Array(count);
  for (let index = count - 1; index >= 0; index--) {
    const rest = followers[index].reduce(
      (most, next) => Math.max(most, (tasks[next].travel ?? 0) + height[next]),
      0,
    );
    height[index] = tasks[index].seconds + rest;
  }

  const order: number[] = [];
  const ready: number[] = [];
  /** Ends of exchanges that were started: `at` is when the data are there. */
  const travelling: { index: number; at: number }[] = [];
  let now = 0;
  const release = (index: number) => {
    const { travel } = tasks[index];
    if (travel === undefined) ready.push(index);
    else travelling.push({ index, at: now + travel });
  };
  tasks.forEach((_, index) => {
    if (waitsFor[index] === 0) release(index);
  });
  while (order.length < count) {
    if (ready.length === 0) {
      const soonest = travelling.reduce((best, item) => Math.min(best, item.at), Number.POSITIVE_INFINITY);
      now = Math.max(now, soonest);
    }
    for (let i = travelling.length - 1; i >= 0; i--) {
      if (travelling[i].at <= now) ready.push(...travelling.splice(i, 1).map(({ index }) => index));
    }
    let best = 0;
    for (let i = 1; i < ready.length; i++) {
      const gain = height[ready[i]] - height[ready[best]];
      if (gain > 0 || (gain === 0 && ready[i] < ready[best])) best = i;
    }
    const [next] = ready.splice(best, 1);
    order.push(next);
    now += tasks[next].seconds;
    for (const follower of followers[next]) if (--waitsFor[follower] === 0) release(follower);
  }
  return order;
}
