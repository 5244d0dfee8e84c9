/** Rooms in which pages of a test meet, with relays that run while the tests of a file do. */
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { commands } from 'vitest/browser';
import { newRoom } from '../../../src/crew/invite.ts';
import type { Role, RoomKind, RoomOptions } from '../../../src/net/room.ts';
import { openPage, type TestPage } from './pages.ts';

const pages: TestPage[] = [];
/** Where the relays of a kind of room listen. */
export const relays = { tabs: '', relay: '', internet: '' };
beforeAll(async () => {
  relays.relay = await commands.startRelay('relay');
  relays.internet = await commands.startRelay('internet');
});
afterAll(() => Promise.all([relays.relay, relays.internet].map(url => commands.stopRelay(url))));
afterEach(() => {
  const closed = pages.splice(0);
  for (const { frame } of closed) frame.remove();
  expect(closed.flatMap(({ errors }) => errors)).toEqual([]);
});

/** A page of its own, removed after the test; an error that it writes fails the test. */
export async function page(before?: Parameters<typeof openPage>[0]): Promise<TestPage> {
  const opened = await openPage(before);
  pages.push(opened);
  return opened;
}

/** A room in which pages join by role and name. */
export function meeting(kind: RoomKind, relayUrls: readonly string[] = [relays[kind]]) {
  const options = { kind, ...newRoom(), relayUrls, iceServers: [] };
  const join = async (role: Role, name: string, more: Partial<RoomOptions> = {}) =>
    (await page()).join({ ...options, role, name, about: { name }, ...more });
  /** A host and guests that it let in, in order. */
  const joinAll = async (...names: string[]) => {
    const host = await join('host', 'Host');
    const guests: TestPage[] = [];
    for (const name of names) {
      const guest = await join('guest', name);
      await host.until('peer', peer => peer.name === name);
      host.room.admit(guest.room.selfId);
      await guest.until('admitted');
      guests.push(guest);
    }
    return [host, ...guests];
  };
  return { options, join, joinAll };
}

export const idOf = ({ room }: TestPage) => room.selfId;

/** Sends a message both ways, and waits until both have arrived. */
export async function talk(a: TestPage, b: TestPage, text: string): Promise<void> {
  for (const [from, to] of [
    [a, b],
    [b, a],
  ]) {
    expect(from.room.send(idOf(to), { text })).toBe(true);
    await to.until(
      'message',
      ({ id, message }) => id === idOf(from) && JSON.stringify(message).includes(text),
    );
  }
}
