/**
 * Links between ranks of one page: a `MessageChannel`, which moves a message in a tenth of a millisecond whatever its
 * size, or an emulated network, for measuring how much of an exchange a run hides behind its computing.
 */

import { pause } from './pause.ts';

/** A link with a line of its own for each direction. */
export interface Emulation {
  /** One way. */
  readonly latencyMs: number;
  /** Of 10^6 bytes, headers included. */
  readonly megabytesPerSecond: number;
}

/**
 * @param emulation the network to behave like; absent: none
 * @returns the two ends of a link; each is for a rank, to be moved to its worker
 */
export function connectLocal(emulation?: Emulation): [MessagePort, MessagePort] {
  const { port1, port2 } = new MessageChannel();
  return [port1, emulation === undefined ? port2 : emulate(port2, emulation)];
}

/**
 * Puts an emulated network before a port. A message departs when those before it have left the line and it has passed
 * itself, and arrives `latencyMs` later; order is kept. Works in a worker as in a page; it relays between messages of
 * the thread that calls it, so that thread should not be a busy one. Messages are 0.1 ms late where the page is
 * cross-origin isolated, else up to 4 ms (see `pause`).
 *
 * @param port taken over: whatever it brings is delayed, and whatever goes to it
 * @returns the port to use in its place
 */
function emulate(port: MessagePort, emulation: Emulation): MessagePort {
  const { port1: relay, port2: far } = new MessageChannel();
  delay(port, relay, emulation);
  delay(relay, port, emulation);
  return far;
}

function delay(source: MessagePort, target: MessagePort, { latencyMs, megabytesPerSecond }: Emulation): void {
  const onTheWay: { readonly arrival: number; readonly message: unknown }[] = [];
  let lineFreeAt = 0;
  let isRelaying = false;

  async function relay(): Promise<void> {
    isRelaying = true;
    for (let next = onTheWay.shift(); next !== undefined; next = onTheWay.shift()) {
      for (let ms = next.arrival - performance.now(); ms > 0; ms = next.arrival - performance.now()) {
        await pause(ms);
      }
      const { message } = next;
      target.postMessage(message, message instanceof ArrayBuffer ? [message] : []);
    }
    isRelaying = false;
  }

  source.onmessage = ({ data }: MessageEvent<unknown>) => {
    const bytes = data instanceof ArrayBuffer ? data.byteLength : 0;
    lineFreeAt = Math.max(performance.now(), lineFreeAt) + bytes / 1000 / megabytesPerSecond;
    onTheWay.push({ arrival: lineFreeAt + latencyMs, message: data });
    if (!isRelaying) void relay();
  };
}
