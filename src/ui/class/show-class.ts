/**
 * The class in the page: the teacher's wall in its view, or a pupil's line above all views. Both are loaded when they are
 * first of use.
 */
import type { Invite } from '../../crew/invite.ts';
import { inviteMarker } from '../../crew/invite-marker.ts';
import { lossTopic, showAlert, takeOffer } from '../alerts.ts';
import { element } from '../dom.ts';
import type { Run } from '../run.ts';
import { isKept } from './kept-text.ts';
import type { PupilRun } from './pupil-run.ts';
import type { Teaching } from './teach.ts';

/** A link into a class is followed by the page with all its views, unlike one to a rank of somebody's run. */
export const invitesToClass = () => location.hash.startsWith(inviteMarker('class'));

export interface Classroom {
  /** The teacher's view comes into sight. */
  show(): Promise<void>;
}

export function createClassroom(): Classroom {
  let teaching: Promise<Teaching> | undefined;
  const show = () => {
    teaching ??= import('./teach.ts').then(({ teach }) => teach());
    // From here on the way back to the wall is in the bar.
    const link = document.querySelector<HTMLElement>('#views [data-view=class]');
    if (link) link.hidden = false;
    return teaching;
  };
  document.addEventListener('isobar-open-class', async () => {
    location.hash = '#/class';
    (await show()).open();
  });
  return {
    async show() {
      (await show()).shown();
    },
  };
}

/** @param run of the page; undefined where it cannot train: then it watches */
export async function enterClass(run: PupilRun | undefined): Promise<void> {
  if (!invitesToClass() && !isKept('pupil')) return;
  const [{ attend }, { parseInvite }, { keptInvite }] = await Promise.all([
    import('./attend.ts'),
    import('../../crew/invite.ts'),
    import('./kept.ts'),
  ]);
  let invite: Invite | undefined;
  try {
    invite = invitesToClass() ? parseInvite(location, 'class') : keptInvite('pupil');
  } catch (cause) {
    showAlert({ kind: 'error', title: 'This class cannot be joined', message: (cause as Error).message });
  }
  // The secret is not for the screen; a reload finds the class by what this tab keeps.
  if (invitesToClass()) history.replaceState(null, '', `${location.search}#/`);
  if (invite) attend(invite, run);
}

/** What a teacher's Start, Pause and race do to the run of this page. */
export function steeredBy(run: Run, check: () => boolean, set: (search: string) => void): PupilRun['acts'] {
  return {
    start() {
      const { status, changed, trainNext } = run.state();
      const saved = element('resume-banner', HTMLElement);
      // A group that has lost a page goes on as its first rank is offered.
      if (status !== 'running' && takeOffer(lossTopic)) return;
      if (status === 'running' || trainNext || (status === 'done' && !changed)) return;
      // What the pupil had trained before a reload goes on rather than being replaced.
      if (status === 'idle' && !saved.hidden) element('resume-saved', HTMLButtonElement).click();
      else if (status === 'paused' && !changed) run.resume();
      else if (check()) run.train();
    },
    pause: run.pause,
    async race(search) {
      set(search);
      const { status } = run.state();
      if (status === 'running' || status === 'paused' || status === 'done') await run.reset();
    },
  };
}
