/** What a host needs: ranks in workers of its page, rooms, guests, and the panel for all of that. Loaded by `sharing.ts`. */
import type { Remote } from 'comlink';
import type { Crew, TakenRoom } from '../../crew/api.ts';
import { createCrew } from '../../crew/host.ts';
import { gatherRun } from '../../crew/takeover.ts';
import type { SessionApi } from '../../session/api/api.ts';
import type { Machine } from '../board/show-machine.ts';
import { type ToldRun, tellGuests } from '../guest/tell-guests.ts';
import { createMeshRun, type MeshRun, type OnSeated } from '../mesh-run.ts';
import type { Run } from '../run.ts';
import { type TakenRun, takeUpRun } from '../takeover.ts';
import { showSharePanel } from './share-panel.ts';
import { createRoomPanel, type RoomPanel } from './show-room.ts';

export interface HostingOptions {
  readonly session: Remote<SessionApi>;
  /** Address of the page that invitations lead to. */
  readonly base: URL;
  /** Of this page, for guests; by default "Host". */
  readonly name: string | undefined;
  readonly run: Run;
  readonly machine: Machine;
  readonly told: ToldRun;
  readonly onSeated: OnSeated;
}

export interface Hosting {
  readonly crew: Crew;
  readonly mesh: MeshRun;
  readonly room: RoomPanel;
  /** Goes on with the run of a room whose host is gone. */
  takeOver(taken: TakenRoom, acts: Omit<TakenRun, 'gather'>): Promise<void>;
}

export function createHosting(options: HostingOptions): Hosting {
  const { session, base, name, run, machine, told, onSeated } = options;
  showSharePanel();
  const crew = createCrew({ session, base, name });
  const mesh = createMeshRun(crew, run, onSeated);
  tellGuests(crew, told);
  return {
    crew,
    mesh,
    room: createRoomPanel({ crew, machine }),
    takeOver(taken, acts) {
      mesh.adopt(taken);
      return takeUpRun({ ...acts, gather: () => gatherRun(crew, session, taken) });
    },
  };
}
