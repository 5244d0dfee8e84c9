/**
 * Sharing the run with other ranks, in this page or in others. Until a mesh of several ranks, a room or its view is wanted
 * this page is the only rank: then what a host needs is loaded, before training begins, and hears what it has missed.
 */
import type { AssembleOptions, Crew } from '../../crew/api.ts';
import { type MeshShape, ranksOf } from '../../mesh/mesh.ts';
import type { AdapterSummary } from '../../session/api/adapter.ts';
import type { RunEvent } from '../../session/api/api.ts';
import type { Run, RunState } from '../run.ts';
import type { Hosting, HostingOptions } from './hosting.ts';

export interface SharingOptions extends Omit<HostingOptions, 'run'> {
  /** Asked for once a run is there: its view may be opened before. */
  readonly run: () => Run;
  /** It could not be loaded, though nobody waits for it now. */
  readonly failed: (cause: unknown) => void;
  /** The page has said, with what to do, why a mesh did not come about. */
  readonly said: (message: string) => void;
}

export interface Sharing {
  /** @throws Error where it cannot be loaded */
  open(): Promise<Hosting>;
  /** Who computes with this page; nobody is until it is loaded. */
  readonly crew: Pick<Crew, 'members' | 'seats'>;
  /** Its view comes into sight. */
  show(): Promise<void>;
  /**
   * Seats the ranks of a mesh.
   * @throws Error where they do not come about, which the page says by itself, or what seats them cannot be loaded
   */
  assemble(mesh: MeshShape, options: AssembleOptions): Promise<void>;
  /** After every change of the run's state. */
  state(state: RunState): void;
  event(event: RunEvent): void;
  /** A run stands at this step. */
  started(step: number): void;
  /** The adapter of this page. */
  adapter(adapter: AdapterSummary): void;
}

/** Events of which a host needs the last. */
const kept: readonly RunEvent['type'][] = ['metrics', 'ranks', 'checkpoint'];
/** As `cardsOf` has it of a page that is alone. */
const ownCard = { rank: 0, card: 'host', name: 'card of this page', certain: true, holder: 'this page' };

export function createSharing(options: SharingOptions): Sharing {
  const { run, onSeated, failed, said } = options;
  let opening: Promise<Hosting> | undefined;
  let hosting: Hosting | undefined;
  let own: AdapterSummary | undefined;
  let step = 0;
  const last = new Map<RunEvent['type'], RunEvent>();

  const load = async () => {
    const { createHosting } = await import('./hosting.ts').catch((cause: unknown) => {
      // It is asked for again the next time.
      opening = undefined;
      throw new Error(
        'What shares a model between ranks could not be loaded. Try again when the server of this page can be reached.',
        { cause },
      );
    });
    hosting = createHosting({ ...options, run: run() });
    const { mesh, room } = hosting;
    if (own) mesh.adapter(own);
    mesh.started(step);
    for (const event of last.values()) mesh.event(event);
    mesh.state(run().state());
    room.wanted(run().settings().mesh);
    return hosting;
  };
  const open = () => {
    opening ??= load();
    return opening;
  };

  return {
    open,
    crew: {
      members: () => hosting?.crew.members() ?? [],
      seats: () => hosting?.crew.seats() ?? [],
    },
    async show() {
      await (await open()).room.open();
    },
    async assemble(shape, how) {
      if (!opening && ranksOf(shape) === 1) return;
      const { crew, mesh } = await open();
      mesh.assembling();
      try {
        await crew.assemble(shape, how);
      } catch (cause) {
        const { message } = cause as Error;
        said(message);
        mesh.notAssembled(message);
        throw cause;
      }
    },
    state(state) {
      const { mesh } = run().settings();
      if (hosting) {
        hosting.mesh.state(state);
        hosting.room.wanted(mesh);
      } else if (ranksOf(mesh) > 1) open().catch(failed);
      else onSeated([ownCard]);
    },
    event(event) {
      if (hosting) hosting.mesh.event(event);
      else if (kept.includes(event.type)) last.set(event.type, event);
    },
    started(at) {
      step = at;
      last.clear();
      hosting?.mesh.started(at);
    },
    adapter(adapter) {
      own = adapter;
      hosting?.mesh.adapter(adapter);
    },
  };
}
