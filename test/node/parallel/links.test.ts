/** Links over message channels. A hand-made peer sends what no good rank would. */
import { afterEach, expect, test } from 'vitest';
import {
  type FrameHeader,
  FrameKind,
  HEADER_BYTES,
  WIRE_VERSION,
  writeHeader,
} from '../../../src/net/frame.ts';
import { DivergedError, PeerError } from '../../../src/parallel/faults.ts';
import { Links } from '../../../src/parallel/links.ts';
import { pack } from '../../../src/parallel/packing.ts';
import type { WirePrecision } from '../../../src/plan/plan.ts';

const PLAN = 99;
const undo: (() => void)[] = [];

afterEach(() => {
  for (const action of undo.splice(0)) action();
});

interface MeshOptions {
  readonly ranks?: number;
  readonly silenceMs?: number;
}

/** Links of so many ranks to each other, at the first run of a plan. */
function linked({ ranks = 2, silenceMs }: MeshOptions = {}): Links[] {
  const ports = Array.from({ length: ranks }, () => new Map<number, MessagePort>());
  for (let a = 0; a < ranks; a++) {
    for (let b = a + 1; b < ranks; b++) {
      const { port1, port2 } = new MessageChannel();
      ports[a].set(b, port1);
      ports[b].set(a, port2);
    }
  }
  return ports.map((own, rank) => begun(new Links({ rank, ports: own, generation: 3, silenceMs })));
}

function begun(links: Links): Links {
  undo.push(() => links.close());
  links.begin(PLAN);
  links.beginRound(1);
  return links;
}

/** Links of rank 0 to a rank 1 that sends what the test tells it to. */
function withPeer(silenceMs?: number, pages?: readonly string[]) {
  const { port1, port2 } = new MessageChannel();
  const links = begun(new Links({ rank: 0, ports: new Map([[1, port1]]), generation: 3, silenceMs, pages }));
  undo.push(() => port2.close());
  return {
    links,
    port: port2,
    send(payload: ArrayBuffer, changes: Partial<FrameHeader> = {}): void {
      const frame = new ArrayBuffer(HEADER_BYTES + payload.byteLength);
      new Uint8Array(frame, HEADER_BYTES).set(new Uint8Array(payload));
      writeHeader(frame, {
        kind: FrameKind.data,
        flags: 0,
        plan: PLAN,
        step: 1,
        exchange: 4,
        from: 1,
        to: 0,
        generation: 3,
        total: payload.byteLength,
        part: { index: 0, bytes: payload.byteLength },
        ...changes,
      });
      port2.postMessage(frame);
    },
  };
}

const block = (...values: number[]) => new Uint8Array(Float32Array.from(values).buffer);
/** Two runs in half precision: 65 words each, a scale and 128 halves. One half of the second run is as given. */
function packed({ scale = 1, half = 0 }: { scale?: number; half?: number }): Uint8Array<ArrayBuffer> {
  const words = new Uint32Array(130);
  new Float32Array(words.buffer).set([0.5], 0);
  new Float32Array(words.buffer).set([scale], 65);
  words[129] = half << 16;
  words[80] = half;
  return new Uint8Array(words.buffer);
}
const valuesOf = (bytes: Uint8Array<ArrayBuffer>) => [
  ...new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4),
];
const failureOf = (links: Links) => new Promise<Error>(resolve => links.onFailure(resolve));

test('calls are answered, with who called, and arrays in them', async () => {
  const [first, second] = linked();
  second.answer((name, argument, from) => ({ name, argument, from }));
  expect(await first.call(1, 'sum', Float32Array.of(1, 2))).toEqual({
    name: 'sum',
    argument: Float32Array.of(1, 2),
    from: 0,
  });
  second.answer(() => undefined);
  expect(await first.call(1, 'nothing')).toBe(null);
});

test('calls are settled each with its own answer, whatever the order', async () => {
  const [first, second] = linked();
  const waiting: (() => void)[] = [];
  second.answer(name => {
    if (name !== 'late') return name;
    return new Promise(resolve => waiting.push(() => resolve(name)));
  });
  const late = first.call(1, 'late');
  expect(await first.call(1, 'soon')).toBe('soon');
  waiting[0]();
  expect(await late).toBe('late');
});

test('an error of a handler, or an answer that cannot be sent, rejects the call and nothing else', async () => {
  const [first, second] = linked();
  second.answer(name => {
    if (name === 'fails') throw new Error('nothing is prepared there');
    return name === 'strange' ? new Int8Array(1) : 'well';
  });
  const error = await first.call(1, 'fails').catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(PeerError);
  expect((error as PeerError).message).toBe('Rank 1 could not do its part: nothing is prepared there');
  await expect(first.call(1, 'strange')).rejects.toThrow('a Int8Array cannot be sent to another rank');
  expect(await first.call(1, 'goes on')).toBe('well');
});

test('a call that nobody answers is an error', async () => {
  const [first] = linked();
  await expect(first.call(1, 'hello')).rejects.toThrow('nobody answers the call hello here');
});

test('blocks that come early and blocks that come late are the same', async () => {
  const [first, second] = linked();
  first.answer(() => null);
  first.send(1, 4, block(1, 2));
  // Answers come after the blocks before them.
  await second.call(0, 'sync');
  expect(valuesOf(await second.receive(0, 4, 8))).toEqual([1, 2]);
  const late = second.receive(0, 5, 4);
  first.send(1, 5, block(3));
  expect(valuesOf(await late)).toEqual([3]);
  expect(first.counts).toEqual({ bytesSent: 12, messagesSent: 2 });
});

test('the memory of a block that was read serves for the next that is sent', async () => {
  const [first, second] = linked();
  first.send(1, 4, block(1, 2));
  const read = await second.receive(0, 4, 8);
  second.release(read);
  second.send(0, 5, block(3));
  expect(valuesOf(read)).toEqual([1, 2]);
  second.send(0, 6, block(4, 5));
  // Its memory has left.
  expect(read.byteLength).toBe(0);
  expect(valuesOf(await first.receive(1, 5, 4))).toEqual([3]);
  expect(valuesOf(await first.receive(1, 6, 8))).toEqual([4, 5]);
});

test('a peer may be one run ahead', async () => {
  const [first, second] = linked();
  second.beginRound(1);
  second.send(0, 4, block(2));
  const ahead = first.receive(1, 4, 4);
  first.beginRound(1);
  const now = first.receive(1, 4, 4);
  expect(valuesOf(await now)).toEqual([2]);
  first.close();
  await expect(ahead).rejects.toThrow('The links were closed.');
});

test('flags are heard with the blocks of a run, early or late, and forgotten with the next', async () => {
  const [first, second] = linked();
  second.beginRound(1, 5);
  second.send(0, 4, block(1));
  first.beginRound(1);
  await first.receive(1, 4, 4);
  expect(first.flagsHeard).toBe(5);
  second.beginRound(2, 2);
  second.send(0, 4, block(1));
  second.answer(() => null);
  await first.call(1, 'sync');
  first.beginRound(1);
  expect(first.flagsHeard).toBe(0);
  await first.receive(1, 4, 4);
  expect(first.flagsHeard).toBe(2);
});

const data = block(1, 2).buffer;

test.each<[string, ArrayBuffer, Partial<FrameHeader>, string]>([
  ['another plan', data, { plan: 7 }, 'sent a block of another plan (7; rank 0 runs 99).'],
  ['two runs ahead', data, { step: 3 }, 'sent a block of run 3 of the plan, where rank 0 is at 1.'],
  ['a run that is over', data, { step: 0 }, 'sent a block of run 0 of the plan, where rank 0 is at 1.'],
  ['another length', block(1).buffer, {}, 'sent a block of 4 bytes; 8 were expected.'],
  ['another sender', data, { from: 2 }, 'sent a frame from rank 2 to rank 0 over its link to rank 0.'],
  ['another receiver', data, { to: 2 }, 'sent a frame from rank 1 to rank 2 over its link to rank 0.'],
  [
    'a length that is not its own',
    data,
    { part: { index: 0, bytes: 9 } },
    'sent a frame of 56 bytes whose header announces 57.',
  ],
  [
    'NaN',
    block(1, Number.NaN).buffer,
    {},
    'sent a value that is not a finite number, and did not say that the model has diverged: its device is at fault, ' +
      'or its page is another version. Go on from the last checkpoint without it.',
  ],
  ['a kind that is unknown', data, { kind: 77 as FrameKind }, 'sent a frame of unknown kind 77.'],
  ['a short pong', new ArrayBuffer(4), { kind: FrameKind.pong }, 'sent a pong of 4 bytes, not 16.'],
  ['a short ping', new ArrayBuffer(4), { kind: FrameKind.ping }, 'sent a ping of 4 bytes, not 8.'],
  [
    'a pong without a time',
    Float64Array.of(1, Number.NaN).buffer,
    { kind: FrameKind.pong },
    'sent a pong with the time NaN.',
  ],
  ['a call of nothing', pack(null), { kind: FrameKind.call }, 'sent a call without a name.'],
  [
    'a reply to nothing',
    pack({ value: 1 }),
    { kind: FrameKind.reply },
    'sent a reply to a call that it did not get.',
  ],
  [
    'an empty reply',
    pack({}),
    { kind: FrameKind.reply },
    'sent a reply that is neither an answer nor an error.',
  ],
  ['an empty failure', pack(''), { kind: FrameKind.failure }, 'sent a failure without a rank or a reason.'],
  [
    'its own failure',
    pack({ rank: 1, reason: 'gave up: no power' }),
    { kind: FrameKind.failure },
    'gave up: no power',
  ],
])('%s ends what is waited for, with the rank and the reason', async (_, payload, changes, reason) => {
  const { links, send } = withPeer();
  const failure = failureOf(links);
  const waiting = links.receive(1, 4, 8);
  const call = links.call(1, 'anything');
  const rejections = Promise.allSettled([waiting, call]);
  send(payload, changes);
  const error = await failure;
  expect(error).toBeInstanceOf(PeerError);
  expect((error as PeerError).rank).toBe(1);
  expect(error.message).toBe(`Rank 1 ${reason}`);
  expect(await rejections).toEqual([
    { status: 'rejected', reason: error },
    { status: 'rejected', reason: error },
  ]);
  // Nothing that is asked for later waits for ever.
  await expect(links.receive(1, 5, 8)).rejects.toBe(error);
  await expect(links.call(1, 'more')).rejects.toBe(error);
});

test('the same block twice, and a block of a wrong length or NaN that came early', async () => {
  const twice = withPeer();
  twice.send(data);
  twice.send(data);
  expect((await failureOf(twice.links)).message).toBe('Rank 1 sent the block of exchange 4 twice.');

  for (const [bytes, reason] of [
    [12, 'sent a block of 8 bytes; 12 were expected.'],
    [8, 'sent a value that is not a finite number'],
  ] as const) {
    const early = withPeer();
    early.send(block(1, Number.POSITIVE_INFINITY).buffer);
    early.send(pack({ name: 'sync' }), { kind: FrameKind.call });
    await new Promise<void>(resolve =>
      early.links.answer(() => {
        resolve();
        return null;
      }),
    );
    await expect(early.links.receive(1, 4, bytes)).rejects.toThrow(reason);
  }
});

test('bytes that are no frame, and a frame of another version', async () => {
  const noise = withPeer();
  noise.port.postMessage(new ArrayBuffer(100));
  expect((await failureOf(noise.links)).message).toBe('Rank 1 sent bytes that are no frame of Isobar.');
  const short = withPeer();
  short.port.postMessage(new ArrayBuffer(3));
  expect((await failureOf(short.links)).message).toBe(
    'Rank 1 sent a frame of 3 bytes; a header alone has 48.',
  );
  const newer = withPeer();
  const frame = new ArrayBuffer(HEADER_BYTES);
  new Uint8Array(frame).set([0x42, 0x49, 0x53, 0x4f, 9, 0]);
  newer.port.postMessage(frame);
  expect((await failureOf(newer.links)).message).toBe(
    `Rank 1 sent a frame of wire version 9; this page speaks ${WIRE_VERSION}. Load the same version of the page on both sides.`,
  );
});

test('frames of an older wiring are dropped, whatever they are', async () => {
  const { links, send } = withPeer();
  send(block(7, 7).buffer, { generation: 2, plan: 1 });
  send(pack({ rank: 1, reason: 'is of the past' }), { generation: 2, kind: FrameKind.failure });
  send(data);
  expect(valuesOf(await links.receive(1, 4, 8))).toEqual([1, 2]);
});

test('a link that ended', async () => {
  const { links, port } = withPeer();
  const waiting = links.receive(1, 4, 8);
  port.postMessage({ type: 'closed', reason: 'the other page was closed' });
  await expect(waiting).rejects.toThrow(/^Rank 1 is gone: the other page was closed\.$/);
});

test('all are told who is at fault, and stop; a failure of its own is told as that', async () => {
  const [zero, one, two] = linked({ ranks: 3 });
  const failures = [zero, one, two].map(failureOf);
  one.receive(2, 4, 8).catch(() => undefined);
  two.send(1, 4, block(1));
  const [atZero, atOne, atTwo] = await Promise.all(failures);
  expect([atZero, atOne, atTwo].map(error => (error as PeerError).rank)).toEqual([2, 2, 2]);
  expect(atZero.message).toBe('Rank 2 sent a block of 4 bytes; 8 were expected. (Rank 1 noticed.)');

  const [own, other] = linked();
  const failure = failureOf(other);
  const error = new Error('its graphics device was lost');
  expect(own.fail(error)).toBe(error);
  expect(own.fail(new Error('later'))).toBe(error);
  await expect(own.call(1, 'anything')).rejects.toBe(error);
  expect((await failure).message).toBe('Rank 0 gave up: its graphics device was lost');
});

test.each<[string, WirePrecision, Uint8Array<ArrayBuffer>]>([
  ['NaN', 'f32', block(1, Number.NaN)],
  ['an infinity', 'f32', block(1, Number.NEGATIVE_INFINITY)],
  ['a scale that is NaN', 'f16', packed({ scale: Number.NaN })],
  ['a half that is NaN', 'f16', packed({ half: 0x7e00 })],
  ['a half that is infinite', 'f16', packed({ half: 0xfc00 })],
])(
  'a rank that would send %s says that the model has diverged; from a peer it is a fault',
  async (_, wire, bytes) => {
    const [zero, one, two] = linked({ ranks: 3 });
    const failures = [zero, one, two].map(failureOf);
    two.beginRound(17);
    expect(() => two.send(1, 4, bytes, wire)).toThrow(DivergedError);
    for (const failure of await Promise.all(failures)) {
      expect(failure).toBeInstanceOf(DivergedError);
      expect(failure.message).toBe(
        'The model has diverged: at step 17 rank 2 computed a value that is not a finite number. ' +
          'Lower the learning rate, or go on from the last checkpoint with another seed.',
      );
    }

    const faulty = withPeer();
    const waiting = faulty.links.receive(1, 4, bytes.byteLength, wire);
    faulty.send(bytes.buffer);
    await expect(waiting).rejects.toThrow(/^Rank 1 sent a value that is not a finite number/);
  },
);

test('a worker of the own page has checked the blocks that it sends: they are not looked through again', async () => {
  const { links, send } = withPeer(undefined, ['host', 'host']);
  send(block(1, Number.NaN).buffer);
  expect(valuesOf(await links.receive(1, 4, 8))).toEqual([1, Number.NaN]);
  send(block(1).buffer, { exchange: 5 });
  await expect(links.receive(1, 5, 8)).rejects.toThrow('Rank 1 sent a block of 4 bytes; 8 were expected.');
  const other = withPeer(undefined, ['host', 'guest']);
  other.send(block(1, Number.NaN).buffer);
  await expect(other.links.receive(1, 4, 8)).rejects.toThrow('a value that is not a finite number');
});

test('what is finite passes in either precision, whatever it would be in the other', async () => {
  // As a single, two halves of -2 are fine; as halves, a single of 1e38 has an exponent of ones.
  for (const [wire, bytes] of [
    ['f16', packed({ half: 0xc000 })],
    ['f16', packed({ scale: 3e38 })],
    ['f32', block(1e38, 1.5e-40, -3e38, 0)],
  ] as const) {
    const [first, second] = linked();
    first.send(1, 4, bytes, wire);
    expect(await second.receive(0, 4, bytes.byteLength, wire)).toEqual(bytes);
  }
});

test('a peer that is silent while it is waited for, for a block or an answer', async () => {
  for (const wait of [(own: Links) => own.receive(1, 4, 8), (own: Links) => own.call(1, 'anything')]) {
    const { links } = withPeer(80);
    await expect(wait(links)).rejects.toThrow(
      /^Rank 1 does not answer: nothing was heard from it for 0.08 s. Its page may be frozen, or its network down.$/,
    );
  }
});

test('a peer that is silent while nobody waits for it, or is heard of again and again, is left alone', async () => {
  const { links, send, port } = withPeer(40);
  // It does not answer pings, but it counts them.
  const pings = (count: number) =>
    new Promise<void>(resolve => {
      let left = count;
      port.onmessage = () => {
        left--;
        if (left === 0) resolve();
      };
    });
  await pings(12);
  send(pack({ name: 'sync' }), { kind: FrameKind.call });
  await new Promise<void>(resolve => links.answer(() => resolve()));
  const waiting = links.receive(1, 4, 8);
  await pings(2);
  send(data);
  expect(valuesOf(await waiting)).toEqual([1, 2]);
});

test('round trips are known after the first ping', async () => {
  const [first, second] = linked({ silenceMs: 40 });
  expect(first.roundTripMs(1)).toBe(undefined);
  // Neither is silent while it answers pings: the failure comes of the end of the other.
  const waiting = first.receive(1, 4, 8);
  const known = new Promise<void>(resolve => {
    const look = setInterval(() => {
      if (first.roundTripMs(1) === undefined) return;
      clearInterval(look);
      resolve();
    }, 5);
  });
  await known;
  expect(first.roundTripMs(1)).toBeGreaterThan(0);
  second.fail(new Error('enough'));
  await expect(waiting).rejects.toThrow('Rank 1 gave up: enough');
});

test('closed links end what waits for them, and say nothing of a failure', async () => {
  const [first, second] = linked();
  const heard: string[] = [];
  first.onFailure(({ message }) => heard.push(message));
  const waiting = first.receive(1, 4, 8);
  const call = first.call(1, 'anything');
  first.close();
  await expect(waiting).rejects.toThrow('The links were closed.');
  await expect(call).rejects.toThrow('The links were closed.');
  await expect(first.call(1, 'more')).rejects.toThrow('The links were closed.');
  expect(heard).toEqual([]);
  expect(second.size).toBe(2);
});
