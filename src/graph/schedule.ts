/**
 * The order in which one peer works through its graph. Without collectives it is the order in which the graph was
 * built. With them, work that does not need an exchange in flight goes on meanwhile: what can be sent is sent at once,
 * and of what can be computed the oldest goes first, which keeps few tensors alive. When an exchange is over, on a
 * simple model of the machine and its links, decides when the work behind it gets its turn.
 *
 * The order is a function of the graph and the model alone, so all peers of a mesh arrive at the same one, and nobody
 * waits for a message that its sender has put off.
 */

export interface Task {
  /** Seconds of work on the device; 0 for sending and receiving. */
  readonly seconds: number;
  /** Tasks that must be done before, by index; all smaller than the task's own. */
  readonly after: readonly number[];
  /** For the start of an exchange: it goes before everything else. */
  readonly urgent?: boolean;
  /** For the end of an exchange: seconds from its start, the last of `after`, until the data are there. */
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
  const followers: number[][] = tasks.map(() => []);
  const waitsFor = tasks.map(task => task.after.length);
  tasks.forEach((task, index) => {
    for (const before of task.after) followers[before].push(index);
  });

  const order: number[] = [];
  const ready = new Set<number>();
  /** Ends of exchanges that were started: when the data are there. */
  const travelling = new Map<number, number>();
  let now = 0;
  const release = (index: number) => {
    const { travel } = tasks[index];
    if (travel === undefined) ready.add(index);
    else travelling.set(index, now + travel);
  };
  tasks.forEach((_, index) => {
    if (waitsFor[index] === 0) release(index);
  });
  while (order.length < tasks.length) {
    if (ready.size === 0) now = Math.max(now, Math.min(...travelling.values()));
    for (const [index, arrival] of travelling) {
      if (arrival > now) continue;
      travelling.delete(index);
      ready.add(index);
    }
    const next = [...ready].reduce((best, index) => (goesFirst(tasks, index, best) ? index : best));
    ready.delete(next);
    order.push(next);
    now += tasks[next].seconds;
    for (const follower of followers[next]) if (--waitsFor[follower] === 0) release(follower);
  }
  return order;
}

function goesFirst(tasks: readonly Task[], a: number, b: number): boolean {
  const [first, second] = [tasks[a].urgent ?? false, tasks[b].urgent ?? false];
  return first === second ? a < b : first;
}
