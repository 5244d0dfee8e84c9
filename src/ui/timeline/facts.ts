/** What a span was, in words and numbers: how long, what was computed or sent, and whose turn the card was. */
import { bytes, fieldNumber, metric } from '../../show/format.ts';
import { kernelShares } from '../../show/kernel-shares.ts';
import type { StepLanes } from '../../show/lanes.ts';
import { type LaneSpan, sumsOf } from '../../show/pieces.ts';
import { spanFacts } from '../../show/spans.ts';
import { ms } from './words.ts';

export interface Facts {
  readonly title: string;
  readonly lines: readonly string[];
}

/** `~` stands before what is estimated. */
export function factsOf(span: LaneSpan, lanes: StepLanes): Facts {
  const steps = lanes.stepsOf(span.plan);
  const { name, within, facts } = spanFacts(span, steps);
  const unsure = Math.max(lanes.resolution, 0);
  const clock = unsure > 0 ? ` ± ${sureTo(unsure)} (browser's clock)` : '';
  const place = within && !name.startsWith(within) ? `${name}, ${within}` : name;
  const time = `${ms(span.ended - span.begun)}${clock}, from ${ms(span.begun)}`;
  if (span.lane === 'data') {
    return { title: `rank ${span.rank} waits for its batch, or uploads it`, lines: [time] };
  }
  if (span.lane === 'link') {
    const sent = Number(facts.bytesSent ?? 0);
    const group = facts.group ? `, among the ranks of a ${facts.group}` : '';
    const way = span.peer === undefined ? '' : ` with rank ${span.peer}${group}`;
    const size = sent > 0 ? `sends ${bytes(sent)}` : '';
    const cost = span.exposed ? 'nothing else was done meanwhile' : 'hidden: the card had work meanwhile';
    const lines = [time, [size, cost].filter(Boolean).join('; ')];
    return { title: `${place} on rank ${span.rank}${way}`, lines };
  }
  const { flops = 0, kernels = 1, bytesRead = 0, bytesWritten = 0 } = facts;
  const moved = bytes(Number(bytesRead) + Number(bytesWritten));
  const work = `${kernels} kernel${kernels === 1 ? '' : 's'}, ${metric(Number(flops))}FLOP, ${moved} read and written`;
  const { work: own, card } = sumsOf(piecesWithin(span, lanes));
  const turns = card > 0 ? [`of it ~${ms(own)} its own, ~${ms(card)} waiting for the card (estimated)`] : [];
  const shares = kernelShares(span, steps).slice(0, 4);
  const told = shares.map(({ shader, share }) => `${shader} ~${Math.round(100 * share)} %`);
  const estimate = told.length > 1 ? [`kernels by FLOPs, estimated: ${told.join(', ')}`] : [];
  return {
    title: `${place} on rank ${span.rank}`,
    lines: [time, ...turns, ...(steps ? [work] : []), ...estimate],
  };
}

/** @param ms what is below a microsecond no clock of a browser tells */
const sureTo = (ms: number) => (ms < 1e-3 ? 'under 0.001' : fieldNumber(ms, 2));

const piecesWithin = (span: LaneSpan, { ranks }: StepLanes) =>
  ranks.find(({ rank }) => rank === span.rank)?.pieces.filter(piece => piece.span === span) ?? [];
