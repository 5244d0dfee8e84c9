/** One value that changes by events, and those who are told when it has. */

export interface Store<State, Event> {
  state(): State;
  send(event: Event): void;
  /** @returns a function that ends the subscription */
  subscribe(listener: () => void): () => void;
}

export function createStore<State, Event>(
  first: State,
  reduce: (state: State, event: Event) => State,
): Store<State, Event> {
  let state = first;
  const listeners = new Set<() => void>();
  return {
    state: () => state,
    send(event) {
      state = reduce(state, event);
      for (const listener of listeners) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
