/**
 * What the browsers in a room could do together: who with whom, on which mesh, as settings of a prediction made of their measured
 * speeds and links. And what became of it in words. Without DOM.
 */
import type { Member } from '../../crew/api.ts';
import type { Band } from '../../energy/band.ts';
import type { Machines } from '../../energy/machines.ts';
import { meshName, ranksOf } from '../../mesh/mesh.ts';
import { meshesOf } from '../../session/api/best-mesh.ts';
import type { Prediction } from '../../session/api/cut-prediction.ts';
import type { Card, CardLink, Setting } from '../../session/api/cut-settings.ts';
import type { MeshConfig } from '../../session/api/run-config.ts';
import { bandText } from '../../show/energy-words.ts';
import { bytes, fieldNumber, list } from '../../show/format.ts';
import { percent, stepTime } from '../board/words.ts';
import { links } from './links.ts';

/** A page that can hold a rank: the own one first. */
export interface RoomBrowser {
  readonly id: string;
  readonly name: string;
  /** Of a product, as measured there; undefined where it is not known. */
  readonly gigaflops: number | undefined;
  readonly software: boolean;
  readonly adapter: Member['adapter'];
  /** What its page has told of its machine. */
  readonly machine?: Member['machine'];
  /** Of the link to this page. Both absent of the own one. */
  readonly roundTripMs?: number;
  /** The most that the link was seen to carry, both ways together. */
  readonly mostMegabytesPerSecond?: number;
}

/** Pages that take part, a rank each, and how the model is laid out over them. */
export interface RoomWay {
  readonly browsers: readonly RoomBrowser[];
  readonly mesh: MeshConfig;
  readonly setting: Setting;
}

export interface RoomFacts {
  readonly browsers: readonly RoomBrowser[];
  /** Tabs of one browser: all of their ranks are on its card. */
  readonly isOneCard: boolean;
  /** Of the run that is wanted: micro-batches, overlap, wire. */
  readonly like: MeshConfig;
  /** What the user knows of the links, MB/s one way: instead of what is seen or assumed. */
  readonly typedRate?: number;
}

/** More ranks take minutes to plan. */
export const MOST_BROWSERS = 16;

/** Less may be all that there was to carry. */
const TELLING_RATE = 1;

export interface WayThere extends CardLink {
  readonly evidence: 'typed' | 'seen' | 'assumed';
}

/** How the link of a guest is taken to be. */
export function wayTo(
  { roundTripMs, mostMegabytesPerSecond = 0 }: RoomBrowser,
  typedRate?: number,
): WayThere {
  const like = typicalLink(roundTripMs);
  const latencyMs = roundTripMs === undefined ? like.latencyMs : roundTripMs / 2;
  if (typedRate !== undefined) return { latencyMs, megabytesPerSecond: typedRate, evidence: 'typed' };
  // Ranks send as much as they receive.
  const seen = mostMegabytesPerSecond / 2;
  if (seen >= TELLING_RATE) return { latencyMs, megabytesPerSecond: seen, evidence: 'seen' };
  return { latencyMs, megabytesPerSecond: like.megabytesPerSecond, evidence: 'assumed' };
}

/** The slowest of the links whose latency it has, or less. */
function typicalLink(roundTripMs: number | undefined): CardLink {
  const { cable, wifi, far } = links;
  const latencyMs = (roundTripMs ?? 2 * wifi.emulation!.latencyMs) / 2;
  const fitting = [cable, wifi].find(({ emulation }) => latencyMs <= 3 * emulation!.latencyMs);
  return (fitting ?? far).emulation!;
}

/** As fast as it gets: of a link the other end counts. */
const ownWay: CardLink = { latencyMs: 0, megabytesPerSecond: 1e6 };

/** @param power by the place of a browser in the room */
export function waysIn(
  { browsers, isOneCard, like, typedRate }: RoomFacts,
  power: (index: number) => Card['power'],
): readonly RoomWay[] {
  const here = browsers.slice(0, MOST_BROWSERS);
  const [own, ...guests] = here;
  const slowest = guests.reduce<RoomBrowser | undefined>(
    (found, each) => (found && speedOf(found) <= speedOf(each) ? found : each),
    undefined,
  );
  const parties = [
    [own],
    ...(guests.length > 0 ? [here] : []),
    ...(guests.length > 1 && !isOneCard ? [here.filter(each => each !== slowest)] : []),
  ];
  const cards = here.map((each, i): Card => {
    const known = power(i);
    return {
      gigaflops: each.gigaflops,
      software: each.software,
      ...(known && { power: known }),
    };
  });
  const ways = here.map((each, i) => (i === 0 ? ownWay : wayTo(each, typedRate)));
  return parties.flatMap(party =>
    meshesOf(party.length, like).map((mesh): RoomWay => {
      const cardOf = party.map(each => (isOneCard ? 0 : here.indexOf(each)));
      const setting = { name: 'room', cards, cardOf, ways: ways.map(bare), ...ownWay };
      return { browsers: party, mesh, setting };
    }),
  );
}

const bare = ({ latencyMs, megabytesPerSecond }: CardLink): CardLink => ({ latencyMs, megabytesPerSecond });
const speedOf = ({ gigaflops = Number.POSITIVE_INFINITY }: RoomBrowser) => gigaflops;

/** The power of each browser's card and machine, from the machines of a run with a rank in each. */
export function powerIn({ cards, hosts, cardOf }: Machines): (rank: number) => Card['power'] {
  return rank => {
    const card = cards.find(({ id }) => id === cardOf.get(rank));
    const host = card && hosts.get(card.host);
    return card && host && { gpu: card.gpu, host };
  };
}

/** A way that is possible, and what it would come to. */
export interface RoomResult extends RoomWay {
  readonly seconds: number;
  readonly waitingSeconds: number;
  /** Of this page alone. */
  readonly aloneSeconds: number;
  readonly rankBytes: number;
  readonly joules?: Band;
}

export function resultOf(way: RoomWay, { memory, steps: [step] }: Prediction): RoomResult {
  const { seconds, waitingSeconds, aloneSeconds, joules } = step;
  return {
    ...way,
    seconds,
    waitingSeconds,
    aloneSeconds,
    rankBytes: memory.total,
    ...(joules && { joules }),
  };
}

/** The fastest first. */
export const ranked = (results: readonly RoomResult[]): readonly RoomResult[] =>
  [...results].sort((a, b) => a.seconds - b.seconds);

export const roomHead: readonly string[] = [
  'Who',
  'Mesh',
  'A step',
  'Beside this page alone',
  'Waits for links',
  'A rank holds',
  'Energy of a step',
];

export const roomCells = (result: RoomResult): readonly string[] => [
  namesOf(result),
  meshName(result.mesh),
  stepTime(result.seconds),
  `${fieldNumber(result.aloneSeconds / result.seconds, 2)} x`,
  percent(result.waitingSeconds / result.seconds),
  bytes(result.rankBytes),
  result.joules ? bandText(result.joules, 'J') : 'not known',
];

const namesOf = ({ browsers }: RoomWay) => list(browsers.map(({ name }) => name));

/** What is best, and why, in sentences. @param results ranked; of this page alone at least */
export function roomSentences(results: readonly RoomResult[]): readonly string[] {
  const [best, ...others] = results;
  if (!best) return [];
  const least = results.reduce((a, b) => (b.rankBytes < a.rankBytes ? b : a));
  const isAlone = ranksOf(best.mesh) === 1;
  return [
    isAlone ? aloneIsBest(others[0]) : togetherIsBest(best),
    ...(isAlone ? [] : paceOf(best)),
    ...(least === best
      ? []
      : [
          `Least memory: ${meshName(least.mesh)} on ${namesOf(least)}, ${bytes(least.rankBytes)} a rank instead of ${bytes(best.rankBytes)}.`,
        ]),
  ];
}

function aloneIsBest(next: RoomResult | undefined): string {
  if (!next) return 'There is nobody else here who could take a rank.';
  return (
    `This page alone is the fastest. The best of the others, ${meshName(next.mesh)} on ${namesOf(next)}, takes ` +
    `${stepTime(next.seconds)} a step instead of ${stepTime(next.aloneSeconds)}: for ` +
    `${percent(next.waitingSeconds / next.seconds)} of it a rank waits for what the others send.`
  );
}

const togetherIsBest = (best: RoomResult) =>
  `Best: ${meshName(best.mesh)} on ${namesOf(best)}, ${stepTime(best.seconds)} a step instead of ${stepTime(best.aloneSeconds)} ` +
  `on this page alone. Of it a rank waits ${percent(best.waitingSeconds / best.seconds)} for what the others send.`;

/** All ranks have the same work, so the slowest card sets the pace. */
function paceOf({ browsers }: RoomResult): readonly string[] {
  const known = browsers.filter(({ gigaflops }) => gigaflops !== undefined);
  if (known.length < 2) return [];
  const bySpeed = [...known].sort((a, b) => speedOf(a) - speedOf(b));
  const [slow, fast] = [bySpeed[0], bySpeed[bySpeed.length - 1]];
  if (speedOf(fast) < 1.2 * speedOf(slow)) return [];
  return [
    `All ranks get the same work, so ${slow.name} with ${fieldNumber(speedOf(slow))} GFLOP/s sets the pace for ${fast.name} with ${fieldNumber(speedOf(fast))} GFLOP/s.`,
  ];
}

/** What is known of a browser and its link. */
export function browserText(browser: RoomBrowser, isOwn: boolean, typedRate?: number): string {
  const { name, gigaflops } = browser;
  const speed = gigaflops === undefined ? 'speed not measured' : `${fieldNumber(gigaflops)} GFLOP/s`;
  if (isOwn) return `${name}: ${speed}`;
  const { latencyMs, megabytesPerSecond, evidence } = wayTo(browser, typedRate);
  const trip =
    browser.roundTripMs === undefined
      ? 'round trip not known'
      : `round trip ${fieldNumber(2 * latencyMs)} ms`;
  const why = {
    typed: 'as you say',
    seen: 'the most that it was seen to carry',
    assumed: 'assumed, as of a link with such a round trip, until more has gone over it',
  }[evidence];
  return `${name}: ${speed}; ${trip}, ${fieldNumber(megabytesPerSecond)} MB/s (${why})`;
}
