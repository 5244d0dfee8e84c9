/** The mesh of the host's page: what the crew and the session say of it, put together, shown, and told to the guests. */
import type { Crew, CrewEvent, Member } from '../crew/api.ts';
import type { AdapterSummary, RankReport, RunEvent } from '../session/api.ts';
import { showAlert } from './alerts.ts';
import { element } from './dom.ts';
import { createGuestList } from './guest-list.ts';
import { createInvitePanel } from './invite-panel.ts';
import { onePiece } from './mesh-choices.ts';
import { createMeshForm } from './mesh-form.ts';
import { showMesh } from './mesh-panel.ts';
import { createRecovery, type Loss } from './recovery.ts';
import type { Run, RunState } from './run.ts';

export interface MeshRun {
  /** After every change of the run's state. */
  state(state: RunState): void;
  event(event: RunEvent): void;
  /** A run stands at this step, of which nothing is saved if it is 0. */
  started(step: number): void;
  /** The crew could not take its seats. */
  notAssembled(message: string): void;
  /** The adapter of this page. */
  adapter(adapter: AdapterSummary): void;
}

/** Guests hear of the run at most this often while it trains. */
const announceMs = 1000;

export function createMeshRun(crew: Crew, run: Run, failed: (cause: unknown) => void): MeshRun {
  const reports = new Map<number, RankReport>();
  const lost = new Set<number>();
  let own: AdapterSummary | undefined;
  let step = 0;
  let savedStep: number | undefined;
  let announcedAt = Number.NEGATIVE_INFINITY;
  /** Guests that are admitted, as of the last event. */
  let admitted = new Set<string>();

  const recovery = createRecovery({
    goOn: run.goOn,
    byItself: () => element('go-on-by-itself', HTMLInputElement).checked,
  });
  const form = createMeshForm(mesh => {
    run.change({ mesh });
    show();
  });
  const showGuests = createGuestList({ admit: crew.admit, refuse: id => crew.refuse(id) });
  const invitation = createInvitePanel({
    open: choice => {
      crew.admitAll(false);
      return crew.open(choice);
    },
    // A room that only this browser's tabs can enter: those that the user opens need not ask.
    onTab: kind => crew.admitAll(kind === 'tabs'),
    onError: failed,
  });

  const members = (): readonly Member[] =>
    crew.members().map(member => (member.host && own ? { ...member, adapter: own } : member));
  /** The mesh that is prepared or trained, else the one that is wanted. */
  const mesh = () => run.state().info?.config.mesh ?? (run.state().info ? onePiece : run.settings().mesh);

  const show = () => {
    const { status, info } = run.state();
    form.show(run.settings().mesh);
    form.offer(info);
    showMesh({ mesh: mesh(), status, info, members: members(), seats: crew.seats(), reports, lost });
  };

  const broken = (message: string) =>
    recovery.broken({ message, mesh: mesh(), info: run.state().info, savedStep });

  const announce = () => {
    announcedAt = performance.now();
    const { status, info } = run.state();
    const { preset, steps } = run.settings();
    const sizes = info?.ranks.length ? info.ranks.map(({ memory }) => memory) : info ? [info.memory] : [];
    crew.announce({ status, step, steps, preset, rankBytes: sizes.map(({ total }) => total) });
  };

  const membersChanged = (now: readonly Member[]) => {
    showGuests(now);
    const guests = now.filter(member => !member.host && member.status === 'admitted');
    const fresh = guests.find(({ id }) => !admitted.has(id));
    const changed = fresh !== undefined || guests.length !== admitted.size;
    admitted = new Set(guests.map(({ id }) => id));
    if (changed) run.seatAnew();
    if (fresh) recovery.joined(fresh.name);
    show();
  };

  const crewEvent = (event: CrewEvent) => {
    if (event.type === 'members') membersChanged(event.members);
    else if (event.type === 'lost') seatLost(event);
    else roomEvent(event);
  };
  const seatLost = ({ ranks, member, reason }: Extract<CrewEvent, { type: 'lost' }>) => {
    const loss: Loss = { ranks, reason, member: crew.members().find(({ id }) => id === member) };
    for (const rank of ranks) lost.add(rank);
    run.seatAnew();
    recovery.lost(loss);
    show();
  };
  const roomEvent = ({ state, message = '' }: Extract<CrewEvent, { type: 'room' }>) => {
    const topic = 'room';
    if (state === 'second-host') {
      invitation.roomClosed();
      showAlert({
        topic,
        kind: 'error',
        title: 'Another page is the host of this room',
        message: `${message}. Open a room of your own.`,
      });
    } else if (state === 'relay-lost') {
      showAlert({
        topic,
        kind: 'notice',
        title: 'The relay is out of reach',
        message: `${message} Those who are connected go on; others cannot join until it is back.`,
      });
    } else if (message) {
      showAlert({ topic, kind: 'notice', title: 'About the room', message });
    }
    if (state === 'closed') invitation.roomClosed();
  };
  crew.subscribe(crewEvent);

  return {
    state({ status }) {
      if (status === 'preparing') {
        lost.clear();
        reports.clear();
        recovery.over();
      }
      form.enable(status !== 'running');
      show();
      announce();
    },
    event(event) {
      if (event.type === 'metrics') {
        step = event.step;
        recovery.progressed();
        if (performance.now() - announcedAt >= announceMs) announce();
      } else if (event.type === 'ranks') {
        for (const report of event.ranks) reports.set(report.rank, report);
        show();
      } else if (event.type === 'checkpoint') {
        savedStep = event.step;
      } else if (event.type === 'error' && event.error.code === 'peer-lost') {
        broken(event.error.message);
      }
    },
    notAssembled: broken,
    started(at) {
      step = at;
      savedStep = at > 0 ? at : undefined;
    },
    adapter(adapter) {
      own = adapter;
      show();
    },
  };
}
