/**
 * Tests of links between pupils, who are connected to the teacher alone: two pages connect to each other, what they signal
 * going by the teacher, and the first of them measures. A link is as fast as what comes back of it: the other page answers every
 * message with a short one.
 */
import { FrameKind, HEADER_BYTES, PART_BYTES, writeHeader } from '../../net/frame.ts';
import type { LinkMessage } from '../../net/link-port.ts';
import { createPeerLink, type PeerLink } from '../../net/peer-link.ts';
import type { LinkQuality, TestedLink } from './matching.ts';
import { longestFault } from './messages.ts';

export interface LinkTests {
  /** @param isFirst this page measures, and tells what it found */
  begin(pair: number, isFirst: boolean): void;
  /** Takes what the other page signalled. */
  accept(pair: number, body: unknown): void;
  end(): void;
}

export interface LinkTestOptions {
  /** Brings it to `accept` of the other page, in order. */
  readonly signal: (pair: number, body: unknown) => void;
  readonly found: (pair: number, link: TestedLink) => void;
  readonly iceServers: () => RTCIceServer[] | undefined;
}

/** By then a way is found, or there is none. */
const connectMs = 15_000;
const trips = 8;
/** What is sent to learn the speed: so long, and at most so much. */
const sendMs = 600;
const mostBytes = 24e6;
/** Messages on their way at a time. */
const inFlight = 4;
/** Of a message that only asks for an answer. */
const shortBytes = 8;
const generation = 1;

export function createLinkTests({ signal, found, iceServers }: LinkTestOptions): LinkTests {
  const links = new Map<number, PeerLink>();

  const measure = async (pair: number, link: PeerLink) => {
    try {
      await link.ready;
      found(pair, await measured(link));
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      found(pair, { fault: withinSentence(reason).slice(0, longestFault) });
    }
    link.close('it is measured');
  };

  return {
    begin(pair, isFirst) {
      links.get(pair)?.close();
      const link = createPeerLink({
        initiator: isFirst,
        signal: body => signal(pair, body),
        iceServers: iceServers(),
        connections: 1,
        connectMs,
      });
      links.set(pair, link);
      link.onClose(() => {
        if (links.get(pair) === link) links.delete(pair);
      });
      if (isFirst) void measure(pair, link);
      else answer(link);
    },
    accept: (pair, body) => links.get(pair)?.accept(body),
    end() {
      for (const link of [...links.values()]) link.close('the page has left the class');
    },
  };
}

const withinSentence = (reason: string) =>
  reason.replace(/^The link to the other page ended: /, '').replace(/\.$/, '');

/** The first page is rank 0 of two. */
function portOf(link: PeerLink, from: number): MessagePort {
  const { port1, port2 } = new MessageChannel();
  link.attach(generation, from, 1 - from, port1);
  return port2;
}

function message(from: number, total: number): ArrayBuffer {
  const frame = new ArrayBuffer(HEADER_BYTES + total);
  writeHeader(frame, {
    ...{ kind: FrameKind.data, flags: 0, plan: 0, step: 0, exchange: 0 },
    ...{ from, to: 1 - from, generation, total, part: { index: 0, bytes: total } },
  });
  return frame;
}

function answer(link: PeerLink): void {
  const port = portOf(link, 1);
  port.onmessage = ({ data }: MessageEvent<LinkMessage>) => {
    if (data instanceof ArrayBuffer) port.postMessage(message(1, shortBytes));
  };
}

async function measured(link: PeerLink): Promise<LinkQuality> {
  const port = portOf(link, 0);
  const send = (bytes: number) => port.postMessage(message(0, bytes));
  let answered = () => {};
  let failed = (_: Error) => {};
  port.onmessage = ({ data }: MessageEvent<LinkMessage>) => {
    if (data instanceof ArrayBuffer) answered();
    else failed(new Error(data.reason));
  };
  const nextAnswer = () =>
    new Promise<void>((resolve, reject) => {
      answered = resolve;
      failed = reject;
    });

  let roundTripMs = Number.POSITIVE_INFINITY;
  for (let trip = 0; trip < trips; trip++) {
    const at = performance.now();
    const back = nextAnswer();
    send(shortBytes);
    await back;
    roundTripMs = Math.min(roundTripMs, performance.now() - at);
  }

  const begun = performance.now();
  let [sent, arrived] = [0, 0];
  await new Promise<void>((resolve, reject) => {
    const goOn = () => {
      const isOver = performance.now() - begun >= sendMs || sent * PART_BYTES >= mostBytes;
      if (isOver && arrived === sent) resolve();
      else if (!isOver) {
        sent++;
        send(PART_BYTES);
      }
    };
    answered = () => {
      arrived++;
      goOn();
    };
    failed = reject;
    for (let i = 0; i < inFlight; i++) goOn();
  });
  const seconds = (performance.now() - begun) / 1000;
  return { roundTripMs, megabytesPerSecond: (arrived * PART_BYTES) / 1e6 / seconds };
}
