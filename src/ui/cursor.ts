/**
 * What the reader points at, for everything that shows it: a piece, a rank, an exchange, a moment of the recorded step. It
 * is state, so that prose, pieces and lanes light up together, and none of them knows the others.
 */
import type { ReactiveController, ReactiveControllerHost } from 'lit';

/**
 * Names of what can be pointed at: `w:blocks.0.token1.weight` a parameter, `r:2` a rank, `x:21` an exchange, `s:51` a step of
 * the plan, `l:blocks.0.token` a layer.
 */
export type ThingId = `${'w' | 'r' | 'x' | 's' | 'l'}:${string}`;

export interface CursorState {
  /** Milliseconds since the beginning of the recorded step; undefined where it is not replayed. */
  readonly at: number | undefined;
  readonly hovered: readonly ThingId[];
}

export interface Cursor {
  state(): CursorState;
  /** Moves it; what is not given stays. */
  set(change: Partial<CursorState>): void;
  /** @returns a function that ends the subscription */
  subscribe(listener: () => void): () => void;
}

export function createCursor(): Cursor {
  let state: CursorState = { at: undefined, hovered: [] };
  const listeners = new Set<() => void>();
  return {
    state: () => state,
    set(change) {
      const next = { ...state, ...change };
      if (next.at === state.at && sameIds(next.hovered, state.hovered)) return;
      state = next;
      for (const listener of listeners) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

const sameIds = (a: readonly ThingId[], b: readonly ThingId[]) =>
  a.length === b.length && a.every((id, i) => id === b[i]);

/** Renders an element anew when the cursor moves, as long as it is in the page. */
export class CursorController implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  readonly #cursor: () => Cursor | undefined;
  #end: (() => void) | undefined;

  /** @param cursor asked when the element comes into the page */
  constructor(host: ReactiveControllerHost, cursor: () => Cursor | undefined) {
    this.#host = host;
    this.#cursor = cursor;
    host.addController(this);
  }

  hostConnected(): void {
    this.#end = this.#cursor()?.subscribe(() => this.#host.requestUpdate());
  }

  hostDisconnected(): void {
    this.#end?.();
  }
}
