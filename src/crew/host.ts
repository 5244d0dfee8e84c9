/** The host's side of a crew: it lets guests in, seats the ranks of a mesh, and says when a seat falls empty. */
import type { Remote } from 'comlink';
import type { Json, Peer, Room, RoomHandlers } from '../net/room.ts';
import type { SessionApi } from '../session/api/api.ts';
import type { Crew, CrewEvent, Member, RoomChoice, RunState } from './api.ts';
import { type Invite, inviteLink, newRoom, relayBeside } from './invite.ts';
import { machineMark } from './machine-mark.ts';
import { readCrewMessage } from './messages.ts';
import { ownId } from './own-id.ts';
import { createPageLinks } from './page-links.ts';
import { createRoster } from './roster.ts';
import { createSeating, type OpenRoom } from './seating.ts';
import { partsOf } from './tales.ts';

export interface CrewOptions {
  /** Holds rank 0. */
  readonly session: Remote<SessionApi>;
  /** Shown to guests; 1 to 80 characters. */
  readonly name?: string;
  /** Address of the page that invitations lead to. */
  readonly base?: string | URL;
}

const STATISTICS_MS = 500;

/** Of use where there are guests: loaded with the room. */
const readsMachines = () => import('../session/api/told-machine.ts');

export function createCrew({ session, name = 'Host', base = location.href }: CrewOptions): Crew {
  const listeners = new Set<(event: CrewEvent) => void>();
  const roster = createRoster(ownId, name);
  let open: OpenRoom | undefined;
  const seating = createSeating({
    session,
    roster,
    room: () => open,
    onLost: lost,
    onStay: changed,
  });
  let admitsAll = false;
  let announced: RunState | undefined;
  let lastStatistics = '';
  let isMeasured = false;
  const statisticsTimer = setInterval(reportStatistics, STATISTICS_MS);
  const farewell = () => open?.links.close('the page of the host was closed');
  addEventListener('pagehide', farewell);

  function emit(event: CrewEvent): void {
    for (const listener of listeners) listener(event);
  }

  function members(): readonly Member[] {
    return roster.all().map(entry => {
      const ranks = seating.seats().flatMap(({ member, rank }) => (member === entry.id ? [rank] : []));
      const { roundTripMs = Number.NaN, megabytesPerSecond } = open?.links.statistics(entry.id) ?? {};
      return {
        ...entry,
        ranks,
        leaving: seating.isLeaving(entry.id),
        ...(Number.isNaN(roundTripMs) ? {} : { roundTripMs, megabytesPerSecond }),
      };
    });
  }

  function changed(): void {
    emit({ type: 'members', members: members() });
  }

  function reportStatistics(): void {
    const now = JSON.stringify(
      members().map(({ roundTripMs, megabytesPerSecond }) => [roundTripMs, megabytesPerSecond]),
    );
    if (now === lastStatistics) return;
    lastStatistics = now;
    changed();
  }

  function lost(ranks: readonly number[], member: string, reason: string): void {
    emit({ type: 'lost', ranks, member, reason });
    changed();
  }

  function takeMessage(from: string, value: Json): void {
    const message = readCrewMessage(value);
    if (message === undefined || open === undefined) return;
    switch (message.type) {
      case 'signal':
        open.links.accept(from, message.link, message.body);
        return;
      case 'seated':
        seating.answered(from, message);
        return;
      case 'parted':
        seating.parted(message.generation);
        return;
      case 'machine':
        learn(from, message.told).catch(() => {});
        return;
      case 'ask':
        if (roster.get(from)?.status !== 'admitted') return;
        emit({ type: 'asked', member: from, id: message.id, question: message.question });
    }
  }

  async function learn(id: string, told: unknown): Promise<void> {
    const { readToldMachine } = await readsMachines();
    if (roster.get(id)?.status === 'admitted' && roster.learn(id, readToldMachine(told))) changed();
  }

  function meet(peer: Peer): void {
    const known = roster.get(peer.id)?.status;
    if (!roster.note(peer)) {
      open?.room.refuse(peer.id, 'it does not describe itself as this version of the page does');
      return;
    }
    const wasLetIn = open?.room.isAdmitted(peer.id) ?? false;
    if ((admitsAll || wasLetIn) && known !== 'admitted') admit(peer.id);
    changed();
  }

  function admit(id: string): void {
    if (open === undefined || roster.get(id)?.status !== 'asking') return;
    open.room.admit(id);
    roster.mark(id, open.room.isAdmitted(id) ? 'admitted' : 'refused');
    if (announced) open.room.send(id, { type: 'run', state: asJson(announced) });
    changed();
  }

  function left(id: string, reason: string): void {
    const wasRefused = roster.get(id)?.status === 'refused';
    roster.mark(id, wasRefused ? 'refused' : 'gone');
    seating.left(id, reason);
    open?.links.drop(id, reason);
    changed();
  }

  async function openRoom(choice: RoomChoice): Promise<string> {
    await closeRoom();
    const names = newRoom();
    const { relayUrls = choice.kind === 'relay' ? [relayBeside(base)] : undefined } = choice;
    // Of use to those who share a run, and loaded for them alone.
    const { joinRoom } = await import('../net/room.ts');
    const room = await joinRoom(
      {
        kind: choice.kind,
        ...names,
        role: 'host',
        name: choice.name ?? name,
        relayUrls,
        iceServers: choice.iceServers,
      },
      handlers,
    );
    return serve(room, { kind: choice.kind, ...names, relayUrls: choice.relayUrls });
  }

  const handlers: RoomHandlers = {
    onPeer: meet,
    onLeave: left,
    onMessage: takeMessage,
    onRefused: message => {
      endRoom(message);
      emit({ type: 'room', state: 'second-host', message });
    },
    onRelays: (state, message) =>
      emit({ type: 'room', state: state === 'lost' ? 'relay-lost' : 'open', message }),
    onNotice: message => emit({ type: 'room', state: 'open', message }),
  };

  /** Is the host of a room from now on. @returns the invitation */
  function serve(room: Room, invite: Invite): string {
    const links = createPageLinks({ room, onEnd: seating.unlinked });
    const invitation = inviteLink(base, invite);
    open = { room, links, invitation };
    emit({ type: 'room', state: 'open' });
    // Where there is no device, the session says so itself.
    measureHost().catch(() => {});
    // Where what reads it cannot be loaded, machines are told apart by their pages.
    markHost(invite.room).catch(() => {});
    return invitation;
  }

  /** Guests in the same browser have the same mark. */
  async function markHost(name: string): Promise<void> {
    const [mark, { toldVersion }] = await Promise.all([machineMark(name), readsMachines()]);
    roster.describeHost({ machine: { version: toldVersion, mark } });
    changed();
  }

  async function closeRoom(): Promise<void> {
    if (open === undefined) return;
    const { room } = open;
    endRoom('the host closed the room');
    await room.leave();
    emit({ type: 'room', state: 'closed' });
  }

  /** All guests are gone with their room. */
  function endRoom(reason: string): void {
    open?.links.close(reason);
    open = undefined;
    for (const { id, host } of roster.all()) {
      if (host) continue;
      roster.mark(id, 'gone');
      seating.left(id, 'the room was closed');
    }
    roster.prune();
    changed();
  }

  /** The adapter of rank 0 and its speed, for the list of members; without them the list does as well. */
  async function measureHost(): Promise<void> {
    if (isMeasured) return;
    isMeasured = true;
    const gigaflops = await session.speed();
    roster.describeHost({ adapter: await session.adapter(), gigaflops });
    changed();
  }

  return {
    members,
    seats: seating.seats,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    open: openRoom,
    closeRoom,
    adopt({ room, invite }) {
      serve(room, invite);
      room.handOver(handlers);
    },
    invitation: () => open?.invitation,
    admit,
    refuse(id, reason = 'the host does not need another page') {
      open?.room.refuse(id, reason);
      roster.mark(id, 'refused');
      changed();
    },
    admitAll(all) {
      admitsAll = all;
      if (!all) return;
      for (const { id, status } of roster.all()) if (status === 'asking') admit(id);
    },
    guests: () => roster.computing().length,
    assemble: (mesh, options = {}) => seating.assemble(mesh, options).finally(changed),
    announce(state) {
      announced = state;
      for (const { id } of roster.admitted()) open?.room.send(id, { type: 'run', state: asJson(state) });
    },
    tell(id, text) {
      for (const part of partsOf(text)) open?.room.send(id, { ...part });
    },
    answer(id, question, text) {
      for (const part of partsOf(text, question)) open?.room.send(id, { ...part });
    },
    async close() {
      clearInterval(statisticsTimer);
      removeEventListener('pagehide', farewell);
      await closeRoom();
      seating.close();
    },
  };
}

const asJson = (state: RunState) => ({ ...state, rankBytes: [...state.rankBytes] });
