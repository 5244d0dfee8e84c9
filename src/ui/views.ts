/** The panels of what a run has to show: each belongs to a kind of view, and is there where the run offers one. */
import type { Remote } from 'comlink';
import type { RunInfo, SessionApi } from '../session/api/api.ts';
import { asking, specOf } from './ask-view.ts';
import { createMapChoice } from './map-choice.ts';
import { createMaps } from './maps.ts';

export interface Views {
  /** Draws what is chosen anew. */
  refresh(): void;
  /** The same, unless the last drawing was a moment ago: for use while training. */
  refreshSometimes(): void;
  /** The run is about to go: asks nothing more of it, and resolves once the last answer is there. */
  leave(): Promise<void>;
  /** Another run. */
  restart(info: RunInfo): void;
}

/** @param onError called with the cause where the session cannot show what it is asked for */
export function createViews(session: Remote<SessionApi>, onError: (cause: unknown) => void): Views {
  const ask = asking(session);
  const choice = createMapChoice(() => maps.refresh());
  const maps = createMaps({ choice, ask, onError });
  return {
    refresh: maps.refresh,
    refreshSometimes: maps.refreshSometimes,
    leave: maps.leave,
    restart(info) {
      maps.restart(specOf(info, 'map'));
    },
  };
}
