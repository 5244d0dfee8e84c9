/** Pages for tests of rooms: a page has one id, so each peer of a room runs in a frame of its own. */
import type { Json, Peer, Room, RoomHandlers, RoomOptions } from '../../../src/net/room.ts';
import type * as tabs from '../../../src/net/strategy-tabs.ts';

type Modules = Pick<typeof import('../../../src/net/room.ts'), 'joinRoom'> &
  Pick<typeof tabs, 'tabsStrategy'>;

export interface Events {
  readonly peer: Peer;
  readonly leave: { id: string; reason: string };
  readonly message: { id: string; message: Json };
  readonly answers: boolean;
  readonly admitted: string;
  readonly refused: string;
  readonly relays: { state: 'lost' | 'back'; text: string };
  readonly notice: string;
}

/** One page of a room, and what happened to it. */
export class TestPage {
  readonly frame: HTMLIFrameElement;
  readonly modules: Modules;
  /** What the page, trystero included, wrote to its console as errors. */
  readonly errors: unknown[][] = [];
  readonly log: { kind: keyof Events; event: unknown }[] = [];
  readonly #waiting = new Set<() => void>();
  room!: Room;

  constructor(frame: HTMLIFrameElement, modules: Modules) {
    this.frame = frame;
    this.modules = modules;
  }

  async join(options: RoomOptions): Promise<this> {
    const handlers: RoomHandlers = {
      onPeer: peer => this.#note('peer', peer),
      onLeave: (id, reason) => this.#note('leave', { id, reason }),
      onMessage: (id, message) => this.#note('message', { id, message }),
      onHostAnswers: answers => this.#note('answers', answers),
      onAdmitted: hostId => this.#note('admitted', hostId),
      onRefused: reason => this.#note('refused', reason),
      onRelays: (state, text) => this.#note('relays', { state, text }),
      onNotice: text => this.#note('notice', text),
    };
    this.room = await this.modules.joinRoom(options, handlers);
    return this;
  }

  /** All events of a kind so far. */
  all<Kind extends keyof Events>(kind: Kind): Events[Kind][] {
    return this.log.filter(entry => entry.kind === kind).map(({ event }) => event as Events[Kind]);
  }

  /** The first event of a kind that matches, whether it came already or is to come. */
  async until<Kind extends keyof Events>(
    kind: Kind,
    matches: (event: Events[Kind]) => boolean = () => true,
  ): Promise<Events[Kind]> {
    for (;;) {
      const found = this.all(kind).find(matches);
      if (found !== undefined) return found;
      await new Promise<void>(resolve => this.#waiting.add(resolve));
    }
  }

  #note<Kind extends keyof Events>(kind: Kind, event: Events[Kind]): void {
    this.log.push({ kind, event });
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}

const source = (path: string) => new URL(`../../../src/net/${path}`, import.meta.url).href;

/** @param before runs in the new page before any module of it. */
export async function openPage(
  before: (page: Window & typeof globalThis) => void = () => {},
): Promise<TestPage> {
  const frame = document.createElement('iframe');
  frame.srcdoc = '<!doctype html><title>A page of the room</title>';
  const loaded = new Promise(resolve => frame.addEventListener('load', resolve, { once: true }));
  document.body.append(frame);
  await loaded;
  const page = frame.contentWindow as Window & typeof globalThis & { ready?: (modules: Modules) => void };
  // Vitest has every import of a module while the page runs go through its own page.
  Object.assign(page, { __vitest_browser_runner__: { wrapDynamicImport: (load: () => unknown) => load() } });
  before(page);
  const modules = await new Promise<Modules>((resolve, reject) => {
    page.ready = resolve;
    const script = page.document.createElement('script');
    script.type = 'module';
    script.textContent = `
      import { joinRoom } from '${source('room.ts')}';
      import { tabsStrategy } from '${source('strategy-tabs.ts')}';
      ready({ joinRoom, tabsStrategy });`;
    script.onerror = () => reject(new Error('The modules of the page could not be loaded.'));
    page.document.body.append(script);
  });
  const opened = new TestPage(frame, modules);
  page.console.error = (...parts: unknown[]) => opened.errors.push(parts);
  return opened;
}
