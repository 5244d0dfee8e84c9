/** Which classes the model takes for which: counts by row and column, shaded; of many classes, the commonest mistakes. */
import type { TableSpec, TableView } from '../../session/api/api.ts';
import { count } from '../../show/format.ts';
import type { Ask } from '../ask-view.ts';
import { make, setText } from '../dom.ts';
import { createPicture, type Picture } from '../picture.ts';
import { makePanel } from './panel.ts';

/** More rows and columns than this are no table that anybody reads. */
const mostClasses = 40;
const mistakesListed = 20;

export interface ConfusionTable extends Picture<TableSpec> {
  readonly section: HTMLElement;
}

export function createConfusionTable(ask: Ask, onError: (cause: unknown) => void): ConfusionTable {
  const { section, aside } = makePanel('confusion', 'Confusion');
  const place = make('div', '', 'table-scroll confusion');
  place.tabIndex = 0;
  place.setAttribute('role', 'region');
  place.setAttribute('aria-labelledby', 'confusion-title');
  const caption = make('p', '', 'caption');
  section.append(place, caption);

  const empty = make('p', '', 'chart-empty caption');
  const picture = createPicture<TableSpec>(async (spec, isGone) => {
    setText(empty, 'Counting what the model takes the test images for.');
    const view = await ask(spec, {});
    if (isGone()) return;
    const isSmall = view.rows.length <= mostClasses && view.columns.length <= mostClasses;
    place.replaceChildren(isSmall ? countTable(view) : mistakeTable(view));
    const all = view.values.flat().reduce((sum, value) => sum + value, 0);
    setText(aside, `of ${count(all)} test images`);
    const what = isSmall
      ? `A row is of one ${view.rowTitle}, a column of one ${view.columnTitle}. The diagonal is right; off it, the stronger the colour, the more often.`
      : `The commonest mistakes among ${count(view.rows.length)} classes.`;
    setText(caption, what);
  }, onError);

  return {
    ...picture,
    section,
    restart(spec) {
      section.hidden = spec === undefined;
      picture.restart(spec);
      setText(empty, 'Counted when the run is paused or done, or by "Score now" below.');
      place.replaceChildren(empty);
      setText(aside, '');
      setText(caption, '');
    },
  };
}

function countTable({ rowTitle, columnTitle, rows, columns, values }: TableView): HTMLTableElement {
  const table = titled(`Counts of test images by ${rowTitle} and ${columnTitle}`);
  const corner = make('th', rowTitle);
  corner.scope = 'col';
  corner.rowSpan = 2;
  const across = make('th', columnTitle);
  across.scope = 'colgroup';
  across.colSpan = columns.length;
  const top = make('tr');
  top.append(corner, across);
  const names = make('tr');
  names.append(...columns.map(name => head(name, 'col')));
  table.createTHead().append(top, names);
  table.createTBody().append(
    ...rows.map((name, r) => {
      const row = make('tr');
      const total = values[r].reduce((sum, value) => sum + value, 0);
      row.append(
        head(name, 'row'),
        ...values[r].map((value, c) => {
          const cell = make('td', count(value), `num ${rows[r] === columns[c] ? 'right' : 'wrong'}`);
          cell.style.setProperty('--share', String(total > 0 ? value / total : 0));
          if (value === 0) cell.classList.add('none');
          return cell;
        }),
      );
      return row;
    }),
  );
  return table;
}

function mistakeTable({ rowTitle, columnTitle, rows, columns, values }: TableView): HTMLTableElement {
  const table = titled(`The commonest mistakes, by ${rowTitle} and ${columnTitle}`);
  const mistakes = values
    .flatMap((row, r) => row.map((value, c) => ({ row: rows[r], column: columns[c], value })))
    .filter(({ row, column, value }) => row !== column && value > 0)
    .sort((a, b) => b.value - a.value)
    .slice(0, mistakesListed);
  const names = make('tr');
  names.append(head(rowTitle, 'col'), head(columnTitle, 'col'), head('images', 'col'));
  table.createTHead().append(names);
  table.createTBody().append(
    ...mistakes.map(({ row, column, value }) => {
      const line = make('tr');
      line.append(head(row, 'row'), make('td', column), make('td', count(value), 'num'));
      return line;
    }),
  );
  return table;
}

function titled(caption: string): HTMLTableElement {
  const table = make('table');
  table.dataset.testid = 'confusion-table';
  table.append(make('caption', caption, 'sr-only'));
  return table;
}

function head(text: string, scope: 'row' | 'col'): HTMLTableCellElement {
  const made = make('th', text);
  made.scope = scope;
  return made;
}
