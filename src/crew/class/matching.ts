/**
 * Which pupils compute together: groups of two, four or eight, made so that good links are inside. To test every pair of thirty
 * pupils would be 435 tests of a second each; so each is tested with three others, in rounds in which everybody takes part once, and
 * of what was found the best links are taken first. Whoever is left is tested with the others who are, until nobody new is there.
 * Fours are pairs of pairs: the first of each is tested with the first of another.
 */

/** Of a link between two pages, as they have measured it. */
export interface LinkQuality {
  /** The shortest of several. */
  readonly roundTripMs: number;
  readonly megabytesPerSecond: number;
}

/** `fault`: there is no way between the two, in words within a sentence. */
export type TestedLink = LinkQuality | { readonly fault: string };

export interface Match {
  /** The first rank comes first. */
  readonly members: readonly string[];
  /** The worst of the tested links inside. */
  readonly link: LinkQuality;
}

export interface Matching {
  readonly matches: readonly Match[];
  readonly alone: readonly { readonly id: string; readonly why: string }[];
}

interface Unit {
  readonly members: readonly string[];
  readonly link: LinkQuality | undefined;
}

type Pair = readonly [Unit, Unit];

/** Rounds of tests: so many links of each pupil are known. */
export const mostRounds = 3;
/** Tests at a time: on one Wi-Fi they slow each other down, and all should be slowed alike. */
const atOnce = 4;

/** Bytes of an exchange of a step: by it a round trip and a speed become one figure. */
const exchangeMegabytes = 0.1;
/** ms that an exchange takes. */
export const costOf = ({ roundTripMs, megabytesPerSecond }: LinkQuality): number =>
  roundTripMs + (1000 * exchangeMegabytes) / megabytesPerSecond;

export const nobodyLeft = 'all others are in a group already';

/** What is told of the tests as they go on. */
export type TestProgress = (done: number, all: number) => void;

/**
 * @param size of a group: a power of two
 * @param test of two pupils, in either order
 */
export async function matchUp(
  ids: readonly string[],
  size: number,
  test: (a: string, b: string) => Promise<TestedLink>,
  progress: TestProgress,
): Promise<Matching> {
  const faults = new Map<string, string>();
  const tested = new Map<string, TestedLink>();
  let [done, all] = [0, 0];
  const linkOf = ([a, b]: Pair) => tested.get(keyOf(a, b));
  const testAll = async (pairs: readonly Pair[]) => {
    all += pairs.length;
    progress(done, all);
    const waiting = [...pairs];
    const work = async () => {
      for (let pair = waiting.shift(); pair; pair = waiting.shift()) {
        const [a, b] = pair;
        const link = await test(a.members[0], b.members[0]);
        tested.set(keyOf(a, b), link);
        if ('fault' in link) for (const id of [...a.members, ...b.members]) faults.set(id, link.fault);
        progress(++done, all);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, work));
  };

  /** Units twice as large, and those for which there is no other. */
  const joined = async (units: readonly Unit[]): Promise<{ pairs: Unit[]; left: readonly Unit[] }> => {
    const pairs: Unit[] = [];
    let left = units;
    const take = (tests: readonly Pair[]) => {
      const chosen = bestOf(tests, linkOf);
      for (const [a, b, link] of chosen)
        pairs.push({ members: [...a.members, ...b.members], link: worst(a, b, link) });
      left = left.filter(unit => !chosen.some(([a, b]) => a === unit || b === unit));
    };
    const tests: Pair[] = [];
    for (const round of roundsOf(units.length, mostRounds)) {
      const next = round.map(([a, b]): Pair => [units[a], units[b]]);
      await testAll(next);
      tests.push(...next);
    }
    take(tests);
    for (let more = untested(left, linkOf); more.length > 0; more = untested(left, linkOf)) {
      await testAll(more);
      take(more);
    }
    return { pairs, left };
  };

  let units: readonly Unit[] = ids.map(id => ({ members: [id], link: undefined }));
  const rest: Unit[] = [];
  for (let members = 1; members < size && units.length > 1; members *= 2) {
    const { pairs, left } = await joined(units);
    units = pairs;
    rest.push(...left);
  }
  const ends = [...units, ...rest];
  return {
    matches: ends.flatMap(({ members, link }) => (link ? [{ members, link }] : [])),
    alone: ends.flatMap(({ members: [id], link }) =>
      link ? [] : [{ id, why: faults.get(id) ?? nobodyLeft }],
    ),
  };
}

/**
 * The first rounds of a tournament in which each meets each: one stays, the others go round a circle.
 *
 * @returns pairs by round; of an odd number one rests
 */
export function roundsOf(units: number, most: number): (readonly [number, number])[][] {
  const turning = units + (units % 2) - 1;
  if (units < 2) return [];
  return Array.from({ length: Math.min(most, turning) }, (_, round) =>
    Array.from({ length: (turning + 1) / 2 }, (_, i) =>
      i === 0
        ? ([round, turning] as const)
        : ([(round + i) % turning, (round - i + turning) % turning] as const),
    ).filter(([a, b]) => Math.max(a, b) < units),
  );
}

/** Greedily: the best link first, then the best between those who are left. */
function bestOf(
  pairs: readonly Pair[],
  linkOf: (pair: Pair) => TestedLink | undefined,
): (readonly [Unit, Unit, LinkQuality])[] {
  const good = pairs.flatMap(pair => {
    const link = linkOf(pair);
    return link && !('fault' in link) ? [[...pair, link] as const] : [];
  });
  const taken = new Set<Unit>();
  return good
    .sort(([, , a], [, , b]) => costOf(a) - costOf(b))
    .filter(([a, b]) => {
      if (taken.has(a) || taken.has(b)) return false;
      taken.add(a).add(b);
      return true;
    });
}

/** Pairs of which nothing is known yet, in which each takes part once at most. */
function untested(units: readonly Unit[], linkOf: (pair: Pair) => TestedLink | undefined): Pair[] {
  const free = [...units];
  const pairs: Pair[] = [];
  for (let a = free.shift(); a; a = free.shift()) {
    const first = a;
    const second = free.find(b => linkOf([first, b]) === undefined);
    if (!second) continue;
    pairs.push([first, second]);
    free.splice(free.indexOf(second), 1);
  }
  return pairs;
}

const keyOf = (a: Unit, b: Unit) => [a.members[0], b.members[0]].sort().join(' ');

const worst = (a: Unit, b: Unit, link: LinkQuality): LinkQuality =>
  [a.link, b.link, link].reduce<LinkQuality>(
    (found, next) => (next && costOf(next) > costOf(found) ? next : found),
    link,
  );
