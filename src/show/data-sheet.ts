/** The data sheet in words and tables: see `DataSheet`. */
import type { ChannelSheet, DataSheet } from '../session/api/data-sheet.ts';
import { bytes, count, leadTime, list } from './format.ts';

export type SheetSection = SheetFacts | SheetTable | SheetList;

/** What is said of the whole, each in a line. */
export interface SheetFacts {
  readonly kind: 'facts';
  readonly source: string;
  readonly facts: readonly SheetFact[];
}

export interface SheetFact {
  readonly label: string;
  readonly text: string;
  /** Lines below it. */
  readonly more?: readonly string[];
}

export interface SheetTable {
  readonly kind: 'table';
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export interface SheetList {
  readonly kind: 'list';
  readonly title?: string;
  readonly items: readonly string[];
}

const table = (head: SheetTable['head'], rows: SheetTable['rows']): SheetTable => ({
  kind: 'table',
  head,
  rows,
});

/** One after the other; what has nothing to say is not there. */
export function sheetSections(sheet: DataSheet): SheetSection[] {
  const sections = [
    headFacts(sheet),
    channelTable('Channel', sheet.channels),
    sheet.statics.length > 0 ? channelTable('Constant field', sheet.statics) : undefined,
    leftOutList(sheet),
    splitTable(sheet),
    sheet.storage.length > 0 ? storageTable(sheet) : undefined,
    readingList(sheet),
  ];
  return sections.filter(section => section !== undefined);
}

function headFacts({
  source,
  format,
  chosen,
  sizes,
  time,
  members,
  grid,
  split,
  timesRead,
  bytes: all,
}: DataSheet): SheetFacts {
  const lacking = time.gaps.reduce((sum, gap) => sum + gap.lacking, 0);
  const degrees = (value: number) => Number(value.toFixed(3));
  const gapLines = time.gaps
    .slice(0, mostGaps)
    .map(({ after, before, lacking: steps }) => `${after} to ${before}: ${count(steps)} lacking`);
  const more = time.gaps.length - gapLines.length;
  const some =
    timesRead < sizes.times
      ? [
          {
            label: 'Values',
            text: `a sample: of ${count(timesRead)} of ${count(sizes.times)} steps, spread over all of them, which are ${bytes(all)} in memory`,
          },
        ]
      : [];
  return {
    kind: 'facts',
    source,
    facts: [
      { label: 'Format', text: format },
      ...(chosen.length > 0 ? [{ label: 'Chosen', text: chosen.join('; ') }] : []),
      {
        label: 'Times',
        text: `${count(sizes.times)} from ${time.first} to ${time.last}, steps of ${leadTime(time.stepHours)}, calendar ${time.calendar}`,
      },
      {
        label: 'Gaps',
        text: time.gaps.length === 0 ? 'none' : `${count(time.gaps.length)}, ${count(lacking)} steps lacking`,
        more: [...gapLines, ...(more > 0 ? [`and ${count(more)} more`] : [])],
      },
      ...(members
        ? [{ label: 'Members', text: `${list(members.map(String))}: each a record of its own` }]
        : []),
      {
        label: 'Grid',
        text: `${sizes.rows} x ${sizes.columns} points: latitude ${grid.latitude.map(degrees).join(' to ')} (${grid.direction}), longitude ${grid.longitude.map(degrees).join(' to ')}${grid.periodic ? ', a whole circle' : ''}`,
      },
      ...('fault' in split ? [{ label: 'Split', text: split.fault }] : []),
      ...some,
    ],
  };
}

const percent = (share: number) => `${Number((100 * share).toFixed(2))} %`;

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
      percent(known),
      number(mean),
      number(std),
      number(min),
      number(max),
      longName,
    ]),
  );
}

function leftOutList({ leftOut, absentChunks }: DataSheet): SheetList | undefined {
  const items = leftOut.map(({ name, why }) => `${name} ${why}`);
  if (absentChunks > 0) {
    const are = absentChunks === 1 ? 'chunk is' : 'chunks are';
    items.push(`${count(absentChunks)} ${are} not in the store: their values are missing`);
  }
  return items.length > 0 ? { kind: 'list', title: 'Left out', items } : undefined;
}

function splitTable({ split }: DataSheet): SheetTable | undefined {
  if ('fault' in split) return undefined;
  return table(
    ['Part', 'From', 'To', 'Samples', 'Left\u00a0out'],
    Object.entries(split).map(([name, { from, to, samples, leftOut }]) => [
      name,
      from ?? '',
      to ?? '',
      count(samples),
      count(leftOut),
    ]),
  );
}

function storageTable({ storage }: DataSheet): SheetTable {
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

function readingList({ bytesRead, reading }: DataSheet): SheetList | undefined {
  const items = bytesRead > 0 ? [`${bytes(bytesRead)} were read for this.`, ...reading] : reading;
  return items.length > 0 ? { kind: 'list', items } : undefined;
}
