/** Draws rows on a canvas: cards by owner, ranks and paths by where the time goes, links by what is under way. */

import { type LaneSpan, type Piece, type PieceKind, pieceKinds } from '../../show/pieces.ts';
import type { Turn } from '../../show/turns.ts';
import type { Paint } from './paint.ts';
import { axisHeight, type CardRow, type LinkRow, type Row, sendsHeight } from './rows.ts';
import { type Stack, stacksOf } from './stacks.ts';
import { ticksOf, type Viewport } from './viewport.ts';
import { ms } from './words.ts';

export interface Picture {
  readonly rows: readonly Row[];
  readonly view: Viewport;
  /** Of all the canvas, in px, and of the names at its left. */
  readonly width: number;
  readonly height: number;
  readonly gutter: number;
  /** Whether times stand above the rows. */
  readonly axis: boolean;
  /** Spans that are pointed at, wherever they lie. */
  readonly lit: ReadonlySet<LaneSpan>;
  /** What a search has left out is paler. */
  readonly found?: ReadonlySet<LaneSpan>;
  readonly litRanks: ReadonlySet<number>;
  readonly at?: number;
}

type Context = CanvasRenderingContext2D;

/** From the foot of a bar up; what is waited for is never hidden by work. */
const order: readonly PieceKind[] = ['work', 'card', 'data', 'exchange', 'rest'];

export function drawPicture(context: Context, picture: Picture, paint: Paint): void {
  const { rows, view, width, height, gutter } = picture;
  context.clearRect(0, 0, width, height);
  context.font = '12px system-ui, sans-serif';
  context.textBaseline = 'middle';
  if (picture.axis) drawAxis(context, picture, paint);
  const length = width - gutter;
  for (const row of rows) {
    context.fillStyle = row.kind === 'rank' && picture.litRanks.has(row.lane.rank) ? paint.ink : paint.muted;
    // Ranks and their owners' colours go by the same numbers everywhere.
    const indent = row.kind === 'rank' ? 14 : 0;
    context.fillText(row.label, indent, row.top + row.height / 2, gutter - 8 - indent);
    if (row.kind === 'rank') {
      context.fillStyle = paint.owner(row.lane.rank);
      context.fillRect(0, row.top + row.height / 2 - 5, 10, 10);
    }
    context.save();
    context.beginPath();
    context.rect(gutter, row.top - 2, length, row.height + 4);
    context.clip();
    context.translate(gutter, 0);
    drawRow(context, row, view, length, paint);
    if (picture.found) veil(context, row, picture, length, paint);
    outline(context, row, picture, length, paint);
    context.restore();
  }
  drawPartners(context, picture, paint);
  if (picture.at !== undefined) drawMoment(context, picture, picture.at, paint);
}

function drawAxis(context: Context, { view, width, height, gutter }: Picture, paint: Paint): void {
  const scale = (width - gutter) / (view.to - view.from);
  context.strokeStyle = paint.line;
  context.fillStyle = paint.muted;
  context.lineWidth = 1;
  context.beginPath();
  for (const tick of ticksOf(view, (width - gutter) / 90)) {
    const x = Math.round(gutter + (tick - view.from) * scale) + 0.5;
    context.moveTo(x, axisHeight - 6);
    context.lineTo(x, height);
    const words = ms(tick);
    const room = Math.min(x + 3, width - context.measureText(words).width);
    context.fillText(words, room, 8);
  }
  context.stroke();
}

function drawRow(context: Context, row: Row, view: Viewport, length: number, paint: Paint): void {
  if (row.kind === 'card') drawCard(context, row, view, length, paint);
  else if (row.kind === 'link') drawLink(context, row, view, length, paint);
  else if (row.kind === 'path') {
    drawPieces(context, row.strip.pieces, { ...row, view, length }, paint);
  } else {
    const { pieces, hidden } = row.lane;
    drawPieces(context, pieces, { ...row, height: row.height - sendsHeight - 1, view, length }, paint);
    context.fillStyle = paint.time('hidden');
    const top = row.top + row.height - sendsHeight;
    for (const [from, to] of columnsOf(hidden, view, length)) context.fillRect(from, top, to - from, 3);
  }
}

function addTimes({ kind, share }: Piece, weight: number, shares: Float64Array): void {
  if (kind === 'work') {
    shares[order.indexOf('work')] += weight * share;
    shares[order.indexOf('card')] += weight * (1 - share);
  } else {
    shares[order.indexOf(kind)] += weight;
  }
}

interface Strip {
  readonly top: number;
  readonly height: number;
  readonly view: Viewport;
  readonly length: number;
}

function drawPieces(context: Context, pieces: readonly Piece[], strip: Strip, paint: Paint): void {
  const { top, height, view, length } = strip;
  context.fillStyle = paint.sunken;
  context.fillRect(0, top, length, height);
  const fills = order.map(kind => paint.time(kind));
  for (const stack of stacksOf(pieces, pieceKinds.length, addTimes, view, length))
    drawStack(context, stack, top, height, fills);
}

/** From the foot up; what is there at all is at least a pixel high. */
function drawStack(
  context: Context,
  { x, width, shares }: Stack,
  top: number,
  height: number,
  fills: readonly (string | CanvasPattern)[],
): void {
  const [left, right] = [Math.round(x), Math.max(Math.round(x) + 1, Math.round(x + width))];
  // A border between neighbours, where there is room for one.
  const shown = right - left > 4 ? right - left - 1 : right - left;
  let foot = top + height;
  for (let kind = 0; kind < shares.length; kind++) {
    if (shares[kind] <= 0) continue;
    const part = Math.min(foot - top, Math.max(1, shares[kind] * height));
    context.fillStyle = fills[kind];
    context.fillRect(left, foot - part, shown, part);
    foot -= part;
  }
}

function drawCard(context: Context, row: CardRow, view: Viewport, length: number, paint: Paint): void {
  // Stacks are drawn from their foot; the first rank stands uppermost, as in the rows below.
  const ranks = [...row.lane.ranks].reverse();
  const add = (turn: Turn, weight: number, shares: Float64Array) => {
    for (const rank of turn.ranks) shares[ranks.indexOf(rank)] += weight / turn.ranks.length;
  };
  context.fillStyle = paint.sunken;
  context.fillRect(0, row.top, length, row.height);
  const fills = ranks.map(rank => paint.owner(rank));
  context.save();
  context.font = '9px system-ui, sans-serif';
  for (const stack of stacksOf(row.lane.turns, ranks.length, add, view, length)) {
    drawStack(context, stack, row.top, row.height, fills);
    if (stack.width >= 24) numberStripes(context, stack, row, ranks, paint);
  }
  context.restore();
}

/** Whose stripe is whose, for those to whom colours and hatches do not say it. */
function numberStripes(
  context: Context,
  { x, shares }: Stack,
  { top, height }: CardRow,
  ranks: readonly number[],
  paint: Paint,
): void {
  let foot = top + height;
  ranks.forEach((rank, i) => {
    const part = shares[i] * height;
    if (part >= 8) {
      const words = String(rank);
      context.fillStyle = paint.ownerPlain(rank);
      context.fillRect(x + 2, foot - part, context.measureText(words).width + 4, part);
      context.fillStyle = paint.ownerInk(rank);
      context.fillText(words, x + 4, foot - part / 2 + 0.5);
    }
    foot -= part;
  });
}

function drawLink(context: Context, row: LinkRow, view: Viewport, length: number, paint: Paint): void {
  const { top, height, lane } = row;
  context.fillStyle = paint.line;
  context.fillRect(0, top + height / 2, length, 1);
  for (const [kind, isExposed] of [
    ['hidden', false],
    ['exchange', true],
  ] as const) {
    context.fillStyle = paint.time(kind);
    const spans = lane.spans.filter(({ exposed = false }) => exposed === isExposed);
    const thick = isExposed ? height : height / 2;
    for (const [from, to] of columnsOf(spans, view, length))
      context.fillRect(from, top + (height - thick) / 2, to - from, thick);
  }
}

/** Where at least one of spans is under way, in whole px: as many runs as there are pixels suffice. */
function columnsOf(
  spans: readonly { begun: number; ended: number }[],
  { from, to }: Viewport,
  length: number,
): [number, number][] {
  const scale = length / (to - from);
  const runs: [number, number][] = [];
  for (const { begun, ended } of spans) {
    if (begun >= to || ended <= from) continue;
    const left = Math.max(0, Math.floor((begun - from) * scale));
    const right = Math.min(length, Math.max(left + 1, Math.floor((ended - from) * scale)));
    const last = runs.at(-1);
    if (last && left <= last[1]) last[1] = Math.max(last[1], right);
    else runs.push([left, right]);
  }
  return runs;
}

const belongs = (row: Row, span: LaneSpan) => {
  if (row.kind === 'rank') return row.lane.rank === span.rank;
  return (
    row.kind === 'link' && row.lane.ranks.includes(span.rank) && row.lane.ranks.includes(span.peer ?? -1)
  );
};

function xOf(at: number, { from, to }: Viewport, length: number): number {
  return ((at - from) * length) / (to - from);
}

/** Pales what a search has not found. */
function veil(context: Context, row: Row, { found, view }: Picture, length: number, paint: Paint): void {
  if (row.kind !== 'rank' && row.kind !== 'link') return;
  context.globalAlpha = 0.7;
  context.fillStyle = paint.sunken;
  let left = 0;
  const own = [...(found ?? [])].filter(span => belongs(row, span)).sort((a, b) => a.begun - b.begun);
  for (const [from, to] of columnsOf(own, view, length)) {
    context.fillRect(left, row.top, from - left, row.height);
    left = to;
  }
  context.fillRect(left, row.top, length - left, row.height);
  context.globalAlpha = 1;
}

function outline(context: Context, row: Row, picture: Picture, length: number, paint: Paint): void {
  context.strokeStyle = paint.ink;
  context.lineWidth = 2;
  for (const span of picture.lit) {
    if (!belongs(row, span)) continue;
    const [from, to] = [xOf(span.begun, picture.view, length), xOf(span.ended, picture.view, length)];
    context.strokeRect(from, row.top, Math.max(2, to - from), row.height);
  }
  if (row.kind === 'rank' && picture.litRanks.has(row.lane.rank)) {
    context.strokeStyle = paint.accent;
    context.strokeRect(1, row.top, length - 2, row.height);
  }
}

/** From where an exchange begins on a rank to where it ends on its peer, of the one that is pointed at. */
function drawPartners(context: Context, picture: Picture, paint: Paint): void {
  const { lit, rows, view, width, gutter } = picture;
  const links = [...lit].filter(({ lane }) => lane === 'link');
  if (links.length === 0) return;
  const middle = new Map(
    rows.flatMap(row => (row.kind === 'rank' ? [[row.lane.rank, row.top + row.height / 2] as const] : [])),
  );
  const x = (at: number) => gutter + Math.max(0, Math.min(width - gutter, xOf(at, view, width - gutter)));
  context.strokeStyle = paint.ink;
  context.lineWidth = 1.5;
  context.beginPath();
  for (const { rank, peer, pass } of links) {
    if (peer === undefined) continue;
    const own = links.filter(other => other.rank === rank && other.peer === peer && other.pass === pass);
    const theirs = links.filter(other => other.rank === peer && other.peer === rank && other.pass === pass);
    const [from, to] = [middle.get(rank), middle.get(peer)];
    if (theirs.length === 0 || from === undefined || to === undefined) continue;
    context.moveTo(x(Math.min(...own.map(({ begun }) => begun))), from);
    context.lineTo(x(Math.max(...theirs.map(({ ended }) => ended))), to);
  }
  context.stroke();
}

function drawMoment(context: Context, picture: Picture, at: number, paint: Paint): void {
  const { view, width, height, gutter } = picture;
  const x = gutter + xOf(at, view, width - gutter);
  if (x < gutter || x > width) return;
  context.strokeStyle = paint.accent;
  context.lineWidth = 2;
  context.beginPath();
  context.moveTo(x, 0);
  context.lineTo(x, height);
  context.stroke();
}
