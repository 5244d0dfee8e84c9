/** The table of ranks: place in the mesh, who holds it and on what, memory, link, and what it is doing. */

import { bytes, fieldNumber, unitSpace } from '../show/format.ts';
import { element, make } from './dom.ts';
import { doing, kindsOf, memberName, type RankView, sharesOf, shareWords } from './rank-view.ts';
import { adapterName } from './what-runs.ts';

/** Shows a row for each rank; what says the same as before stays as it is, and the rest changes where it stands. */
export function createRankTable(): (views: readonly RankView[], replicas: number) => void {
  const body = element('rank-table', HTMLTableElement).tBodies[0];
  return (views, replicas) => {
    while (body.rows.length > views.length) body.deleteRow(-1);
    for (const [index, view] of views.entries()) {
      const made = tableRow(view, views, replicas);
      const old = body.rows.item(index);
      if (old) become(old, made);
      else body.append(made);
    }
  };
}

/** Makes a node like another one: of its parts, those that are of the same kind keep their place, and what is selected in them. */
function become(node: ChildNode, made: ChildNode): void {
  if (node.nodeName !== made.nodeName || node.childNodes.length !== made.childNodes.length) {
    node.replaceWith(made);
  } else if (node instanceof Text && made instanceof Text) {
    if (node.data !== made.data) node.data = made.data;
  } else if (node instanceof HTMLElement && made instanceof HTMLElement) {
    for (const [name, value] of Object.entries(made.dataset)) node.dataset[name] = value;
    if (node.className !== made.className) node.className = made.className;
    // Attributes of style are what the page's policy forbids; properties are not.
    if (node.style.flexGrow !== made.style.flexGrow) node.style.flexGrow = made.style.flexGrow;
    const parts = [...made.childNodes];
    for (const [index, part] of [...node.childNodes].entries()) become(part, parts[index]);
  }
}

/** @param replicas shown as a part of the place where there are several */
function tableRow(view: RankView, all: readonly RankView[], replicas: number): HTMLTableRowElement {
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
    doingCell(view, all),
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

function doingCell(view: RankView, all: readonly RankView[]): HTMLTableCellElement {
  const shares = sharesOf(view, all);
  const made = make('td', shares ? '' : doing(view, all), 'doing');
  if (!shares) return made;
  const kinds = kindsOf(view, all);
  kinds.forEach((kind, index) => {
    const words = make('span', shareWords(kind, shares));
    words.prepend(make('i', '', `time ${kind}`));
    made.append(index > 0 ? ', ' : '', words);
  });
  const bar = make('div', '', 'share-bar');
  bar.setAttribute('aria-hidden', 'true');
  for (const kind of kinds) {
    const part = make('i', '', `time ${kind}`);
    part.style.flexGrow = String(shares[kind]);
    bar.append(part);
  }
  made.append(bar);
  return made;
}
