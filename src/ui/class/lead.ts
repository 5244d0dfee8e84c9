/** A pupil's page as the first rank of its group: the host of a room that the others of the group join. */
import type { Crew, RoomChoice } from '../../crew/api.ts';
import type { TeacherMessage } from '../../crew/class/messages.ts';
import { withSettings } from '../address.ts';

export interface Led {
  /** Settles when the run is set up: who should take part is there, or was waited for long enough. */
  readonly ready: Promise<void>;
  /** Lets these pages in as well. */
  admit(members: readonly string[]): void;
  /** The run is in one piece again, and begins anew. */
  end(): Promise<void>;
}

export interface LeadOptions {
  readonly crew: Pick<Crew, 'members' | 'subscribe' | 'admit' | 'closeRoom'>;
  readonly openRoom: (choice: RoomChoice) => Promise<string>;
  readonly choice: RoomChoice;
  /** Sets up a run at its beginning. @param search of its address */
  readonly setUp: (search: string) => Promise<void>;
  /** The link into the room. */
  readonly opened: (invitation: string) => void;
}

/** How long the others are waited for; the ranks of who comes later are seated anew when the run starts. */
const patienceMs = 20_000;

/** @throws Error where the room cannot be opened */
export async function leadGroup(
  { mesh, members }: Extract<TeacherMessage, { readonly type: 'lead' }>,
  { crew, openRoom, choice, setUp, opened }: LeadOptions,
): Promise<Led> {
  let named = new Set(members);
  let isOver = false;
  let allIn = () => {};
  const gathered = new Promise<void>(resolve => {
    allIn = resolve;
  });
  const admitNamed = () => {
    const own = crew.members().filter(({ id }) => named.has(id));
    for (const { id, status } of own) if (status === 'asking') crew.admit(id);
    if (own.filter(({ status }) => status === 'admitted').length === named.size) allIn();
  };
  const link = await openRoom(choice);
  const endWatch = crew.subscribe(({ type }) => {
    if (type === 'members') admitNamed();
  });
  opened(new URL(link).hash);
  const timer = setTimeout(allIn, patienceMs);
  const ready = gathered.then(async () => {
    clearTimeout(timer);
    if (!isOver) await setUp(withSettings(location.search, `?mesh=${mesh}`));
  });
  return {
    ready,
    admit(more) {
      named = new Set(more);
      admitNamed();
    },
    async end() {
      isOver = true;
      allIn();
      endWatch();
      await setUp(withSettings(location.search, '?mesh=1x1'));
      await crew.closeRoom();
    },
  };
}
