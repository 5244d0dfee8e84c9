/** The filters of the first layer as small images. */
import type { FiltersSpec, FiltersView } from '../../session/api/api.ts';
import { filterCount, filterPixels } from '../../show/filter-image.ts';
import type { Ask } from '../ask-view.ts';
import { make, setText } from '../dom.ts';
import { createPicture, type Picture } from '../picture.ts';
import { paint } from './draw-pixels.ts';
import { makePanel } from './panel.ts';

export interface FilterGrid extends Picture<FiltersSpec> {
  readonly section: HTMLElement;
}

export function createFilterGrid(ask: Ask, onError: (cause: unknown) => void): FilterGrid {
  const { section, aside } = makePanel('filters', 'Filters of the first layer');
  const grid = make('div', '', 'filter-grid');
  grid.dataset.testid = 'filter-grid';
  grid.setAttribute('role', 'img');
  const caption = make(
    'p',
    'What the first layer looks for, in the colours of the images: grey weighs nothing, bright counts for, dark against. They begin as noise; edges and colours show as it learns.',
    'caption',
  );
  section.append(grid, caption);
  const picture = createPicture<FiltersSpec>(async (spec, isGone) => {
    const view = await ask(spec, {});
    if (!isGone()) show(view);
  }, onError);

  const show = (view: FiltersView) => {
    const { channels, height, width } = view;
    const filters = filterCount(view);
    if (grid.children.length !== filters) {
      grid.replaceChildren(...Array.from({ length: filters }, () => make('canvas')));
    }
    grid.querySelectorAll('canvas').forEach((canvas, i) => {
      paint(canvas, filterPixels(view, i), view);
    });
    grid.ariaLabel = `${filters} filters of ${width} x ${height} weights in ${channels} ${channels === 1 ? 'channel' : 'channels'}`;
    setText(aside, `${filters} of ${width} x ${height}`);
    grid.dataset.drawn = String(Number(grid.dataset.drawn ?? 0) + 1);
  };

  return {
    ...picture,
    section,
    restart(spec) {
      section.hidden = spec === undefined;
      picture.restart(spec);
    },
  };
}
