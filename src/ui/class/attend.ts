/**
 * A pupil's page in a class: it asks for a name, tells the teacher where the run stands, and does what the teacher says as
 * long as the pupil wants it. The run is the page's own, and nothing that happens to the class ends it.
 */

import type { Report } from '../../crew/class/messages.ts';
import { type ClassPupil, joinClass, type PupilEvent, type PupilOrder } from '../../crew/class/pupil.ts';
import type { Invite } from '../../crew/invite.ts';
import { sentence } from '../../show/format.ts';
import { element } from '../dom.ts';
import { followLessons, storageHere } from '../lesson/follow-lessons.ts';
import { readProgress } from '../lesson/progress.ts';
import type { PageState } from '../page-state.ts';
import { PupilBand } from './band.ts';
import { createGroupPart } from './group-part.ts';
import { forgetClass, keepInvite, keepName, keptName, tokenOf } from './kept.ts';
import { allowedPlace } from './places.ts';
import type { PupilRun } from './pupil-run.ts';
import { canWatch } from './watch.ts';
import { pupilWords } from './words.ts';

const longestGpu = 120;

export function attend(invite: Invite, run: PupilRun | undefined): void {
  const band = new PupilBand();
  let pupil: ClassPupil | undefined;
  /** The race that the run is set up for. */
  let race: number | undefined;
  let settingUp: Promise<void> | undefined;
  /** The step of the last report. */
  let toldStep = 0;

  /** The mean of the losses since the last report, for they swing from step to step. */
  const lossSince = ({ losses, step }: PageState): number | undefined => {
    if (step < toldStep) toldStep = 0;
    const fresh = losses.series.points().filter(({ x }) => x > toldStep && x <= step);
    toldStep = step;
    return fresh.length === 0 ? undefined : fresh.reduce((sum, { y }) => sum + y, 0) / fresh.length;
  };
  const report = (): Report => {
    const guided = band.isGuided;
    if (!run) return { type: 'report', status: 'watching', step: 0, steps: 0, guided };
    const held = group?.held();
    if (held) return { type: 'report', status: 'holding', ...held, guided };
    const state = run.store.state();
    const { status, step, info, metrics } = state;
    return {
      type: 'report',
      status,
      step,
      steps: info?.config.steps ?? 0,
      loss: lossSince(state),
      rate: metrics?.samplesPerSecond,
      guided,
      race,
    };
  };
  const changed = () => pupil?.changed();
  const group =
    run &&
    createGroupPart(run, invite, {
      name: () => band.name,
      tell: message => pupil?.tell(message),
      changed,
      show: words => {
        band.group = words;
      },
    });

  const turnTo = (address: string) => {
    const place = allowedPlace(address);
    const isOwn = run !== undefined && !group?.holds();
    if (place !== undefined && (isOwn || canWatch(place))) location.hash = place;
  };
  const obey = async (order: PupilOrder) => {
    if (!band.isGuided && order.type !== 'part') return;
    switch (order.type) {
      case 'start':
        if (order.race !== undefined && order.race !== race) break;
        // Go may come while a slow machine still sets up.
        await Promise.all([settingUp, group?.ready()]);
        if (!group?.holds()) run?.acts.start();
        break;
      case 'pause':
        if (!group?.holds()) run?.acts.pause();
        break;
      case 'eyes':
        band.cover = order.up ? order.words : undefined;
        break;
      case 'go':
        turnTo(order.address);
        break;
      case 'ask':
        turnTo(order.address);
        tellKept(order.lesson, order.question);
        break;
      case 'race':
        race = order.race;
        settingUp = run?.acts.race(order.search);
        await settingUp;
        changed();
        break;
      case 'lead':
      case 'join':
      case 'part':
        await group?.obey(order);
        changed();
    }
  };
  /** What was predicted before the class was asked counts too. */
  const tellKept = (lesson: number, question: number) => {
    const choice = readProgress(storageHere())[lesson]?.predictions[question];
    if (choice !== undefined) pupil?.predicted({ lesson, question, choice });
  };

  const onEvent = (event: PupilEvent) => {
    switch (event.type) {
      case 'asking':
        band.phase = event.unanswered ? 'unanswered' : 'asking';
        break;
      case 'admitted':
        band.phase = 'here';
        break;
      case 'refused':
        void group?.obey({ type: 'part' });
        end(pupilWords.refused(event.reason));
        break;
      case 'teacher-gone':
        band.phase = 'teacher-gone';
        band.cover = undefined;
        break;
      case 'order':
        void obey(event.order);
        break;
      case 'notice':
        band.notice = event.message;
    }
  };
  const end = (words: string) => {
    pupil = undefined;
    band.fault = words;
    band.phase = 'over';
    band.cover = undefined;
    band.notice = '';
  };

  band.addEventListener('isobar-class-join', async event => {
    if (!(event instanceof CustomEvent) || typeof event.detail !== 'string') return;
    band.name = event.detail;
    if (!isSecureContext) {
      band.fault = pupilWords.insecure;
      return;
    }
    band.phase = 'joining';
    band.fault = '';
    keepInvite('pupil', invite);
    keepName(band.name);
    const about = {
      gpu: run?.gpu.slice(0, longestGpu) ?? '',
      webgpu: run !== undefined,
      token: tokenOf(invite),
    };
    try {
      pupil = await joinClass(invite, { name: band.name, about, base: location.href, report, onEvent });
    } catch (cause) {
      band.fault = pupilWords.cannot(sentence(cause instanceof Error ? cause.message : String(cause)));
      band.phase = 'invited';
    }
  });
  band.addEventListener('isobar-class-guided', event => {
    if (!(event instanceof CustomEvent)) return;
    band.isGuided = event.detail === true;
    if (!band.isGuided) band.cover = undefined;
    changed();
  });
  band.addEventListener('isobar-class-leave', () => {
    void pupil?.leave();
    void group?.obey({ type: 'part' });
    forgetClass();
    end('');
  });
  band.addEventListener('isobar-class-close', () => band.remove());
  document.addEventListener('isobar-predicted', event => {
    if (event instanceof CustomEvent) pupil?.predicted(event.detail);
  });
  if (run) run.store.subscribe(changed);
  else followLessons(storageHere());

  band.name = keptName();
  band.watches = run === undefined;
  element('app', HTMLElement).before(band);
}
