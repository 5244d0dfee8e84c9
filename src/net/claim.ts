/** What a page that takes a room over waits for: that those who were let in beside it follow it, or leave. */

/**
 * By then whoever is silent has been taken for gone, the old host by its guests too (`presence.ts`): who has not followed
 * hears the old host still.
 */
const followMs = 6000;

export class Claim {
  /** Fulfilled when nobody is awaited any more, or after 6 s; rejected with what `fail` was told. */
  readonly settled: Promise<void>;
  readonly #awaited: Set<string>;
  readonly #timer: ReturnType<typeof setTimeout>;
  #done: () => void = () => {};
  #failed: (error: Error) => void = () => {};

  constructor(awaited: Iterable<string>) {
    this.#awaited = new Set(awaited);
    this.settled = new Promise((done, failed) => {
      this.#done = done;
      this.#failed = failed;
    });
    this.#timer = setTimeout(this.#done, followMs);
    this.#settle();
  }

  /** A page follows, or is gone. */
  cease(id: string): void {
    this.#awaited.delete(id);
    this.#settle();
  }

  /** Another page was faster. */
  fail(error: Error): void {
    clearTimeout(this.#timer);
    this.#failed(error);
  }

  #settle(): void {
    if (this.#awaited.size > 0) return;
    clearTimeout(this.#timer);
    this.#done();
  }
}
