/** Who belongs to a host's crew: itself, those who ask, and those it let in. */
import type { Peer } from '../net/room.ts';
import type { AdapterSummary } from '../session/api/adapter.ts';
import type { ToldMachine } from '../session/api/told-machine.ts';
import type { Member, MemberAbout, MemberStatus } from './api.ts';
import { readAbout } from './messages.ts';

type Entry = Omit<Member, 'ranks' | 'leaving' | 'roundTripMs' | 'megabytesPerSecond'>;

/** Of a page that has not opened a device, or has none. */
export const unknownAdapter: AdapterSummary = {
  vendor: '',
  architecture: '',
  description: '',
  features: [],
  maxStorageBufferBindingSize: 0,
  maxBufferSize: 0,
  software: false,
};

export interface Roster {
  /** The host first, then guests as they came. */
  all(): readonly Entry[];
  get(id: string): Entry | undefined;
  /** What a member is called, for people. */
  nameOf(id: string): string;
  /** Guests that are admitted and not gone, as they came. */
  admitted(): readonly Entry[];
  /** Those of them that can hold a rank. */
  computing(): readonly Entry[];
  describeHost(about: Partial<MemberAbout> & { readonly machine?: ToldMachine }): void;
  /**
   * A guest tells of its machine. What cannot be is not taken; what was told before holds.
   *
   * @param read what it told, or what is wrong with that
   * @returns false where it is what is known
   */
  learn(id: string, read: ToldMachine | string): boolean;
  /** Notes a guest that asks, or what a known one tells anew. @returns false for a malformed description */
  note(peer: Peer): boolean;
  mark(id: string, status: MemberStatus): void;
  /** Forgets those that are gone or were refused. */
  prune(): void;
}

export function createRoster(hostId: string, name: string): Roster {
  const entries = new Map<string, Entry>();
  entries.set(hostId, {
    id: hostId,
    host: true,
    name,
    status: 'admitted',
    adapter: unknownAdapter,
    gigaflops: Number.NaN,
  });
  /** Two tabs of one person go by one name: the later ones are numbered. */
  const distinct = (id: string, name: string): string => {
    const isHere = ({ status }: Entry) => status === 'asking' || status === 'admitted';
    const others = [...entries.values()].filter(entry => entry.id !== id && isHere(entry));
    const taken = new Set(others.map(entry => entry.name));
    if (!taken.has(name)) return name;
    let number = 2;
    while (taken.has(`${name} (${number})`)) number++;
    return `${name} (${number})`;
  };
  const update = (id: string, change: Partial<Entry>): void => {
    const entry = entries.get(id);
    if (entry) entries.set(id, { ...entry, ...change });
  };
  const admitted = () => [...entries.values()].filter(({ host, status }) => !host && status === 'admitted');
  return {
    all: () => [...entries.values()],
    get: id => entries.get(id),
    nameOf: id => entries.get(id)?.name ?? 'A guest',
    admitted,
    computing: () => admitted().filter(({ watches }) => !watches),
    describeHost: about => update(hostId, about),
    note({ id, name, about: told }) {
      const about = readAbout(told);
      if (about === undefined) return false;
      const { status: before, machine } = entries.get(id) ?? {};
      const status = before === 'admitted' ? 'admitted' : 'asking';
      entries.set(id, { id, host: false, name: distinct(id, name), status, machine, ...about });
      return true;
    },
    learn(id, read) {
      const { machine, machineFault } = entries.get(id) ?? {};
      const isFault = typeof read === 'string';
      const isKnown = isFault
        ? read === machineFault
        : machineFault === undefined && JSON.stringify(read) === JSON.stringify(machine);
      if (isKnown) return false;
      update(id, isFault ? { machineFault: read } : { machine: read, machineFault: undefined });
      return true;
    },
    mark: (id, status) => update(id, { status }),
    prune() {
      for (const [id, { status }] of entries) {
        if (status === 'gone' || status === 'refused') entries.delete(id);
      }
    },
  };
}
