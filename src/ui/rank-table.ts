/** The table of ranks: place in the mesh, who holds it and on what, memory, link, and what it is doing. */

import { bytes, fieldNumber, unitSpace } from '../show/format.ts';
import { element, make } from './dom.ts';
import { doing, memberName, type RankView, shareKinds, sharesOf, shareWords } from './rank-view.ts';
import { adapterName } from './what-runs.ts';

/** Shows a row for each rank; one that says the same as before stays as it is. */
export function createRankTable(): (views: readonly RankView[], replicas: number) => void {
  const body = element('rank-table', HTMLTableElement).tBodies[0];
  let before: readonly string[] = [];
  return (views, replicas) => {
    const rows = views.map(view => JSON.stringify([replicas, view]));
    while (body.rows.length > views.length) body.deleteRow(-1);
    for (const [index, view] of views.entries()) {
      if (rows[index] === before[index]) continue;
      const made = tableRow(view, replicas);
      const old = body.rows.item(index);
      if (!old) body.append(made);
      else updateRow(old, made);
    }
    before = rows;
  };
}

/** Takes over what is new: cells that say the same keep their place, and what a user has selected in them. */
function updateRow(row: HTMLTableRowElement, made: HTMLTableRowElement): void {
  for (const [name, value] of Object.entries(made.dataset)) row.dataset[name] = value;
  for (const [index, cell] of [...made.cells].entries()) {
    if (!row.cells[index].isEqualNode(cell)) row.cells[index].replaceWith(cell);
  }
}

/** @param replicas shown as a part of the place where there are several */
function tableRow(view: RankView, replicas: number): HTMLTableRowElement {
  const { rank, row, column, replica, member, memory, state } = view;
  const cells = make('tr');
  cells.dataset.rank = String(rank);
  cells.dataset.state = state;
  cells.dataset.member = member?.id ?? '';
  const name = make('th', `${rank}`);
  name.scope = 'row';
  const place = `row ${row + 1}, column ${column + 1}${replicas > 1 ? `, copy ${replica + 1}` : ''}`;
  name.append(make('small', place));
  cells.append(
    name,
    twoLines(memberName(member), member ? adapterName(member.adapter) : ''),
    twoLines(memory ? bytes(memory.total) : '', memory ? `${bytes(memory.parameters)} parameters` : ''),
    twoLines(...linkWords(view)),
    doingCell(view),
  );
  return cells;
}

function twoLines(first: string, second: string): HTMLTableCellElement {
  const made = make('td', first);
  if (second) made.append(make('small', second));
  return made;
}

/** The link to rank 0: round trip and speed; then what the rank sends in a step. */
function linkWords({ rank, member, report }: RankView): [string, string] {
  const roundTrip = report?.roundTripMs ?? member?.roundTripMs;
  const speed = member?.megabytesPerSecond;
  const link = [
    roundTrip === undefined ? '' : `${fieldNumber(roundTrip, 2)}${unitSpace}ms`,
    speed === undefined ? '' : `${fieldNumber(speed, 2)} MB/s`,
  ].filter(Boolean);
  const where = rank === 0 ? 'conducts' : member?.host ? 'in this page' : '';
  return [link.join(', ') || where, report ? `sends ${bytes(report.bytesSent)} a step` : ''];
}

function doingCell(view: RankView): HTMLTableCellElement {
  const shares = sharesOf(view);
  const made = make('td', shares ? '' : doing(view), 'doing');
  if (!shares) return made;
  shareKinds.forEach((kind, index) => {
    const words = make('span', shareWords(kind, shares));
    words.prepend(make('i', '', kind));
    made.append(index > 0 ? ', ' : '', words);
  });
  const bar = make('div', '', 'share-bar');
  bar.setAttribute('aria-hidden', 'true');
  for (const kind of shareKinds) {
    const part = make('i', '', kind);
    part.style.flexGrow = String(shares[kind]);
    bar.append(part);
  }
  made.append(bar);
  return made;
}
