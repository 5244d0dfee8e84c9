/** The ports of the ranks of one page, to each other and to the ranks of other pages. */
import { connectLocal, type Emulation } from '../net/local-link.ts';

export interface WireRequest {
  /** The page of every rank. */
  readonly members: readonly string[];
  /** This page. */
  readonly own: string;
  /** Put between ranks of this page. */
  readonly emulation?: Emulation;
  /** Joins a port with a rank of another page; `from` is the rank of this one. */
  attach(member: string, from: number, to: number, port: MessagePort): void;
}

/** @returns by rank of this page: the port to every other rank, null for its own */
export function wirePage({
  members,
  own,
  emulation,
  attach,
}: WireRequest): Map<number, (MessagePort | null)[]> {
  const ranks = members.flatMap((member, rank) => (member === own ? [rank] : []));
  const ports = new Map(ranks.map(rank => [rank, new Array<MessagePort | null>(members.length).fill(null)]));
  for (const [from, ownPorts] of ports) {
    for (const [to, member] of members.entries()) {
      const others = ports.get(to);
      if (others === undefined) {
        const { port1, port2 } = new MessageChannel();
        ownPorts[to] = port1;
        attach(member, from, to, port2);
      } else if (to > from) {
        [ownPorts[to], others[from]] = connectLocal(emulation);
      }
    }
  }
  return ports;
}

/** The ports of a wiring, to be moved with it. */
export function transferable(ports: readonly (MessagePort | null)[]): MessagePort[] {
  return ports.filter(port => port !== null);
}
