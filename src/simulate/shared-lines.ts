/**
 * Lines that several ranks or several messages queue for: a port, the network card of a host, the air of a room. What
 * ranks of a group send over a line of theirs they send at the same time, so it is over for all of them when the last
 * byte has left.
 */
import type { Parcel } from '../plan/plan.ts';
import type { Line, RankGroup, SimulatedRank } from './ranks.ts';

interface Queue {
  readonly line: Line;
  /** Ranks at the line, by group. */
  readonly ranks: readonly number[];
  /** Seconds: when it is free again. */
  free: number;
}

export class SharedLines {
  readonly #queues: readonly Queue[];
  readonly #groups: readonly RankGroup[];
  readonly #machines: readonly SimulatedRank[];

  /** Only lines of the groups' first ranks are followed: all others are like one of them. */
  constructor(groups: readonly RankGroup[], machines: readonly SimulatedRank[]) {
    this.#groups = groups;
    this.#machines = machines;
    const followed = new Map<Line, number[]>();
    for (const { ranks } of groups)
      for (const line of machines[ranks[0]].lines ?? [])
        followed.set(
          line,
          groups.map(() => 0),
        );
    groups.forEach(({ ranks }, group) => {
      for (const rank of ranks) {
        for (const line of machines[rank].lines ?? []) {
          const counts = followed.get(line);
          if (counts) counts[group]++;
        }
      }
    });
    this.#queues = [...followed].map(([line, ranks]) => ({ line, ranks, free: 0 }));
  }

  /**
   * All ranks of a group send.
   *
   * @param sends of its first rank
   * @returns when all of it has left the shared lines of that rank, by level
   */
  send(group: number, now: number, sends: readonly Parcel[]): Map<string, number> {
    const { linkTo, lines = [] } = this.#machines[this.#groups[group].ranks[0]];
    const through = new Map<string, number>();
    if (lines.length === 0) return through;
    const seconds = new Map<string, number>();
    for (const { peer, at } of sends) {
      const { line, bytesPerSecond } = linkTo(peer);
      if (line) seconds.set(line.level, (seconds.get(line.level) ?? 0) + at.bytes / bytesPerSecond);
    }
    for (const queue of this.#queues) {
      const each = seconds.get(queue.line.level);
      const ranks = queue.ranks[group];
      if (each === undefined || ranks === 0) continue;
      queue.free = Math.max(now, queue.free) + ranks * each;
      if (lines.includes(queue.line)) through.set(queue.line.level, queue.free);
    }
    return through;
  }
}
