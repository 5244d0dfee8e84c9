/** Reads in flight. Browsers open six connections to a server; more would wait there, and fill memory. */
const CONCURRENT = 6;

/** Runs `work` on every item, a few at a time; the first failure stops what has not begun. */
export async function forEachLimited<T>(
  items: readonly T[],
  work: (item: T) => Promise<void>,
): Promise<void> {
  let next = 0;
  let failed = false;
  const lane = async () => {
    while (next < items.length && !failed) {
      try {
        await work(items[next++]);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: CONCURRENT }, lane));
}
