/**
 * Who is the host of a room and whom it has let in, as one page knows it: the rules alone, without connections. A guest
 * whose host is gone may become the host in its place, with those who had been let in beside it.
 */
import type { Hello, Role } from './room-messages.ts';

export class Membership {
  readonly #selfId: string;
  #role: Role;
  #host: string | undefined;
  /** Host: whom it let in. Guest: its host's roster. */
  readonly #roster = new Set<string>();
  /** The last roster of a host that is gone. */
  #formerRoster = new Set<string>();
  #term = 0;
  #startedAt = Date.now();

  constructor(selfId: string, role: Role) {
    this.#selfId = selfId;
    this.#role = role;
  }

  get isHost(): boolean {
    return this.#role === 'host';
  }

  /** Guest: its host, while it has one. */
  get host(): string | undefined {
    return this.#host;
  }

  get roster(): readonly string[] {
    return [...this.#roster];
  }

  /** The part of a hello that is about all this. */
  told(): Pick<Hello, 'role' | 'startedAt' | 'guests' | 'term' | 'host'> {
    const guests = this.isHost ? this.#roster.size : 0;
    const told = { role: this.#role, startedAt: this.#startedAt, guests, term: this.#term };
    return this.#host === undefined ? told : { ...told, host: this.#host };
  }

  isAdmitted(id: string): boolean {
    return this.#roster.has(id);
  }

  /** Whether the page deals with a peer: a host with all, a guest with its host, and with others when it was let in. */
  sees(id: string): boolean {
    if (this.isHost || id === this.#host) return true;
    return this.#roster.has(this.#selfId) && this.#roster.has(id);
  }

  /** Whether messages go to and come from it: the host has let in whichever of the two is a guest. */
  takesPart(id: string): boolean {
    return this.sees(id) && this.#roster.has(this.isHost ? id : this.#selfId);
  }

  admit(id: string): void {
    this.#roster.add(id);
  }

  /** A guest is gone. @returns whether it had been let in */
  remove(id: string): boolean {
    return this.#roster.delete(id);
  }

  /** A guest is turned away. @returns whether it had been let in */
  expel(id: string): boolean {
    this.#formerRoster.delete(id);
    return this.#roster.delete(id);
  }

  /** Whether the host before had let it in. */
  wasAdmitted(id: string): boolean {
    return this.#formerRoster.has(id);
  }

  /** Guest: takes the roster of its host. @returns whether this page has been let in by it */
  adopt(ids: readonly string[]): boolean {
    const wasIn = this.#roster.has(this.#selfId);
    this.#roster.clear();
    for (const id of ids) this.#roster.add(id);
    return !wasIn && this.#roster.has(this.#selfId);
  }

  /** This page is the guest of that host, perhaps after it was a host itself. */
  follow(id: string, term: number): void {
    if (this.isHost) this.#roster.clear();
    this.#role = 'guest';
    this.#host = id;
    this.#term = term;
  }

  /** Guest: its host is gone, or is one no more. */
  loseHost(): void {
    if (this.#roster.has(this.#selfId)) this.#formerRoster = new Set(this.#roster);
    this.#roster.clear();
    this.#host = undefined;
  }

  /** @throws Error where this page may not */
  takeOver(): void {
    if (this.isHost || this.#host !== undefined) throw new Error('This room has a host.');
    if (!this.wasAdmitted(this.#selfId)) throw new Error('The host had not let this page in.');
    this.#role = 'host';
    this.#term++;
    this.#startedAt = Date.now();
  }
}
