/** Two pages' ends of a link, in one page, over real peer connections. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import { type Connections, openConnections, signalFrom } from '../../../src/net/connections.ts';
import { PART_BYTES, readHeader } from '../../../src/net/frame.ts';
import type { LinkMessage } from '../../../src/net/link-port.ts';
import { createPeerLink, type PeerLink, type PeerLinkOptions } from '../../../src/net/peer-link.ts';
import { faultOf, messageOf } from '../../node/net/messages.ts';

const endings: (() => void)[] = [];
afterEach(() => {
  for (const end of endings.splice(0)) end();
});

/** Carries signals as JSON, after the sender has gone on, as a room does. */
function carry(accept: (message: unknown) => void): (message: unknown) => void {
  return message => {
    const text = JSON.stringify(message);
    queueMicrotask(() => accept(JSON.parse(text)));
  };
}

function linkOf(options: PeerLinkOptions): PeerLink {
  const link = createPeerLink(options);
  endings.push(() => link.close());
  return link;
}

function pair(options: Partial<PeerLinkOptions> = {}): [PeerLink, PeerLink] {
  const a: PeerLink = linkOf({ ...options, initiator: true, signal: carry(message => b.accept(message)) });
  const b: PeerLink = linkOf({ ...options, initiator: false, signal: carry(message => a.accept(message)) });
  return [a, b];
}

/** A page that speaks WebRTC, but only says what the test says. */
interface Stranger {
  readonly control: RTCDataChannel;
  readonly lane: RTCDataChannel;
  /** What came on the control channel. */
  readonly notes: unknown[];
  close(): void;
}

async function linkToStranger(
  options: Partial<PeerLinkOptions> = {},
): Promise<{ link: PeerLink; stranger: Stranger }> {
  const link: PeerLink = linkOf({
    ...options,
    initiator: true,
    connections: 1,
    signal: carry(message => connections.accept(signalFrom(message))),
  });
  const notes: unknown[] = [];
  let connections: Connections;
  const first = new Promise<Pick<Stranger, 'control' | 'lane'>>((resolve, reject) => {
    connections = openConnections({
      initiator: false,
      connections: 1,
      signal: carry(message => link.accept(message)),
      onOpen: resolve,
      onLane: () => {},
      onFrame: () => {},
      onNote: note => notes.push(note),
      onLost: reject,
    });
    endings.push(() => connections.close());
  });
  await link.ready;
  return { link, stranger: { ...(await first), notes, close: () => connections.close() } };
}

function once(target: EventTarget, type: string): Promise<Event> {
  return new Promise(resolve => target.addEventListener(type, resolve, { once: true }));
}

/** A rank's end of a port that was attached. */
function rank(link: PeerLink, generation: number, from: number, to: number): MessagePort {
  const { port1, port2 } = new MessageChannel();
  link.attach(generation, from, to, port1);
  endings.push(() => port2.close());
  return port2;
}

function post(port: MessagePort, message: ArrayBuffer): void {
  port.postMessage(message, [message]);
}

function take(port: MessagePort, count: number): Promise<LinkMessage[]> {
  const messages: LinkMessage[] = [];
  return new Promise(resolve => {
    port.onmessage = ({ data }: MessageEvent<LinkMessage>) => {
      messages.push(data);
      if (messages.length === count) resolve(messages);
    };
  });
}

function faultsIn(messages: readonly LinkMessage[], sizes: readonly number[]): (string | undefined)[] {
  return messages.map((message, i) =>
    message instanceof ArrayBuffer ? faultOf(message, sizes[i], i) : `closed: ${message.reason}`,
  );
}

function ended(link: PeerLink): Promise<string> {
  return new Promise(resolve => link.onClose(resolve));
}

describe('messages', () => {
  test.each([1, 3])(
    'of odd sizes, both ways at once, in two generations, over %i connections',
    async connections => {
      const [a, b] = pair({ connections });
      // With one connection they are posted before it is there.
      if (connections > 1) await Promise.all([a.complete, b.complete]);
      const sizes = [0, 3_000_001, 1, PART_BYTES, 5, PART_BYTES + 1, 1023, 2 * PART_BYTES - 3, 17];
      const arrivals: Promise<LinkMessage[]>[] = [];
      for (const generation of [0, 1]) {
        const ends = [
          { port: rank(a, generation, 0, 4), from: 0, to: 4 },
          { port: rank(b, generation, 4, 0), from: 4, to: 0 },
        ];
        for (const { port, from, to } of ends) {
          arrivals.push(take(port, sizes.length));
          for (const [i, bytes] of sizes.entries()) post(port, messageOf(bytes, i, { from, to, generation }));
        }
      }
      await Promise.all([a.ready, b.ready]);
      for (const messages of await Promise.all(arrivals)) {
        expect(faultsIn(messages, sizes)).toEqual(sizes.map(() => undefined));
      }
      const payload = 2 * sizes.reduce((sum, bytes) => sum + bytes, 0);
      expect(a.statistics().bytesSent).toBeGreaterThan(payload);
      expect(a.statistics().bytesReceived).toBe(b.statistics().bytesSent);
    },
  );

  test('travel when the first connection is there, whatever becomes of the others', async () => {
    const first = (accept: (message: unknown) => void) => {
      const carried = carry(accept);
      return (message: unknown) => signalFrom(message).connection === 0 && carried(message);
    };
    const a: PeerLink = linkOf({ initiator: true, signal: first(message => b.accept(message)) });
    const b: PeerLink = linkOf({ initiator: false, signal: first(message => a.accept(message)) });
    const arrival = take(rank(b, 0, 1, 0), 1);
    post(rank(a, 0, 0, 1), messageOf(600_000, 0));
    expect(faultsIn(await arrival, [600_000])).toEqual([undefined]);
  });

  test('travel after a second try, where the first found no way', async () => {
    const lossy = (accept: (message: unknown) => void) => {
      const carried = carry(accept);
      return (message: unknown) => {
        const { candidate, description, attempt } = signalFrom(message);
        if (attempt > 1 || candidate === undefined) carried(message);
        // As a page does when its connection fails, which takes too long for a test.
        if (attempt === 1 && description?.type === 'answer') carried({ connection: 0, attempt: 2 });
      };
    };
    const options = { connections: 1, connectMs: 10_000 };
    const a: PeerLink = linkOf({ ...options, initiator: true, signal: lossy(message => b.accept(message)) });
    const b: PeerLink = linkOf({ ...options, initiator: false, signal: lossy(message => a.accept(message)) });
    const arrival = take(rank(b, 0, 1, 0), 1);
    post(rank(a, 0, 0, 1), messageOf(5, 0));
    await Promise.all([a.ready, b.ready]);
    expect(faultsIn(await arrival, [5])).toEqual([undefined]);
  });

  test('reach the rank that is meant', async () => {
    const [a, b] = pair();
    const senders = [0, 1].flatMap(from => [2, 3].map(to => ({ from, to, port: rank(a, 0, from, to) })));
    const receivers = senders.map(({ from, to }) => take(rank(b, 0, to, from), 1));
    for (const { from, to, port } of senders) post(port, messageOf(8, 0, { from, to }));
    const headers = (await Promise.all(receivers)).map(([message]) => readHeader(message as ArrayBuffer));
    expect(headers).toMatchObject(senders.map(({ from, to }) => ({ from, to })));
  });

  test('that come before their port wait for it; those of an older wiring are dropped', async () => {
    const [a, b] = pair({ connections: 1 });
    const old = rank(a, 0, 0, 1);
    const current = rank(a, 1, 0, 1);
    const word = take(rank(b, 0, 1, 0), 1);
    b.detach(0);
    expect(await word).toEqual([{ type: 'closed', reason: 'the ranks are being wired anew' }]);
    const marker = take(rank(b, 1, 2, 0), 1);
    const behind = rank(a, 1, 0, 2);
    await a.ready;
    const sizes = [10, 20];
    post(old, messageOf(5, 0, { generation: 0 }));
    for (const [i, bytes] of sizes.entries()) post(current, messageOf(bytes, i, { generation: 1 }));
    post(behind, messageOf(1, 0, { generation: 1, to: 2 }));
    await marker;
    const arrival = await take(rank(b, 1, 1, 0), 2);
    expect(faultsIn(arrival, sizes)).toEqual([undefined, undefined]);
    expect(() => rank(b, 0, 1, 0)).toThrow('the link is at 1 already');
    expect(() => rank(b, 1, 1, 0)).toThrow('attached already');
  });
});

describe('of connections there', () => {
  /** Pages whose words take so many ms each way, as over a line of that latency; undefined: as they come. */
  function linesOf(latencyMs: number | undefined) {
    const { send } = RTCDataChannel.prototype;
    let pongs = 0;
    let answered: () => void;
    const allPongs = new Promise<void>(resolve => {
      answered = resolve;
    });
    RTCDataChannel.prototype.send = function (this: RTCDataChannel, data: unknown) {
      const go = () => {
        if (this.readyState === 'open') send.call(this, data as Uint8Array<ArrayBuffer>);
        if (String(data).startsWith('{"pong"') && ++pongs === 16) answered();
      };
      if (latencyMs === undefined || typeof data !== 'string') go();
      else setTimeout(go, latencyMs);
    };
    endings.push(() => {
      RTCDataChannel.prototype.send = send;
    });
    return allPongs;
  }

  test('are several where a line is long', async () => {
    linesOf(20);
    const [a, b] = pair();
    await Promise.all([a.complete, b.complete]);
  });

  test('is one near by', async () => {
    // On a loaded machine a page may take milliseconds to answer, which would be the length of the line.
    vi.spyOn(performance, 'now').mockReturnValue(performance.now());
    endings.push(() => vi.restoreAllMocks());
    const allPongs = linesOf(undefined);
    const asked = new Set<number>();
    const a: PeerLink = linkOf({
      initiator: true,
      signal: message => {
        asked.add(signalFrom(message).connection);
        carry(said => b.accept(said))(message);
      },
    });
    const b: PeerLink = linkOf({ initiator: false, signal: carry(message => a.accept(message)) });
    await allPongs;
    // What the last pong brought about, on the page that offers, has happened when a later word is there.
    b.close('later');
    expect(await ended(a)).toBe('later');
    expect([...asked]).toEqual([0]);
  });
});

describe('a link ends', () => {
  test('when a page closes it: both pages and all ports learn why', async () => {
    const [a, b] = pair();
    const ports = [rank(a, 0, 0, 1), rank(b, 0, 1, 0)];
    const words = Promise.all(ports.map(port => take(port, 1)));
    await Promise.all([a.ready, b.ready]);
    a.close('the run is over');
    const closed = { type: 'closed', reason: 'the run is over' };
    expect(await words).toEqual([[closed], [closed]]);
    expect(await Promise.all([ended(a), ended(b)])).toEqual(['the run is over', 'the run is over']);
    expect(await take(rank(a, 1, 0, 1), 1)).toEqual([closed]);
  });

  test.each([
    ['bytes that are no frame', new ArrayBuffer(60), 'the other page sent bytes that are no frame of Isobar'],
    ['text', 'hello', 'the other page sent text where frames travel'],
    ['a frame cut short', messageOf(9).slice(0, -1), 'a frame of 56 bytes whose header announces 57'],
    ['a frame whose bytes changed', messageOf(9), 'bytes changed on the way'],
  ])('when %s come, and says so to both', async (_, garbage, reason) => {
    const { link, stranger } = await linkToStranger();
    const word = take(rank(link, 0, 0, 1), 1);
    const closed = once(stranger.control, 'close');
    const { lane } = stranger;
    if (typeof garbage === 'string') lane.send(garbage);
    else lane.send(garbage);
    expect(await ended(link)).toContain(reason);
    expect(await word).toEqual([{ type: 'closed', reason: expect.stringContaining(reason) }]);
    await closed;
    expect(stranger.notes.join()).toContain(reason);
  });

  test('when the control channel brings what is no note', async () => {
    const { link, stranger } = await linkToStranger();
    stranger.control.send('{');
    expect(await ended(link)).toBe('the other page sent what is no control message');
  });

  test('when the other page is silent', async () => {
    const { link } = await linkToStranger({ silenceMs: 40 });
    expect(await ended(link)).toBe('the other page gave no sign of life for 0.04 s');
  });

  test('when the other page is gone', async () => {
    const { link, stranger } = await linkToStranger();
    stranger.close();
    expect(await ended(link)).toBe('the other page closed the connection');
  });

  test('when three tries found no way, or one fails that was there', async () => {
    const link = linkOf({ initiator: true, signal: () => {} });
    for (const attempt of [2, 3]) link.accept({ connection: 0, attempt });
    // A late word about an earlier try.
    link.accept({ connection: 0, attempt: 2 });
    link.accept({ connection: 0, attempt: 4 });
    expect(await ended(link)).toBe(
      'the pages could not connect directly; a TURN server in the settings may help',
    );
    const { link: other } = await linkToStranger();
    other.accept({ connection: 0, attempt: 2 });
    expect(await ended(other)).toBe('the connection to the other page was lost');
  });

  test('when no other page answers', async () => {
    const link = linkOf({ initiator: true, signal: () => {}, connectMs: 30 });
    await expect(link.ready).rejects.toThrow('no connection to the other page came about in 0.03 s');
  });

  test('when the other page signals nonsense', async () => {
    const link = linkOf({ initiator: true, signal: () => {} });
    link.accept({ connection: 0, attempt: 1, description: { type: 'answer', sdp: 'nonsense' } });
    expect(await ended(link)).toContain('the pages could not agree on a connection');
    const other = linkOf({ initiator: true, signal: () => {} });
    other.accept(null);
    expect(await ended(other)).toContain('no signal of a link');
  });

  test('when a rank of its own page posts under another name', async () => {
    const { link } = await linkToStranger();
    post(rank(link, 0, 0, 1), messageOf(4, 0, { from: 2 }));
    expect(await ended(link)).toContain('a message of generation 0 from rank 2 to 1');
  });
});
