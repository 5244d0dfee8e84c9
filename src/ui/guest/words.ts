/** The words of a guest's page. */
import type { GuestEvent, MemberAbout, RunState } from '../../crew/api.ts';
import type { Invite } from '../../crew/invite.ts';
import { type MeshShape, meshName, type RankPlace, ranksOf } from '../../mesh/mesh.ts';
import type { RunStatus } from '../../session/api/api.ts';
import { presets } from '../../session/api/presets.ts';
import type { KeptCheckpoint } from '../../session/api/rank-api.ts';
import { bytes, count, fieldNumber, sentence } from '../../show/format.ts';
import { adapterName } from '../what-runs.ts';

/** Where a page stands with its host. */
export type Standing =
  | 'invited'
  | 'starting'
  | Exclude<GuestEvent['type'], 'run' | 'tale' | 'answer' | 'notice'>;

/** The piece of a run that this page holds; none where it watches. */
export interface Seat {
  readonly mesh: MeshShape;
  readonly place: RankPlace | undefined;
  readonly host: string;
}

export const words = {
  leave: 'Leave',
  takeOver: 'Take over this run',
  progress: 'Progress of the run',
  you: 'you',
  starting: 'Opening the graphics card and trying its speed.',
  startingToWatch: 'Looking for the host.',
  give: 'Give a name and ask. The host decides.',
  cannotJoin: 'This page cannot join.',
  watching: 'You watch: this browser has no graphics card to compute with, and holds no piece.',
  spare: 'Admitted. The host has ranks enough without this page, for now.',
  piece: 'Your piece',
  steers: 'The host steers the run.',
  keepOpen:
    'Keep this tab open, in the background if you like: closing it, or the lid, stops everybody, until the host goes on without it from the last checkpoint.',
  nothingLost: 'Whatever this page does, the run goes on.',
  aboutRoom: 'About the room',
  notShown: 'Not all of the run can be shown here',
  notTakenOver: 'This page has not taken the run over',
} as const;

/** Of a guest's step mode, from both sides. */
export const lookWords = {
  notAllowed:
    'The host lets nobody look at values of the model now. Ask for it: the switch is in Share on the page of the host.',
  running: 'The run is training: its host has to pause first.',
  preparing: 'The run is being prepared.',
  noRun: 'No run is prepared yet: step mode shows the next step of the run.',
  otherRun: 'The host has prepared another run meanwhile: its step is fetched anew.',
  oneByOne: 'Too many questions at once: wait for the answers to those before.',
  tooMany: (floats: number, most: number) =>
    `${count(floats)} values were asked for at once; at most ${count(most)} are sent.`,
  strange: 'The host has answered something else than it was asked. Are both pages of the same version?',
  noHost: 'The host is gone: nobody can be asked for the values of its step.',
} as const;

const kinds: Record<Invite['kind'], string> = {
  tabs: 'another tab of this browser',
  relay: 'a browser that meets others on this server',
  internet: 'a browser somewhere on the internet',
};

export const invitedWords = ({ kind }: Invite, watches: boolean) =>
  watches
    ? `You are invited by ${kinds[kind]}. This browser offers no graphics card to compute with, so you watch: all that the host's page shows of the run is shown here. The host sees the name you give.`
    : `You are invited by ${kinds[kind]} to hold a piece of its model. The host sees the name you give, the name of your graphics card and its speed; your device computes as long as this page is open.`;

const headings: Partial<Record<Standing, string>> = {
  refused: 'You take no part',
  closed: 'You take no part',
};
export const headingOf = (standing: Standing) => headings[standing] ?? 'Join a run';

/** @param about of this page */
export function askingWords(unanswered: boolean, about: MemberAbout | undefined): string {
  if (unanswered)
    return 'No host has answered yet. Is its page open, and is the link whole? This page goes on asking.';
  if (!about || about.watches) return 'Asking to watch. The host decides.';
  const { adapter, gigaflops } = about;
  const card = adapterName(adapter) || 'Your graphics card';
  return `Asking to join. ${card} does ${fieldNumber(gigaflops)} GFLOP/s in a short test. The host decides.`;
}

export const admittedWords = (host: string, watches: boolean) =>
  `Admitted by ${host}. ${watches ? words.watching : 'This page gets its piece when the run is prepared.'}`;

export function seatedWords({ mesh, place }: Seat, watches: boolean): string {
  if (place) return `You hold rank ${place.rank} of the mesh ${meshName(mesh)}.`;
  return watches ? words.watching : words.spare;
}

export const interruptedWords = (reason: string) =>
  `${sentence(reason)} This page stays and waits for a new piece.`;
export const hostGoneWords = (reason: string) =>
  `The host is gone: ${sentence(reason)} This page waits for it to come back.`;

export const keptWords = ({ step, steps }: KeptCheckpoint) =>
  `This page keeps its part of the checkpoint of step ${count(step)} of ${count(steps)}. It can take the run over: it becomes the host, puts the checkpoint together from the pages that are left, and can go on from there. A run that this browser has saved before is replaced.`;

/** What this page holds. */
export function pieceWords({ mesh, place }: Seat): string {
  if (!place) return `This page holds no piece of the mesh ${meshName(mesh)}: it watches.`;
  const { rows, columns, replicas } = mesh;
  const parts = [
    rows > 1 ? `band ${place.row + 1} of ${rows} of the map` : '',
    columns > 1 ? `group ${place.column + 1} of ${columns} of the channels` : '',
    replicas > 1 ? `copy ${place.replica + 1} of ${replicas}` : '',
  ].filter(Boolean);
  const share =
    rows * columns > 1
      ? ` and 1/${rows * columns} of every weight with its gradient and optimizer state`
      : '';
  return `This page is rank ${place.rank} of the mesh ${meshName(mesh)}: it holds ${parts.join(', ')}${share}.`;
}

const doing: Record<RunStatus, string> = {
  idle: 'not started',
  preparing: 'preparing',
  ready: 'ready; the host has not started it',
  running: 'training',
  paused: 'paused by the host',
  done: 'done',
  failed: 'stopped after an error on the host',
};

/** @param computes this page holds a rank */
export const doingWords = (status: RunStatus, computes: boolean) =>
  status === 'running' && computes ? `${doing.running}, this device computes` : doing[status];

export const modelName = (preset: string) => presets[preset]?.label ?? preset;
export const stepWords = ({ step, steps }: RunState) => `${count(step)} of ${count(steps)}`;

/** Bytes of this page's rank, where the host has said them. */
export function heldWords({ mesh, place }: Seat, { rankBytes }: RunState): string {
  const held = place && rankBytes.length === ranksOf(mesh) ? rankBytes[place.rank] : undefined;
  return held ? bytes(held) : '';
}
