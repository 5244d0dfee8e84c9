/** The teacher's side of groups: what goes from page to page, and what becomes of members who come and go. */
import { expect, test } from 'vitest';
import type { PupilAbout, TeacherMessage } from '../../../src/crew/class/messages.ts';
import { createPairing } from '../../../src/crew/class/pairing.ts';
import { createRoll } from '../../../src/crew/class/roll.ts';

const link = { roundTripMs: 1, megabytesPerSecond: 40 };
const about = (name: string, webgpu = true): PupilAbout => ({
  gpu: 'M2',
  webgpu,
  token: name.padEnd(20, '0'),
});
const invitation = '#join=tabs.abcdefgh.abcdefghijklmnopqrstuv';

/** Pages whose ids are their names; tests are answered at once unless `linkOf` says nothing. */
function classOf(
  names: readonly string[],
  linkOf: () => typeof link | { fault: string } | undefined = () => link,
) {
  const roll = createRoll(() => 0);
  const told: { readonly id: string; readonly message: TeacherMessage }[] = [];
  const pairing = createPairing({
    roll,
    tell(id, message) {
      told.push({ id, message });
      const found = linkOf();
      if (message.type === 'test' && message.isFirst && found)
        queueMicrotask(() => pairing.hear(id, { type: 'tested', pair: message.pair, link: found }));
    },
    changed() {},
  });
  const join = (id: string, name = id) => {
    roll.met(id, name, about(name));
    roll.admitted(id);
    pairing.back(id);
  };
  for (const name of names) join(name);
  const of = (id: string) => roll.pupils().find(pupil => pupil.id === id);
  const ofType = (type: TeacherMessage['type']) => told.filter(({ message }) => message.type === type);
  return { roll, pairing, told, join, of, ofType };
}

test('two are tested, put together, and the second gets the link into the room of the first', async () => {
  const { pairing, ofType, of } = classOf(['Ann', 'Bob', 'Eve']);
  await pairing.pairUp('1x2');
  expect(pairing.state()).toMatchObject({ tests: undefined, groups: [{ mesh: '1x2', link }] });
  const [{ id: first, message: lead }] = ofType('lead');
  if (lead.type !== 'lead') throw new Error(lead.type);
  expect(lead).toMatchObject({ mesh: '1x2', members: [expect.any(String)] });
  const [second] = lead.members;
  expect([of(first)?.group?.place, of(second)?.group?.place]).toEqual([0, 1]);
  // Nobody but the first says where the room is.
  pairing.hear(second, { type: 'room', group: lead.group, invitation });
  expect(ofType('join')).toEqual([]);
  pairing.hear(first, { type: 'room', group: lead.group, invitation });
  expect(ofType('join')).toEqual([{ id: second, message: { type: 'join', group: lead.group, invitation } }]);
  const third = ['Ann', 'Bob', 'Eve'].find(id => id !== first && id !== second)!;
  expect(of(third)?.alone).toContain('in a group already');
});

test('what one signals goes to the other of its test, and to nobody else', async () => {
  const { pairing, told, ofType } = classOf(['Ann', 'Bob', 'Eve'], () => undefined);
  const grouped = pairing.pairUp('1x2');
  const [{ message }] = ofType('test');
  if (message.type !== 'test') throw new Error(message.type);
  const { pair } = message;
  const pages = ofType('test')
    .filter(({ message }) => message.type === 'test' && message.pair === pair)
    .map(({ id }) => id);
  const before = told.length;
  pairing.hear(pages[0], { type: 'signal', pair, body: { sdp: 'x' } });
  expect(told.slice(before)).toEqual([
    { id: pages[1], message: { type: 'signal', pair, body: { sdp: 'x' } } },
  ]);
  const other = ['Ann', 'Bob', 'Eve'].find(id => !pages.includes(id))!;
  pairing.hear(other, { type: 'signal', pair, body: 1 });
  pairing.hear(pages[1], { type: 'tested', pair, link });
  // What was found would count by then.
  await new Promise(resolve => setTimeout(resolve));
  expect(told).toHaveLength(before + 1);
  expect(pairing.state().tests?.done).toBe(0);
  pairing.part();
  await grouped;
  expect(pairing.state()).toEqual({ tests: undefined, groups: [] });
});

test('a pair without a way stays apart, and the roll says why', async () => {
  const { pairing, of } = classOf(['Ann', 'Bob'], () => ({ fault: 'names lead nowhere' }));
  await pairing.pairUp('1x2');
  expect(pairing.state().groups).toEqual([]);
  expect([of('Ann')?.alone, of('Bob')?.alone]).toEqual(['names lead nowhere', 'names lead nowhere']);
});

test('a page that goes while it is tested holds nothing up', async () => {
  const { pairing, roll, of } = classOf(['Ann', 'Bob'], () => undefined);
  const grouped = pairing.pairUp('1x2');
  roll.gone('Bob', 'left');
  pairing.gone('Bob');
  await grouped;
  expect(of('Ann')?.alone).toContain('gone');
});

test('four make a 2x2; of five one is alone, and of six two make a 1x2 of their own', async () => {
  const five = classOf(['A', 'B', 'C', 'D', 'E']);
  await five.pairing.pairUp('2x2');
  expect(five.pairing.state().groups.map(({ mesh }) => mesh)).toEqual(['2x2']);
  expect(five.roll.pupils().filter(({ alone }) => alone !== undefined)).toHaveLength(1);
  const six = classOf(['A', 'B', 'C', 'D', 'E', 'F']);
  await six.pairing.pairUp('2x2');
  expect(
    six.pairing
      .state()
      .groups.map(({ mesh }) => mesh)
      .sort(),
  ).toEqual(['1x2', '2x2']);
});

test('a member that comes back is let in and joins again; a first rank opens a room anew', async () => {
  const { pairing, roll, join, ofType, told } = classOf(['Ann', 'Bob']);
  await pairing.pairUp('1x2');
  pairing.hear('Ann', { type: 'room', group: 1, invitation });
  roll.gone('Bob', 'left');
  join('bob2', 'Bob');
  expect(told.slice(-2)).toEqual([
    { id: 'Ann', message: { type: 'lead', group: 1, mesh: '1x2', members: ['bob2'] } },
    { id: 'bob2', message: { type: 'join', group: 1, invitation } },
  ]);
  roll.gone('Ann', 'left');
  join('ann2', 'Ann');
  expect(told.at(-1)).toMatchObject({ id: 'ann2', message: { type: 'lead', members: ['bob2'] } });
  const other = `${invitation}x`;
  pairing.hear('ann2', { type: 'room', group: 1, invitation: other });
  expect(ofType('join').at(-1)).toEqual({
    id: 'bob2',
    message: { type: 'join', group: 1, invitation: other },
  });
});

test('who leaves its group is alone, with the reason; parted groups tell their members', async () => {
  const { pairing, of, ofType } = classOf(['Ann', 'Bob']);
  await pairing.pairUp('1x2');
  pairing.hear('Bob', { type: 'apart', group: 1, fault: 'it has left the group' });
  expect(of('Bob')).toMatchObject({ group: undefined, alone: 'it has left the group' });
  pairing.part();
  expect(ofType('part')).toEqual([{ id: 'Ann', message: { type: 'part' } }]);
  expect(of('Ann')?.group).toBeUndefined();
});

test('without its first rank there is no group: the others are told, and the roll says why', async () => {
  const { pairing, of, ofType } = classOf(['Ann', 'Bob']);
  await pairing.pairUp('1x2');
  pairing.hear('Ann', { type: 'apart', group: 1, fault: 'the room could not be opened' });
  expect([of('Ann')?.alone, of('Bob')?.alone]).toEqual(Array(2).fill('the room could not be opened'));
  expect(ofType('part')).toEqual([{ id: 'Bob', message: { type: 'part' } }]);
  expect(pairing.state().groups).toEqual([]);
});
