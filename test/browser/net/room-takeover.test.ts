/** A guest takes a room over whose host is gone. */
import { describe, expect, test } from 'vitest';
import { commands } from 'vitest/browser';
import { idOf, meeting, page, talk } from './meetings.ts';
import type { TestPage } from './pages.ts';

describe('taking over', () => {
  /** The host is gone, and its guests know it. */
  const orphaned = async (host: TestPage, ...guests: TestPage[]) => {
    const id = idOf(host);
    host.frame.remove();
    await Promise.all(guests.map(guest => guest.until('leave', event => event.id === id)));
  };
  /** Only events from now on count. */
  const forget = (...others: TestPage[]) => {
    for (const { log } of others) log.splice(0);
  };

  test.each(['tabs', 'relay'] as const)(
    'in a room of kind %s: the others follow without a relay and without asking again; who comes later must ask',
    async kind => {
      const url = await commands.startRelay('relay');
      const { join, joinAll } = meeting(kind, [url]);
      const [host, ada, bob, eve] = await joinAll('Ada', 'Bob', 'Eve');
      for (const [a, b] of [
        [bob, 'Eve'],
        [eve, 'Ada'],
        [ada, 'Bob'],
      ] as const)
        await a.until('peer', ({ name }) => name === b);
      if (kind === 'relay') await commands.stopRelay(url);
      await orphaned(host, ada, bob, eve);
      forget(ada, bob, eve);
      await ada.room.takeOver();
      expect(
        ada.room
          .peers()
          .map(({ name }) => name)
          .sort(),
      ).toEqual(['Bob', 'Eve']);
      for (const guest of [bob, eve]) expect(await guest.until('admitted')).toBe(idOf(ada));
      await talk(ada, bob, 'mine now');
      await talk(bob, eve, 'as before');
      if (kind === 'relay') await commands.startRelay(kind, Number(new URL(url).port));
      const late = await join('guest', 'Late');
      await ada.until('peer', ({ name }) => name === 'Late');
      expect(ada.room.isAdmitted(idOf(late))).toBe(false);
      await commands.stopRelay(url);
    },
  );

  test('two at once: one is the host, and the other is told and is its guest', async () => {
    const { joinAll } = meeting('tabs');
    const [host, ada, bob, eve] = await joinAll('Ada', 'Bob', 'Eve');
    await ada.until('peer', ({ name }) => name === 'Bob');
    await eve.until('peer', ({ name }) => name === 'Bob');
    await orphaned(host, ada, bob, eve);
    forget(ada, bob, eve);
    const claims = await Promise.allSettled([ada, bob].map(({ room }) => room.takeOver()));
    const names = ['Ada', 'Bob'];
    const won = claims.findIndex(({ status }) => status === 'fulfilled');
    const [winner, loser] = won === 0 ? [ada, bob] : [bob, ada];
    expect(claims[1 - won]).toMatchObject({
      reason: new Error(`${names[won]} has taken over the run of this room`),
    });
    expect(await loser.until('admitted', id => id === idOf(winner))).toBe(idOf(winner));
    await eve.until('admitted', id => id === idOf(winner));
    await winner.until('peer', ({ name }) => name === names[1 - won]);
    await talk(winner, loser, 'so be it');
    await eve.until('peer', ({ name }) => name === names[1 - won]);
    await talk(eve, loser, 'both guests');
  });

  test('one after the other: the second is told who was faster', async () => {
    const { joinAll } = meeting('tabs');
    const [host, ada, bob] = await joinAll('Ada', 'Bob');
    await ada.until('peer', ({ name }) => name === 'Bob');
    await orphaned(host, ada, bob);
    forget(ada, bob);
    await ada.room.takeOver();
    await bob.until('admitted');
    await expect(bob.room.takeOver()).rejects.toThrow('Ada has taken over the run of this room');
    await talk(ada, bob, 'as it was');
  });

  test('a host that was out of reach is told when it comes back, and disturbs nobody', async () => {
    const { options, join } = meeting('tabs');
    const host = await page(window => {
      Object.assign(window, { setInterval: () => 0 });
    });
    await host.join({ ...options, role: 'host', name: 'Host' });
    const ada = await join('guest', 'Ada');
    await host.until('peer');
    host.room.admit(idOf(ada));
    await ada.until('admitted');
    await ada.until('leave', ({ reason }) => reason === 'nothing was heard from it for 4 s');
    await ada.room.takeOver();
    expect(await host.until('refused')).toBe('Ada has taken over the run of this room');
    const bob = await join('guest', 'Bob');
    await ada.until('peer', ({ name }) => name === 'Bob');
    ada.room.admit(idOf(bob));
    await talk(ada, bob, 'undisturbed');
  });

  test('who asks already asks the next host, and is told', async () => {
    const { join, joinAll } = meeting('tabs');
    const [host, ada] = await joinAll('Ada');
    const bob = await join('guest', 'Bob');
    await bob.until('peer');
    await orphaned(host, ada, bob);
    expect(bob.all('answers')).toEqual([]);
    await ada.room.takeOver();
    expect(await bob.until('answers')).toBe(true);
    await ada.until('peer', ({ name }) => name === 'Bob');
    ada.room.admit(idOf(bob));
    expect(await bob.until('admitted')).toBe(idOf(ada));
  });

  test('is for guests of a host that is gone', async () => {
    const { join, joinAll } = meeting('tabs');
    const [host, ada] = await joinAll('Ada');
    await expect(ada.room.takeOver()).rejects.toThrow('This room has a host.');
    await expect(host.room.takeOver()).rejects.toThrow('This room has a host.');
    const bob = await join('guest', 'Bob');
    await bob.until('peer');
    await orphaned(host, ada, bob);
    await expect(bob.room.takeOver()).rejects.toThrow('The host had not let this page in.');
  });
});
