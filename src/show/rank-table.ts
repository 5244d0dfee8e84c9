/** What every rank held and did, as a table: for the terminal and for the report. */
import type { RankResult } from '../session/api/api.ts';
import { bytes } from './format.ts';

export const rankHead: readonly string[] = [
  'Rank',
  'Row',
  'Column',
  'Replica',
  'Parameters',
  'Optimizer',
  'Activations',
  'Exchange buffers',
  'All buffers',
  'Data',
  'Sent a step',
  'Messages a step',
  'Exchange ms',
  'Exposed ms',
  'Data wait ms',
  'Compute ms',
];

/** A row for every rank, under `rankHead`. */
export function rankRows(ranks: readonly RankResult[]): string[][] {
  return ranks.map(rank => [
    `${rank.rank}`,
    `${rank.row}`,
    `${rank.column}`,
    `${rank.replica}`,
    bytes(rank.parameterBytes),
    bytes(rank.optimizerBytes),
    bytes(rank.activationBytes),
    bytes(rank.receiveBytes),
    bytes(rank.peakBytes),
    bytes(rank.bytesReadFromData),
    bytes(rank.bytesSent),
    rank.messagesSent.toFixed(1),
    rank.exchangeMs.toFixed(1),
    rank.exposedExchangeMs.toFixed(1),
    rank.dataMs.toFixed(1),
    rank.computeMs.toFixed(1),
  ]);
}

/** Lines of plain text with columns as wide as their widest word; the words of a head stand below each other. */
export function textTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const words = head.map(title => title.split(' '));
  const headLines = Array.from({ length: Math.max(...words.map(({ length }) => length)) }, (_, line) =>
    words.map(title => title[line] ?? ''),
  );
  const lines = [...headLines, ...rows];
  const widths = head.map((_, column) => Math.max(...lines.map(line => line[column].length)));
  return lines.map(line => line.map((cell, column) => cell.padStart(widths[column])).join('  ')).join('\n');
}
