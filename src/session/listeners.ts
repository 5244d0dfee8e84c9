/** Who listens to a session, and what they are told: events, the status, and every error once. */
import type { RunEvent, RunStatus } from './api.ts';
import { runErrorOf } from './errors.ts';

export class Listeners {
  readonly #listeners: ((event: RunEvent) => void)[] = [];
  /** Errors that listeners have heard of. */
  readonly #reported = new WeakSet<object>();

  add(listener: (event: RunEvent) => void): void {
    this.#listeners.push(listener);
  }

  emit(event: RunEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  status(status: RunStatus): void {
    this.emit({ type: 'status', status });
  }

  readonly progress = (stage: string, fraction: number): void => {
    this.emit({ type: 'progress', stage, fraction });
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

  /**
   * Runs a command that a run stands or falls with; what goes wrong is sent as an event before it is thrown, and the
   * run has failed.
   */
  async running<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      this.fail(error);
      throw error;
    }
  }

  /** Runs a command that may be refused without harm to the run. */
  async reporting<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      this.#report(error);
      throw error;
    }
  }
}
