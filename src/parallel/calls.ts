/** Calls to peers that are not answered yet. */
import { FrameError } from '../net/frame-error.ts';
import type { Reply } from './control-messages.ts';
import { PeerError } from './faults.ts';

interface OpenCall {
  readonly peer: number;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

export class OpenCalls {
  readonly #open = new Map<number, OpenCall>();
  #next = 1;

  /** Peers that an answer is waited for from. */
  get awaited(): number[] {
    return [...this.#open.values()].map(({ peer }) => peer);
  }

  /** A new call, to be sent under this number. */
  open(peer: number): { readonly id: number; readonly answer: Promise<unknown> } {
    const id = this.#next++;
    const answer = new Promise<unknown>((resolve, reject) => this.#open.set(id, { peer, resolve, reject }));
    return { id, answer };
  }

  /** @throws FrameError where the peer was not called */
  settle(peer: number, id: number, reply: Reply): void {
    const call = this.#open.get(id);
    if (call?.peer !== peer) throw new FrameError('a reply to a call that it did not get');
    this.#open.delete(id);
    if ('error' in reply) call.reject(new PeerError(peer, `could not do its part: ${reply.error}`));
    else call.resolve(reply.value);
  }

  end(error: Error): void {
    for (const { reject } of this.#open.values()) reject(error);
    this.#open.clear();
  }
}
