/**
 * The other pages of a room as this page knows them: what they say of themselves, which of them its user gets to see,
 * and what those say who take part.
 */
import type { Membership } from './membership.ts';
import type { Peer, RoomHandlers } from './room-api.ts';
import type { Hello, Json } from './room-messages.ts';

/** Messages kept for a peer that may talk but is not on our roster yet: its copy of the roster came first. */
const mostHeld = 64;

/** Another page that is connected to this one. */
interface Contact {
  /** By which the two judge which of them is the host: this page's first hello to it, or that as a new host. */
  said: Hello;
  hello?: Hello;
  /** Whether `onPeer` was called for it. */
  shown: boolean;
  readonly held: Json[];
}

export class Contacts {
  /** Who is told of peers. */
  handlers: RoomHandlers;
  readonly #members: Membership;
  readonly #contacts = new Map<string, Contact>();

  constructor(members: Membership, handlers: RoomHandlers) {
    this.#members = members;
    this.handlers = handlers;
  }

  ids(): string[] {
    return [...this.#contacts.keys()];
  }

  /** What this page said to it; undefined for a page that is not connected. */
  said(id: string): Hello | undefined {
    return this.#contacts.get(id)?.said;
  }

  hello(id: string): Hello | undefined {
    return this.#contacts.get(id)?.hello;
  }

  /** Some page that says that it is the host. */
  host(): { readonly id: string; readonly hello: Hello } | undefined {
    for (const [id, { hello }] of this.#contacts) if (hello?.role === 'host') return { id, hello };
    return undefined;
  }

  /** Those whom the user gets to see. */
  peers(): Peer[] {
    return [...this.#contacts].filter(([, { shown }]) => shown).map(([id, { hello }]) => asPeer(id, hello!));
  }

  takesPart(id: string): boolean {
    return this.hello(id) !== undefined && this.#members.takesPart(id);
  }

  /** This page says hello to a page that is new, or in a role that has changed. */
  greet(id: string, said: Hello): void {
    const known = this.#contacts.get(id);
    if (known) known.said = said;
    else this.#contacts.set(id, { said, shown: false, held: [] });
  }

  greeted(id: string, hello: Hello): void {
    const contact = this.#contacts.get(id);
    if (!contact) return;
    contact.hello = hello;
    if (contact.shown) this.handlers.onPeer?.(asPeer(id, hello));
  }

  heard(id: string, message: Json): void {
    const contact = this.#contacts.get(id);
    if (!contact) return;
    if (this.takesPart(id)) this.handlers.onMessage?.(id, message);
    else if (contact.held.length < mostHeld) contact.held.push(message);
  }

  remove(id: string, reason: string): void {
    const contact = this.#contacts.get(id);
    this.#contacts.delete(id);
    if (contact?.shown) this.handlers.onLeave?.(id, reason);
  }

  clear(): void {
    this.#contacts.clear();
  }

  /** Tells the page who came into view or went out of it, and hands it what was held for those who take part now. */
  refresh(): void {
    for (const [id, contact] of this.#contacts) {
      const visible = contact.hello !== undefined && this.#members.sees(id);
      if (visible !== contact.shown) {
        contact.shown = visible;
        if (visible) this.handlers.onPeer?.(asPeer(id, contact.hello!));
        else this.handlers.onLeave?.(id, 'the host left, or turned it away');
      }
      if (!this.takesPart(id)) continue;
      for (const message of contact.held.splice(0)) this.handlers.onMessage?.(id, message);
    }
  }
}

const asPeer = (id: string, { role, name, about }: Hello): Peer => ({ id, role, name, about });
