/** Opening a room and handing out its link: further tabs, this server's relay, or the internet. */
import type { RoomChoice, RoomKind } from '../crew/api.ts';
import { roomTopic, showAlert } from './alerts.ts';
import { element, setText } from './dom.ts';
import { parseIceServers } from './ice-servers.ts';
import { parseRelayUrls } from './relay-urls.ts';
import { localNetworkWords } from './share/local-network.ts';

export interface InvitePanelOptions {
  /** Resolves with the link into the room. */
  readonly open: (choice: RoomChoice) => Promise<string>;
  /** A tab is opened by the user. */
  readonly onTab: (kind: RoomKind) => void;
}

export interface InvitePanel {
  /** A room is open that was not opened here. */
  roomOpened(kind: RoomKind, link: string): void;
  /** The link that is shown is of no use any more. */
  roomClosed(): void;
}

const about: Record<RoomKind, string> = {
  tabs: 'Tabs and windows of this browser find each other by themselves. Nothing leaves this machine.',
  relay:
    'Browsers that can open this server find each other through it, and by its STUN and TURN servers where it has them. The model and its exchanges go from browser to browser, encrypted.',
  internet:
    'Browsers anywhere find each other through public Nostr relays and public STUN servers, which see the network addresses of those who take part. What is said there is encrypted with the secret in the link; the model and its exchanges go from browser to browser, encrypted. Some networks need a TURN server.',
};

/** Marks a tab that this page opened: it asks at once. In the query, since the fragment is the invitation. */
const tabMark = 'tab';

export function createInvitePanel({ open, onTab }: InvitePanelOptions): InvitePanel {
  const section = element('invite-section', HTMLDivElement);
  const invite = element('invite', HTMLButtonElement);
  const openTab = element('open-tab', HTMLButtonElement);
  const kind = element('room-kind', HTMLSelectElement);
  const relaysSetting = element('relays-setting', HTMLDetailsElement);
  const relays = element('relay-urls', HTMLTextAreaElement);
  const servers = element('ice-servers', HTMLTextAreaElement);
  const openRoom = element('open-room', HTMLButtonElement);
  const result = element('invitation', HTMLDivElement);
  const link = element('invite-link', HTMLInputElement);
  const copy = element('copy-link', HTMLButtonElement);
  const qr = element('qr', HTMLDetailsElement);
  let room: { readonly kind: RoomKind; readonly link: string } | undefined;
  let tabs = 0;

  offerRelay(element('room-relay', HTMLOptionElement));
  setText(element('local-network', HTMLParagraphElement), localNetworkWords(navigator));
  const describe = () => {
    setText(element('room-about', HTMLParagraphElement), about[kind.value as RoomKind]);
    relaysSetting.hidden = kind.value !== 'internet';
    setText(openRoom, room ? 'Open another room' : 'Open the room');
    openRoom.className = room ? 'secondary' : 'primary';
  };
  const show = () => {
    result.hidden = room === undefined;
    link.value = room?.link ?? '';
    setText(copy, 'Copy');
    qr.open = false;
    describe();
  };
  const opened = (of: RoomKind, address: string) => {
    room = { kind: of, link: address };
    kind.value = of;
    show();
    return room;
  };
  const openAs = async (choice: RoomChoice) => {
    openRoom.disabled = openTab.disabled = true;
    try {
      return opened(choice.kind, await open(choice));
    } finally {
      openRoom.disabled = openTab.disabled = false;
    }
  };

  invite.onclick = () => {
    section.hidden = !section.hidden;
    invite.ariaExpanded = String(!section.hidden);
    describe();
  };
  kind.onchange = describe;
  openRoom.onclick = async () => {
    try {
      const chosen = kind.value as RoomKind;
      await openAs({
        kind: chosen,
        ...(chosen === 'internet' ? { relayUrls: parseRelayUrls(relays.value, location) } : {}),
        iceServers: parseIceServers(servers.value),
      });
      copy.focus();
    } catch (cause) {
      notOpened(cause);
    }
  };
  openTab.onclick = async () => {
    try {
      const { kind, link } = room ?? (await openAs({ kind: 'tabs' }));
      onTab(kind);
      const url = new URL(link);
      url.searchParams.set(tabMark, String(++tabs));
      // Without an opener the tab gets a process of its own, and its work does not hold up this page.
      window.open(url, '_blank', 'noopener');
    } catch (cause) {
      notOpened(cause);
    }
  };
  copy.onclick = async () => {
    link.select();
    // The link is selected, for browsers that do not allow it.
    await navigator.clipboard.writeText(link.value).then(
      () => setText(copy, 'Copied'),
      () => setText(copy, 'Selected'),
    );
  };
  qr.addEventListener('toggle', async () => {
    const { qrCode } = await import('./qr-code.ts');
    const code = element('qr-code', HTMLDivElement);
    code.replaceChildren(...(qr.open && room ? [qrCode(room.link)] : []));
  });

  return {
    roomOpened: opened,
    roomClosed() {
      room = undefined;
      show();
    },
  };
}

const notOpened = (cause: unknown) =>
  showAlert({
    topic: roomTopic,
    kind: 'error',
    title: 'The room could not be opened',
    message: cause instanceof Error ? cause.message : String(cause),
  });

/** The number of this tab among those that a host's page opened; undefined for a link that somebody followed. */
export function openedAsTab(search: string): number | undefined {
  const number = Number(new URLSearchParams(search).get(tabMark) ?? Number.NaN);
  return Number.isInteger(number) && number > 0 ? number : undefined;
}

/** `npm start` says in the page that it has a relay; a static host has none. */
function offerRelay(option: HTMLOptionElement): void {
  if (document.querySelector('meta[name=isobar-relay]') === null) return;
  option.disabled = false;
  option.textContent = "This server's relay";
}
