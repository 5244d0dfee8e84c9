/** Words of the board and of its compact card. */
import { bytes, fieldNumber, list, unitSpace } from '../../show/format.ts';
import { layerName } from '../../show/layer-name.ts';
import type { LiveRank, Moment, Transfer } from '../../show/live.ts';

export const words = {
  title: 'The machine',
  ways: 'How is the model cut?',
  cuts: 'cut',
  copies: 'copies',
  onePiece: '1',
  waiting: 'The cut is being worked out.',
  sample: 'What it reads',
  weights: 'Weights, in their true rows and columns',
  vectors: 'Biases and norms',
  luggage: 'What a rank holds',
  sends: 'What one step sends, of a rank',
  pays: 'Does it pay?',
  compare: 'Ways to cut, side by side',
  elsewhere: 'On GPUs that are not here, and on many of them',
  inWords: 'The cut in words',
  notYet: 'is being worked out',
  hint: 'Each colour is one owner: point at a piece.',
  why: 'why?',
  seconds: {
    here: 'all on one card',
    wifi: 'Wi-Fi (3 ms, 10 MB/s)',
    lan: 'cable (0.5 ms, 60 MB/s)',
    fast: 'a fast link (0.1 ms, 1 GB/s)',
  } as Readonly<Record<string, string>>,
  secondsShort: { here: 'one card', wifi: 'Wi-Fi', lan: 'cable', fast: `1${unitSpace}GB/s` } as Readonly<
    Record<string, string>
  >,
  oneDevice: 'one device',
  measured: 'this run, measured',
  assumed:
    'Measured is the median of the last sampled steps. The rest is predicted from the plans that would run, on cards like this one, as fast as it was in those steps; before the first, as fast as it was when the page was opened, or as is usual.',
  memoryKinds: {
    parameters: 'weights',
    gradients: 'gradients',
    optimizer: 'optimizer',
    activations: 'activations',
    inputs: 'inputs',
    exchange: 'borrowed',
  },
  trafficKinds: {
    activations: 'activations',
    weights: 'weights in',
    gradients: 'gradients out',
    norms: 'norms',
    vectors: 'gradients of biases and norms',
    replicas: 'gradients between copies',
    totals: 'loss and norm',
  },
  live: {
    title: 'What goes on in a step',
    picture: 'The ranks and the links between them. What each does stands under it, and below in words.',
    noStep: 'No step has been sampled yet. While a run trains, one a second is, and is replayed here.',
    rest: 'Replay the last sampled step, slowed down: pieces light up as they compute, what is sent runs along the links, and what is idle is grey.',
    note: 'Times are those that were measured. Which kernel of a layer it is, and how far a message has come, is estimated.',
    moment: 'Moment of the step',
    play: 'Replay',
    stop: 'Stop',
    leave: 'At rest',
    replay: (slowdown: number) => `replay ×${fieldNumber(slowdown)}`,
    step: (step: number, ms: number) => `step ${step}, ${fieldNumber(ms)}${unitSpace}ms`,
    tried: 'tried out',
    more: (count: number) => `and ${count} more`,
  },
} as const;

const numbers = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight'];
const numberWord = (count: number) => numbers.at(count) ?? `${count}`;
const plural = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`;
const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

/** How the two cut axes of what a model reads are called. */
export interface SampleWords {
  readonly axes: string;
  readonly channels: string;
  readonly rows: string;
}

export const sampleWords = (name: string): SampleWords =>
  name === 'image'
    ? { axes: 'an image, whole', channels: 'colours', rows: 'rows' }
    : { axes: 'latitude down, fields across', channels: 'fields', rows: 'rows' };

export const copiesText = (copies: number) =>
  copies === 1 ? '' : `${capital(numberWord(copies))} whole copies, each with its own samples`;

/** What the optimizer keeps of every weight, such as moments and an average. */
export const optimizerText = (copies: number) =>
  copies === 0 ? '' : `Its ${copies === 1 ? 'optimizer copy' : `${copies} optimizer copies`}: same cut.`;

export const samplesText = (from: number, to: number, batch: number) =>
  to === from + 1 ? `sample ${to} of ${batch}` : `samples ${from + 1}-${to} of ${batch}`;

export const rankName = (rank: number, name: string | undefined) =>
  name ? `${rank} ${name}` : `rank ${rank}`;

export const holderText = (ranks: number) => (ranks === 1 ? 'One device holds' : 'A rank holds');

export const holdsText = (own: number, whole: number, exact: boolean) =>
  `${exact ? '' : 'about '}${bytes(own)} of ${bytes(whole)} (${percent(own / whole)})`;

export const percent = (share: number) => `${Math.round(100 * share)} %`;

export const sendsText = (sent: number, exchanges: number) =>
  exchanges === 0 ? 'sends nothing' : `sends ${bytes(sent)} a step in ${plural(exchanges, 'exchange')}`;

/** Why a rank does not hold its even share. */
export function whyHeld(ranks: number, replicas: number, borrowed: number, whole: number): string {
  if (ranks === 1) return 'One device holds all of it.';
  if (replicas === ranks) {
    return 'Every copy keeps all weights and all of the optimizer. Only activations shrink, as each copy reads fewer samples.';
  }
  return (
    `Weights, gradients, optimizer and activations are cut in ${numberWord(ranks / replicas)}. ` +
    `But pieces of weights and of the sample are borrowed while they are needed: ${bytes(borrowed)}, ` +
    `${percent(borrowed / whole)} of the undivided model.`
  );
}

/** Seconds of a step: `12 ms`, `1.3 s`. */
export function stepTime(seconds: number): string {
  const ms = 1000 * seconds;
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  return seconds < 10 ? `${seconds.toFixed(1)} s` : `${Math.round(seconds)} s`;
}

export const aloneText = (seconds: number, isMeasured: boolean) =>
  isMeasured ? `${stepTime(seconds)} a step, measured` : `about ${stepTime(seconds)} a step, predicted`;

/** What a cut is worth: memory and time. */
export function verdict(
  memoryShare: number,
  times: readonly { readonly name: string; readonly ratio: number }[],
): string {
  const faster = times
    .filter(({ ratio }) => ratio < 0.95)
    .map(({ name }) => words.secondsShort[name] ?? name);
  const memory =
    memoryShare < 0.95 ? `It buys memory: ${percent(memoryShare)} of one device's.` : 'It buys no memory.';
  const time = faster.length === 0 ? 'It buys no time.' : `It buys time on ${list(faster)}.`;
  return `${memory} ${time}`;
}

/** Ranks that share a card: `Four on this card: they take turns.` */
export const turnsText = (count: number, name: string) =>
  `${capital(numberWord(count))} on ${name}: they take turns, no faster than one.`;

/** What a rank does at a moment, under its picture. */
export function liveState({ kind, share, peer }: LiveRank): string {
  const states: Readonly<Record<LiveRank['kind'], string>> = {
    work: share < 1 ? 'shares the card' : 'computes',
    card: 'waits: card',
    exchange: peer === undefined ? 'waits' : `waits for ${peer}`,
    data: 'waits: data',
    rest: 'rests',
  };
  return states[kind];
}

/** Who computes what, and who waits: `Ranks 0 and 2 compute: Block 0, mixing places (tokens), forward. Rank 1 waits for 0.` */
export function liveText({ ranks }: Moment): string {
  const groups = new Map<string, { readonly verb: string; readonly what: string; readonly own: number[] }>();
  for (const { rank, kind, provenance, peer } of ranks) {
    const where = provenance ? `: ${layerName(provenance.layer)}, ${provenance.phase}` : '';
    const told: Readonly<Record<LiveRank['kind'], readonly [verb: string, what: string]>> = {
      work: ['compute', where],
      exchange: ['wait', peer === undefined ? ' for others' : ` for ${peer}`],
      card: ['wait', ' for the card'],
      data: ['wait', ' for data'],
      rest: ['rest', ''],
    };
    const [verb, what] = told[kind];
    const group = groups.get(verb + what) ?? { verb, what, own: [] };
    group.own.push(rank);
    groups.set(verb + what, group);
  }
  // Who computes comes first, and who rests last.
  const sorted = [...groups.values()].sort((a, b) => verbs.indexOf(a.verb) - verbs.indexOf(b.verb));
  return sorted
    .map(({ verb, what, own }) =>
      own.length === 1 ? `Rank ${own[0]} ${verb}s${what}.` : `Ranks ${list(own.map(String))} ${verb}${what}.`,
    )
    .join(' ');
}

const verbs = ['compute', 'wait', 'rest'];

/** `0 → 1: 8 KiB of blocks.0.token1.weight at 2.1 MB/s`. */
export function transferText({ from, to, bytes: sent, begun, ended, weights, provenance }: Transfer): string {
  const [weight, ...others] = weights;
  const what = weight && others.length === 0 ? weight : layerName(provenance.layer);
  const rate = ended > begun ? ` at ${fieldNumber(sent / (ended - begun) / 1000)}${unitSpace}MB/s` : '';
  return `${from} → ${to}: ${bytes(sent)} of ${what}${rate}`;
}
