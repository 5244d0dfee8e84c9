/** What a run has to show, as figures of a report: maps, images with what they are taken for, tables, filters. */
import type {
  FiltersView,
  ImagesView,
  RunInfo,
  TableView,
  View,
  ViewChoice,
  ViewSpec,
} from '../session/api/api.ts';
import { filterCount, filterPixels } from './filter-image.ts';
import { count, list } from './format.ts';
import { mapFigure, type ReportPens } from './report-map.ts';
import { scoreText } from './scores.ts';
import { escapeHtml } from './svg-chart.ts';

/** A view of a run, as it was asked for. */
export interface ShownView {
  readonly spec: ViewSpec;
  readonly view: View;
}

/** Asks for all that a report shows of a run's test part. */
export async function shownViews(
  { samples, views }: Pick<RunInfo, 'samples' | 'views'>,
  ask: (name: string, choice: ViewChoice) => Promise<View>,
): Promise<ShownView[]> {
  const shown: ShownView[] = [];
  // One after the other: each of them is a forecast of the model.
  for (const spec of samples.test > 0 ? views : []) {
    for (const choice of reportChoices(spec)) shown.push({ spec, view: await ask(spec.name, choice) });
  }
  return shown;
}

/** More maps or images would make a report too long to read. */
const mostMaps = 6;
const mostImages = 24;

/** What a report asks of a view: maps from the middle of the test part, images from its beginning. */
function reportChoices(spec: ViewSpec): ViewChoice[] {
  switch (spec.kind) {
    case 'map': {
      const sample = Math.floor(spec.starts / 2);
      return spec.channels.slice(0, mostMaps).map((_, channel) => ({ sample, channel, steps: 1 }));
    }
    case 'images':
      return [{ from: 0, count: Math.min(mostImages, spec.images) }];
    case 'table':
    case 'filters':
      return [{}];
    case 'rollout':
      // To run through; what a report shows of it are the maps.
      return [];
  }
}

export const viewStyle = `
svg.map { width: 310px; } svg .coast { fill: none; stroke: #000; stroke-width: 0.8; opacity: 0.7; }
.image { width: 7rem; font-size: 12px; line-height: 1.3; } .image img { width: 100%; image-rendering: pixelated; display: block; }
img.filter { width: 3rem; image-rendering: pixelated; } .image.wrong { color: #a02020; } table.counts th { font-weight: normal; }
`;

/** The views of one name, under its heading. */
export function viewSections(shown: readonly ShownView[], pens: ReportPens): string {
  const names = [...new Set(shown.map(({ spec }) => spec.name))];
  return names
    .map(name => {
      const own = shown.filter(({ spec }) => spec.name === name);
      return `<h2>${escapeHtml(own[0].spec.label)}</h2>\n${own.map(each => figureOf(each, pens)).join('\n')}`;
    })
    .join('\n');
}

function figureOf({ spec, view }: ShownView, pens: ReportPens): string {
  switch (view.kind) {
    case 'map':
      return spec.kind === 'map' ? mapFigure(view, spec, pens) : '';
    case 'rollout':
      return '';
    case 'images':
      return imagesFigure(view, pens);
    case 'table':
      return tableFigure(view);
    case 'filters':
      return filtersFigure(view, pens);
  }
}

function imagesFigure(view: ImagesView, pens: ReportPens): string {
  const { items } = view;
  const right = items.filter(({ label, guess }) => label === guess).length;
  const caption = `${count(right)} of ${count(items.length)} images of the test part are taken for what they are`;
  return `<figure><figcaption>${caption}</figcaption>
${items.map((_, i) => imageCell(view, i, pens)).join('\n')}</figure>`;
}

function imageCell(view: ImagesView, i: number, pens: ReportPens): string {
  const { width, height, classes, items } = view;
  const { label, guess, confidence } = items[i];
  const sure = scoreText({ value: 100 * confidence, units: '%' });
  const words = label === guess ? '' : `taken for ${classes[guess]}, `;
  const png = pens.png(coloured(view, i), width, height);
  const name = escapeHtml(classes[label]);
  return `<div class="image${label === guess ? '' : ' wrong'}"><img src="data:image/png;base64,${png}" alt="${name}">
${name}<br>${escapeHtml(words)}${sure}</div>`;
}

/** [height, width, 4] of an image. */
function coloured({ pixels, channels, height, width }: ImagesView, image: number): Uint8Array {
  const plane = height * width;
  const out = new Uint8Array(4 * plane).fill(255);
  for (let c = 0; c < 3; c++) {
    const from = (image * channels + Math.min(c, channels - 1)) * plane;
    for (let k = 0; k < plane; k++) out[4 * k + c] = pixels[from + k];
  }
  return out;
}

function filtersFigure(view: FiltersView, pens: ReportPens): string {
  const { width, height } = view;
  const images = Array.from({ length: filterCount(view) }, (_, filter) => {
    const png = pens.png(filterPixels(view, filter), width, height);
    return `<img class="filter" src="data:image/png;base64,${png}" alt="Filter ${filter + 1}">`;
  });
  return `<figure>${images.join('\n')}</figure>`;
}

/** Rows and columns that are shown whole. */
const mostShown = 100;
/** Cells that are told of a larger table. */
const mostTold = 20;

function tableFigure(view: TableView): string {
  const { rowTitle, columnTitle, rows, columns, values } = view;
  if (rows.length > mostShown || columns.length > mostShown) return largestCells(view);
  const cells = rows.map((name, row) => {
    const sum = values[row].reduce((total, value) => total + value, 0);
    const shaded = values[row].map(value => {
      const share = sum > 0 ? value / sum : 0;
      return `<td style="background:rgba(78,121,167,${share.toFixed(2)})">${count(value)}</td>`;
    });
    return `<tr><th>${escapeHtml(name)}</th>${shaded.join('')}</tr>`;
  });
  return `<p>Rows: ${escapeHtml(rowTitle)}; columns: ${escapeHtml(columnTitle)}.</p>
<table class="counts"><tr><th></th>${columns.map(name => `<th>${escapeHtml(name)}</th>`).join('')}</tr>
${cells.join('\n')}</table>`;
}

/** Where rows and columns have the same names, what is of interest is where they differ. */
function largestCells({ rowTitle, columnTitle, rows, columns, values }: TableView): string {
  const cells = rows.flatMap((row, r) => columns.map((column, c) => ({ row, column, value: values[r][c] })));
  const told = cells
    .filter(({ row, column, value }) => row !== column && value > 0)
    .sort((a, b) => b.value - a.value)
    .slice(0, mostTold);
  return `<p>The largest of ${list([count(rows.length), count(columns.length)])} rows and columns.</p>
<table><tr>${[rowTitle, columnTitle, 'count'].map(title => `<th>${escapeHtml(title)}</th>`).join('')}</tr>
${told.map(({ row, column, value }) => `<tr><td>${escapeHtml(row)}</td><td>${escapeHtml(column)}</td><td>${count(value)}</td></tr>`).join('\n')}</table>`;
}
