/**
 * The seats of a run: rank 0 in the session of the host's page, one rank with each guest, the others in workers of the
 * page. Seating a mesh links its ranks anew, and who had a rank before keeps it; between two times it is noted which seats
 * have fallen empty.
 */
import { type Remote, transfer } from 'comlink';
import { type MeshShape, meshName, placeOf, ranksOf } from '../mesh/mesh.ts';
import type { Room } from '../net/room.ts';
import type { SessionApi } from '../session/api/api.ts';
import type { AssembleOptions, Seat } from './api.ts';
import type { SeatedMessage, SeatMessage } from './messages.ts';
import { ownId } from './own-id.ts';
import type { PageLinks } from './page-links.ts';
import { placesOf } from './places.ts';
import { createRankWorkers, type RankWorker } from './rank-workers.ts';
import type { Roster } from './roster.ts';
import { transferable, wirePage } from './wire.ts';

/** An open room, and the links to its pages. */
export interface OpenRoom {
  readonly room: Room;
  readonly links: PageLinks;
  readonly invitation: string;
}

export interface SeatingOptions {
  /** Holds rank 0. */
  readonly session: Pick<Remote<SessionApi>, 'connect'>;
  readonly roster: Roster;
  readonly room: () => OpenRoom | undefined;
  /** Seats have fallen empty: told once for each of them. */
  readonly onLost: (ranks: readonly number[], member: string, reason: string) => void;
  /** A member whose link ended has not left. */
  readonly onStay: () => void;
}

export interface Seating {
  seats(): readonly Seat[];
  /** One mesh after the other. @throws Error where a guest does not take its seat */
  assemble(mesh: MeshShape, options: AssembleOptions): Promise<readonly Seat[]>;
  /** A guest says that it sits, or why it does not. */
  answered(member: string, message: SeatedMessage): void;
  /** A member takes part no more. */
  left(member: string, reason: string): void;
  /** The link to a member has ended. */
  unlinked(member: string, reason: string): void;
  /** Its link ended just now: it may be about to leave. */
  isLeaving(member: string): boolean;
  /** Two guests have lost their link to each other; their ranks say so themselves. */
  parted(generation: number): void;
  close(): void;
}

/** A guest's page has so long to take its seat: longer than its links have to come about, for they say what is in the way. */
const SEATED_MS = 25_000;
/** A page that closes leaves the room a moment before or after its links end. */
const LEAVE_MS = 2000;

/** A mesh that is being seated. */
interface Assembly {
  readonly generation: number;
  /** Guests that have not taken their seats yet. */
  readonly missing: Set<string>;
  /** Resolves when none is missing. */
  readonly seated: Promise<void>;
  readonly allSeated: () => void;
  /** Rejects at the first loss, which ends every wait: nothing after it is done. */
  readonly failure: Promise<never>;
  readonly fail: (error: Error) => void;
}

function startAssembly(generation: number, guests: readonly string[]): Assembly {
  let allSeated!: () => void;
  const seated = new Promise<void>(resolve => {
    allSeated = resolve;
  });
  let fail!: (error: Error) => void;
  const failure = new Promise<never>((_, reject) => {
    fail = reject;
  });
  if (guests.length === 0) allSeated();
  return { generation, missing: new Set(guests), seated, allSeated, failure, fail };
}

export function createSeating({ session, roster, room, onLost, onStay }: SeatingOptions): Seating {
  const workers = createRankWorkers((worker, reason) => {
    const ranks = [...workerOf].filter(([, other]) => other === worker).map(([rank]) => rank);
    lose(ranks, ownId, reason);
  });
  let seats: readonly Seat[] = [];
  /** The guests and workers that were seated last, by rank. */
  let guestOf: ReadonlyMap<number, string> = new Map();
  let workerOf: ReadonlyMap<number, RankWorker> = new Map();
  let generation = 0;
  /** Something went wrong since the last assembly: pages may differ in what they think of their links. */
  let troubled = false;
  /** Ranks whose seats of this generation are known to be empty. */
  const empty = new Set<number>();
  /** Members whose link ended just now, but who have not left. */
  const leaving = new Map<string, ReturnType<typeof setTimeout>>();
  let noneIsLeaving: () => void = () => {};
  let assembly: Assembly | undefined;
  let assembling: Promise<unknown> = Promise.resolve();

  const ranksAt = (member: string) => seats.filter(seat => seat.member === member).map(({ rank }) => rank);

  function lose(ranks: readonly number[], member: string, reason: string): void {
    const lost = ranks.filter(rank => !empty.has(rank));
    if (lost.length === 0) return;
    for (const rank of lost) empty.add(rank);
    troubled = true;
    const who = member === ownId ? 'A rank of this page' : roster.nameOf(member);
    assembly?.fail(new Error(`${who} cannot take part: ${reason}.`));
    onLost(lost, member, reason);
  }

  async function assemble(mesh: MeshShape, options: AssembleOptions): Promise<readonly Seat[]> {
    seats = [];
    // Who is about to leave is not to be seated.
    if (leaving.size > 0) {
      await new Promise<void>(resolve => {
        noneIsLeaving = resolve;
      });
    }
    roster.prune();
    const guests = roster
      .computing()
      .slice(0, ranksOf(mesh) - 1)
      .map(({ id }) => id);
    const ranks = Array.from({ length: ranksOf(mesh) }, (_, rank) => rank);
    guestOf = placesOf(ranks.slice(1), guests, guestOf);
    const pages = ranks.map(rank => guestOf.get(rank) ?? ownId);
    const anew = troubled;
    generation++;
    troubled = false;
    empty.clear();
    seats = pages.map((member, rank) => ({ ...placeOf(mesh, rank), member }));
    try {
      await seatAll(mesh, pages, guests, anew, options);
    } catch (error) {
      troubled = true;
      throw new Error(`The mesh ${meshName(mesh)} did not come about. ${(error as Error).message}`, {
        cause: error,
      });
    }
    return seats;
  }

  /** It has left, or it stays and has only lost its link. */
  function decided(member: string): void {
    clearTimeout(leaving.get(member));
    leaving.delete(member);
    if (leaving.size === 0) noneIsLeaving();
  }

  async function seatAll(
    mesh: MeshShape,
    pages: readonly string[],
    guests: readonly string[],
    anew: boolean,
    options: AssembleOptions,
  ): Promise<void> {
    const started = startAssembly(generation, guests);
    assembly = started;
    const unlessLost = <T>(work: Promise<T>): Promise<T> => Promise.race([work, started.failure]);
    let timer: ReturnType<typeof setTimeout> | undefined;
    try {
      const local = await unlessLost(workers.take(pages.length - 1 - guests.length));
      const ownRanks = pages.flatMap((page, rank) => (rank > 0 && page === ownId ? [rank] : []));
      workerOf = placesOf(ownRanks, local, workerOf);
      const open = room();
      open?.links.begin(generation, anew);
      const ports = wirePage({
        members: pages,
        own: ownId,
        emulation: options.emulation,
        attach: (id, from, to, port) => open!.links.to(id).attach(generation, from, to, port),
      });
      // Own ranks first: they must have left the links of before when guests end theirs.
      if (pages.length > 1) await unlessLost(connectOwn(ports, pages, options));
      await unlessLost(workers.free(generation));
      sendSeats(mesh, pages, anew, options.silenceMs);
      timer = setTimeout(() => {
        for (const id of started.missing) {
          lose(ranksAt(id), id, `it did not take its seat in ${SEATED_MS / 1000} s`);
        }
      }, SEATED_MS);
      // Where a link ends, the failure says whose it was.
      const linked = guests.map(id => open!.links.to(id).ready.catch(() => started.failure));
      await unlessLost(Promise.all([started.seated, ...linked]));
      open?.links.settle(generation);
    } finally {
      clearTimeout(timer);
      assembly = undefined;
    }
  }

  async function connectOwn(
    ports: ReadonlyMap<number, (MessagePort | null)[]>,
    pages: readonly string[],
    { silenceMs, data }: AssembleOptions,
  ): Promise<void> {
    await Promise.all(
      [...ports].map(([rank, own]) => {
        const wiring = transfer({ rank, ports: own, generation, silenceMs, pages, data }, transferable(own));
        const worker = workerOf.get(rank);
        return worker === undefined ? session.connect(wiring) : worker.answer(worker.api.connect(wiring));
      }),
    );
  }

  function sendSeats(
    mesh: MeshShape,
    pages: readonly string[],
    anew: boolean,
    silenceMs: number | undefined,
  ): void {
    const { rows, columns, replicas } = mesh;
    const message: SeatMessage = {
      type: 'seat',
      generation,
      mesh: { rows, columns, replicas },
      members: [...pages],
      anew,
      ...(silenceMs === undefined ? {} : { silenceMs }),
    };
    for (const { id } of roster.admitted()) room()?.room.send(id, message);
  }

  return {
    seats: () => seats,
    assemble(mesh, options) {
      const assembled = assembling.then(() => assemble(mesh, options));
      assembling = assembled.catch(() => {});
      return assembled;
    },
    answered(member, { generation: of, fault }) {
      if (assembly?.generation !== of || !assembly.missing.has(member)) return;
      if (fault !== undefined) {
        lose(ranksAt(member), member, fault.replace(/\.$/, ''));
        return;
      }
      assembly.missing.delete(member);
      if (assembly.missing.size === 0) assembly.allSeated();
    },
    left(member, reason) {
      lose(ranksAt(member), member, reason);
      decided(member);
    },
    unlinked(member, reason) {
      troubled = true;
      const stays = () => {
        decided(member);
        onStay();
      };
      leaving.set(member, setTimeout(stays, LEAVE_MS));
      lose(ranksAt(member), member, reason);
    },
    isLeaving: member => leaving.has(member),
    parted(of) {
      if (of === generation) troubled = true;
    },
    close: () => workers.close(),
  };
}
