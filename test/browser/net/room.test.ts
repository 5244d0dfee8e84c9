import { describe, expect, test } from 'vitest';
import { commands } from 'vitest/browser';
import { newRoom } from '../../../src/crew/invite.ts';
import type { Json, RoomOptions } from '../../../src/net/room.ts';
import { joinRoomQuietly } from '../../../src/net/strategy.ts';
import { idOf, meeting, page, relays, talk } from './meetings.ts';
import type { TestPage } from './pages.ts';

describe.for(['tabs', 'relay', 'internet'] as const)('a room of kind %s', kind => {
  test('a host and two guests meet, are let in, and all talk to each other', async () => {
    const { joinAll } = meeting(kind);
    const [host, ada, bob] = await joinAll('Ada', 'Bob');
    expect(host.all('peer')).toEqual([
      { id: idOf(ada), role: 'guest', name: 'Ada', about: { name: 'Ada' } },
      { id: idOf(bob), role: 'guest', name: 'Bob', about: { name: 'Bob' } },
    ]);
    await ada.until('peer', peer => peer.name === 'Bob');
    await bob.until('peer', peer => peer.name === 'Ada');
    expect(ada.room.peers().map(peer => peer.role)).toEqual(['host', 'guest']);
    await talk(host, ada, 'one');
    await talk(host, bob, 'two');
    await talk(ada, bob, 'three');
    expect(ada.room.connection(idOf(bob))?.connectionState).toBe('connected');
  });

  test('a page with another secret gets in nowhere', async () => {
    const { join, joinAll } = meeting(kind);
    const [host, ada] = await joinAll('Ada');
    const intruder = await join('guest', 'Mallory', { secret: newRoom().secret });
    // Whichever of two pages has the larger id is asked first, and finds that it cannot read the question.
    const tells = (other: TestPage) =>
      other.until('notice', text => text.includes('incorrect room password'));
    await Promise.race([tells(host), tells(intruder)]);
    await talk(host, ada, 'undisturbed');
    expect(host.all('peer').map(peer => peer.name)).toEqual(['Ada']);
    expect(intruder.room.peers()).toEqual([]);
    expect(intruder.log.filter(({ kind }) => kind !== 'notice')).toEqual([]);
  });
});

describe('admission', () => {
  test('a guest that was not let in sees only its host, and nothing it says is heard before it is', async () => {
    const { join, joinAll } = meeting('tabs');
    const [host, ada] = await joinAll('Ada');
    const bob = await join('guest', 'Bob');
    await bob.until('peer');
    await host.until('peer', peer => peer.name === 'Bob');
    expect(bob.room.peers().map(peer => peer.name)).toEqual(['Host']);
    expect(bob.room.send(idOf(host), 'too early')).toBe(false);
    expect(host.room.send(idOf(bob), 'too early')).toBe(false);
    await talk(host, ada, 'between');
    expect(ada.all('peer').map(peer => peer.name)).toEqual(['Host']);
    host.room.admit(idOf(bob));
    await ada.until('peer', peer => peer.name === 'Bob');
    await bob.until('peer', peer => peer.name === 'Ada');
    await talk(ada, bob, 'now');
    expect(host.all('message').map(({ message }) => message)).toEqual([{ text: 'between' }]);
  });

  test('a refused guest is told why, and leaves', async () => {
    const { join } = meeting('tabs');
    const host = await join('host', 'Host');
    const guest = await join('guest', 'Ada');
    const { id } = await host.until('peer');
    host.room.refuse(id, 'the mesh is full');
    expect(await guest.until('refused')).toBe('the mesh is full');
    expect((await host.until('leave')).id).toBe(id);
  });

  test('what a page tells about itself is bounded', async () => {
    const { join } = meeting('tabs');
    await expect(join('guest', 'Ada', { about: 'x'.repeat(17_000) })).rejects.toThrow(
      /17002 characters as JSON; .* at most 16384/,
    );
  });

  test('a second host is told so, and disturbs nobody', async () => {
    const { join, joinAll } = meeting('tabs');
    const [host, ada] = await joinAll('Ada');
    const second = await join('host', 'Second');
    expect(await second.until('refused')).toBe('this room already has a host');
    await talk(host, ada, 'undisturbed');
    expect([...host.all('leave'), ...ada.all('leave')]).toEqual([]);
    expect(ada.all('peer').map(peer => peer.name)).toEqual(['Host']);
  });
});

describe('a guest waits for a host', () => {
  /** A page in which what is due after 10 s is due when the test says so. */
  const patientPage = async () => {
    const due = new Map<number, () => void>();
    let last = 0;
    const opened = await page(window => {
      const { setTimeout, clearTimeout } = window;
      Object.assign(window, {
        setTimeout(callback: () => void, ms?: number) {
          if (ms !== 10_000) return setTimeout.call(window, callback, ms);
          due.set(--last, callback);
          return last;
        },
        clearTimeout(timer: number) {
          due.delete(timer);
          clearTimeout.call(window, timer);
        },
      });
    });
    const tenSecondsPass = () => {
      for (const callback of due.values()) callback();
    };
    return { opened, tenSecondsPass };
  };

  test('and is told when none answers, and when one does', async () => {
    const { options, join } = meeting('tabs');
    const { opened: ada, tenSecondsPass } = await patientPage();
    await ada.join({ ...options, role: 'guest', name: 'Ada' });
    tenSecondsPass();
    expect(ada.all('answers')).toEqual([false]);
    const host = await join('host', 'Host');
    await host.until('peer');
    await ada.until('peer');
    expect(ada.all('answers')).toEqual([false, true]);
  });

  test('not any more when one has answered, though it is gone since', async () => {
    const { options, join } = meeting('tabs');
    const host = await join('host', 'Host');
    const { opened: ada, tenSecondsPass } = await patientPage();
    await ada.join({ ...options, role: 'guest', name: 'Ada' });
    await ada.until('peer');
    await host.room.leave();
    await ada.until('leave');
    tenSecondsPass();
    expect(ada.all('answers')).toEqual([]);
  });
});

describe('leaving', () => {
  test('a page that leaves says goodbye', async () => {
    const { joinAll } = meeting('tabs');
    const [host, ada, bob] = await joinAll('Ada', 'Bob');
    await bob.until('peer', peer => peer.name === 'Ada');
    await ada.room.leave();
    for (const other of [host, bob]) {
      expect(await other.until('leave')).toEqual({
        id: idOf(ada),
        reason: 'its page was closed or left the room',
      });
      expect(other.room.connection(idOf(ada))).toBeUndefined();
    }
    await talk(host, bob, 'we go on');
  });

  test('so does a page that is closed', async () => {
    const { joinAll } = meeting('tabs');
    const [host, ada] = await joinAll('Ada');
    const id = idOf(ada);
    ada.frame.remove();
    expect((await host.until('leave')).id).toBe(id);
    expect(host.room.peers()).toEqual([]);
  });

  test('a page from which nothing is heard is taken for gone', async () => {
    const { options, join } = meeting('tabs');
    const host = await join('host', 'Host');
    const silent = await page(window => {
      Object.assign(window, { setInterval: () => 0 });
    });
    await silent.join({ ...options, role: 'guest', name: 'Silent' });
    await host.until('peer');
    expect(await host.until('leave')).toEqual({
      id: idOf(silent),
      reason: 'nothing was heard from it for 4 s',
    });
  });

  test('when the host leaves, its guests are on their own, and ask the next host', async () => {
    const { join, joinAll } = meeting('tabs');
    const [host, ada, bob] = await joinAll('Ada', 'Bob');
    await ada.until('peer', peer => peer.name === 'Bob');
    await host.room.leave();
    await ada.until('leave', ({ id }) => id === idOf(host));
    await ada.until('leave', ({ id }) => id === idOf(bob));
    expect(ada.room.peers()).toEqual([]);
    const next = await join('host', 'Next');
    await next.until('peer', peer => peer.name === 'Ada');
    next.room.admit(idOf(ada));
    await ada.until('admitted', id => id === idOf(next));
    await talk(next, ada, 'again');
  });
});

describe('a page that is not ours', () => {
  /** Joins without our room, and sends these messages to whomever it meets. */
  async function raw({ secret, room }: RoomOptions, ...messages: Json[]): Promise<void> {
    const { modules } = await page();
    const config = { appId: 'isobar', password: secret, rtcConfig: { iceServers: [] } };
    const joined = joinRoomQuietly(modules.tabsStrategy(room).join, () => {}, config, room);
    const action = joined.makeAction<Json>('room');
    joined.onPeerJoin = async () => {
      for (const message of messages) await action.send(message);
    };
  }
  const hello = { type: 'hello', role: 'guest', name: 'Raw', about: null, startedAt: 0, guests: 0 };
  /** Sent after other messages: when it arrives, they have. */
  const last = { ...hello, name: 'Last' };

  test('is heard only from when it was let in, but then whole', async () => {
    const { options, join } = meeting('tabs');
    const host = await join('host', 'Host');
    const data = [1, 2].map(body => ({ type: 'data', body }));
    await raw({ ...options, role: 'guest', name: '' }, hello, ...data, last);
    const { id } = await host.until('peer', ({ name }) => name === 'Last');
    expect(host.all('message')).toEqual([]);
    host.room.admit(id);
    await host.until('message', ({ message }) => message === 2);
    expect(host.all('message').map(({ message }) => message)).toEqual([1, 2]);
  });

  test('is dropped when it sends nonsense', async () => {
    const { options, join } = meeting('tabs');
    const host = await join('host', 'Host');
    await raw({ ...options, role: 'guest', name: '' }, hello, { type: 'roster', ids: 'everybody' });
    await host.until('peer');
    expect((await host.until('leave')).reason).toMatch(/malformed message \(ids: .*\)/);
  });

  test('cannot refuse a guest or let one in, being no host', async () => {
    const { options, joinAll } = meeting('tabs');
    const [host, ada] = await joinAll('Ada');
    await raw({ ...options, role: 'guest', name: '' }, hello, { type: 'refuse', reason: 'go' }, last);
    const { id } = await host.until('peer', ({ name }) => name === 'Last');
    host.room.admit(id);
    await ada.until('peer', ({ name }) => name === 'Last');
    expect(ada.all('refused')).toEqual([]);
  });
});

const relayed = ['relay', 'internet'] as const;
test.for(relayed)(
  'a relay of kind %s ends, and connected pages do not notice; when it is back, a page can join',
  async kind => {
    const url = await commands.startRelay(kind);
    const { join, joinAll } = meeting(kind, [url]);
    const [host, ada, bob] = await joinAll('Ada', 'Bob');
    await ada.until('peer', peer => peer.name === 'Bob');
    await commands.stopRelay(url);
    await host.until(
      'relays',
      ({ state, text }) => state === 'lost' && text.includes(`${url} does not answer`),
    );
    await talk(host, ada, 'without');
    await talk(ada, bob, 'a relay');
    await commands.startRelay(kind, Number(new URL(url).port));
    await host.until('relays', ({ state }) => state === 'back');
    const late = await join('guest', 'Late');
    await host.until('peer', peer => peer.name === 'Late');
    host.room.admit(idOf(late));
    await late.until('peer', peer => peer.name === 'Ada');
    await talk(late, ada, 'hello');
    expect([host, ada, bob].flatMap(other => other.all('leave'))).toEqual([]);
    await commands.stopRelay(url);
  },
);

describe('relays of the internet', () => {
  test('see who meets, and nothing of what is said', async () => {
    const { options, joinAll } = meeting('internet');
    await joinAll('Ada Lovelace');
    const seen = (await commands.relayed(relays.internet)).join();
    expect(seen).toContain('"offer"');
    for (const word of [options.room, options.secret, 'Lovelace', 'v=0', 'fingerprint']) {
      expect(seen).not.toContain(word);
    }
  });

  test('are enough when one of them answers; that none does, or refuses, a page is told', async () => {
    const gone = await commands.startRelay('internet');
    await commands.stopRelay(gone);
    const [host] = await meeting('internet', [gone, relays.internet]).joinAll('Ada');
    expect(host.all('relays')).toEqual([]);

    const nowhere = await meeting('internet', [gone]).join('host', 'Host');
    expect((await nowhere.until('relays')).text).toContain(
      `The relay ${gone} does not answer; trying again.`,
    );

    const refusing = await commands.startRefusingRelay('blocked: members only');
    const unwanted = await meeting('internet', [refusing]).join('host', 'Host');
    expect(await unwanted.until('notice')).toBe(
      `The relay ${refusing} refuses what this page sends: blocked: members only.`,
    );
    await commands.stopRelay(refusing);
  });
});
