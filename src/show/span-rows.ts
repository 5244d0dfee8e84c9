/** The spans of a step as rows of a table, and as CSV (RFC 4180), for whoever wants to count them. */
import type { StepLanes } from './lanes.ts';
import type { LaneSpan } from './pieces.ts';
import { spanFacts } from './spans.ts';

const columns = [
  'step',
  'rank',
  'card',
  'pass',
  'lane',
  'peer',
  'exchange',
  'from',
  'to',
  'begun_ms',
  'ended_ms',
  'exposed',
  'name',
  'layer',
  'phase',
  'kernels',
  'flops',
  'bytes',
] as const;

/** With a line of names, times in ms since the beginning of the step, and lines that end in CRLF. */
export function spansCsv(lanes: StepLanes): string {
  const rows = lanes.ranks.flatMap(({ card, spans }) => spans.map(span => rowOf(lanes, card, span)));
  const lines = [columns, ...rows].map(cells => cells.map(cellText).join(','));
  return `${lines.join('\r\n')}\r\n`;
}

function rowOf(lanes: StepLanes, card: string, span: LaneSpan): (string | number | boolean | undefined)[] {
  const { name, facts } = spanFacts(span, lanes.stepsOf(span.plan));
  const { layer, phase, kernels = span.lane === 'device' ? 1 : undefined, flops } = facts;
  const { bytesSent, bytesRead, bytesWritten } = facts;
  const bytes = bytesSent ?? (bytesRead === undefined ? undefined : Number(bytesRead) + Number(bytesWritten));
  const { rank, pass, lane, peer, exchange, from, to, begun, ended, exposed } = span;
  return [
    ...[lanes.step, rank, card, pass, lane, peer, exchange, from, to, begun, ended, exposed],
    ...[name, layer, phase, kernels, flops, bytes],
  ];
}

function cellText(value: string | number | boolean | undefined): string {
  const text = String(value ?? '');
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
