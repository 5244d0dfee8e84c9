/** Who gets which rank of a mesh. */

/**
 * Gives each rank to someone: who had a rank before keeps it, so that its part of the data need not be read again, the
 * others take what is left, in order.
 *
 * @param ranks that are to be had
 * @param takers not more than there are ranks
 * @param before who had a rank, on this mesh or another
 */
export function placesOf<Taker extends string | object>(
  ranks: readonly number[],
  takers: readonly Taker[],
  before: ReadonlyMap<number, Taker>,
): Map<number, Taker> {
  const places = new Map(
    ranks.flatMap(rank => {
      const taker = before.get(rank);
      return taker !== undefined && takers.includes(taker) ? [[rank, taker] as const] : [];
    }),
  );
  const placed = new Set(places.values());
  const free = ranks.filter(rank => !places.has(rank));
  for (const [i, taker] of takers.filter(taker => !placed.has(taker)).entries()) places.set(free[i], taker);
  return places;
}
