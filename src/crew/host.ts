/** The host's side of a crew: it lets guests in, seats the ranks of a mesh, and says when a seat falls empty. */
import { type Remote, transfer } from 'comlink';
import { type Invite, inviteLink, newRoom, relayBeside } from '../net/invite.ts';
import { type Json, joinRoom, type Peer, type Room, type RoomHandlers } from '../net/room.ts';
import { type MeshShape, meshName, placeOf, ranksOf } from '../parallel/mesh.ts';
import type { SessionApi } from '../session/api.ts';
import type { AssembleOptions, Crew, CrewEvent, Member, RoomChoice, RunState, Seat } from './api.ts';
import { type CrewMessage, readCrewMessage } from './messages.ts';
import { ownId } from './own-id.ts';
import { createPageLinks, type PageLinks } from './page-links.ts';
import { createRankWorkers, openRankWorker, type RankWorker } from './rank-workers.ts';
import { createRoster } from './roster.ts';
import { transferable, wirePage } from './wire.ts';

export interface CrewOptions {
  /** Holds rank 0. */
  readonly session: Remote<SessionApi>;
  /** Shown to guests; 1 to 80 characters. */
  readonly name?: string;
  /** Address of the page that invitations lead to. */
  readonly base?: string | URL;
}

/** A guest's page has so long to take its seat. */
const SEATED_MS = 10_000;
/** A page that closes leaves the room a moment before or after its links end. */
const LEAVE_MS = 2000;
const STATISTICS_MS = 500;

/** An open room, and the links to its pages. */
interface OpenRoom {
  readonly room: Room;
  readonly links: PageLinks;
  readonly invitation: string;
}

/** Guests that have not taken their seats yet. */
interface Seating {
  readonly generation: number;
  readonly missing: Set<string>;
  readonly done: () => void;
  readonly failed: (error: Error) => void;
}

export function createCrew({ session, name = 'Host', base = location.href }: CrewOptions): Crew {
  const listeners = new Set<(event: CrewEvent) => void>();
  const roster = createRoster(ownId, name);
  const workers = createRankWorkers((worker, reason) => {
    const ranks = [...workerOf].filter(([, other]) => other === worker).map(([rank]) => rank);
    lose(ranks, ownId, reason);
  });
  let open: OpenRoom | undefined;
  let seats: readonly Seat[] = [];
  let workerOf = new Map<number, RankWorker>();
  let generation = 0;
  /** Something went wrong since the last assembly: pages may differ in what they think of their links. */
  let troubled = false;
  /** Members whose seats of this generation are known to be empty. */
  let lostMembers = new Set<string>();
  let seating: Seating | undefined;
  let assembling: Promise<unknown> = Promise.resolve();
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
      const ranks = seats.filter(({ member }) => member === entry.id).map(({ rank }) => rank);
      const { roundTripMs = Number.NaN, megabytesPerSecond } = open?.links.statistics(entry.id) ?? {};
      return {
        ...entry,
        ranks,
        ...(Number.isNaN(roundTripMs) ? {} : { roundTripMs, megabytesPerSecond }),
      };
    });
  }

  const changed = () => emit({ type: 'members', members: members() });

  function reportStatistics(): void {
    const now = JSON.stringify(
      members().map(({ roundTripMs, megabytesPerSecond }) => [roundTripMs, megabytesPerSecond]),
    );
    if (now === lastStatistics) return;
    lastStatistics = now;
    changed();
  }

  /** Tells that seats are empty, once for each member in a generation. */
  function lose(ranks: readonly number[], member: string, reason: string): void {
    if (ranks.length === 0 || lostMembers.has(member)) return;
    lostMembers.add(member);
    troubled = true;
    const who = member === ownId ? `A rank of this page` : (roster.get(member)?.name ?? 'A guest');
    seating?.failed(new Error(`${who} cannot take part: ${reason}.`));
    emit({ type: 'lost', ranks, member, reason });
    changed();
  }

  const ranksAt = (member: string) => seats.filter(seat => seat.member === member).map(({ rank }) => rank);

  function takeMessage(from: string, value: Json): void {
    const message = readCrewMessage(value);
    if (message === undefined || open === undefined) return;
    switch (message.type) {
      case 'signal':
        open.links.accept(from, message.link, message.body);
        return;
      case 'seated':
        seated(from, message);
        return;
      case 'parted':
        if (message.generation === generation) parted(from, message);
    }
  }

  function seated(from: string, { generation: of, fault }: Extract<CrewMessage, { type: 'seated' }>): void {
    if (seating?.generation !== of || !seating.missing.has(from)) return;
    if (fault !== undefined) {
      seating.failed(new Error(`${roster.get(from)?.name} could not take its seat: ${fault}`));
      return;
    }
    seating.missing.delete(from);
    if (seating.missing.size === 0) seating.done();
  }

  /** Two guests have lost each other. If it is not that one of them left, no rank can tell rank 0 of it. */
  function parted(from: string, message: Extract<CrewMessage, { type: 'parted' }>): void {
    troubled = true;
    const { generation: of } = message;
    setTimeout(() => {
      const bothStay = [from, message.from].every(id => roster.get(id)?.status === 'admitted');
      if (!bothStay || of !== generation || lostMembers.size > 0) return;
      const reason = `its link to ${roster.get(message.from)?.name} ended: ${message.reason}`;
      open?.links.drop(from, reason);
      lose(ranksAt(from), from, reason);
    }, LEAVE_MS);
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
    open?.links.drop(id, reason);
    lose(ranksAt(id), id, reason);
    changed();
  }

  async function openRoom(choice: RoomChoice): Promise<string> {
    await closeRoom();
    const names = newRoom();
    const { relayUrls = choice.kind === 'relay' ? [relayBeside(base)] : undefined } = choice;
    const room = await joinRoom(
      {
        kind: choice.kind,
        ...names,
        role: 'host',
        name,
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
      open = undefined;
      emit({ type: 'room', state: 'second-host', message });
    },
    onRelays: (state, message) =>
      emit({ type: 'room', state: state === 'lost' ? 'relay-lost' : 'open', message }),
    onNotice: message => emit({ type: 'room', state: 'open', message }),
  };

  /** Is the host of a room from now on. @returns the invitation */
  function serve(room: Room, invite: Invite): string {
    const links = createPageLinks({ room, onEnd: (id, reason) => lose(ranksAt(id), id, reason) });
    const invitation = inviteLink(base, invite);
    open = { room, links, invitation };
    emit({ type: 'room', state: 'open' });
    // Where there is no device, the session says so itself.
    measureHost().catch(() => {});
    return invitation;
  }

  async function closeRoom(): Promise<void> {
    if (open === undefined) return;
    const { room, links } = open;
    open = undefined;
    for (const { id, host } of roster.all()) {
      if (host) continue;
      roster.mark(id, 'gone');
      lose(ranksAt(id), id, 'the room was closed');
    }
    links.close('the host closed the room');
    await room.leave();
    roster.prune();
    emit({ type: 'room', state: 'closed' });
    changed();
  }

  /** The adapter of rank 0 and its speed, for the list of members; without them the list does as well. */
  async function measureHost(): Promise<void> {
    if (isMeasured) return;
    isMeasured = true;
    const worker = openRankWorker('high-performance', {});
    try {
      const adapter = await worker.answer(worker.api.adapter());
      roster.describeHost({ adapter, gigaflops: await worker.answer(worker.api.speed()) });
      changed();
    } finally {
      worker.close();
    }
  }

  async function assemble(mesh: MeshShape, options: AssembleOptions): Promise<readonly Seat[]> {
    roster.prune();
    const size = ranksOf(mesh);
    const seatedGuests = roster.admitted().slice(0, size - 1);
    const pages = Array.from(
      { length: size },
      (_, rank) => (rank === 0 ? undefined : seatedGuests[rank - 1])?.id ?? ownId,
    );
    const anew = troubled;
    generation++;
    troubled = false;
    lostMembers = new Set();
    seats = pages.map((member, rank) => ({ ...placeOf(mesh, rank), member }));
    try {
      const local = await workers.take(size - 1 - seatedGuests.length);
      workerOf = new Map(local.map((worker, index) => [seatedGuests.length + 1 + index, worker]));
      await seatAll(mesh, pages, anew, options);
    } catch (error) {
      troubled = true;
      seats = [];
      changed();
      throw new Error(`The mesh ${meshName(mesh)} did not come about. ${(error as Error).message}`, {
        cause: error,
      });
    }
    changed();
    return seats;
  }

  async function seatAll(
    mesh: MeshShape,
    pages: readonly string[],
    anew: boolean,
    { emulation, silenceMs, data }: AssembleOptions,
  ): Promise<void> {
    const links = open?.links;
    const guests = new Set(pages.filter(id => id !== ownId));
    links?.begin(generation, anew);
    const done = awaitSeats(guests);
    const ports = wirePage({
      members: pages,
      own: ownId,
      emulation,
      attach: (id, from, to, port) => links!.to(id).attach(generation, from, to, port),
    });
    const connect = async ([rank, own]: [number, (MessagePort | null)[]]) => {
      const wiring = transfer({ rank, ports: own, generation, silenceMs, pages, data }, transferable(own));
      const worker = workerOf.get(rank);
      await (worker === undefined ? session.connect(wiring) : worker.answer(worker.api.connect(wiring)));
    };
    // Own ranks first: they must have left the links of before when guests end theirs.
    if (pages.length > 1) await Promise.all([...ports].map(connect));
    await workers.free(generation);
    for (const { id } of roster.admitted()) {
      open?.room.send(id, {
        type: 'seat',
        generation,
        mesh: { rows: mesh.rows, columns: mesh.columns, replicas: mesh.replicas },
        members: [...pages],
        anew,
        ...(silenceMs === undefined ? {} : { silenceMs }),
      });
    }
    await Promise.all([done, ...[...guests].map(id => links!.to(id).ready)]);
    links?.settle(generation);
  }

  /** Resolves when all have said that they sit. */
  function awaitSeats(guests: ReadonlySet<string>): Promise<void> {
    if (guests.size === 0) return Promise.resolve();
    const missing = new Set(guests);
    const answers = new Promise<void>((resolve, reject) => {
      seating = { generation, missing, done: resolve, failed: reject };
    });
    const timer = setTimeout(() => {
      const names = [...missing].map(id => roster.get(id)?.name ?? 'a guest that left').join(', ');
      seating?.failed(new Error(`No answer in ${SEATED_MS / 1000} s from ${names}.`));
    }, SEATED_MS);
    return answers.finally(() => {
      clearTimeout(timer);
      seating = undefined;
    });
  }

  return {
    members,
    seats: () => seats,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    open: openRoom,
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
    guests: () => roster.admitted().length,
    assemble(mesh, options = {}) {
      const assembled = assembling.then(() => assemble(mesh, options));
      assembling = assembled.catch(() => {});
      return assembled;
    },
    announce(state) {
      announced = state;
      for (const { id } of roster.admitted()) open?.room.send(id, { type: 'run', state: asJson(state) });
    },
    async close() {
      clearInterval(statisticsTimer);
      removeEventListener('pagehide', farewell);
      await closeRoom();
      workers.close();
    },
  };
}

const asJson = (state: RunState) => ({ ...state, rankBytes: [...state.rankBytes] });
