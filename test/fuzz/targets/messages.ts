/** What other pages say beside the bulk data: room and crew messages, notes and signals of a link, and invitations. */

import { readPupilAbout, readPupilMessage, readTeacherMessage } from '../../../src/crew/class/messages.ts';
import { parseInvite } from '../../../src/crew/invite.ts';
import { readAbout, readCrewMessage } from '../../../src/crew/messages.ts';
import { machinesOf } from '../../../src/energy/machines.ts';
import { Meter } from '../../../src/energy/meter.ts';
import { usualSettings } from '../../../src/energy/settings.ts';
import { readToldMachine } from '../../../src/energy/told-machine.ts';
import { signalFrom } from '../../../src/net/connections.ts';
import { createControl } from '../../../src/net/control.ts';
import { readMessage } from '../../../src/net/room-messages.ts';
import { mutateBytes } from '../mutate-bytes.ts';
import { mutateJson } from '../mutate-json.ts';
import type { Random } from '../random.ts';
import { bytesOf, type Input, nameOf, type Target, textInput, textOf } from '../target.ts';

const id = 'A1b2C3d4E5f6G7h8I9j0';
const other = '0j9I8h7G6f5E4d3C2b1A';

const about = {
  adapter: {
    vendor: 'nvidia',
    architecture: 'ampere',
    description: '',
    features: ['shader-f16', 'subgroups'],
    maxStorageBufferBindingSize: 2 ** 31 - 4,
    maxBufferSize: 2 ** 33,
    software: false,
  },
  gigaflops: 812.5,
};

const signal = {
  connection: 0,
  attempt: 1,
  description: { type: 'offer', sdp: 'v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\n' },
};

const activity = { low: 0.3, central: 0.5, high: 0.9 };
const machine = {
  version: 1,
  mark: '0123456789abcdef0123456789abcdef',
  power: {
    gpu: { kind: 'wall', idleWatts: 40, loadWatts: 240, activity },
    ...{ renderer: 'NVIDIA GeForce RTX 3060', hasBattery: true, threads: 16, hostWatts: 20, processor: 0.65 },
  },
};
/** Other ways to know a card's power. */
const machines = [
  machine,
  { version: 1, power: { gpu: { kind: 'watts', watts: 120, idle: 12 } } },
  { version: 1, power: { gpu: { kind: 'row', name: 'GeForce RTX 3060' } } },
];

const crewMessages = [
  {
    type: 'seat',
    generation: 2,
    mesh: { rows: 1, columns: 2, replicas: 1 },
    members: [id, other],
    anew: false,
    silenceMs: 15_000,
  },
  { type: 'seated', generation: 2, fault: 'no device' },
  { type: 'machine', told: machine },
  { type: 'parted', generation: 2 },
  { type: 'signal', link: 1, body: signal },
  { type: 'tale', part: 0, of: 2, text: 'H4sIAAAA' },
  { type: 'tale', part: 1, of: 2, text: 'H4sIAAAA', answers: 7 },
  { type: 'ask', id: 1, question: { of: 'plan', rank: 3 } },
  { type: 'ask', id: 7, question: { of: 'values', run: 2, looks: [[0, 12, 1, 0, 64, 32]] } },
  {
    type: 'run',
    state: { status: 'running', step: 3, steps: 100, preset: 'demo', rankBytes: [1e6, 2e6] },
  },
];

const pupilAbout = { gpu: 'M2', webgpu: true, token: 'A1b2C3d4E5f6G7h8I9j0' };

const classMessages = [
  ['running', 254, 2000, true, 0.344, 58.3, null],
  { type: 'prediction', lesson: 3, question: 1, choice: 0 },
  { type: 'start', race: 1 },
  { type: 'pause' },
  { type: 'eyes', up: true, words: 'Look here' },
  { type: 'go', address: '#/timeline?step=3' },
  { type: 'ask', lesson: 3, question: 1, address: '#/lesson/3/2' },
  { type: 'race', race: 1, search: '?preset=tiny&mesh=1x2' },
];

const roomMessages = [
  { type: 'hello', role: 'guest', name: 'Ada', about, startedAt: 1.7e12, guests: 0, term: 1, host: other },
  { type: 'roster', ids: [id, other] },
  { type: 'refuse', reason: 'the room is full' },
  { type: 'beat' },
  { type: 'bye' },
  ...[...crewMessages, ...classMessages].map(body => ({ type: 'data', body })),
];

const mutateText = (input: Input, random: Random, corpus: readonly Input[]): Input =>
  textInput(nameOf(input), mutateJson(textOf(input), random, corpus.map(textOf)));

const jsonInputs = (values: readonly unknown[]) =>
  values.map(value => textInput('message.json', JSON.stringify(value)));

/** What is handed over where a page sent this text as JSON; a text that is none is refused before. */
function parsed(input: Input): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(textOf(input)) };
  } catch {
    return undefined;
  }
}

export const roomTarget: Target = {
  name: 'room',
  about: 'messages of a room, and what they carry: a page about itself, messages of a crew',
  allows: () => false,
  corpus: async () => jsonInputs(roomMessages),
  mutate(input, random, corpus) {
    const mutated = mutateText(input, random, corpus);
    // Text and bytes arrive as they are, where a page sends them in place of JSON.
    return random.chance(0.05)
      ? new Map([[random.pick(['message.txt', 'message.bin']), bytesOf(mutated)]])
      : mutated;
  },
  run(input) {
    const name = nameOf(input);
    const handed =
      name === 'message.json'
        ? parsed(input)
        : { value: name.endsWith('txt') ? textOf(input) : bytesOf(input) };
    if (!handed) return;
    const message = readMessage(handed.value);
    if (typeof message === 'string') return;
    if (message.type === 'hello') {
      readAbout(message.about);
      readPupilAbout(message.about);
    } else if (message.type === 'data') {
      readCrewMessage(message.body);
      readPupilMessage(message.body);
      readTeacherMessage(message.body);
    }
  },
};

export const crewTarget: Target = {
  name: 'crew',
  about: 'messages of a crew, and what a page tells about itself',
  allows: () => false,
  corpus: async () => jsonInputs([...crewMessages, about]),
  mutate: mutateText,
  run(input) {
    const handed = parsed(input);
    if (!handed) return;
    readCrewMessage(handed.value);
    readAbout(handed.value);
  },
};

export const machineTarget: Target = {
  name: 'machine',
  about: 'what a guest tells of its machine, and the power that a host counts by',
  allows: () => false,
  corpus: async () => jsonInputs(machines),
  mutate: mutateText,
  run(input) {
    const handed = parsed(input);
    if (!handed) return;
    const told = readToldMachine(handed.value);
    if (typeof told === 'string') return;
    const own = { rank: 0, host: 'here', clues: { software: true } };
    const { cards, hosts } = machinesOf(
      [own, { rank: 1, host: told.mark ?? 'guest', clues: about.adapter, name: 'Ada', said: told.power }],
      usualSettings,
    );
    const meter = new Meter(cards, hosts);
    const load = { seconds: 1, flops: 1e12, bytes: 1e9, busy: activity };
    meter.add(1, 1, new Map(cards.map(({ id }) => [id, { load }])));
    const { low, central, high } = meter.totals.joules;
    // A stranger's figures must leave the sum one.
    if (!(low >= 0 && low <= central && central <= high && central < 1e6)) {
      throw new Error(`joules from ${low} to ${high}, ${central} most likely`);
    }
  },
};

export const classTarget: Target = {
  name: 'class',
  about: 'messages of a class: reports and predictions of pupils, orders of their teacher',
  allows: () => false,
  corpus: async () => jsonInputs([...classMessages, pupilAbout]),
  mutate: mutateText,
  run(input) {
    const handed = parsed(input);
    if (!handed) return;
    readPupilMessage(handed.value);
    readTeacherMessage(handed.value);
    readPupilAbout(handed.value);
  },
};

export const signalTarget: Target = {
  name: 'signals',
  about: 'signals by which a link comes about, and the notes on it',
  allows: error =>
    error instanceof Error && error.message === 'the other page signalled what is no signal of a link',
  corpus: async () =>
    jsonInputs([
      signal,
      { connection: 3, attempt: 2 },
      { ping: 12.5 },
      { pong: 12.5 },
      { closed: 'the link was closed' },
    ]),
  mutate: mutateText,
  run(input) {
    const nothing = () => {};
    const control = createControl({
      silenceMs: 8000,
      bytesMoved: () => 0,
      onClosed: nothing,
      onFault: nothing,
      onFirstTrips: nothing,
    });
    control.take(textOf(input));
    const handed = parsed(input);
    if (handed) signalFrom(handed.value);
  },
};

const secret = 'abcdefghijklmnopqrstuv';
const links = [
  `#join=tabs.abcdefgh.${secret}`,
  `#join=internet.abcdefgh-_0.${secret}.wss%3A%2F%2Fa.example,wss%3A%2F%2Fb.example%3A4848%2Fnostr.v1`,
  `#join=relay.abcdefgh.${secret}.wss%3A%2F%2F192.0.2.7%3A5173%2Frelay`,
  '#settings',
];

export const inviteTarget: Target = {
  name: 'invite',
  about: 'the fragment of an address that invites to a room',
  allows: error => error instanceof Error && /Ask for the whole link again\.$/.test(error.message),
  corpus: async () => links.map(link => textInput('fragment.txt', link)),
  mutate(input, random, corpus) {
    const others = corpus.map(bytesOf);
    const bytes = mutateBytes(bytesOf(input), random, {
      others,
      words: ['%', '%E0%A4%A', ',', '.', '#join=', 'wss:'],
    });
    if (!random.chance(0.2)) return new Map([['fragment.txt', bytes]]);
    const part = random.pick([',', '.', 'a', '%2F', 'wss%3A%2F%2Fa.example,']);
    return textInput('fragment.txt', textOf(input) + part.repeat(random.pick([10, 1000, 50_000])));
  },
  run: input => parseInvite({ hash: textOf(input) }),
};
