/** A further page of a terminal run: it joins the first one, and takes a rank when it is given one. */
import { joinCrew } from '../crew/guest.ts';
import type { Invite } from '../crew/invite.ts';

/** Resolves when the host has let the page in. @throws Error with the reason where it does not */
export async function joinRun(invite: Invite): Promise<void> {
  const guest = await joinCrew(invite, { name: 'A page of this command' });
  return new Promise((resolve, reject) => {
    guest.subscribe(event => {
      if (event.type === 'admitted') resolve();
      if ('reason' in event) {
        reject(new Error(`A page could not take part: ${event.reason}`));
      }
    });
  });
}
