/**
 * The teacher's side of a class: a room whose guests keep their own runs. It lets pupils in, keeps the roll, and sends
 * orders, which a pupil's page follows as long as its pupil wants to be guided.
 */
import type { Json, Peer, Room } from '../../net/room.ts';
import type { RoomChoice } from '../api.ts';
import { type Invite, inviteLink, newRoom, relayBeside } from '../invite.ts';
import { longestWords, readPupilAbout, readPupilMessage, type TeacherMessage } from './messages.ts';
import { createPairing, type GroupingState } from './pairing.ts';
import { createRoll, type Pupil } from './roll.ts';

/** A question of a lesson, and the address of its page. */
export interface AskedQuestion {
  readonly lesson: number;
  readonly question: number;
  readonly address: string;
}

/** One of the groups of a race. */
export interface Lane {
  /** For people, such as `mesh 1x2`. */
  readonly label: string;
  /** Sets the run up, as an address does. */
  readonly search: string;
  /** The lane is one of meshes: else a group keeps the mesh that it has. */
  readonly isOfMesh: boolean;
}

export interface Race {
  readonly number: number;
  readonly lanes: readonly Lane[];
  /** The teacher has said Go. */
  readonly hasBegun: boolean;
}

export interface ClassState {
  readonly pupils: readonly Pupil[];
  /** Whoever asks is let in until then, ms since 1970. */
  readonly admitsUntil: number | undefined;
  readonly eyesUp: boolean;
  readonly asked: AskedQuestion | undefined;
  readonly race: Race | undefined;
  readonly grouping: GroupingState;
  /** Something of the room that a person may want to know: the relay is out of reach, another page is the host. */
  readonly notice: string;
  /** Another page is the teacher of this class. */
  readonly isOver: boolean;
}

export interface Class {
  readonly invite: Invite;
  readonly link: string;
  state(): ClassState;
  /** @returns a function that ends the subscription */
  subscribe(listener: () => void): () => void;
  admit(id: string): void;
  /** @param until ms since 1970; undefined: each one asks */
  admitAll(until: number | undefined): void;
  /** Turns a pupil away, and strikes it off the roll. */
  remove(id: string): void;
  start(): void;
  pause(): void;
  eyes(up: boolean, words: string): void;
  /** Sends everybody to a view of the page. */
  send(address: string): void;
  ask(question: AskedQuestion): void;
  /** Gives the lanes to the pupils who are here and have a run, in turn. */
  setUpRace(lanes: readonly Lane[]): void;
  startRace(): void;
  /** Tests links between pupils and puts them into groups of a mesh such as `1x2`, good links inside. */
  pairUp(mesh: string): Promise<void>;
  /** Ends all groups. */
  part(): void;
  close(): Promise<void>;
}

export interface ClassOptions {
  readonly choice: RoomChoice;
  /** Address of the page that the link leads to, with the set-up that pupils find there. */
  readonly base: string | URL;
  /** The room of a class that is opened again: its link stays what it was. */
  readonly again?: Pick<Invite, 'room' | 'secret'>;
}

const name = 'Teacher';

export async function openClass({ choice, base, again }: ClassOptions): Promise<Class> {
  const { joinRoom } = await import('../../net/room.ts');
  const { kind, iceServers, relayUrls } = choice;
  const names = again ?? newRoom();
  const invite: Invite = { kind, ...names, relayUrls };
  const roll = createRoll(Date.now);
  const listeners = new Set<() => void>();
  let admitsUntil: number | undefined;
  let eyes: { readonly up: boolean; readonly words: string } = { up: false, words: '' };
  let asked: AskedQuestion | undefined;
  let race: Race | undefined;
  let lastRace = 0;
  let notice = '';
  let isOver = false;
  let room: Room | undefined;

  const changed = () => {
    for (const listener of listeners) listener();
  };
  const tell = (id: string, message: TeacherMessage) => room?.send(id, asJson(message));
  const here = () => roll.pupils().filter(({ presence }) => presence === 'here');
  const tellAll = (message: TeacherMessage) => {
    for (const { id } of here()) tell(id, message);
  };

  const pairing = createPairing({ roll, tell, changed });
  const groupOf = (id: string) => {
    const number = roll.pupils().find(pupil => pupil.id === id)?.group?.number;
    return pairing.state().groups.find(group => group.number === number);
  };

  const admit = (id: string) => {
    if (!room) return;
    room.admit(id);
    // A room that is full has refused it, with words.
    if (!room.isAdmitted(id)) {
      roll.forget(id);
      return;
    }
    roll.admitted(id);
    // Who comes late finds the page as the others have it.
    if (asked) tell(id, { type: 'ask', ...asked });
    if (eyes.up) tell(id, { type: 'eyes', ...eyes });
    pairing.back(id);
  };
  const meet = ({ id, name, about: told }: Peer) => {
    const about = readPupilAbout(told);
    if (!about) {
      room?.refuse(id, 'it does not describe itself as this version of the page does: load the page again');
      return;
    }
    const wasIn = roll.met(id, name, about);
    const isOpen = admitsUntil !== undefined && Date.now() < admitsUntil;
    if (wasIn || isOpen) admit(id);
    changed();
  };
  const hear = (id: string, value: Json) => {
    const message = readPupilMessage(value);
    if (message?.type === 'report') roll.reported(id, message);
    else if (message?.type === 'prediction') roll.predicted(id, message);
    else if (message && roll.pupils().some(pupil => pupil.id === id && pupil.presence === 'here'))
      pairing.hear(id, message);
    // What two pages signal is seen by nobody.
    if (message && message.type !== 'signal') changed();
  };
  const say = (text: string) => {
    notice = text;
    changed();
  };

  room = await joinRoom(
    {
      kind,
      ...names,
      role: 'host',
      name,
      star: true,
      relayUrls: relayUrls ?? (kind === 'relay' ? [relayBeside(base)] : undefined),
      iceServers,
    },
    {
      onPeer: meet,
      onLeave(id, reason) {
        roll.gone(id, reason);
        pairing.gone(id);
        changed();
      },
      onMessage: hear,
      onRefused(reason) {
        isOver = true;
        for (const { id } of roll.pupils()) roll.gone(id, 'the class was closed');
        say(reason);
      },
      onRelays: (state, text) => say(state === 'lost' ? text : ''),
      onNotice: say,
    },
  );

  return {
    invite,
    link: inviteLink(base, invite, 'class'),
    state: () => ({
      ...{ pupils: roll.pupils(), admitsUntil, eyesUp: eyes.up, asked, race, notice, isOver },
      grouping: pairing.state(),
    }),
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    admit(id) {
      admit(id);
      changed();
    },
    admitAll(until) {
      admitsUntil = until;
      if (until !== undefined) {
        for (const { id, presence } of roll.pupils()) if (presence === 'asking') admit(id);
      }
      changed();
    },
    remove(id) {
      room?.refuse(id, 'the teacher has taken this page out of the class');
      roll.forget(id);
      changed();
    },
    start: () => tellAll({ type: 'start' }),
    pause: () => tellAll({ type: 'pause' }),
    eyes(up, words) {
      eyes = { up, words: words.slice(0, longestWords) };
      tellAll({ type: 'eyes', ...eyes });
      changed();
    },
    send: address => tellAll({ type: 'go', address }),
    ask(question) {
      asked = question;
      tellAll({ type: 'ask', ...question });
      changed();
    },
    setUpRace(lanes) {
      race = { number: ++lastRace, lanes, hasBegun: false };
      const { number } = race;
      // By name, so that the teacher sees who has what before she says it.
      const racing = here()
        .filter(({ webgpu, group }) => webgpu && (group?.place ?? 0) === 0)
        .sort((a, b) => a.name.localeCompare(b.name, 'en-GB', { numeric: true }));
      const given = racing.map((pupil, i) => ({ id: pupil.id, lane: lanes[i % lanes.length] }));
      roll.race(new Map(given.map(({ id, lane }) => [id, lane.label])));
      for (const { id, lane } of given) {
        const own = groupOf(id);
        const search = own && !lane.isOfMesh ? withMesh(lane.search, own.mesh) : lane.search;
        tell(id, { type: 'race', race: number, search });
      }
      changed();
    },
    startRace() {
      if (!race) return;
      race = { ...race, hasBegun: true };
      roll.startClocks();
      tellAll({ type: 'start', race: race.number });
      changed();
    },
    pairUp(mesh) {
      // Who raced is in a group now, or in another.
      race = undefined;
      return pairing.pairUp(mesh);
    },
    part: pairing.part,
    async close() {
      await room?.leave();
      listeners.clear();
    },
  };
}

/** What an address has, on another mesh. */
function withMesh(search: string, mesh: string): string {
  const params = new URLSearchParams(search);
  params.set('mesh', mesh);
  return `?${params}`;
}

/** What is undefined does not travel. */
const asJson = (message: TeacherMessage): Json => JSON.parse(JSON.stringify(message));
