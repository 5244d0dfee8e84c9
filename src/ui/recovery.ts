/**
 * What the page does when a rank is lost: it says which one and why, that the last checkpoint is kept, and offers to go
 * on with the ranks that are left or to wait for someone; or it goes on by itself.
 */
import type { Member } from '../crew/api.ts';
import { meshName, ranksOf } from '../parallel/mesh.ts';
import type { MeshConfig, RunInfo } from '../session/api.ts';
import { type Action, showAlert, withdrawAlert } from './alerts.ts';
import { count } from './format.ts';
import { smallerMesh } from './mesh-choices.ts';

/** What the crew said of it. */
export interface Loss {
  readonly ranks: readonly number[];
  readonly member: Member | undefined;
  readonly reason: string;
}

export interface RecoveryOptions {
  readonly goOn: (mesh: MeshConfig) => void;
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
}

export interface Recovery {
  /** The session or the crew said that the ranks cannot go on as they are. */
  broken(state: Broken): void;
  /** The crew said who is gone, which may be before or after. */
  lost(loss: Loss): void;
  /** A guest is there that has no rank. */
  joined(name: string): void;
  /** Something else has begun: the offer is of no use any more. */
  over(): void;
  /** Steps are done again. */
  progressed(): void;
}

const topic = 'peer-lost';
/** Losses without a step between them, after which the page goes on only when it is told to. */
const mostAttempts = 5;

export function createRecovery({ goOn, byItself }: RecoveryOptions): Recovery {
  let state: Broken | undefined;
  let loss: Loss | undefined;
  let waiting = false;
  let attempts = 0;

  const start = (mesh: MeshConfig) => {
    state = undefined;
    loss = undefined;
    waiting = false;
    goOn(mesh);
  };
  const wait = () => {
    waiting = true;
    show();
  };
  const over = () => {
    if (state) withdrawAlert(topic);
    state = undefined;
    loss = undefined;
    waiting = false;
  };

  const show = () => {
    if (!state) return;
    const { mesh, info } = state;
    const what = whatHappened(state, loss);
    if (waiting) {
      showAlert({
        topic,
        kind: 'warning',
        title: 'Waiting for someone to join',
        message: `${what} Training goes on by itself with the next guest that is admitted: open a tab or send the invitation.`,
        actions: [{ label: `Go on with ${meshName(mesh)} in this page`, run: () => start(mesh) }],
      });
      return;
    }
    const left = ranksOf(mesh) - Math.max(1, loss?.ranks.length ?? 1);
    const smaller = info && smallerMesh(info, mesh, left);
    const actions: Action[] = [
      { label: `Go on with ${meshName(mesh)}`, run: () => start(mesh) },
      ...(smaller ? [{ label: `Go on with ${meshName(smaller)}`, run: () => start(smaller) }] : []),
      { label: 'Wait for someone to join', run: wait },
    ];
    showAlert({
      topic,
      kind: 'error',
      title: titleOf(loss),
      message: `${what} With ${meshName(mesh)} this page takes over what is missing.`,
      actions,
    });
  };

  return {
    broken(now) {
      state = now;
      attempts++;
      if (byItself() && attempts <= mostAttempts) {
        showAlert({
          topic,
          kind: 'warning',
          title: titleOf(loss),
          message: `${whatHappened(now, loss)} Training goes on by itself; this page takes over what is missing.`,
        });
        start(now.mesh);
        return;
      }
      show();
    },
    lost(now) {
      loss = now;
      show();
    },
    joined(name) {
      if (!waiting || !state) return;
      withdrawAlert(topic);
      showAlert({ topic, kind: 'notice', title: 'Training goes on', message: `${name} has joined.` });
      start(state.mesh);
    },
    over,
    progressed() {
      // Steps of before the loss may be told after it: the offer ends when something else begins.
      if (!state) attempts = 0;
    },
  };
}

function titleOf(loss: Loss | undefined): string {
  if (!loss) return 'A rank of the mesh is lost';
  const names = new Intl.ListFormat('en-GB').format(loss.ranks.map(String));
  return loss.ranks.length === 1 ? `Rank ${names} is lost` : `Ranks ${names} are lost`;
}

function whatHappened({ message, savedStep }: Broken, loss: Loss | undefined): string {
  const who = loss?.member?.host ? 'this page' : loss?.member?.name;
  const why = loss ? ` ${who ? `It was held by ${who}: ` : ''}${loss.reason}.` : '';
  const kept =
    savedStep === undefined
      ? 'There is no checkpoint yet, so the run starts from its first step.'
      : `The last checkpoint, of step ${count(savedStep)}, is kept.`;
  return `${/[.!?]$/.test(message) ? message : `${message}.`}${why} ${kept}`;
}
