/** The words of the last step and of the timeline. */
import type { RankCard } from '../../crew/cards.ts';
import { count, fieldNumber, list, unitSpace, withMinus } from '../../show/format.ts';
import type { CardLane, StepLanes } from '../../show/lanes.ts';
import type { PathStrip } from '../../show/path-strip.ts';
import { type PieceKind, pieceKinds } from '../../show/pieces.ts';

export const ms = (value: number) => `${fieldNumber(value)}${unitSpace}ms`;

const small = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight'];
const inWords = (count: number) => small.at(count) ?? String(count);

export const kindWords: Readonly<Record<PieceKind, string>> = {
  work: 'own work',
  card: 'card shared',
  exchange: 'waits for others',
  data: 'waits for data',
  rest: 'rest',
};

const boundWords: Readonly<Record<PieceKind, string>> = {
  work: 'bound by computing',
  card: 'bound by the card that ranks share',
  exchange: 'bound by the links',
  data: 'bound by the data',
  rest: 'bound by what nothing recorded explains',
};

/** The address names a step that is not there. */
export const absentWords = (step: number) =>
  `Step ${count(step)} of the address is not among the steps that are kept here: the newest is shown. It opens as soon as it is sampled.`;

export const awaitedWords = (step: number) =>
  `Step ${count(step)} of the address opens as soon as it is sampled: while a run trains, one step a second is.`;

/** `own work ~41 %, card shared ~47 %, ... = 279 ms`. What depends on whose turn it was is an estimate. */
export function stripWords({ sums, wallMs }: PathStrip): string {
  const estimated = sums.card > 0;
  const shares = pieceKinds
    .filter(kind => sums[kind] > 0.005 * wallMs)
    .map(kind => {
      const isEstimate = estimated && (kind === 'work' || kind === 'card');
      return `${kindWords[kind]} ${isEstimate ? '~' : ''}${Math.round((100 * sums[kind]) / wallMs)} %`;
    });
  return `${shares.join(' · ')} = ${ms(wallMs)}`;
}

export const bound = ({ bound }: PathStrip) => boundWords[bound];

/** `one card, four ranks take turns`. */
export function cardWords({ cards, ranks }: StepLanes): string {
  const crowded = cards.filter(({ ranks }) => ranks.length > 1);
  if (ranks.length === 1) return 'one card, one rank';
  if (crowded.length === 0) return `${inWords(cards.length)} cards, a rank on each`;
  if (cards.length === 1) return `one card, ${inWords(ranks.length)} ranks take turns`;
  const turns = crowded.map(({ ranks }) => `ranks ${list(ranks.map(String))} take turns on one`);
  return `${inWords(cards.length)} cards, ${turns.join('; ')}`;
}

export function cardName({ card, ranks }: CardLane, cards: readonly RankCard[]): string {
  return cards.find(known => known.card === card)?.name ?? `card of rank ${ranks[0]}`;
}

/** All of the picture in a sentence or two, for who does not see it. */
export function picture(lanes: StepLanes, strip: PathStrip): string {
  const ranks = lanes.ranks.map(({ rank, sums }) => {
    const share = (kind: PieceKind) => Math.round((100 * sums[kind]) / lanes.wallMs);
    return `rank ${rank}: ${pieceKinds
      .filter(kind => share(kind) > 0)
      .map(kind => `${kindWords[kind]} ${share(kind)} %`)
      .join(', ')}`;
  });
  return `Step ${lanes.step}, ${ms(lanes.wallMs)}, ${cardWords(lanes)}. ${stripWords(strip)}, ${bound(strip)}. ${ranks.join('. ')}.`;
}

export const noStep =
  'No step has been sampled yet. While a run trains, one a second is: what it did is drawn here.';

/** Of a run that is not the page's own. */
export const noStepYet = 'A step of this run is drawn here as soon as one is sampled.';

export const oneCard = 'this card';

/** What a step is that is drawn: one that was trained, one that was only tried, or one that nothing has run yet. */
export type StepNature = 'trained' | 'tried' | 'predicted';

/** `The last step, 279 ms`. */
export function stepTitle(nature: StepNature, wallMs: number): string {
  const titles: Readonly<Record<StepNature, string>> = {
    trained: 'The last step',
    tried: 'A step, tried out',
    predicted: 'A step, as predicted',
  };
  return `${titles[nature]}, ${ms(wallMs)}`;
}

/** What else must be known of a step that was not trained. */
export const natureWords: Readonly<Record<StepNature, string>> = {
  trained: '',
  tried: 'measured up to its update, then thrown away',
  predicted: 'from its plan and the speed of such a card',
};

/** Of the button that replays a step. */
export function replayWords({ isPlaying, slowdown }: { isPlaying: boolean; slowdown: number | undefined }) {
  return isPlaying && slowdown !== undefined
    ? `replay, ${fieldNumber(slowdown)} times slower ⏸`
    : 'slow it down ▶';
}

export const words = {
  steps: 'Sampled steps',
  before: 'the sampled step before',
  after: 'the sampled step after',
  held: 'held; newer ones are kept',
  newest: 'the newest',
  pin: 'pin, to compare',
  unpin: 'unpin',
  replay: replayWords,
  zoom: 'Zoom',
  closer: 'zoom in',
  further: 'zoom out',
  whole: 'whole step',
  search: 'layer or op',
  uncertain:
    'Whether pages that came by a link are on one machine is not known: each is taken to have a card of its own.',
  lane: 'lane of',
  open: 'open in step mode',
  files: 'Save as a file',
  hidden: 'sent meanwhile (hidden)',
  hint: 'Point at a span, or go to one with the arrow keys: what it was stands here. A click keeps it.',
  table: 'The spans in view as a table',
  keys: 'Arrow keys go from span to span and from lane to lane, plus and minus zoom, brackets change the step, Enter opens the span in step mode.',
  found: (count: number) => (count === 1 ? '1 span' : `${count} spans`),
  pinned: (step: number) => `pinned, step ${step}:`,
  predicted: (predicted: PathStrip, measured: PathStrip) => {
    const percent = Math.round((100 * (predicted.wallMs - measured.wallMs)) / measured.wallMs);
    return `predicted: ${stripWords(predicted)} (${percent > 0 ? '+' : ''}${withMinus(String(percent))} %)`;
  },
} as const;

export const ownRankName = (rank: number) => `rank ${rank}, you`;
