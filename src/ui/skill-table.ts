/** The test scores as a table: one row for each channel and lead time. */
import type { SkillRow } from '../data/skill.ts';
import { element, make } from './dom.ts';
import { fieldNumber, leadTime, prettyUnits } from './format.ts';

/** Fills the table; no rows hide it. */
export function showSkillTable(rows: readonly SkillRow[]): void {
  const table = element('skill-table', HTMLTableElement);
  table.hidden = rows.length === 0;
  element('skill-table-empty', HTMLParagraphElement).hidden = rows.length > 0;
  table.tBodies[0].replaceChildren(...rows.map(tableRow));
}

function tableRow(row: SkillRow): HTMLTableRowElement {
  const change = row.persistence > 0 ? Math.round(100 * (row.rmse / row.persistence - 1)) : undefined;
  const against =
    change === undefined ? '' : `${change > 0 ? '+' : change < 0 ? '−' : ''}${Math.abs(change)} %`;
  const name = make('th', row.channel);
  name.scope = 'row';
  const cells = make('tr');
  cells.append(
    name,
    make('td', leadTime(row.leadHours)),
    make('td', fieldNumber(row.rmse), 'num'),
    make('td', fieldNumber(row.persistence), 'num'),
    make('td', fieldNumber(row.climatology), 'num'),
    make('td', against, change !== undefined && change < 0 ? 'num better' : 'num worse'),
    make('td', row.acc.toFixed(3).replace('-', '−'), 'num'),
    make('td', prettyUnits(row.units)),
  );
  return cells;
}
