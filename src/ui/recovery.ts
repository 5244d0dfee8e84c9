/**
 * What the page does when a rank is lost: it says which one and why, that the last checkpoint is kept, and offers to go
 * on with the ranks that are left or to wait for someone; or it goes on by itself.
 */
import type { Member } from '../crew/api.ts';
import { meshName, ranksOf } from '../mesh/mesh.ts';
import type { RunInfo } from '../session/api/api.ts';
import type { MeshConfig } from '../session/api/run-config.ts';
import { count, list, sentence } from '../show/format.ts';
import { type Action, lossTopic, showAlert, withdrawAlert } from './alerts.ts';
import { smallerMesh } from './mesh-choices.ts';

/** A rank that the others cannot work with any more. */
export interface LostRank {
  readonly rank: number;
  /** Who held it, as of then. */
  readonly member: Member | undefined;
  /** What the crew said of it, if anything. */
  readonly reason: string;
}

/** What there is to go on with, as of now. */
export interface Remains {
  readonly lost: readonly LostRank[];
  /** Those who held lost ranks, and are still here. */
  readonly staying: readonly Member[];
  /** Guests that are admitted and have no rank. */
  readonly spare: readonly Member[];
}

export interface RecoveryOptions {
  readonly remains: () => Remains;
  readonly goOn: (mesh: MeshConfig) => void;
  /** Turns guests away, who are told why. */
  readonly leaveOut: (members: readonly Member[], why: string) => void;
  /** Whether to go on without asking. */
  readonly byItself: () => boolean;
}

/** The run as it was when the rank was lost. */
export interface Broken {
  readonly message: string;
  readonly mesh: MeshConfig;
  readonly info: RunInfo | undefined;
  /** Step of the last checkpoint; undefined where there is none yet. */
  readonly savedStep: number | undefined;
  /** It was not training, and nothing is to begin by itself. */
  readonly still: boolean;
}

export interface Recovery {
  /** The session or the crew said that the ranks cannot go on as they are. */
  broken(state: Broken): void;
  /** What remains has changed, which may be before or after. */
  changed(): void;
  /** A guest is there that has no rank. */
  joined(name: string): void;
  /** Something else has begun: the offer is of no use any more. */
  over(): void;
  /** Steps are done again. */
  progressed(): void;
}

/** Losses without a step between them, after which the page goes on only when it is told to. */
const mostAttempts = 5;

export function createRecovery({ remains, goOn, leaveOut, byItself }: RecoveryOptions): Recovery {
  let state: Broken | undefined;
  let waiting = false;
  let attempts = 0;
  /** The offer that is on the page: it is not made anew under a finger. */
  let shown = '';

  const start = (mesh: MeshConfig) => {
    state = undefined;
    waiting = false;
    goOn(mesh);
  };
  const without = ({ message }: Broken) =>
    leaveOut(remains().staying, `the host goes on without this page. ${message}`);
  const startWithout = (now: Broken, mesh: MeshConfig) => {
    // First, since those who are left out change what there is to offer.
    state = undefined;
    without(now);
    start(mesh);
  };
  const wait = (now: Broken) => {
    waiting = true;
    shown = '';
    without(now);
    show();
  };
  const over = () => {
    if (state) withdrawAlert(lossTopic);
    state = undefined;
    waiting = false;
  };

  /** The mesh as it was, or a smaller one; those who failed and are still here take part again, or are left out. */
  const actionsFor = (now: Broken, { lost, staying, spare }: Remains): Action[] => {
    const { mesh, info } = now;
    const left = ranksOf(mesh) - Math.max(1, lost.length);
    const smaller = info && smallerMesh(info, mesh, left);
    const names = list(staying.map(({ name }) => name));
    const leftOut = names && ` without ${names}`;
    return [
      { label: `Go on with ${meshName(mesh)}`, run: () => start(mesh) },
      ...(names
        ? [{ label: `Go on with ${meshName(mesh)}${leftOut}`, run: () => startWithout(now, mesh) }]
        : []),
      ...(smaller
        ? [{ label: `Go on with ${meshName(smaller)}${leftOut}`, run: () => startWithout(now, smaller) }]
        : []),
      ...(spare.length === 0 ? [{ label: 'Wait for someone to join', run: () => wait(now) }] : []),
    ];
  };

  const show = () => {
    if (!state) return;
    const { mesh, still } = state;
    const remaining = remains();
    const what = whatHappened(state, remaining);
    const offer = waiting
      ? {
          kind: 'warning' as const,
          title: 'Waiting for someone to join',
          message: `${what} Training goes on by itself with the next guest that is admitted: open a tab or send the invitation.`,
          actions: [{ label: `Go on with ${meshName(mesh)} in this page`, run: () => start(state!.mesh) }],
        }
      : {
          kind: still ? ('warning' as const) : ('error' as const),
          title: titleOf(remaining),
          message: `${what} ${whoTakesOver(meshName(mesh), remaining)}`,
          actions: actionsFor(state, remaining),
        };
    const now = JSON.stringify(offer);
    if (now === shown) return;
    shown = now;
    showAlert({ topic: lossTopic, ...offer });
  };

  return {
    broken(now) {
      state = now;
      shown = '';
      if (now.still) {
        show();
        return;
      }
      attempts++;
      if (byItself() && attempts <= mostAttempts) {
        showAlert({
          topic: lossTopic,
          kind: 'warning',
          title: titleOf(remains()),
          message: `${whatHappened(now, remains())} Training goes on by itself; this page takes over what is missing.`,
        });
        // Who has failed twice without a step in between is not tried a third time.
        if (attempts > 1) startWithout(now, now.mesh);
        else start(now.mesh);
        return;
      }
      show();
    },
    changed: show,
    joined(name) {
      if (!waiting || !state) return;
      withdrawAlert(lossTopic);
      showAlert({
        topic: lossTopic,
        kind: 'notice',
        title: 'Training goes on',
        message: `${name} has joined.`,
      });
      start(state.mesh);
    },
    over,
    progressed() {
      // Steps of before the loss may be told after it: the offer ends when something else begins.
      if (!state) attempts = 0;
    },
  };
}

function titleOf({ lost }: Remains): string {
  if (lost.length === 0) return 'A rank of the mesh is lost';
  const ranks = list(lost.map(({ rank }) => String(rank)));
  return lost.length === 1 ? `Rank ${ranks} is lost` : `Ranks ${ranks} are lost`;
}

function whatHappened({ message, savedStep }: Broken, { lost }: Remains): string {
  const holders = new Set(lost.flatMap(({ member }) => (member ? [nameOf(member)] : [])));
  const held = `${lost.length === 1 ? 'It was' : 'They were'} held by ${list([...holders])}.`;
  const more = lost.filter(({ reason }) => !message.includes(reason));
  const reasons = more.map(({ rank, reason }) => `Rank ${rank}: ${sentence(reason)}`);
  const kept =
    savedStep === undefined
      ? 'There is no checkpoint yet, so the run starts from its first step.'
      : `The last checkpoint, of step ${count(savedStep)}, is kept.`;
  return [sentence(message), ...(holders.size > 0 ? [held] : []), ...reasons, kept].join(' ');
}

const nameOf = ({ host, name }: Member) => (host ? 'this page' : name);

function whoTakesOver(mesh: string, { staying, spare }: Remains): string {
  const names = (members: readonly Member[]) => list(members.map(({ name }) => name));
  const next = spare.length > 0 ? `${names(spare)}, then this page` : 'this page';
  if (staying.length === 0) return `With ${mesh}, what is missing is taken over by ${next}.`;
  const one = staying.length === 1;
  return `${names(staying)} ${one ? 'is' : 'are'} still here, and can be tried again; without ${one ? 'it' : 'them'}, what is missing is taken over by ${next}.`;
}
