/** The page of a guest: it asks the host to be let in, and then shows the run as the host tells it, its own piece lit. */
import './guest/join-panel.ts';
import './shell/notices.ts';
import type { Guest, GuestEvent } from '../crew/api.ts';
import { joinCrew } from '../crew/guest.ts';
import { type Invite, parseInvite } from '../crew/invite.ts';
import { sentence } from '../show/format.ts';
import { roomTopic, showAlert, withdrawAlert } from './alerts.ts';
import { element, passFocus, setText } from './dom.ts';
import { followGuest } from './guest/follow.ts';
import { createGuestPage, type GuestState } from './guest/guest-page.ts';
import { keepTelling, tellsPower } from './guest/tells-power.ts';
import { headingOf, invitedWords, type Standing, words } from './guest/words.ts';
import { parseIceServers } from './ice-servers.ts';
import { openedAsTab } from './invite-panel.ts';
import { storageHere } from './lesson/follow-lessons.ts';
import { localNetworkWords } from './share/local-network.ts';
import { invitationIn } from './shell/route.ts';

/** All that this page needs to become the host. */
async function hostsPage(): Promise<typeof import('./app.ts')> {
  const [app] = await Promise.all([import('./app.ts'), import('./share/hosting.ts')]);
  return app;
}

/** @param hasWebGpu without it the page asks to watch */
export function startJoin(hasWebGpu: boolean): void {
  const form = element('join-form', HTMLFormElement);
  const about = element('join-words', HTMLParagraphElement);
  const name = element('join-name', HTMLInputElement);
  const servers = element('join-ice-servers', HTMLTextAreaElement);
  const power = element('join-power', HTMLInputElement);
  const again = element('join-again', HTMLButtonElement);
  const own = element('own-run', HTMLParagraphElement);
  const tab = openedAsTab(location.search);
  const invitation = invitationIn(location.hash);
  let watches = !hasWebGpu;
  let guest: Guest | undefined;
  let isOver = false;

  const page = createGuestPage({
    invitation,
    isOver: false,
    ask: (id, question) => guest?.ask(id, question),
    onLeave: () => void guest?.leave(),
    onTakeOver: () => void takeOver(),
  });
  const say = (
    standing: Standing,
    text: string,
    { seat, kept }: Partial<Pick<GuestState, 'seat' | 'kept'>> = {},
  ) => {
    setText(element('join-title', HTMLHeadingElement), headingOf(standing));
    form.hidden = standing !== 'invited';
    if (form.hidden) passFocus(form);
    again.hidden = own.hidden = !isOver;
    page.show({ standing, text, seat, kept });
  };
  /** This page takes no part any more. */
  const end = (standing: Standing, text: string) => {
    isOver = true;
    withdrawAlert(roomTopic);
    say(standing, text);
  };

  const takeOver = async () => {
    if (!guest) return;
    try {
      const { startApp } = await hostsPage();
      const taken = await guest.takeOver();
      isOver = true;
      page.end();
      document.title = 'Isobar';
      // To load the page again is to open it as the host's, with the saved run.
      history.replaceState(null, '', location.pathname);
      await startApp({ ...taken, name: guest.about.name });
    } catch (cause) {
      page.ready();
      // The run that is taken over later replaces it.
      showAlert({
        topic: 'takeover',
        kind: 'notice',
        title: words.notTakenOver,
        message: sentence((cause as Error).message),
      });
    }
  };

  const follow = followGuest({
    say,
    end,
    hear: page.hear,
    watches: () => watches,
    about: () => guest?.about,
    sat(place) {
      document.title = place ? `Isobar: rank ${place.rank}` : 'Isobar: no rank';
      // If the host goes, so may the server that this page came from. What is missing then is said then.
      if (place) hostsPage().catch(() => {});
    },
  });
  const onEvent = (event: GuestEvent) => {
    if (!isOver) follow(event);
  };

  /** A tab of the host's browser is on the host's machine; who watches has no card. */
  const tellsOfItself = ({ kind }: Invite) => kind !== 'tabs' && !watches;
  /** Without it the host estimates what this machine takes. */
  const showPower = async (joined: Guest) => {
    const { tellPower } = await import('./guest/guest-power.ts');
    page.add(await tellPower(joined, power.checked));
  };

  const ask = async (invite: Invite) => {
    say('starting', watches ? words.startingToWatch : words.starting);
    try {
      // The browser may know of WebGPU and have no card for it.
      watches ||= (await navigator.gpu.requestAdapter()) === null;
      const iceServers = parseIceServers(servers.value);
      guest = await joinCrew(invite, { name: name.value.trim() || 'Guest', iceServers, watches });
      guest.subscribe(onEvent);
      if (tellsOfItself(invite)) showPower(guest).catch(() => {});
    } catch (cause) {
      end('closed', `${words.cannotJoin} ${(cause as Error).message}`);
    }
  };

  again.onclick = () => location.reload();
  let invite: Invite | undefined;
  try {
    invite = parseInvite(location);
  } catch (cause) {
    end('closed', (cause as Error).message);
    again.hidden = true;
    return;
  }
  if (!invite) return;
  const asked = invite;
  setText(about, [invitedWords(invite, watches), localNetworkWords(navigator)].join(' ').trim());
  element('join-power-field', HTMLElement).hidden = !tellsOfItself(asked);
  power.checked = tellsPower(storageHere());
  form.onsubmit = event => {
    event.preventDefault();
    keepTelling(storageHere(), power.checked);
    void ask(asked);
  };
  name.value = tab === undefined ? '' : `Tab ${tab}`;
  if (tab === undefined) {
    say('invited', words.give);
    name.focus();
  } else void ask(asked);
}
