/** A guest's side of a crew: it joins by an invitation, holds one rank whenever the host seats it, and leaves. */
import { transfer } from 'comlink';
import { placeOf } from '../mesh/mesh.ts';
import { type Json, joinRoom } from '../net/room.ts';
import { type SaidPower, type ToldMachine, toldVersion } from '../session/api/told-machine.ts';
import type { Guest, GuestEvent, MemberAbout } from './api.ts';
import type { Invite } from './invite.ts';
import { relayBeside } from './invite.ts';
import { machineMark } from './machine-mark.ts';
import { readCrewMessage, type SeatMessage } from './messages.ts';
import { ownId } from './own-id.ts';
import { createPageLinks } from './page-links.ts';
import type { Question } from './questions.ts';
import { openRankWorker, type RankWorker } from './rank-workers.ts';
import { unknownAdapter } from './roster.ts';
import { createListener, type TalePart } from './tales.ts';
import { transferable, wirePage } from './wire.ts';

export interface GuestOptions {
  /** Shown to the host; 1 to 80 characters. */
  readonly name: string;
  /** STUN and TURN servers, where the guest has its own. */
  readonly iceServers?: readonly RTCIceServer[];
  /** Address of the page: the relay beside it serves where the invitation names none. */
  readonly base?: string | URL;
  /** Opens no device, and holds no rank: it watches what the host tells of the run. */
  readonly watches?: boolean;
}

/**
 * Opens the device, tries its speed, and asks the host of a room to be let in.
 *
 * @throws Error where this browser has no device and does not only watch, or where the room cannot be joined
 */
export async function joinCrew(invite: Invite, options: GuestOptions): Promise<Guest> {
  const { name, iceServers, base = location.href, watches = false } = options;
  const listeners = new Set<(event: GuestEvent) => void>();
  /** What a listener that comes later has to know. */
  let latest: GuestEvent = { type: 'asking', unanswered: false };
  let worker = watches ? undefined : openWorker();
  const listen = createListener();
  const arrivals = new Set<() => void>();
  let seat: SeatMessage | undefined;
  /** The rank is linked as `seat` says. */
  let isSeated = false;
  let hasLeft = false;
  let power: SaidPower | undefined;
  const mark = await machineMark(invite.room);

  function emit(event: GuestEvent): void {
    if (!passing.includes(event.type)) latest = event;
    for (const listener of listeners) listener(event);
  }

  function openWorker(): RankWorker {
    const interrupted = (reason: string) => {
      // While the rank is linked anew, its links of before may fail as they like.
      if (!isSeated || hasLeft) return;
      isSeated = false;
      emit({ type: 'interrupted', reason });
    };
    return openRankWorker('high-performance', { onFailure: interrupted, onDeath: interrupted });
  }

  const about = worker ? await describe(worker, name) : watcher(name);
  const room = await joinRoom(
    {
      kind: invite.kind,
      room: invite.room,
      secret: invite.secret,
      role: 'guest',
      name,
      about: {
        adapter: { ...about.adapter, features: [...about.adapter.features] },
        gigaflops: about.gigaflops,
        ...(about.watches ? { watches: true } : {}),
      },
      relayUrls: invite.relayUrls ?? (invite.kind === 'relay' ? [relayBeside(base)] : undefined),
      iceServers,
    },
    {
      onPeer() {
        for (const check of arrivals) check();
      },
      onHostAnswers: answers => emit({ type: 'asking', unanswered: !answers }),
      onAdmitted(id) {
        tellMachine(id);
        emit({ type: 'admitted', host: nameOf(id) });
      },
      onLeave,
      onMessage,
      onRefused(reason) {
        emit({ type: 'refused', reason });
        void leave(`the host refused this page: ${reason}`);
      },
      onRelays: (_, message) => emit({ type: 'notice', message }),
      onNotice: message => emit({ type: 'notice', message }),
    },
  );
  const links = createPageLinks({
    room,
    onEnd(id) {
      const { hostId } = room;
      if (hostId === undefined || id === hostId || seat === undefined) return;
      room.send(hostId, { type: 'parted', generation: seat.generation });
    },
  });

  const nameOf = (id: string) => room.peers().find(peer => peer.id === id)?.name ?? 'the host';

  /** The host alone is told. */
  function tellMachine(id: string): void {
    const machine: ToldMachine = { version: toldVersion, mark, power };
    // Undefined fields do not travel.
    const told: Json = JSON.parse(JSON.stringify(machine));
    room.send(id, { type: 'machine', told });
  }

  function onLeave(id: string, reason: string): void {
    if (id !== room.hostId) {
      links.drop(id, reason);
      return;
    }
    seat = undefined;
    isSeated = false;
    links.close(reason);
    void orphaned(reason);
  }

  /** The host is gone, and what this page holds of the run may serve to go on without it. */
  async function orphaned(reason: string): Promise<void> {
    emit({ type: 'host-gone', reason });
    if (!worker) return;
    const kept = await worker.answer(worker.api.kept()).catch(() => undefined);
    if (kept && room.hostId === undefined && !hasLeft) emit({ type: 'host-gone', reason, kept });
  }

  function onMessage(from: string, value: Json): void {
    const message = readCrewMessage(value);
    if (message?.type === 'signal') links.accept(from, message.link, message.body);
    else if (from !== room.hostId) return;
    else if (message?.type === 'run') emit({ type: 'run', state: message.state });
    else if (message?.type === 'tale') hear(message);
    else if (message?.type === 'seat') void take(message, from);
  }

  function hear(part: TalePart): void {
    const text = listen(part);
    if (text === undefined) return;
    if (part.answers === undefined) emit({ type: 'tale', text });
    else emit({ type: 'answer', id: part.answers, text });
  }

  /** Takes a seat, or gives one up where this page is not among those of the mesh, and tells the host. */
  async function take(next: SeatMessage, id: string): Promise<void> {
    const { generation, mesh, members } = next;
    if (seat !== undefined && generation <= seat.generation) return;
    seat = next;
    isSeated = false;
    const answer = (fault?: string) =>
      room.send(id, {
        type: 'seated',
        generation,
        ...(fault === undefined ? {} : { fault: fault.slice(0, 500) }),
      });
    try {
      await wire(next);
      if (seat !== next) return;
      isSeated = members.includes(ownId);
      // A host that took the run over may not have heard it; before it is told of the seat, so that it counts by it at once.
      tellMachine(id);
      const places = members.flatMap((member, rank) => (member === ownId ? [placeOf(mesh, rank)] : []));
      answer();
      emit({ type: 'seated', mesh, places, host: nameOf(id) });
    } catch (error) {
      if (seat === next) answer((error as Error).message);
    }
  }

  async function wire({ generation, members, anew, silenceMs }: SeatMessage): Promise<void> {
    if (!worker) {
      if (members.includes(ownId)) throw new Error('it has no device to hold a rank with');
      return;
    }
    if (!worker.isAlive()) worker = openWorker();
    if (members.includes(ownId)) await presence(members);
    if (seat?.generation !== generation) return;
    links.begin(generation, anew);
    const others = new Set<string>();
    const wired = wirePage({
      members,
      own: ownId,
      attach(id, from, to, port) {
        others.add(id);
        links.to(id).attach(generation, from, to, port);
      },
    });
    if (wired.size > 1) throw new Error(`a guest holds one rank; this page was given ${wired.size}`);
    // A page without a rank links its worker to nobody, which frees what it held.
    const [[rank, ports]] = wired.size === 0 ? [[0, []] as const] : wired;
    const wiring = transfer({ rank, ports, generation, silenceMs, room: invite.room }, transferable(ports));
    await worker.answer(worker.api.connect(wiring));
    await Promise.all([...others].map(id => links.to(id).ready));
    links.settle(generation);
  }

  /** Guests that the host seats together may not have met yet. */
  function presence(members: readonly string[]): Promise<void> {
    return new Promise(resolve => {
      const check = () => {
        const present = new Set([ownId, ...room.peers().map(({ id }) => id)]);
        if (!members.every(id => present.has(id))) return;
        arrivals.delete(check);
        resolve();
      };
      arrivals.add(check);
      check();
    });
  }

  /** Gives up the rank. */
  function end(reason: string): void {
    hasLeft = true;
    removeEventListener('pagehide', onHide);
    links.close(reason);
    worker?.close();
  }

  async function leave(reason: string): Promise<void> {
    if (hasLeft) return;
    end(reason);
    await room.leave();
    emit({ type: 'closed', reason });
  }

  const onHide = () => void leave('its page was closed');
  addEventListener('pagehide', onHide);

  return {
    about,
    subscribe(listener) {
      listeners.add(listener);
      listener(latest);
      return () => listeners.delete(listener);
    },
    async takeOver() {
      await room.takeOver();
      const copies = worker ? await worker.answer(worker.api.unstored()).catch(() => []) : [];
      end('it is the host now');
      return { room, invite, copies };
    },
    tellPower(said) {
      power = said;
      const { hostId } = room;
      if (hostId !== undefined) tellMachine(hostId);
    },
    ask(id, question) {
      const { hostId } = room;
      if (hostId !== undefined) room.send(hostId, { type: 'ask', id, question: asJson(question) });
    },
    leave: () => leave('it left'),
  };
}

/** What changes nothing of where the page stands. */
const passing: readonly GuestEvent['type'][] = ['run', 'tale', 'answer', 'notice'];

const asJson = (question: Question): Json =>
  question.of === 'plan' ? { ...question } : { ...question, looks: question.looks.map(look => [...look]) };

/** What a page tells of itself that has no device. */
const watcher = (name: string): MemberAbout => ({
  name,
  adapter: unknownAdapter,
  gigaflops: 0,
  watches: true,
});

async function describe(worker: RankWorker, name: string): Promise<MemberAbout> {
  try {
    const adapter = await worker.answer(worker.api.adapter());
    return { name, adapter, gigaflops: await worker.answer(worker.api.speed()) };
  } catch (error) {
    worker.close();
    throw error;
  }
}
