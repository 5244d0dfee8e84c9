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

/**
 * Renders an element anew when the cursor moves, as long as it is in the page. The moment of the step changes with every frame
 * of a replay: then elements that nobody sees are left alone, and others may draw it without being rendered.
 */
export class CursorController implements ReactiveController {
  readonly #host: ReactiveControllerHost & Element;
  readonly #cursor: () => Cursor | undefined;
  readonly #onMoment: () => void;
  #followed: Cursor | undefined;
  #end: (() => void) | undefined;

  /**
   * @param cursor asked when the element comes into the page, and whenever it is rendered
   * @param onMoment called instead of rendering where only the moment has changed
   */
  constructor(
    host: ReactiveControllerHost & Element,
    cursor: () => Cursor | undefined,
    onMoment: () => void = () => host.checkVisibility() && host.requestUpdate(),
  ) {
    this.#host = host;
    this.#cursor = cursor;
    this.#onMoment = onMoment;
    host.addController(this);
  }

  hostConnected(): void {
    this.#follow(this.#cursor());
  }

  hostUpdate(): void {
    if (this.#host.isConnected) this.#follow(this.#cursor());
  }

  hostDisconnected(): void {
    this.#follow(undefined);
  }

  #follow(cursor: Cursor | undefined): void {
    if (cursor === this.#followed) return;
    this.#followed = cursor;
    this.#end?.();
    let hovered = cursor?.state().hovered;
    this.#end = cursor?.subscribe(() => {
      const isOther = hovered !== cursor.state().hovered;
      hovered = cursor.state().hovered;
      if (isOther) this.#host.requestUpdate();
      else this.#onMoment();
    });
  }
}
