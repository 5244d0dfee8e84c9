/** Reads in flight. Browsers open six connections to a server; more would wait there, and fill memory. */
const CONCURRENT = 6;

/** Runs `work` on every item, a few at a time; the first failure stops what has not begun. */
export async function forEachLimited<T>(items: Iterable<T>, work: (item: T) => Promise<void>): Promise<void> {
  const rest = items[Symbol.iterator]();
  let failed = false;
  const lane = async () => {
    for (let next = rest.next(); !next.done && !failed; next = rest.next()) {
      try {
        await work(next.value);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: CONCURRENT }, lane));
}
