/** Images of the test part, each with its class and what the model takes it for; those it is wrong about are marked. */
import type { ImagesSpec, ImagesView, ViewChoice } from '../../session/api/api.ts';
import { count, unitSpace } from '../../show/format.ts';
import type { Ask } from '../ask-view.ts';
import { make, setText } from '../dom.ts';
import { createPicture, type Picture } from '../picture.ts';
import { drawPixels } from './draw-pixels.ts';
import { makePanel } from './panel.ts';

/** Of a page: full rows of 8, 6, 4 and 3. */
const perPage = 24;

/** What stands for an image, made once and filled again and again. */
interface Tile {
  readonly item: HTMLLIElement;
  readonly canvas: HTMLCanvasElement;
  readonly label: HTMLParagraphElement;
  readonly mark: HTMLSpanElement;
  /** For those who do not see the mark. */
  readonly verdict: HTMLSpanElement;
  readonly guess: HTMLSpanElement;
}

export interface ImageGrid extends Picture<ImagesSpec> {
  readonly section: HTMLElement;
}

export function createImageGrid(ask: Ask, onError: (cause: unknown) => void): ImageGrid {
  const { section, aside } = makePanel('images', 'Test images');
  const grid = make('ul', '', 'image-grid');
  // Lists without bullets are no lists to some screen readers.
  grid.setAttribute('role', 'list');
  grid.dataset.testid = 'image-grid';
  const pager = createPager(from => {
    first = from;
    picture.refresh();
  });
  section.append(
    grid,
    pager.row,
    make(
      'p',
      'Above is what an image shows, below what the model takes it for: ✓ the same, or ✗ another class in a frame, each with the probability that the model gives it.',
      'caption',
    ),
  );
  let tiles: readonly Tile[] = [];
  let images = 0;
  let first = 0;

  const choice = (): ViewChoice => ({ from: first, count: perPage });
  const show = (view: ImagesView) => {
    tiles.forEach((tile, i) => {
      fill(tile, view, i);
    });
    const right = view.items.filter(({ label, guess }) => label === guess).length;
    setText(aside, `${right} of these ${view.items.length} right`);
    grid.dataset.drawn = String(Number(grid.dataset.drawn ?? 0) + 1);
  };
  const picture = createPicture<ImagesSpec>(async (spec, isGone) => {
    const view = await ask(spec, choice());
    if (!isGone()) show(view);
  }, onError);

  return {
    ...picture,
    section,
    restart(spec) {
      section.hidden = spec === undefined;
      picture.restart(spec);
      if (!spec) return;
      images = spec.images;
      const wanted = Math.min(perPage, images);
      if (tiles.length !== wanted) tiles = Array.from({ length: wanted }, makeTile);
      grid.replaceChildren(...tiles.map(({ item }) => item));
      first = Math.min(first, Math.max(0, images - wanted));
      pager.restart(images, first);
      setText(aside, '');
    },
  };
}

function makeTile(): Tile {
  const canvas = make('canvas');
  canvas.ariaHidden = 'true';
  const label = make('p', '\u00a0', 'image-label');
  const [mark, verdict, guess] = [
    make('span', '', 'mark'),
    make('span', '', 'sr-only'),
    make('span', '\u00a0'),
  ];
  mark.ariaHidden = 'true';
  const line = make('p', '', 'image-guess');
  line.append(mark, verdict, guess);
  const item = make('li');
  item.append(label, canvas, line);
  return { item, canvas, label, mark, verdict, guess };
}

function fill({ item, canvas, label, mark, verdict, guess }: Tile, view: ImagesView, i: number): void {
  const { items, classes, channels, height, width, pixels } = view;
  const shown = items[i];
  item.hidden = shown === undefined;
  if (!shown) return;
  const size = channels * height * width;
  drawPixels(canvas, pixels.subarray(i * size, (i + 1) * size), view);
  const isRight = shown.label === shown.guess;
  const sure = Number.isFinite(shown.confidence)
    ? `${Math.round(100 * shown.confidence)}${unitSpace}%`
    : 'no number';
  item.dataset.right = String(isRight);
  setText(label, classes[shown.label]);
  setText(mark, isRight ? '✓' : '✗');
  setText(verdict, isRight ? 'right, ' : 'wrong, taken for ');
  setText(guess, isRight ? sure : `${classes[shown.guess]} ${sure}`);
  item.title = `${classes[shown.label]}, taken for ${classes[shown.guess]}: ${sure}`;
}

interface Pager {
  readonly row: HTMLElement;
  restart(images: number, first: number): void;
}

/** @param onPage called with the number of the first image of the page that is asked for */
function createPager(onPage: (first: number) => void): Pager {
  let images = 0;
  let first = 0;
  const where = make('span', '', 'muted');
  where.dataset.testid = 'image-page';
  where.setAttribute('aria-live', 'polite');
  const last = () => Math.max(0, images - perPage);
  const show = () => {
    const to = Math.min(images, first + perPage);
    setText(
      where,
      images === 0 ? 'No test images' : `${count(first + 1)} to ${count(to)} of ${count(images)}`,
    );
    // Not disabled: that would take the keyboard focus away.
    back.ariaDisabled = String(first === 0);
    on.ariaDisabled = String(first >= last());
  };
  const go = (to: number) => {
    const next = Math.min(last(), Math.max(0, to));
    if (next === first) return;
    first = next;
    show();
    onPage(first);
  };
  const button = (text: string, testid: string, onClick: () => void) => {
    const made = make('button', text, 'secondary small');
    made.type = 'button';
    made.dataset.testid = testid;
    made.onclick = onClick;
    return made;
  };
  const back = button('Previous', 'images-back', () => go(first - perPage));
  const on = button('Next', 'images-on', () => go(first + perPage));
  const row = make('div', '', 'pager');
  row.append(back, where, on);
  return {
    row,
    restart(all, from) {
      images = all;
      first = from;
      show();
    },
  };
}
