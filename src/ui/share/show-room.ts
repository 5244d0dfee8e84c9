/** Keeps what is known of the browsers in the room, for what they could do together; its panel is loaded where the room is shown. */
import type { Crew } from '../../crew/api.ts';
import { parseInvite } from '../../crew/invite.ts';
import type { MeshConfig } from '../../session/api/run-config.ts';
import type { Machine } from '../board/show-machine.ts';
import { element } from '../dom.ts';
import type { RoomForecast, RoomView } from './room-forecast.ts';

export interface RoomPanel {
  /** The view of sharing comes into sight. */
  open(): Promise<void>;
  /** Other settings may be wanted now. @param mesh of them */
  wanted(mesh: MeshConfig): void;
}

export interface RoomOptions {
  readonly crew: Pick<Crew, 'members' | 'subscribe' | 'invitation'>;
  readonly machine: Pick<Machine, 'predict' | 'laptops' | 'question'>;
}

/** @throws Error in words for people */
const loadPower = () =>
  import('./room-power.ts').catch((cause: unknown) => {
    throw new Error(
      'The table of graphics cards could not be loaded. Try again when the server of this page can be reached.',
      { cause },
    );
  });

export function createRoomPanel({ crew, machine }: RoomOptions): RoomPanel {
  let panel: RoomForecast | undefined;
  let like: MeshConfig = { rows: 1, columns: 1, replicas: 1 };
  let question = '';
  /** By member: the most that its link was seen to carry. */
  const most = new Map<string, number>();

  const viewOf = (): RoomView => {
    const here = crew
      .members()
      .filter(
        ({ host, status, watches, leaving }) => host || (status === 'admitted' && !watches && !leaving),
      );
    const link = crew.invitation();
    return {
      isOneCard: link !== undefined && parseInvite(new URL(link))?.kind === 'tabs',
      like,
      browsers: here.map(({ id, host, name, gigaflops, adapter, machine, roundTripMs }) => ({
        id,
        name: host ? 'this page' : name,
        gigaflops: gigaflops > 0 ? gigaflops : undefined,
        software: adapter.software,
        adapter,
        machine,
        roundTripMs,
        mostMegabytesPerSecond: most.get(id),
      })),
    };
  };
  const show = () => {
    if (panel) panel.room = viewOf();
  };
  crew.subscribe(() => {
    for (const { id, megabytesPerSecond = 0 } of crew.members())
      most.set(id, Math.max(most.get(id) ?? 0, megabytesPerSecond));
    show();
  });

  return {
    async open() {
      if (panel) return;
      const { RoomForecast } = await import('./room-forecast.ts');
      if (panel) return;
      panel = new RoomForecast();
      panel.predict = machine.predict;
      panel.laptops = machine.laptops;
      panel.power = async room => (await loadPower()).powerOfRoom(room);
      show();
      element('room-forecast', HTMLElement).append(panel);
    },
    wanted(mesh) {
      like = mesh;
      const now = machine.question();
      if (now === question) return;
      question = now;
      panel?.modelChanged();
      show();
    },
  };
}
