/** The test scores as a table: one row for each channel and lead time. */

import type { RunInfo, SkillRow } from '../session/api/api.ts';
import { fieldNumber, leadTime, prettyUnits } from '../show/format.ts';
import { element, make } from './dom.ts';

/**
 * Fills the table; no rows hide it.
 *
 * @param channels of the run, with their long names
 */
export function showSkillTable(rows: readonly SkillRow[], channels: RunInfo['channels'] = []): void {
  const table = element('skill-table', HTMLTableElement);
  table.hidden = rows.length === 0;
  element('skill-table-empty', HTMLParagraphElement).hidden = rows.length > 0;
  table.tBodies[0].replaceChildren(
    ...rows.map(row => tableRow(row, channels.find(({ name }) => name === row.channel)?.longName)),
  );
}

function tableRow(row: SkillRow, longName = row.channel): HTMLTableRowElement {
  const change = row.persistence > 0 ? Math.round(100 * (row.rmse / row.persistence - 1)) : undefined;
  const against =
    change === undefined ? '' : `${change > 0 ? '+' : change < 0 ? '−' : ''}${Math.abs(change)} %`;
  const name = make('th');
  // One or the other, as the screen has room; see panels.css.
  name.append(make('span', longName, 'long'), make('abbr', row.channel, 'short'));
  name.title = longName;
  name.scope = 'row';
  const cells = make('tr');
  cells.append(
    name,
    make('td', leadTime(row.leadHours)),
    make('td', prettyUnits(row.units)),
    make('td', fieldNumber(row.rmse), 'num'),
    make('td', fieldNumber(row.persistence), 'num'),
    make('td', fieldNumber(row.climatology), 'num'),
    make('td', against, change !== undefined && change < 0 ? 'num better' : 'num worse'),
    make('td', row.acc.toFixed(3).replace('-', '−'), 'num'),
  );
  return cells;
}
