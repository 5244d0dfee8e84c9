/**
 * A light pupil of a class: it joins as a pupil's page does, does what the teacher says, and tells of a run that it does not train.
 * With `?pupils=29` the page is so many of them, each in a frame, since a page has one id; `page` is the address of the
 * page whose class it is, where that is another server.
 */
import { joinClass, type PupilOrder } from '../src/crew/class/pupil.ts';
import { parseInvite } from '../src/crew/invite.ts';

/** How often the run that is made up has done steps, and how many. */
const moveEveryMs = 250;
const stepsAtOnce = 5;
const steps = 100_000;
/** The first ones of a question: pupils choose them in turn. */
const choices = 2;

const asked = new URLSearchParams(location.search);
const pupils = Number(asked.get('pupils') ?? 0);
const base = asked.get('page') ?? location.href;
if (pupils > 0) {
  const frames = Array.from({ length: pupils }, (_, i) => {
    const frame = document.createElement('iframe');
    const search = new URLSearchParams({ number: String(i + 1), page: base });
    frame.src = `${location.pathname}?${search}${location.hash}`;
    return frame;
  });
  document.querySelector('#frames')?.append(...frames);
} else await attend(Number(asked.get('number')));

async function attend(number: number): Promise<void> {
  const invite = parseInvite(location, 'class');
  if (!invite) throw new Error('This page was given no link into a class.');
  let status: 'ready' | 'running' | 'paused' = 'ready';
  let step = 0;
  const obey = (order: PupilOrder) => {
    switch (order.type) {
      case 'start':
        status = 'running';
        break;
      case 'pause':
        status = 'paused';
        break;
      case 'ask':
        location.hash = order.address;
        pupil.predicted({ lesson: order.lesson, question: order.question, choice: number % choices });
        break;
      case 'go':
        location.hash = order.address;
    }
    pupil.changed();
  };
  const pupil = await joinClass(invite, {
    name: `Pupil ${number}`,
    about: { gpu: 'made up', webgpu: true, token: crypto.randomUUID() },
    base,
    report: () => ({
      type: 'report',
      status,
      step,
      steps,
      ...(step > 0 && { loss: 0.3 + 1 / (1 + step / 20) + 0.02 * Math.sin(step), rate: 58.3 }),
      guided: true,
    }),
    onEvent(event) {
      if (event.type === 'order') obey(event.order);
    },
  });
  setInterval(() => {
    if (status !== 'running') return;
    step += stepsAtOnce;
    pupil.changed();
  }, moveEveryMs);
}
