/**
 * A light pupil of the class bench: it joins a class as a pupil's page does and tells of a run that it does not train. With
 * `?pupils=29` the page is so many of them, each in a frame, since a page has one id.
 */
import { joinClass } from '../src/crew/class/pupil.ts';
import { parseInvite } from '../src/crew/invite.ts';

/** How often the run that is made up has done steps, and how many. */
const moveEveryMs = 250;
const stepsAtOnce = 5;
const steps = 100_000;

const asked = new URLSearchParams(location.search);
const pupils = Number(asked.get('pupils') ?? 0);
if (pupils > 0) {
  const frames = Array.from({ length: pupils }, (_, i) => {
    const frame = document.createElement('iframe');
    frame.src = `./class-pupil.html?name=${i + 1}${location.hash}`;
    return frame;
  });
  document.querySelector('#frames')?.append(...frames);
} else await attend(asked.get('name') ?? '');

async function attend(name: string): Promise<void> {
  const invite = parseInvite(location, 'class');
  if (!invite) throw new Error('This page was given no link into a class.');
  let step = 0;
  const pupil = await joinClass(invite, {
    name: `Pupil ${name}`,
    about: { gpu: 'made up', webgpu: true, token: crypto.randomUUID() },
    base: location.href,
    report: () => ({
      type: 'report',
      status: 'running',
      step,
      steps,
      loss: 0.3 + 1 / (1 + step / 20) + 0.02 * Math.sin(step),
      rate: 58.3,
      guided: true,
    }),
    onEvent() {},
  });
  setInterval(() => {
    step += stepsAtOnce;
    pupil.changed();
  }, moveEveryMs);
}
