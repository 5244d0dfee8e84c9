/** A pupil's page that holds a part in the run of its group: the views of that run are laid over those of its own. */
import type { Guest, GuestEvent } from '../../crew/api.ts';
import { joinCrew } from '../../crew/guest.ts';
import type { Invite } from '../../crew/invite.ts';
import { followGuest } from '../guest/follow.ts';
import { createGuestPage } from '../guest/guest-page.ts';

export interface HeldPart {
  /** Of the run of the group, as its first rank tells; undefined while this page holds no rank. */
  at(): { readonly step: number; readonly steps: number } | undefined;
  leave(): Promise<void>;
}

export interface HoldOptions {
  readonly name: string;
  /** What `at` says is another. */
  readonly changed: () => void;
  /** The page holds no part any more: it left, or why it was not let in. */
  readonly ended: (why: string) => void;
}

/** @throws Error where the room cannot be joined */
export async function holdPart(invite: Invite, { name, changed, ended }: HoldOptions): Promise<HeldPart> {
  let guest: Guest | undefined;
  let isOver = false;
  let isSeated = false;
  let at = { step: 0, steps: 0 };

  const page = createGuestPage({
    invitation: '',
    isOver: true,
    ask: (id, question) => guest?.ask(id, question),
    onLeave: () => void guest?.leave(),
    // There is none: the checkpoint of a group is its first rank's.
    onTakeOver() {},
  });
  const end = (why: string) => {
    if (isOver) return;
    isOver = true;
    page.end();
    ended(why);
  };
  const follow = followGuest({
    say(standing, text, { seat } = {}) {
      isSeated = standing === 'seated' && seat?.place !== undefined;
      page.show({ standing, text, seat, kept: undefined });
      changed();
    },
    // What it reads itself of its leaving is not for others.
    end: (standing, text) => end(standing === 'refused' ? text : ''),
    hear: page.hear,
    watches: () => false,
    about: () => guest?.about,
    sat() {},
  });
  const onEvent = (event: GuestEvent) => {
    if (isOver) return;
    follow(event);
    if (event.type !== 'run') return;
    const { step, steps } = event.state;
    at = { step, steps };
    changed();
  };
  try {
    guest = await joinCrew(invite, { name });
  } catch (cause) {
    isOver = true;
    page.end();
    throw cause;
  }
  guest.subscribe(onEvent);
  return {
    at: () => (isSeated ? at : undefined),
    async leave() {
      await guest?.leave();
      end('');
    },
  };
}
