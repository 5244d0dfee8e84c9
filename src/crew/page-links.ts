/**
 * The links of this page to other pages of its room. A link outlives the generations of the wiring; after trouble, when
 * the two pages may differ in what they think of it, all links are made anew.
 */
import type { LinkStatistics } from '../net/link-port.ts';
import { createPeerLink, type PeerLink } from '../net/peer-link.ts';
import type { Json, Room } from '../net/room.ts';

export interface PageLinks {
  /** Call before the links of a generation are used. */
  begin(generation: number, anew: boolean): void;
  /** The link to a page that takes part in the room; made where there is none. */
  to(id: string): PeerLink;
  /** Takes what the link of the other page, made in generation `link`, signals. */
  accept(id: string, link: number, signal: unknown): void;
  /** Ends what is left of earlier generations, once the ranks of this page have left them. */
  settle(generation: number): void;
  /** Ends the link to a page that is gone. */
  drop(id: string, reason: string): void;
  statistics(id: string): LinkStatistics | undefined;
  close(reason: string): void;
}

export interface PageLinksOptions {
  readonly room: Pick<Room, 'selfId' | 'send' | 'connection'>;
  /** A link of the current generation has ended, but not by this page. */
  readonly onEnd: (id: string, reason: string) => void;
}

interface MadeLink {
  readonly link: PeerLink;
  /** The generation in which it was made, the same on both pages. */
  readonly made: number;
}

/** Signals that are kept for a link to a page that this page has not made yet: offers and candidates. */
const MOST_EARLY = 256;

export function createPageLinks({ room, onEnd }: PageLinksOptions): PageLinks {
  const links = new Map<string, MadeLink>();
  const retired: PeerLink[] = [];
  const early = new Map<string, { readonly made: number; readonly signals: unknown[] }>();
  let current = 0;

  function make(id: string): PeerLink {
    const made = current;
    const link = createPeerLink({
      initiator: room.selfId < id,
      // Undefined fields of a signal do not travel, so it is JSON.
      signal: body => room.send(id, { type: 'signal', link: made, body: body as Json }),
      // What served to connect the pages for their room serves here as well.
      iceServers: room.connection(id)?.getConfiguration().iceServers,
    });
    links.set(id, { link, made });
    link.onClose(reason => {
      if (links.get(id)?.link !== link) return;
      links.delete(id);
      onEnd(id, reason);
    });
    const kept = early.get(id);
    if (kept !== undefined && kept.made <= made) early.delete(id);
    if (kept?.made === made) for (const signal of kept.signals) link.accept(signal);
    return link;
  }

  function keep(id: string, made: number, signal: unknown): void {
    const kept = early.get(id);
    if (kept === undefined || kept.made < made) early.set(id, { made, signals: [signal] });
    else if (kept.made === made && kept.signals.length < MOST_EARLY) kept.signals.push(signal);
  }

  return {
    begin(generation, anew) {
      current = generation;
      if (!anew) return;
      retired.push(...[...links.values()].map(({ link }) => link));
      links.clear();
    },
    to: id => links.get(id)?.link ?? make(id),
    accept(id, made, signal) {
      const known = links.get(id);
      if (known?.made === made) known.link.accept(signal);
      else if (made >= current) keep(id, made, signal);
    },
    settle(generation) {
      for (const link of retired.splice(0)) link.close('the ranks are linked anew');
      for (const { link } of links.values()) link.detach(generation - 1);
    },
    drop(id, reason) {
      const known = links.get(id);
      links.delete(id);
      early.delete(id);
      known?.link.close(reason);
    },
    statistics: id => links.get(id)?.link.statistics(),
    close(reason) {
      const all = [...retired.splice(0), ...[...links.values()].map(({ link }) => link)];
      links.clear();
      early.clear();
      for (const link of all) link.close(reason);
      current = 0;
    },
  };
}
