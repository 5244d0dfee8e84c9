/**
 * Who listens to a session, and what they are told: events, the status, and every error once. Events go to other threads
 * on a port of their own, so the answer of a command is kept back until they have been heard: what listeners know when
 * it comes is whole.
 */
import type { Progress } from '../data/dataset.ts';
import type { RunEvent, RunStatus } from './api/api.ts';
import { runErrorOf } from './errors.ts';

/** What it returns is settled once the event has been heard, where that takes longer than the call. */
type Listener = (event: RunEvent) => unknown;

export class Listeners {
  readonly #listeners: Listener[] = [];
  /** Events on their way. */
  readonly #unheard = new Set<Promise<unknown>>();
  /** Errors that listeners have heard of. */
  readonly #reported = new WeakSet<object>();

  add(listener: Listener): void {
    this.#listeners.push(listener);
  }

  emit(event: RunEvent): void {
    for (const listener of this.#listeners) {
      const heard = Promise.resolve(listener(event)).finally(() => this.#unheard.delete(heard));
      this.#unheard.add(heard);
    }
  }

  status(status: RunStatus): void {
    this.emit({ type: 'status', status });
  }

  readonly progress: Progress = (stage, fraction, field) => {
    this.emit({ type: 'progress', stage, fraction, ...(field ? { field } : {}) });
  };

  /** Reports an error that ends the run. */
  fail(error: unknown): void {
    this.#report(error);
    this.status('failed');
  }

  /** Once: where a peer is lost, one error ends all that was asked for at the time. */
  #report(error: unknown): void {
    if (this.#reported.has(error as object)) return;
    this.#reported.add(error as object);
    this.emit({ type: 'error', error: runErrorOf(error) });
  }

  /** Runs a command, and answers it when everybody has heard what happened in it. */
  async answering<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } finally {
      await Promise.allSettled(this.#unheard);
    }
  }

  /**
   * Runs a command that a run stands or falls with; what goes wrong is sent as an event before it is thrown, and the
   * run has failed.
   */
  running<T>(work: () => Promise<T>): Promise<T> {
    return this.#telling(work, error => this.fail(error));
  }

  /** Runs a command that may be refused without harm to the run. */
  reporting<T>(work: () => Promise<T>): Promise<T> {
    return this.#telling(work, error => this.#report(error));
  }

  #telling<T>(work: () => Promise<T>, tell: (error: unknown) => void): Promise<T> {
    return this.answering(async () => {
      try {
        return await work();
      } catch (error) {
        tell(error);
        throw error;
      }
    });
  }
}
