/** Frames of a data channel through the assembler, and messages of a port through the links of a rank. */
import { createAssembler, frames } from '../../../src/net/assemble.ts';
import { createBufferPool } from '../../../src/net/buffer-pool.ts';
import { checksumOf, FrameKind, HEADER_BYTES, PART_BYTES, readHeader } from '../../../src/net/frame.ts';
import { FrameError } from '../../../src/net/frame-error.ts';
import { Links } from '../../../src/parallel/links.ts';
import { pack } from '../../../src/parallel/packing.ts';
import { messageOf } from '../../node/net/messages.ts';
import { mutateBytes } from '../mutate-bytes.ts';
import type { Random } from '../random.ts';
import type { Input, Target } from '../target.ts';

type Frame = Uint8Array<ArrayBuffer>;

/** Fields of the header: where, and how wide. */
const FIELDS: readonly (readonly [at: number, bytes: 1 | 2 | 4])[] = [
  ...([4, 20, 22] as const).map(at => [at, 2] as const),
  ...([6, 7] as const).map(at => [at, 1] as const),
  ...([0, 8, 12, 16, 24, 28, 32, 36, 40, 44] as const).map(at => [at, 4] as const),
];
const TOTAL_AT = 28;
const CHECKSUM_AT = 40;

/** Low, so that the limits themselves are what is tried. */
const LIMITS = { messageBytes: 2 ** 22, heldBytes: 2 ** 23, messagesAhead: 8, streams: 16 };

const inputOfFrames = (list: readonly Frame[]): Input =>
  new Map(list.map((frame, i) => [String(i).padStart(3, '0'), frame]));

function partsOf(sizes: readonly number[]): Input {
  return inputOfFrames(
    sizes.flatMap((bytes, sequence) =>
      Array.from(frames(messageOf(bytes, sequence + 1), sequence), part => Uint8Array.from(part)),
    ),
  );
}

/** Frames dropped, doubled and in another order, headers that say something else, bytes changed. */
function mutateFrames(input: Input, random: Random, corpus: readonly Input[]): Input {
  const list = [...input.values()].map(frame => Uint8Array.from(frame));
  for (let left = 1 + random.below(4); left > 0; left--) {
    const at = random.below(Math.max(1, list.length));
    const frame = list[at];
    switch (random.below(6)) {
      case 0:
        list.splice(at, 1);
        break;
      case 1:
        list.splice(
          random.below(list.length + 1),
          0,
          Uint8Array.from(random.pick([...random.pick(corpus).values()])),
        );
        break;
      case 2:
        list.push(...list.splice(0, at));
        break;
      case 3:
        if (frame !== undefined)
          list[at] = mutateBytes(frame, random, { others: [], head: HEADER_BYTES, littleEndian: true });
        break;
      default:
        if (frame !== undefined && frame.length >= HEADER_BYTES) changeField(frame, random);
    }
    // A checksum keeps no change away that was made on purpose.
    if (frame !== undefined && frame.length >= HEADER_BYTES && random.chance(0.5)) {
      new DataView(frame.buffer).setUint32(CHECKSUM_AT, checksumOf(frame.subarray(HEADER_BYTES)), true);
    }
  }
  return inputOfFrames(list);
}

function changeField(frame: Frame, random: Random): void {
  const view = new DataView(frame.buffer);
  const [at, width] = random.pick(FIELDS);
  const payload = frame.length - HEADER_BYTES;
  const values = [0, 1, 2, 3, 2 ** 16 - 1, 2 ** 31 - 1, 2 ** 32 - 1, payload, payload + 1, PART_BYTES];
  // As many parts like this one as a message may have, and more.
  if (at === TOTAL_AT) values.push(...[2, 3, 17, 18, 1000].map(parts => parts * payload));
  const value = random.pick(values);
  if (width === 1) view.setUint8(at, value);
  else if (width === 2) view.setUint16(at, value, true);
  else view.setUint32(at, value, true);
}

export const frameTarget: Target = {
  name: 'frames',
  about: 'frames of a data channel, through the assembler',
  allows: error => error instanceof FrameError,
  async corpus() {
    const sizes = [
      [0],
      [9, 8],
      [1000, 0, 77],
      [PART_BYTES + 4, 5],
      [3 * PART_BYTES + 7],
      [2 * PART_BYTES, 2 * PART_BYTES],
    ];
    return sizes.map(partsOf);
  },
  mutate: mutateFrames,
  run(input) {
    const assembler = createAssembler(
      (message, { total }) => {
        if (message.byteLength === HEADER_BYTES + total) return;
        throw new Error(
          `a message of ${total} bytes was delivered with ${message.byteLength - HEADER_BYTES}`,
        );
      },
      createBufferPool(),
      LIMITS,
    );
    // A link ends with the first fault; here it goes on, so that later frames meet whatever state that left.
    let fault: unknown;
    for (const { buffer } of input.values()) {
      try {
        assembler.accept(buffer, readHeader(buffer));
      } catch (error) {
        if (!(error instanceof FrameError)) throw error;
        fault = error;
      }
    }
    assembler.forget(0);
    if (fault) throw fault;
  },
};

/** A message from rank 1 to rank 0. */
function messageFrom(kind: FrameKind, exchange: number, content?: unknown): Frame {
  const message = messageOf(16, exchange, { kind, from: 1, to: 0, plan: 0 });
  if (content === undefined) return new Uint8Array(message);
  const packed = new Uint8Array(pack(content, HEADER_BYTES));
  packed.set(new Uint8Array(message, 0, HEADER_BYTES));
  const view = new DataView(packed.buffer);
  view.setUint32(TOTAL_AT, packed.length - HEADER_BYTES, true);
  view.setUint32(TOTAL_AT + 8, packed.length - HEADER_BYTES, true);
  return packed;
}

export const linkTarget: Target = {
  name: 'links',
  about: 'messages of another rank: blocks, calls, replies, pings, failures',
  // Whatever a peer sends ends the links, but throws nothing.
  allows: () => false,
  async corpus() {
    const argument = {
      seed: 3,
      plateau: { best: Number.POSITIVE_INFINITY, waited: 0 },
      values: Float32Array.of(1, 2),
    };
    const { call, reply, data, ping, pong, failure } = FrameKind;
    return [
      [messageFrom(data, 1), messageFrom(data, 2)],
      [messageFrom(ping, 0), messageFrom(pong, 0)],
      [
        messageFrom(call, 5, { name: 'train', argument }),
        messageFrom(call, 0, { name: 'times', argument: null }),
      ],
      [messageFrom(reply, 1, { value: [Float64Array.of(1)] }), messageFrom(reply, 1, { error: 'no' })],
      [messageFrom(failure, 0, { rank: 1, reason: 'gave up' })],
      [messageFrom(failure, 0, { rank: 1, divergedAt: 7 })],
    ].map(inputOfFrames);
  },
  mutate: mutateFrames,
  async run(input) {
    const { port1, port2 } = new MessageChannel();
    const links = new Links({ rank: 0, ports: new Map([[1, port1]]), generation: 0 });
    links.answer((_, argument) => argument);
    const waiting = [links.call(1, 'measure'), links.receive(1, 1, 16)].map(answer => answer.catch(() => {}));
    for (const { buffer } of input.values()) {
      port1.onmessage?.(new MessageEvent('message', { data: buffer }));
    }
    links.close();
    port2.close();
    await Promise.all(waiting);
  },
};
