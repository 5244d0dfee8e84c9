/** What a task has to show, as figures of a report: maps, images with what they are taken for, tables, filters. */
import type { FiltersView, ImagesView, TableView, View, ViewSpec } from '../session/api/api.ts';
import { count, list } from '../show/format.ts';
import { scoreText } from '../show/scores.ts';
import { escapeHtml } from '../show/svg-chart.ts';
import { encodePng } from './png.ts';
import { mapFigure } from './report-map.ts';

/** A view of a run, as it was asked for. */
export interface ShownView {
  readonly spec: ViewSpec;
  readonly view: View;
}

export const viewStyle = `
svg.map { width: 310px; } svg .coast { fill: none; stroke: #000; stroke-width: 0.8; opacity: 0.7; }
.image { width: 7rem; font-size: 12px; line-height: 1.3; } .image img { width: 100%; image-rendering: pixelated; display: block; }
.image.filter { width: 3.5rem; } .image.wrong { color: #a02020; } table.counts th { font-weight: normal; }
`;

/** The views of one name, under its heading. */
export function viewSections(shown: readonly ShownView[]): string {
  const names = [...new Set(shown.map(({ spec }) => spec.name))];
  return names
    .map(name => {
      const own = shown.filter(({ spec }) => spec.name === name);
      return `<h2>${escapeHtml(own[0].spec.label)}</h2>\n${own.map(figureOf).join('\n')}`;
    })
    .join('\n');
}

function figureOf({ spec, view }: ShownView): string {
  switch (view.kind) {
    case 'map':
      return spec.kind === 'map' ? mapFigure(view, spec) : '';
    case 'images':
      return imagesFigure(view);
    case 'table':
      return tableFigure(view);
    case 'filters':
      return filtersFigure(view);
  }
}

function imagesFigure(view: ImagesView): string {
  const { items } = view;
  const right = items.filter(({ label, guess }) => label === guess).length;
  const caption = `${count(right)} of ${count(items.length)} images of the test part are taken for what they are`;
  return `<figure><figcaption>${caption}</figcaption>
${items.map((_, i) => imageCell(view, i)).join('\n')}</figure>`;
}

function imageCell(view: ImagesView, i: number): string {
  const { width, height, channels, classes, items, pixels } = view;
  const { label, guess, confidence } = items[i];
  const sure = scoreText({ value: 100 * confidence, units: '%' });
  const words = label === guess ? '' : `taken for ${classes[guess]}, `;
  const name = escapeHtml(classes[label]);
  const size = channels * height * width;
  return `<div class="image${label === guess ? '' : ' wrong'}">${picture(view, pixels.subarray(i * size, (i + 1) * size), name)}
${name}<br>${escapeHtml(words)}${sure}</div>`;
}

/** Grey is what has no influence; all are on one scale. */
function filtersFigure(view: FiltersView): string {
  const { channels, height, width, values } = view;
  const size = channels * height * width;
  const limit = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
  const pictures = Array.from({ length: values.length / size }, (_, i) => {
    const own = values.subarray(i * size, (i + 1) * size);
    const bytes = Uint8Array.from(own, value => Math.round(127.5 + (127.5 * value) / limit));
    return `<div class="image filter">${picture(view, bytes, `filter ${i}`)}</div>`;
  });
  return `<figure>${pictures.join('\n')}</figure>`;
}

/** @param pixels [channels, height, width]; where these are no three colours the first is shown in grey */
function picture(
  { channels, height, width }: Pick<ImagesView | FiltersView, 'channels' | 'height' | 'width'>,
  pixels: Uint8Array,
  alt: string,
): string {
  const plane = height * width;
  const coloured = new Uint8Array(4 * plane).fill(255);
  for (let c = 0; c < 3; c++) {
    const from = channels === 3 ? c * plane : 0;
    for (let k = 0; k < plane; k++) coloured[4 * k + c] = pixels[from + k];
  }
  const png = encodePng(coloured, width, height).toString('base64');
  return `<img src="data:image/png;base64,${png}" alt="${alt}">`;
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
