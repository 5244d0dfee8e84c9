/** The mesh of the host's page: what the crew and the session say of it, put together, shown, and told to the guests. */
import type { Crew, CrewEvent, Member, RoomChoice, RoomKind, TakenRoom } from '../crew/api.ts';
import { cardsOf, type RankCard } from '../crew/cards.ts';
import { placeOf, ranksOf } from '../mesh/mesh.ts';
import type { AdapterSummary } from '../session/api/adapter.ts';
import type { RankReport, RunEvent } from '../session/api/api.ts';
import { roomTopic, showAlert, withdrawAlert } from './alerts.ts';
import { element } from './dom.ts';
import { createGuestList } from './guest-list.ts';
import { createInvitePanel } from './invite-panel.ts';
import { onePiece } from './mesh-choices.ts';
import { createMeshForm } from './mesh-form.ts';
import { createMeshPanel } from './mesh-panel.ts';
import { memberName } from './rank-view.ts';
import { createRecovery, type LostRank, type Remains } from './recovery.ts';
import type { Run, RunState } from './run.ts';
import type { Settings } from './run-settings.ts';

export interface MeshRun {
  /** This page is the host of a room that it took over. */
  adopt(taken: TakenRoom): void;
  /** Opens a room as its panel does. @returns the link into it */
  openRoom(choice: RoomChoice): Promise<string>;
  /** After every change of the run's state. */
  state(state: RunState): void;
  event(event: RunEvent): void;
  /** A run stands at this step, of which nothing is saved if it is 0. */
  started(step: number): void;
  /** The crew is about to take its seats. */
  assembling(): void;
  /** It could not. */
  notAssembled(message: string): void;
  /** The adapter of this page. */
  adapter(adapter: AdapterSummary): void;
}

/** Guests hear of the run at most this often while it trains. */
const announceMs = 1000;

/** The card of a rank, and who holds the rank, for people. */
export interface HeldCard extends RankCard {
  readonly holder: string;
}
export type OnSeated = (cards: readonly HeldCard[]) => void;

/** @param onSeated told of the card of every rank whenever who holds them may have changed */
export function createMeshRun(crew: Crew, run: Run, onSeated: OnSeated): MeshRun {
  const reports = new Map<number, RankReport>();
  const lost = new Map<number, LostRank>();
  let own: AdapterSummary | undefined;
  let step = 0;
  let savedStep: number | undefined;
  /** Of the room that is open. */
  let room: RoomKind | undefined;
  let announcedAt = Number.NEGATIVE_INFINITY;
  /** Guests that are admitted, as of the last event. */
  let admitted = new Set<string>();
  const mayLook = element('guests-look', HTMLInputElement);
  /** As of the last state. */
  let status = run.state().status;

  const recovery = createRecovery({
    remains,
    goOn: run.goOn,
    leaveOut(members, why) {
      for (const { id } of members) crew.refuse(id, why);
    },
    byItself: () => element('go-on-by-itself', HTMLInputElement).checked,
  });
  const choose = (change: Partial<Pick<Settings, 'mesh' | 'link'>>) => {
    run.change(change);
    show();
  };
  const form = createMeshForm(
    mesh => choose({ mesh }),
    link => choose({ link }),
  );
  const showMesh = createMeshPanel();
  const showGuests = createGuestList({ admit: crew.admit, refuse: id => crew.refuse(id) });
  const openRoom = (choice: RoomChoice) => {
    crew.admitAll(false);
    // What was said of the room before.
    withdrawAlert(roomTopic);
    room = choice.kind;
    // It was said to others.
    mayLook.checked = false;
    announce();
    return crew.open(choice);
  };
  const invitation = createInvitePanel({
    open: openRoom,
    // A room that only this browser's tabs can enter: those that the user opens need not ask.
    onTab: kind => crew.admitAll(kind === 'tabs'),
  });

  const members = (): readonly Member[] =>
    crew.members().map(member => (member.host && own ? { ...member, adapter: own } : member));
  /** The mesh that is prepared or trained, else the one that is wanted. */
  const mesh = () => run.state().info?.config.mesh ?? (run.state().info ? onePiece : run.settings().mesh);

  const show = () => {
    const { status, info } = run.state();
    form.show(run.settings().mesh, run.settings().link);
    form.offer(info);
    const ranks = new Set(lost.keys());
    tellCards();
    showMesh({ mesh: mesh(), status, info, members: members(), seats: crew.seats(), reports, lost: ranks });
  };

  const tellCards = () => {
    const all = members();
    const host = all.find(member => member.host);
    const seats = crew.seats();
    const alone = host && ranksOf(mesh()) === 1 ? [{ ...placeOf(onePiece, 0), member: host.id }] : [];
    const held = seats.length === ranksOf(mesh()) && seats.length > 1 ? seats : alone;
    const holderOf = (rank: number) => held.find(seat => seat.rank === rank)?.member;
    onSeated(
      cardsOf(held, all, room).map(card => ({
        ...card,
        holder: memberName(all.find(({ id }) => id === holderOf(card.rank))),
      })),
    );
  };

  function remains(): Remains {
    const ranks = [...lost.values()].sort((a, b) => a.rank - b.rank);
    const holders = new Set(ranks.map(({ member }) => member?.id));
    const guests = crew
      .members()
      .filter(({ host, status, leaving }) => !host && status === 'admitted' && !leaving);
    return {
      lost: ranks,
      staying: guests.filter(({ id }) => holders.has(id)),
      spare: guests.filter(guest => guest.ranks.length === 0 && !guest.watches && !holders.has(guest.id)),
    };
  }

  const lose = (rank: number, reason: string) => {
    const seat = crew.seats().find(seat => seat.rank === rank);
    const member = crew.members().find(({ id }) => id === seat?.member);
    // What the crew says of it is more than its number.
    if (reason || !lost.has(rank)) lost.set(rank, { rank, member, reason });
  };

  const broken = (message: string) => {
    const { info, status } = run.state();
    const still = status === 'ready' || status === 'paused' || status === 'done';
    recovery.broken({ message, mesh: mesh(), info, savedStep, still });
  };

  const announce = () => {
    announcedAt = performance.now();
    const { status, info } = run.state();
    const { preset, steps } = run.settings();
    const sizes = info?.ranks.length ? info.ranks.map(({ memory }) => memory) : info ? [info.memory] : [];
    const looks = mayLook.checked;
    crew.announce({ status, step, steps, preset, looks, rankBytes: sizes.map(({ total }) => total) });
  };

  const membersChanged = (now: readonly Member[]) => {
    showGuests(now);
    const guests = now.filter(({ host, status, watches }) => !host && status === 'admitted' && !watches);
    const fresh = guests.find(({ id }) => !admitted.has(id));
    const changed = fresh !== undefined || guests.length !== admitted.size;
    admitted = new Set(guests.map(({ id }) => id));
    if (changed) run.seatAnew();
    if (fresh) recovery.joined(fresh.name);
    recovery.changed();
    show();
  };

  const crewEvent = (event: CrewEvent) => {
    if (event.type === 'members') membersChanged(event.members);
    else if (event.type === 'lost') seatLost(event);
    else if (event.type === 'room') roomEvent(event);
  };
  const seatLost = ({ ranks, reason }: Extract<CrewEvent, { type: 'lost' }>) => {
    for (const rank of ranks) lose(rank, reason);
    run.seatAnew();
    if (!noticeGap()) recovery.changed();
    show();
  };
  /** Where a run stands still, nobody asks a lost rank for anything, so the session does not notice. */
  const noticeGap = (): boolean => {
    const found = lost.size > 0 && (status === 'paused' || status === 'done');
    if (found) broken(`The run is ${status}, and its mesh is not whole.`);
    return found;
  };
  const roomEvent = ({ state, message = '' }: Extract<CrewEvent, { type: 'room' }>) => {
    const topic = roomTopic;
    if (state === 'second-host') {
      invitation.roomClosed();
      showAlert({
        topic,
        kind: 'error',
        title: 'Another page is the host of this room',
        message: `Open a room of your own: ${message}.`,
      });
    } else if (state === 'relay-lost') {
      showAlert({
        topic,
        kind: 'notice',
        title: 'The relay is out of reach',
        message: `${message} Until one answers, nobody else can join.`,
      });
    } else if (message) {
      showAlert({ topic, kind: 'notice', title: 'About the room', message });
    }
    if (state === 'closed') {
      room = undefined;
      invitation.roomClosed();
    }
  };
  crew.subscribe(crewEvent);
  mayLook.onchange = announce;

  return {
    adopt(taken) {
      crew.adopt(taken);
      room = taken.invite.kind;
      invitation.roomOpened(taken.invite.kind, crew.invitation()!);
    },
    async openRoom(choice) {
      const link = await openRoom(choice);
      invitation.roomOpened(choice.kind, link);
      return link;
    },
    state({ status: now }) {
      const stopped = now !== status;
      status = now;
      form.enable(now !== 'running');
      show();
      announce();
      if (stopped) noticeGap();
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
        if (event.error.rank !== undefined) lose(event.error.rank, '');
        run.seatAnew();
        broken(event.error.message);
        show();
      }
    },
    assembling() {
      lost.clear();
      reports.clear();
      recovery.over();
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
