/**
 * The small JSON channel of a link: its pings, which tell whether the other page is alive and how far away it is, and
 * the last word.
 */

/** What travels; one field each. */
interface Note {
  /** Sender's clock in ms; the pong brings it back. */
  readonly ping?: number;
  readonly pong?: number;
  /** The sender has ended the link. */
  readonly closed?: string;
}

interface ControlOptions {
  readonly silenceMs: number;
  /** Bytes sent and received on the lanes so far. */
  readonly bytesMoved: () => number;
  /** The other page ended the link. */
  readonly onClosed: (reason: string) => void;
  /** The other page is silent, or sent what is no note. */
  readonly onFault: (reason: string) => void;
  /** The first pings are back, which were sent one after the other: the shortest round trip, in ms. */
  readonly onFirstTrips: (leastMs: number) => void;
}

export interface Control {
  /** Sends over this channel from now on, which is open. */
  start(channel: RTCDataChannel): void;
  stop(): void;
  /** Takes what came on the channel. */
  take(data: unknown): void;
  /** Call for any sign of life that did not come over the channel. */
  heard(): void;
  tellClosed(reason: string): void;
  roundTripMs(): number;
  megabytesPerSecond(): number;
}

const PING_MS = 1000;
/** Of these the shortest tells how far away the other page is: a page that starts is slow to answer now and then. */
const FIRST_PINGS = 8;
const NOTE_CHARACTERS = 65536;
/** Weight of a new round trip in their running mean. */
const ROUND_TRIP_WEIGHT = 0.25;

export function createControl(options: ControlOptions): Control {
  const pingMs = Math.min(PING_MS, options.silenceMs / 4);
  /** Pings since the last sign of life. Counted rather than timed: a page that slept itself must not blame the other. */
  let unanswered = 0;
  let roundTripMs = Number.NaN;
  let leastMs = Number.POSITIVE_INFINITY;
  let trips = 0;
  let rate = 0;
  let counted = { at: performance.now(), bytes: 0 };
  let timer: ReturnType<typeof setInterval> | undefined;
  let channel: RTCDataChannel | undefined;

  function post(note: Note): void {
    if (channel?.readyState === 'open') channel.send(JSON.stringify(note));
  }

  function tick(): void {
    if (unanswered * pingMs >= options.silenceMs) {
      options.onFault(`the other page gave no sign of life for ${options.silenceMs / 1000} s`);
      return;
    }
    unanswered++;
    const now = performance.now();
    const bytes = options.bytesMoved();
    if (now > counted.at) rate = (bytes - counted.bytes) / 1000 / (now - counted.at);
    counted = { at: now, bytes };
    post({ ping: now });
  }

  function tripped(ms: number): void {
    roundTripMs = Number.isNaN(roundTripMs) ? ms : roundTripMs + ROUND_TRIP_WEIGHT * (ms - roundTripMs);
    leastMs = Math.min(leastMs, ms);
    trips++;
    if (trips === FIRST_PINGS) options.onFirstTrips(leastMs);
    else if (trips < FIRST_PINGS) post({ ping: performance.now() });
  }

  function take(data: unknown): void {
    unanswered = 0;
    const note = noteFrom(data);
    if (note === undefined) options.onFault('the other page sent what is no control message');
    else if (typeof note.ping === 'number') post({ pong: note.ping });
    else if (typeof note.pong === 'number') tripped(performance.now() - note.pong);
    else if (typeof note.closed === 'string') options.onClosed(note.closed);
  }

  return {
    start(opened) {
      channel = opened;
      timer = setInterval(tick, pingMs);
      tick();
    },
    stop() {
      clearInterval(timer);
    },
    take,
    heard() {
      unanswered = 0;
    },
    tellClosed(reason) {
      post({ closed: reason });
    },
    roundTripMs: () => roundTripMs,
    megabytesPerSecond: () => rate,
  };
}

function noteFrom(data: unknown): Note | undefined {
  if (typeof data !== 'string' || data.length > NOTE_CHARACTERS) return undefined;
  try {
    const note: unknown = JSON.parse(data);
    return typeof note === 'object' && note !== null ? note : undefined;
  } catch {
    return undefined;
  }
}
