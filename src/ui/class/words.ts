/** Words of the class: the teacher's wall, and what pupils read. */
import type { RoomKind } from '../../crew/api.ts';
import type { LinkQuality } from '../../crew/class/matching.ts';
import { type PupilOrder, type PupilState, readyToRace } from '../../crew/class/roll.ts';
import type { ClassState, Lane } from '../../crew/class/teacher.ts';
import { count, duration, fieldNumber, list, sentence, unitSpace } from '../../show/format.ts';

export const words = {
  title: 'Class',
  intro:
    'Open a class and show its link: whoever follows it trains a model of their own in their own page, and you see all of them here. Nothing of a pupil leaves the room, no account is needed, and names go when the class is closed.',
  open: 'Open a class',
  openAgain: 'Open it again with the same link',
  opening: 'Opening the room',
  kind: 'Who can come',
  link: 'Link for the class',
  copy: 'Copy',
  copied: 'Copied',
  selected: 'Selected',
  large: 'Show the code large',
  scan: 'Scan it, or open this address:',
  close: 'Close',
  closeClass: 'Close the class',
  admit: 'Admit',
  admitAsking: (asking: number) => `Admit all ${asking}`,
  admitAll: 'Admit all until',
  remove: 'Take out of the class',
  steering: 'What all pages do',
  start: 'Start for all',
  pause: 'Pause all',
  eyesUp: 'Eyes up',
  letGo: 'Let go',
  eyesWords: 'Words on the pupils’ pages',
  eyesDefault: 'Eyes up: look to the front, please.',
  send: 'Send everybody to',
  go: 'Send',
  sort: 'Sort by',
  nobody: 'Nobody is here yet. Pupils who follow the link ask to join.',
  allRuns: 'All runs',
  noRuns: 'The losses of all pupils are drawn here as soon as somebody trains.',
  byStep: 'by step',
  bySeconds: 'by time',
  question: 'A question of a lesson',
  ask: 'Ask the class',
  showTally: 'Show the tally',
  hideTally: 'Hide the tally',
  race: 'A race',
  raceAbout:
    'The same model from the same seed, with one thing different: pupils get the lanes in turn, by name, and start together.',
  differs: 'What differs',
  lanes: 'Lanes, divided by commas',
  steps: 'Steps',
  setUp: 'Set up the race',
  raceGo: 'Go',
  groups: 'Groups',
  groupsAbout:
    'Pupils put together share one model, cut between their machines. Each link is measured with three others, not all, and the best go together.',
  groupMesh: 'Each group trains on',
  pairUp: 'Pair up',
  pairAgain: 'Pair up anew',
  part: 'Part the groups',
  noPairs: 'There are not two pupils here who can train and follow you.',
  wall: 'The pupils',
  overTitle: 'Another page is the teacher of this class now',
  guided: 'Follows its teacher',
} as const;

export const kindWords: Record<RoomKind, string> = {
  relay: 'Browsers that can open this server',
  tabs: 'Tabs of this browser only: to try it out',
  internet: 'Anyone with the link, over the internet',
};

export const kindNotes: Record<RoomKind, string> = {
  relay:
    'Browsers find each other through this server. What they say goes from browser to browser, encrypted.',
  tabs: 'Nothing leaves this machine. Start the page with "npm start -- --lan" for a class on your network.',
  internet:
    'Browsers find each other through public relays and STUN servers, which see the network addresses of those who take part. What is said is encrypted.',
};

const states: Record<PupilState, string> = {
  asking: 'asks to join',
  gone: 'silent',
  failed: 'stopped by an error',
  stuck: 'stuck',
  watching: 'watches',
  waiting: 'not started',
  ready: 'ready',
  preparing: 'preparing',
  paused: 'paused',
  training: 'training',
  holding: 'holds a part',
  done: 'done',
};

export const orderWords: Record<PupilOrder, string> = { stuck: 'who needs you', name: 'name', loss: 'loss' };

/** `stuck for 20 s`, `silent 40 s`, `watches: no WebGPU`. */
export function stateWords(state: PupilState, forMs: number): string {
  if (state === 'stuck' || state === 'gone')
    return `${states[state]} for ${duration(Math.max(1, forMs / 1000))}`;
  return state === 'watching' ? `${states.watching}: no WebGPU` : states[state];
}

/** Why a page is gone, and what may be behind it. */
export const goneWords = (reason: string) => `${reason}. A shut lid is back when it opens.`;

export const stepLine = (step: number, steps: number) => `step ${count(step)} of ${count(steps)}`;
export const rateLine = (rate: number) => `${fieldNumber(rate)}${unitSpace}samples/s`;
export const lossLine = (loss: number) => `loss ${fieldNumber(loss)}`;

/** `24 here · 2 watch · 1 asks`. */
export function headLine(counts: Readonly<Record<PupilState, number>>): string {
  const { asking, gone, watching } = counts;
  const here = Object.values(counts).reduce((sum, n) => sum + n, 0) - asking - gone;
  const parts = [
    `${here} here`,
    ...(watching > 0 ? [`${watching} ${watching === 1 ? 'watches' : 'watch'}`] : []),
    ...(asking > 0 ? [`${asking} ${asking === 1 ? 'asks' : 'ask'}`] : []),
    ...(counts.stuck + counts.failed > 0 ? [`${counts.stuck + counts.failed} stuck`] : []),
    ...(gone > 0 ? [`${gone} silent`] : []),
  ];
  return parts.join(' · ');
}

/** A reading of the curve on a card. */
export const curveWords = (first: number, last: number, points: number) =>
  points === 0
    ? 'no loss yet'
    : `loss from ${fieldNumber(first)} to ${fieldNumber(last)}, ${count(points)} points`;

export const lessonName = (number: number, title: string) => `Lesson ${number}: ${title}`;

/** `19 of 27 have predicted`. */
export const predictedLine = (said: number, open: number) => `${said} of ${said + open} have predicted.`;

export function raceLine({ race, pupils }: ClassState): string {
  if (!race) return '';
  if (race.hasBegun) return 'The race is on.';
  const { ready, racing } = readyToRace(pupils, race.number);
  return `${ready} of ${racing} are at the start. Who is not when you press Go starts when it is.`;
}

export const laneLabel = (name: string, value: string) => `${name} ${value}`;

/** `12 of 45 links are measured.` */
export const testsLine = (done: number, all: number) => `${done} of ${all} links are measured.`;
/** `0.4 ms, 35 MB/s`. */
export const linkLine = ({ roundTripMs, megabytesPerSecond }: LinkQuality) =>
  `${fieldNumber(roundTripMs)}${unitSpace}ms there and back, ${fieldNumber(megabytesPerSecond)}${unitSpace}MB/s`;
export const groupName = (names: readonly string[]) => list(names);
/** What a member's part is. */
export const placeLine = (place: number) => `rank ${place}`;
export const aloneLine = (name: string, why: string) => `${name} stays alone: ${sentence(why)}`;

/** What is wrong with the lanes that are written. */
export const noLanes = 'Write two lanes or more, such as 1x1, 1x2.';
export const manyLanes = (most: number) => `A race has at most ${most} lanes: more cannot be told apart.`;
export const wrongLane = (value: string, name: string) => `"${value}" is no ${name} that this page knows.`;
export const sameLanes = (labels: readonly Lane[]) =>
  `All lanes set up the same run: ${labels[0]?.label ?? ''}.`;

/** What pupils read. */
export const pupilWords = {
  title: 'Join the class',
  invited:
    'Your page trains a model of its own. The teacher sees the name you give, the name of your graphics card, and how your run gets on; nothing else, and nothing of it leaves the room. Put into a group, your page holds a part of one model with other pupils’ pages.',
  watches:
    'This browser cannot train, so this page shows a recorded run and goes where the teacher sends the class.',
  name: 'Your name, for the teacher',
  join: 'Join',
  joining: 'Joining',
  asking: 'Asking to join. The teacher lets you in.',
  unanswered:
    'The teacher’s page has not answered yet. Is the class open, and is the link whole? This page goes on asking.',
  here: (name: string) => `You are in the class as ${name}.`,
  guided: 'Your page does what the teacher says: start, pause, where to look.',
  alone: 'You are on your own: the teacher still sees your run, and steers nothing.',
  goAlone: 'Go on my own',
  follow: 'Follow the teacher',
  leave: 'Leave the class',
  left: 'You have left the class. Your run is yours, and goes on.',
  refused: (reason: string) => `You are not in the class: ${reason}. Your run is yours, and goes on.`,
  gone: 'The teacher’s page is gone. Your run goes on; this page finds the class again when it is back.',
  cannot: (reason: string) => `This page cannot join: ${reason}`,
  again: 'Join again',
  dismiss: 'Close',
  insecure:
    'The class can only be joined from a page that came over https: ask for the address that begins with https://.',
  leads: (mesh: string) =>
    `You are in a group, and your page is its first rank: the run of all of you is cut ${mesh}, and steered here and by the teacher.`,
  holds: 'You are in a group: your page holds a part of its run, and shows that. Your own run waits.',
  leftGroup: 'it has left the group',
  race: (label: string) => `Set up for a race${label ? `: ${label}` : ''}. Wait for the start.`,
} as const;
