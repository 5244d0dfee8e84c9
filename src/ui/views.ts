/** The panels of what a run has to show: each belongs to a kind of view, and is there where the run offers one. */
import type { RunInfo, ViewSpec } from '../session/api/api.ts';
import { taskWords } from '../show/task-words.ts';
import { type Answering, asking } from './ask-view.ts';
import { element } from './dom.ts';
import type { ImageViews } from './images/image-views.ts';
import { WeatherElement } from './weather/weather.ts';

export interface Views {
  /** Draws what is chosen anew. */
  refresh(): void;
  /** The same, unless the last drawing was a moment ago: for use while training. */
  refreshSometimes(): void;
  /** Draws what takes longer, too: for a run that stands still. */
  refreshAll(): void;
  /** The run is about to go: asks nothing more of it, and resolves once the last answers are there. */
  leave(): Promise<void>;
  /** Another run. */
  restart(info: RunInfo): void;
  /** No run yet: there are the panels that one of this task will have. @param task its kind */
  expect(task: string): void;
  /** Settles when the panels that are expected are there, or cannot be. */
  loaded(): Promise<void>;
}

/** @param onError called with the cause where the session cannot show what it is asked for */
export function createViews(session: Answering, onError: (cause: unknown) => void): Views {
  const ask = asking(session);
  const weather = element('weather', WeatherElement);
  weather.ask = (name, choice) => session.view(name, choice);
  weather.addEventListener('view-error', event => {
    if (event instanceof CustomEvent) onError(event.detail);
  });
  let images: ImageViews | undefined;
  let loading: Promise<void> | undefined;
  let info: RunInfo | undefined;
  let kinds: readonly ViewSpec['kind'][] = [];

  const load = async () => {
    try {
      const { createImageViews } = await import('./images/image-views.ts');
      images = createImageViews(ask, onError);
      images.expect(kinds);
      if (info) images.restart(info);
      refresh();
    } catch (cause) {
      loading = undefined;
      onError(cause);
    }
  };
  /** A forecast needs none of them. */
  const loadFor = (wanted: readonly ViewSpec['kind'][]) => {
    if (wanted.some(kind => kind === 'images' || kind === 'table' || kind === 'filters')) loading ??= load();
  };
  const refresh = () => {
    for (const picture of images?.live ?? []) picture.refresh();
  };

  return {
    refresh,
    refreshSometimes() {
      for (const picture of images?.live ?? []) picture.refreshSometimes();
    },
    refreshAll() {
      for (const picture of images?.all ?? []) picture.refresh();
    },
    async leave() {
      info = undefined;
      await Promise.all([weather, ...(images?.all ?? [])].map(picture => picture.leave()));
    },
    restart(now) {
      info = now;
      images?.restart(now);
      loadFor(now.views.map(({ kind }) => kind));
    },
    expect(task) {
      kinds = taskWords(task).views;
      weather.hidden = !kinds.includes('rollout');
      images?.expect(kinds);
      loadFor(kinds);
    },
    async loaded() {
      await loading;
    },
  };
}
