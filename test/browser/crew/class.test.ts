/** Pages on one relay: a teacher who sees all of them, and pupils who see the teacher alone. Thirty are in test/e2e/class-of-thirty.test.ts. */
import { afterEach, beforeAll, expect, test } from 'vitest';
import { commands } from 'vitest/browser';
import type { Report } from '../../../src/crew/class/messages.ts';
import type { ClassPupil, PupilEvent } from '../../../src/crew/class/pupil.ts';
import { type Class, openClass } from '../../../src/crew/class/teacher.ts';
import { type Invite, parseInvite } from '../../../src/crew/invite.ts';
import '../../../src/ui/page.css';
import { ClassWall } from '../../../src/ui/class/wall.ts';

type Modules = Pick<typeof import('../../../src/crew/class/pupil.ts'), 'joinClass'>;

interface Light {
  readonly frame: HTMLIFrameElement;
  readonly pupil: ClassPupil;
  readonly events: PupilEvent[];
  /** Connections that its page made, of whatever state. */
  readonly made: () => number;
  step: number;
}

/** More than are drawn at once. */
const pupilsHere = 13;

const ends: (() => unknown)[] = [];
let relay: string;
beforeAll(async () => {
  relay = await commands.startRelay('relay');
  return () => commands.stopRelay(relay);
});
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

const source = new URL('../../../src/crew/class/pupil.ts', import.meta.url).href;

/** A page has one id, so each pupil is in a frame of its own. */
async function light(invite: Invite, name: string): Promise<Light> {
  const frame = document.createElement('iframe');
  frame.srcdoc = '<!doctype html><title>A light pupil</title>';
  const loaded = new Promise(resolve => frame.addEventListener('load', resolve, { once: true }));
  document.body.append(frame);
  ends.push(() => frame.remove());
  await loaded;
  const page = frame.contentWindow as Window & typeof globalThis & { ready?: (modules: Modules) => void };
  // Vitest has every import of a module while the page runs go through its own page.
  Object.assign(page, { __vitest_browser_runner__: { wrapDynamicImport: (load: () => unknown) => load() } });
  let made = 0;
  const Original = page.RTCPeerConnection;
  page.RTCPeerConnection = class extends Original {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      made++;
    }
  };
  const { joinClass } = await new Promise<Modules>((resolve, reject) => {
    page.ready = resolve;
    const script = page.document.createElement('script');
    script.type = 'module';
    script.textContent = `import { joinClass } from '${source}'; ready({ joinClass });`;
    script.onerror = () => reject(new Error('The modules of a light pupil could not be loaded.'));
    page.document.body.append(script);
  });
  const events: PupilEvent[] = [];
  const own: { step: number } = { step: 0 };
  const report = (): Report => ({
    type: 'report',
    status: 'running',
    step: own.step,
    steps: 1000,
    loss: 1 / (1 + own.step),
    rate: 58,
    guided: true,
  });
  const pupil = await joinClass(invite, {
    name,
    about: { gpu: 'M2', webgpu: true, token: page.crypto.randomUUID() },
    base: location.href,
    report,
    onEvent: event => events.push(event),
  });
  return Object.assign(own, { frame, pupil, events, made: () => made });
}

async function open(): Promise<{
  own: Class;
  invite: Invite;
  until: (holds: () => boolean) => Promise<void>;
}> {
  const own = await openClass({ choice: { kind: 'relay', relayUrls: [relay] }, base: location.href });
  ends.push(own.close);
  const until = (holds: () => boolean) =>
    new Promise<void>(resolve => {
      const end = own.subscribe(check);
      function check() {
        if (!holds()) return;
        end();
        resolve();
      }
      check();
    });
  const invite = parseInvite(new URL(own.link), 'class');
  if (!invite) throw new Error(`${own.link} invites to nothing`);
  return { own, invite, until };
}

test('pages meet on one relay: pupils connect to the teacher alone, and the wall has all of them', async () => {
  const { own, invite, until } = await open();
  const wall = new ClassWall();
  Object.assign(wall, { acts: own, link: own.link });
  document.body.append(wall);
  ends.push(() => wall.remove());
  own.admitAll(Date.now() + 600_000);
  const pupils = await Promise.all(
    Array.from({ length: pupilsHere }, (_, i) => light(invite, `Pupil ${i + 1}`)),
  );
  const of = (name: string) => own.state().pupils.find(pupil => pupil.name === name);
  await until(() => own.state().pupils.filter(({ presence }) => presence === 'here').length === pupilsHere);
  for (const round of [1, 2]) {
    for (const each of pupils) {
      each.step += 10;
      each.pupil.changed();
    }
    await until(() => own.state().pupils.every(({ curve }) => curve.length >= round));
  }
  wall.now = Date.now();
  wall.state = own.state();
  await wall.updateComplete;
  const cards = [...wall.querySelectorAll<HTMLElement>('[data-testid=pupil]')];
  expect(cards.map(card => card.dataset.state)).toEqual(Array(pupilsHere).fill('training'));
  expect(cards.map(card => card.dataset.name)).toEqual(
    Array.from({ length: pupilsHere }, (_, i) => `Pupil ${i + 1}`),
  );
  expect(wall.querySelectorAll('.spark path')).toHaveLength(pupilsHere);
  // What is new is drawn a few cards a task, so that none is long.
  for (const each of pupils) {
    each.step += 10;
    each.pupil.changed();
  }
  await until(() => own.state().pupils.every(({ report }) => report?.step === 30));
  const drawn = () =>
    cards.filter(card => card.querySelector('[data-testid=pupil-step][data-step="30"]')).length;
  const counts: number[] = [];
  const watch = new MutationObserver(() => counts.push(drawn()));
  watch.observe(wall, { subtree: true, attributes: true });
  wall.state = own.state();
  await wall.updateComplete;
  expect(drawn()).toBe(0);
  await expect.poll(drawn).toBe(pupilsHere);
  watch.disconnect();
  expect(counts.every((count, i) => count - (counts[i - 1] ?? 0) <= 6)).toBe(true);
  // Where all met all, each would have made as many as there are pages.
  expect(Math.max(...pupils.map(({ made }) => made()))).toBeLessThanOrEqual(3);

  own.eyes(true, 'Look here');
  own.pause();
  own.ask({ lesson: 3, question: 1, address: '#/lesson/3/2' });
  const orders = ({ events }: Light) =>
    events.flatMap(event => (event.type === 'order' ? [event.order.type] : []));
  for (const [i, each] of pupils.entries()) each.pupil.predicted({ lesson: 3, question: 1, choice: i % 2 });
  await until(() => own.state().pupils.every(({ predictions }) => predictions['3.1'] !== undefined));
  await expect.poll(() => pupils.map(orders)).toEqual(Array(pupilsHere).fill(['eyes', 'pause', 'ask']));

  await pupils[4].pupil.leave();
  await until(() => of('Pupil 5')?.presence === 'gone');
  own.remove(of('Pupil 6')!.id);
  await expect
    .poll(() => pupils[5].events.at(-1))
    .toEqual({ type: 'refused', reason: 'the teacher has taken this page out of the class' });
  await own.close();
  await expect.poll(() => pupils[0].events.at(-1)?.type).toBe('teacher-gone');
});

test('who comes late finds the question open and the pages covered; a class opened again has the same link, and hears what was predicted meanwhile', async () => {
  const { own, invite, until } = await open();
  own.admitAll(Date.now() + 600_000);
  own.ask({ lesson: 1, question: 0, address: '#/lesson/1/2' });
  own.eyes(true, 'Look here');
  const ann = await light(invite, 'Ann');
  await until(() => own.state().pupils[0]?.presence === 'here');
  const types = () => ann.events.flatMap(event => (event.type === 'order' ? [event.order.type] : []));
  await expect.poll(types).toEqual(['ask', 'eyes']);
  await own.close();
  await expect.poll(() => ann.events.at(-1)?.type).toBe('teacher-gone');
  // Nobody hears it yet.
  ann.pupil.predicted({ lesson: 1, question: 0, choice: 1 });
  ann.pupil.predicted({ lesson: 1, question: 0, choice: 2 });
  const again = await openClass({
    choice: { kind: 'relay', relayUrls: [relay] },
    base: location.href,
    again: own.invite,
  });
  ends.push(again.close);
  expect(again.link).toBe(own.link);
  again.admitAll(Date.now() + 600_000);
  await expect.poll(() => again.state().pupils[0]?.presence, { timeout: 20_000 }).toBe('here');
  expect(ann.events.at(-1)?.type).toBe('admitted');
  await expect.poll(() => again.state().pupils[0]?.predictions).toEqual({ '1.0': 2 });
});

test('two pupils measure their link by way of the teacher, are put together, and part', async () => {
  const { own, invite, until } = await open();
  own.admitAll(Date.now() + 600_000);
  const [ann, bob] = await Promise.all(['Ann', 'Bob'].map(name => light(invite, name)));
  await until(() => own.state().pupils.filter(({ presence }) => presence === 'here').length === 2);
  await own.pairUp('1x2');
  const [{ link, ...group }] = own.state().grouping.groups;
  expect(group).toEqual({ number: 1, mesh: '1x2' });
  expect(link.roundTripMs).toBeGreaterThan(0);
  expect(link.roundTripMs).toBeLessThan(1000);
  expect(link.megabytesPerSecond).toBeGreaterThan(0.1);
  const orders = ({ events }: Light) =>
    events.flatMap(event => (event.type === 'order' ? [event.order] : []));
  await expect
    .poll(() => orders(ann))
    .toEqual([{ type: 'lead', group: 1, mesh: '1x2', members: [expect.any(String)] }]);
  const invitation = '#join=tabs.abcdefgh.abcdefghijklmnopqrstuv';
  ann.pupil.tell({ type: 'room', group: 1, invitation });
  await expect.poll(() => orders(bob)).toEqual([{ type: 'join', group: 1, invitation }]);
  bob.pupil.tell({ type: 'apart', group: 1, fault: 'it has no memory left' });
  await until(() => own.state().pupils.some(({ alone }) => alone === 'it has no memory left'));
  own.part();
  await expect.poll(() => orders(ann).map(({ type }) => type)).toEqual(['lead', 'part']);
  expect(own.state().grouping).toEqual({ tests: undefined, groups: [] });
});
