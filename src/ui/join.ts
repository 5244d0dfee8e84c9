/** The page of a guest: it asks the host to be let in, and then shows the piece of the model that it holds. */
import './guest/join-panel.ts';
import './shell/notices.ts';
import type { Guest, GuestEvent, RunState } from '../crew/api.ts';
import { joinCrew } from '../crew/guest.ts';
import { type Invite, parseInvite } from '../crew/invite.ts';
import { meshName } from '../mesh/mesh.ts';
import { fieldNumber, sentence } from '../show/format.ts';
import { roomTopic, showAlert, withdrawAlert } from './alerts.ts';
import { element, passFocus, setText } from './dom.ts';
import { parseIceServers } from './ice-servers.ts';
import { openedAsTab } from './invite-panel.ts';
import { type JoinedSeat, showPiece } from './joined-piece.ts';
import { localNetworkWords } from './share/local-network.ts';
import { showTakeover } from './takeover.ts';
import { adapterName } from './what-runs.ts';

type State = 'invited' | 'starting' | GuestEvent['type'];

const kinds: Record<Invite['kind'], string> = {
  tabs: 'another tab of this browser',
  relay: 'a browser that meets others on this server',
  internet: 'a browser somewhere on the internet',
};

const headings: Partial<Record<State, string>> = {
  admitted: 'You take part',
  seated: 'You take part',
  interrupted: 'You take part',
  'host-gone': 'The run has lost its host',
  refused: 'You take no part',
  closed: 'You take no part',
};

export function startJoin(): void {
  const form = element('join-form', HTMLFormElement);
  const words = element('join-words', HTMLParagraphElement);
  const name = element('join-name', HTMLInputElement);
  const servers = element('join-ice-servers', HTMLTextAreaElement);
  const leave = element('leave', HTMLButtonElement);
  const again = element('join-again', HTMLButtonElement);
  const own = element('own-run', HTMLParagraphElement);
  const tab = openedAsTab(location.search);
  let guest: Guest | undefined;
  let seat: JoinedSeat | undefined;
  let run: RunState | undefined;
  let isOver = false;

  const say = (state: State, text: string) => {
    const status = element('join-status', HTMLParagraphElement);
    status.dataset.state = state;
    setText(status, text);
    setText(element('join-title', HTMLHeadingElement), headings[state] ?? 'Join a run');
    form.hidden = state !== 'invited';
    if (form.hidden) passFocus(form);
    words.hidden = state === 'seated' || state === 'host-gone';
    showTakeover(undefined, takeOver);
    again.hidden = own.hidden = !isOver;
    leave.hidden = isOver || state === 'invited' || state === 'starting';
  };
  /** This page takes no part any more. */
  const end = (state: State, text: string) => {
    isOver = true;
    withdrawAlert(roomTopic);
    seat = undefined;
    showPiece(seat, run);
    say(state, text);
  };

  const takeOver = async () => {
    try {
      const taken = await guest!.takeOver();
      isOver = true;
      element('join', HTMLElement).hidden = true;
      document.title = 'Isobar';
      // To load the page again is to open it as the host's, with the saved run.
      history.replaceState(null, '', location.pathname);
      await (await import('./app.ts')).startApp({ ...taken, name: guest!.about.name });
    } catch (cause) {
      const title = 'This page has not taken the run over';
      // The run that is taken over later replaces it.
      showAlert({ topic: 'takeover', kind: 'notice', title, message: sentence((cause as Error).message) });
    }
  };

  const onEvent = (event: GuestEvent) => {
    if (isOver) return;
    switch (event.type) {
      case 'asking':
        say(
          'asking',
          event.unanswered
            ? 'No host has answered yet. Is its page open, and is the link whole? This page goes on asking.'
            : `Asking to join. ${describe(guest)}The host decides.`,
        );
        break;
      case 'admitted':
        say('admitted', `Admitted by ${event.host}. This page gets its piece when the run is prepared.`);
        break;
      case 'refused':
        end('refused', sentence(`Refused: ${event.reason}`));
        break;
      case 'seated': {
        const [place] = event.places;
        seat = place && { mesh: event.mesh, place, host: event.host };
        document.title = place ? `Isobar: rank ${place.rank}` : 'Isobar: no rank';
        say(
          'seated',
          place
            ? `You hold rank ${place.rank} of the mesh ${meshName(event.mesh)}.`
            : 'Admitted. The host has ranks enough without this page, for now.',
        );
        break;
      }
      case 'run':
        run = event.state;
        break;
      case 'interrupted':
        seat = undefined;
        say('interrupted', `${sentence(event.reason)} This page stays and waits for a new piece.`);
        break;
      case 'host-gone':
        seat = undefined;
        say('host-gone', `The host is gone: ${sentence(event.reason)} This page waits for it to come back.`);
        showTakeover(event.kept, takeOver);
        break;
      case 'notice':
        showAlert({ topic: roomTopic, kind: 'notice', title: 'About the room', message: event.message });
        break;
      case 'closed':
        end('closed', `You have left: ${event.reason}.`);
        break;
    }
    showPiece(seat, run);
  };

  const ask = async (invite: Invite) => {
    say('starting', 'Opening the graphics card and trying its speed.');
    try {
      const iceServers = parseIceServers(servers.value);
      guest = await joinCrew(invite, { name: name.value.trim() || 'Guest', iceServers });
      guest.subscribe(onEvent);
    } catch (cause) {
      end('closed', `This page cannot join. ${(cause as Error).message}`);
    }
  };

  element('join', HTMLElement).hidden = false;
  again.onclick = () => location.reload();
  leave.onclick = () => {
    passFocus(leave);
    leave.disabled = true;
    void guest?.leave();
  };

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
  setText(
    words,
    `You are invited by ${kinds[invite.kind]} to hold a piece of its model. The host sees the name you give, the name of your graphics card and its speed; your device computes as long as this page is open. ${localNetworkWords(navigator)}`,
  );
  form.onsubmit = event => {
    event.preventDefault();
    void ask(asked);
  };
  name.value = tab === undefined ? '' : `Tab ${tab}`;
  if (tab === undefined) {
    say('invited', 'Give a name and ask. The host decides.');
    name.focus();
  } else void ask(asked);
}

function describe(guest: Guest | undefined): string {
  if (!guest) return '';
  const { adapter, gigaflops } = guest.about;
  return `${adapterName(adapter) || 'Your graphics card'} does ${fieldNumber(gigaflops)} GFLOP/s in a short test. `;
}
