/** The panels of what a run has to show: each belongs to a kind of view, and is there where the run offers one. */
import type { RunInfo } from '../session/api/api.ts';
import { taskWords } from '../show/task-words.ts';
import { type Answering, asking, specOf } from './ask-view.ts';
import { element } from './dom.ts';
import { createConfusionTable } from './images/confusion.ts';
import { createFilterGrid } from './images/filters.ts';
import { createImageGrid } from './images/image-grid.ts';
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
}

/** @param onError called with the cause where the session cannot show what it is asked for */
export function createViews(session: Answering, onError: (cause: unknown) => void): Views {
  const ask = asking(session);
  const weather = element('weather', WeatherElement);
  weather.ask = (name, choice) => session.view(name, choice);
  weather.addEventListener('view-error', event => {
    if (event instanceof CustomEvent) onError(event.detail);
  });
  const images = createImageGrid(ask, onError);
  const table = createConfusionTable(ask, onError);
  const filters = createFilterGrid(ask, onError);
  weather.after(images.section);
  element('scores', HTMLElement).append(table.section, filters.section);
  const panels = [
    ['rollout', weather],
    ['images', images.section],
    ['table', table.section],
    ['filters', filters.section],
  ] as const;
  /** What is drawn while a run trains. */
  const live = [images, filters];
  const refresh = () => {
    for (const picture of live) picture.refresh();
  };

  return {
    refresh,
    refreshSometimes() {
      for (const picture of live) picture.refreshSometimes();
    },
    refreshAll() {
      refresh();
      table.refresh();
    },
    async leave() {
      await Promise.all([weather, ...live, table].map(picture => picture.leave()));
    },
    restart(info) {
      images.restart(specOf(info, 'images'));
      table.restart(specOf(info, 'table'));
      filters.restart(specOf(info, 'filters'));
    },
    expect(task) {
      const kinds = taskWords(task).views;
      for (const [kind, panel] of panels) panel.hidden = !kinds.includes(kind);
    },
  };
}
