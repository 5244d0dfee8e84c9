/** A page without a face that joins a room as any page does, and says by which way it reaches the other one. */

import { relayBeside } from '../../src/crew/invite.ts';
import { readCrewMessage } from '../../src/crew/messages.ts';
import { createPageLinks } from '../../src/crew/page-links.ts';
import { FrameKind, HEADER_BYTES, writeHeader } from '../../src/net/frame.ts';
import { type Json, joinRoom, type Role, type Room } from '../../src/net/room.ts';

export interface JoinOptions {
  readonly room: string;
  readonly secret: string;
  readonly role: Role;
  /** Absent: those that the server offers. */
  readonly iceServers?: readonly RTCIceServer[];
}

/** Kinds of the two ends of the way that a connection has taken: `host`, `srflx`, `prflx`, `relay`. */
export interface TakenWay {
  readonly own: string;
  readonly other: string;
}

/** Of a message of eight bytes. */
const header = {
  kind: FrameKind.data,
  flags: 0,
  plan: 0,
  step: 0,
  exchange: 0,
  generation: 1,
  total: 8,
  part: { index: 0, bytes: 8 },
};

let room: Room;
let links: ReturnType<typeof createPageLinks>;
let noticed: (text: string) => void;
const notice = new Promise<string>(resolve => {
  noticed = resolve;
});
let meet: (id: string) => void;
const met = new Promise<string>(resolve => {
  meet = resolve;
});

const waysPage = {
  async join({ role, ...options }: JoinOptions): Promise<void> {
    room = await joinRoom(
      { kind: 'relay', relayUrls: [relayBeside(location.href)], role, name: role, ...options },
      {
        onPeer({ id }) {
          if (role === 'host') room.admit(id);
          if (role === 'host' || room.isAdmitted(room.selfId)) meet(id);
        },
        onAdmitted: meet,
        onMessage: receive,
        onNotice: noticed,
      },
    );
    links = createPageLinks({ room, onEnd: (_, reason) => noticed(reason) });
    links.begin(1, true);
  },
  /** What the page is told, such as that there is no way. */
  notice: () => notice,
  /** Links to the other page and exchanges a number with it over a data channel; resolves with that of the other one. */
  async exchange(number: number): Promise<number> {
    const id = await met;
    const link = links.to(id);
    await link.ready;
    const { port1, port2 } = new MessageChannel();
    const [from, to] = room.selfId < id ? [0, 1] : [1, 0];
    link.attach(1, from, to, port1);
    const frame = new ArrayBuffer(HEADER_BYTES + 8);
    const bytes = new Float64Array([number]);
    new Uint8Array(frame, HEADER_BYTES).set(new Uint8Array(bytes.buffer));
    writeHeader(frame, { ...header, from, to });
    const arrival = new Promise<ArrayBuffer>(resolve => {
      port2.onmessage = ({ data }: MessageEvent<ArrayBuffer>) => resolve(data);
    });
    port2.postMessage(frame, [frame]);
    return new Float64Array((await arrival).slice(HEADER_BYTES))[0];
  },
  /** By which way the room's connection goes. */
  async way(): Promise<TakenWay> {
    const entries = new Map<string, RTCStats & Record<string, unknown>>();
    (await room.connection(await met)!.getStats()).forEach(entry => {
      entries.set(entry.id, entry);
    });
    const transport = [...entries.values()].find(({ type }) => type === 'transport');
    const pair = entries.get(String(transport?.selectedCandidatePairId));
    const kind = (key: string) => String(entries.get(String(pair?.[key]))?.candidateType);
    return { own: kind('localCandidateId'), other: kind('remoteCandidateId') };
  },
};

function receive(id: string, value: Json): void {
  const message = readCrewMessage(value);
  if (message?.type === 'signal') links.accept(id, message.link, message.body);
}

export type WaysPage = typeof waysPage;

declare global {
  interface Window {
    waysPage: WaysPage;
  }
}

window.waysPage = waysPage;
