/**
 * The contract between a page and those who compute with it. The crew are the pages that hold ranks of one run: the
 * host, who owns the run and its rank 0, and guests, who came by its invitation. All of it lives on the main thread of
 * a page; ranks live in workers, and links between them run through `net`.
 */
import type { BoxedChoice } from '../data/choice/choice.ts';
import type { MeshShape, RankPlace } from '../mesh/mesh.ts';
import type { Emulation } from '../net/local-link.ts';
import type { Room } from '../net/room.ts';
import type { AdapterSummary } from '../session/api/adapter.ts';
import type { RunStatus, ShardCopy } from '../session/api/api.ts';
import type { KeptCheckpoint } from '../session/api/rank-api.ts';
import type { SaidPower, ToldMachine } from '../session/api/told-machine.ts';
import type { Invite } from './invite.ts';
import type { Asked, Question } from './questions.ts';

export type { Emulation };

/** What a page tells of itself when it asks to join. */
export interface MemberAbout {
  readonly name: string;
  readonly adapter: AdapterSummary;
  /** A short product on its device, GFLOP/s. */
  readonly gigaflops: number;
  /** It has no device, and gets no rank: it is here to see. */
  readonly watches?: true;
}

export type MemberStatus = 'asking' | 'admitted' | 'refused' | 'gone';

/** A page that holds ranks, or would like to. The host is one too, always admitted. */
export interface Member extends MemberAbout {
  readonly id: string;
  readonly host: boolean;
  readonly status: MemberStatus;
  /** Ranks seated there. */
  readonly ranks: readonly number[];
  /** Its link ended just now, so it may be about to leave. */
  readonly leaving: boolean;
  /** What its page tells of the machine that it is on; absent until it does. */
  readonly machine?: ToldMachine;
  /** What is wrong with what it told last, and was not taken, in words. */
  readonly machineFault?: string;
  /** Of the link to this page; absent for the own page and where it is not known yet. */
  readonly roundTripMs?: number;
  readonly megabytesPerSecond?: number;
}

/** How pages find each other: tabs of this browser, a relay of ours, or public relays. */
export type RoomKind = 'tabs' | 'relay' | 'internet';

export interface RoomChoice {
  readonly kind: RoomKind;
  /**
   * ws or wss addresses. For `relay` the one of the relay; absent: that of the server of the page. For `internet` those
   * of Nostr relays; absent: public ones.
   */
  readonly relayUrls?: readonly string[];
  readonly iceServers?: readonly RTCIceServer[];
  /** Of the host, for guests; 1 to 80 characters. Absent: that of the crew. */
  readonly name?: string;
}

/** A rank, and the page that holds it. */
export interface Seat extends RankPlace {
  readonly member: string;
}

export interface AssembleOptions {
  /** Put between ranks of this page instead of the plain channel. */
  readonly emulation?: Emulation;
  /** See `Wiring`. */
  readonly silenceMs?: number;
  /** For the ranks of this page: what links cannot carry, such as files and folders. */
  readonly data?: BoxedChoice;
}

export type CrewEvent =
  | { readonly type: 'members'; readonly members: readonly Member[] }
  /** A seat is empty: the run cannot go on as it is. `reason` is for people. */
  | {
      readonly type: 'lost';
      readonly ranks: readonly number[];
      readonly member: string;
      readonly reason: string;
    }
  | {
      readonly type: 'room';
      readonly state: 'closed' | 'open' | 'relay-lost' | 'second-host';
      readonly message?: string;
    }
  /** An admitted guest asks for more than it is told: `Crew.answer` is for it. A stranger has written it. */
  | ({ readonly type: 'asked'; readonly member: string } & Asked);

/** The host's side. */
export interface Crew {
  members(): readonly Member[];
  seats(): readonly Seat[];
  /** @returns a function that ends the subscription */
  subscribe(listener: (event: CrewEvent) => void): () => void;
  /** Opens a room; resolves with the link that invites others into it. A room that was open is closed. */
  open(choice: RoomChoice): Promise<string>;
  /** Its guests are gone with it. */
  closeRoom(): Promise<void>;
  /** Becomes the host of a room that this page has taken over: its guests are admitted. */
  adopt(taken: TakenRoom): void;
  /** The link of the open room. */
  invitation(): string | undefined;
  admit(id: string): void;
  refuse(id: string, reason?: string): void;
  /** Admit whoever asks, from now on: for tabs that the user opened. */
  admitAll(all: boolean): void;
  /** Guests that are admitted, not gone, and can hold a rank. */
  guests(): number;
  /**
   * Seats every rank of a mesh and links them: rank 0 in the session of this page, one rank with each admitted guest,
   * the others in workers of this page. Rank 0's session is connected when it resolves; a mesh of one rank needs none.
   * @throws Error where a guest does not take its seat.
   */
  assemble(mesh: MeshShape, options?: AssembleOptions): Promise<readonly Seat[]>;
  /** Tells guests what the run is doing, for their pages. */
  announce(state: RunState): void;
  /**
   * Tells a guest more of the run than fits into a message, for its page: see `tales.ts`.
   *
   * @throws Error for more characters than a guest takes at once
   */
  tell(id: string, text: string): void;
  /**
   * Answers a guest's question.
   *
   * @throws Error for more characters than a guest takes at once
   */
  answer(id: string, question: number, text: string): void;
  close(): Promise<void>;
}

/** What guests are told of the run. */
export interface RunState {
  readonly status: RunStatus;
  readonly step: number;
  readonly steps: number;
  readonly preset: string;
  /** Bytes of the buffers of every rank, by rank. */
  readonly rankBytes: readonly number[];
  /** Guests may look at values of the model; absent where they may not, or the host knows of no such thing. */
  readonly looks?: boolean;
}

export type GuestEvent =
  /** `unanswered`: no host has answered yet. */
  | { readonly type: 'asking'; readonly unanswered: boolean }
  | { readonly type: 'admitted'; readonly host: string }
  | { readonly type: 'refused'; readonly reason: string }
  | {
      readonly type: 'seated';
      readonly mesh: MeshShape;
      /** Empty where the host has enough ranks without this page, for now. */
      readonly places: readonly RankPlace[];
      readonly host: string;
    }
  | { readonly type: 'run'; readonly state: RunState }
  /** What the host tells by `Crew.tell`. A stranger has written it. */
  | { readonly type: 'tale'; readonly text: string }
  /** What the host answers to `Guest.ask`. A stranger has written it. */
  | { readonly type: 'answer'; readonly id: number; readonly text: string }
  /** A rank failed: the guest waits for a new seat. */
  | { readonly type: 'interrupted'; readonly reason: string }
  /** The guest waits for the host to come back, or for another one. With `kept` it may take the run over itself. */
  | { readonly type: 'host-gone'; readonly reason: string; readonly kept?: KeptCheckpoint }
  /** Something a person may want to know, such as that the relay is out of reach; nothing changes by it. */
  | { readonly type: 'notice'; readonly message: string }
  | { readonly type: 'closed'; readonly reason: string };

/** The guest's side. */
export interface Guest {
  readonly about: MemberAbout;
  /** The listener is told at once what the last event was. @returns a function that ends the subscription */
  subscribe(listener: (event: GuestEvent) => void): () => void;
  /**
   * Becomes the host, where the host is gone; the rank of this page is given up. The room is for `Crew.adopt`.
   * @throws Error where the host is back or another guest was faster; this page is a guest then as before
   */
  takeOver(): Promise<TakenRoom>;
  /** What the host is told of this machine's power, now and whenever it is another page; undefined: nothing. */
  tellPower(power: SaidPower | undefined): void;
  /** Asks the host, who answers by an event of this number; nothing where there is no host now. */
  ask(id: number, question: Question): void;
  leave(): Promise<void>;
}

/** A room whose host is gone, and of which this page is the host now. */
export interface TakenRoom {
  readonly room: Room;
  readonly invite: Invite;
  /** Shards that this page kept in memory only. */
  readonly copies: readonly ShardCopy[];
}
