/**
 * WebSockets to relays that come back by themselves, with growing delays. Trystero brings a helper, but it gives up
 * after a few failures; a run lasts for hours, and pages must be able to join when a relay is back.
 */

export interface RelaySocket {
  readonly url: string;
  /** Fulfilled when it is open for the first time. */
  readonly opened: Promise<RelaySocket>;
  /** Without a connection nothing is sent: pages announce themselves again, and stale offers would only confuse. */
  send(text: string): void;
  close(): void;
}

/** Told when no relay of a room can be reached any more, and when one is back; `text` is for people. */
export type RelayListener = (state: 'lost' | 'back', text: string) => void;

interface RelaySocketHandlers {
  /** The socket is open, for the first time or again: its relay knows nothing of this page. */
  onOpen(socket: RelaySocket): void;
  onText(socket: RelaySocket, text: string): void;
  readonly onRelays: RelayListener;
}

const firstRetryMs = 500;
const longestRetryMs = 30_000;

/** @param urls relays that serve one room; it is enough when one of them can be reached */
export function openRelaySockets(
  urls: readonly string[],
  { onOpen, onText, onRelays }: RelaySocketHandlers,
): readonly RelaySocket[] {
  /** Relays that did not answer when they were last tried. */
  const failing = new Set<string>();

  function opened(socket: RelaySocket): void {
    if (failing.size === urls.length) onRelays('back', 'The relay is back.');
    failing.delete(socket.url);
    onOpen(socket);
  }

  function failed(url: string): void {
    if (failing.has(url)) return;
    failing.add(url);
    if (failing.size < urls.length) return;
    const who =
      urls.length === 1 ? `The relay ${url} does not answer` : `No relay answers (${urls.join(', ')})`;
    onRelays('lost', `${who}; trying again. Connected peers are not affected.`);
  }

  return urls.map(url => openRelaySocket(url, { opened, failed, onText }));
}

interface SocketEvents {
  opened(socket: RelaySocket): void;
  failed(url: string): void;
  onText(socket: RelaySocket, text: string): void;
}

function openRelaySocket(url: string, { opened, failed, onText }: SocketEvents): RelaySocket {
  let failures = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isClosed = false;
  let isOpen: (socket: RelaySocket) => void;

  function connect(): WebSocket {
    const next = new WebSocket(url);
    next.onopen = () => {
      failures = 0;
      opened(relay);
      isOpen(relay);
    };
    next.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (typeof data === 'string') onText(relay, data);
    };
    next.onclose = () => {
      if (isClosed) return;
      failed(url);
      const delayMs = Math.min(longestRetryMs, firstRetryMs * 2 ** failures);
      failures += 1;
      // Up to a half more, so that the pages of a room do not all come back at one moment.
      timer = setTimeout(
        () => {
          socket = connect();
        },
        delayMs * (1 + Math.random() / 2),
      );
    };
    return next;
  }

  const relay: RelaySocket = {
    url,
    opened: new Promise(resolve => {
      isOpen = resolve;
    }),
    send(text) {
      if (socket.readyState === WebSocket.OPEN) socket.send(text);
    },
    close() {
      isClosed = true;
      clearTimeout(timer);
      socket.close();
    },
  };
  let socket = connect();
  return relay;
}
