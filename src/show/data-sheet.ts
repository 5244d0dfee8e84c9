/** The data sheet in words and tables: see `DataSheet`. */
import type { ChannelSheet, DataSheet } from '../session/api/data-sheet.ts';
import { bytes, count, leadTime, list } from './format.ts';

export interface SheetTable {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

const table = (head: SheetTable['head'], rows: SheetTable['rows']): SheetTable => ({ head, rows });

/** One after the other; what has nothing to say is not there. */
export function sheetSections(sheet: DataSheet): (string | SheetTable)[] {
  const sections = [
    headText(sheet),
    channelTable('Channel', sheet.channels),
    sheet.statics.length > 0 ? channelTable('Constant field', sheet.statics) : undefined,
    leftOutText(sheet),
    splitText(sheet),
    storageText(sheet),
    readingText(sheet),
  ];
  return sections.filter(section => section !== undefined);
}

function headText({ source, format, sizes, time, members, grid }: DataSheet): string {
  const lacking = time.gaps.reduce((sum, gap) => sum + gap.lacking, 0);
  const degrees = (value: number) => Number(value.toFixed(3));
  const gapLines = time.gaps
    .slice(0, mostGaps)
    .map(({ after, before, lacking: steps }) => `  ${after} to ${before}: ${count(steps)} lacking`);
  const more = time.gaps.length - gapLines.length;
  return [
    source,
    `Format    ${format}`,
    `Times     ${count(sizes.times)} from ${time.first} to ${time.last}, steps of ${leadTime(time.stepHours)}, calendar ${time.calendar}`,
    time.gaps.length === 0
      ? 'Gaps      none'
      : `Gaps      ${count(time.gaps.length)}, ${count(lacking)} steps lacking`,
    ...gapLines,
    ...(more > 0 ? [`  and ${count(more)} more`] : []),
    ...(members ? [`Members   ${list(members.map(String))}: each a record of its own`] : []),
    `Grid      ${sizes.rows} x ${sizes.columns} points: latitude ${grid.latitude.map(degrees).join(' to ')} (${grid.direction}), longitude ${grid.longitude.map(degrees).join(' to ')}${grid.periodic ? ', a whole circle' : ''}`,
  ].join('\n');
}

/** Gaps that are told one by one. */
const mostGaps = 10;

function channelTable(title: string, channels: readonly ChannelSheet[]): SheetTable {
  const number = (value: number | null) => (value === null ? '' : `${Number(value.toPrecision(6))}`);
  return table(
    [title, 'Units', 'Level', 'Known', 'Mean', 'Deviation', 'Minimum', 'Maximum', 'Name'],
    channels.map(({ name, units, levelHPa, known, mean, std, min, max, longName }) => [
      name,
      units,
      levelHPa === undefined ? '' : `${levelHPa} hPa`,
      `${Number((100 * known).toFixed(2))} %`,
      number(mean),
      number(std),
      number(min),
      number(max),
      longName,
    ]),
  );
}

function leftOutText({ leftOut, absentChunks }: DataSheet): string | undefined {
  const lines = leftOut.map(({ name, why }) => `  ${name} ${why}`);
  if (absentChunks > 0) {
    const are = absentChunks === 1 ? 'chunk is' : 'chunks are';
    lines.push(`  ${count(absentChunks)} ${are} not in the store: their values are missing`);
  }
  return lines.length > 0 ? ['Left out', ...lines].join('\n') : undefined;
}

function splitText({ split }: DataSheet): string | SheetTable {
  if ('fault' in split) return `Split     ${split.fault}`;
  return table(
    ['Part', 'From', 'To', 'Samples', 'Left out'],
    Object.entries(split).map(([name, { from, to, samples, leftOut }]) => [
      name,
      from ?? '',
      to ?? '',
      count(samples),
      count(leftOut),
    ]),
  );
}

function storageText({ storage }: DataSheet): SheetTable {
  return table(
    ['Variable', 'Dimensions', 'Unpacked', 'Chunks'],
    storage.map(({ name, dimensions, shape, bytes: size, chunks }) => [
      name,
      dimensions.map((dimension, d) => `${dimension} ${shape[d]}`).join(', '),
      bytes(size),
      chunks ? chunks.join(' x ') : 'none',
    ]),
  );
}

function readingText({ bytesRead, reading }: DataSheet): string | undefined {
  const lines = bytesRead > 0 ? [`${bytes(bytesRead)} were read for this.`, ...reading] : reading;
  return lines.length > 0 ? lines.join('\n') : undefined;
}
