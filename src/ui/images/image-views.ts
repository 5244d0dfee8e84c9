/** What a classifier has to show: images and what it takes them for, which classes it confuses, its filters. Loaded for one. */
import type { RunInfo, ViewSpec } from '../../session/api/api.ts';
import { type Ask, specOf } from '../ask-view.ts';
import { element } from '../dom.ts';
import type { Picture } from '../picture.ts';
import { createConfusionTable } from './confusion.ts';
import { createFilterGrid } from './filters.ts';
import { createImageGrid } from './image-grid.ts';

type Drawn = Pick<Picture<never>, 'refresh' | 'refreshSometimes' | 'leave'>;

export interface ImageViews {
  /** What is drawn while a run trains. */
  readonly live: readonly Drawn[];
  readonly all: readonly Drawn[];
  restart(info: RunInfo): void;
  /** No run yet. @param kinds of views that it will have */
  expect(kinds: readonly ViewSpec['kind'][]): void;
}

export function createImageViews(ask: Ask, onError: (cause: unknown) => void): ImageViews {
  const images = createImageGrid(ask, onError);
  const table = createConfusionTable(ask, onError);
  const filters = createFilterGrid(ask, onError);
  element('weather', HTMLElement).after(images.section);
  element('scores', HTMLElement).append(table.section, filters.section);
  return {
    live: [images, filters],
    all: [images, filters, table],
    restart(info) {
      images.restart(specOf(info, 'images'));
      table.restart(specOf(info, 'table'));
      filters.restart(specOf(info, 'filters'));
    },
    expect(kinds) {
      images.section.hidden = !kinds.includes('images');
      table.section.hidden = !kinds.includes('table');
      filters.section.hidden = !kinds.includes('filters');
    },
  };
}
