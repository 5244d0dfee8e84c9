/** Energy in words: a band is always three numbers, and what is behind it is said. */
import type { Band } from '../energy/band.ts';
import type { HostPower } from '../energy/settings.ts';
import { fieldNumber, unitSpace } from './format.ts';
import type { LoadEvidence } from './run-meter.ts';

/** `142 W (95 to 190)`. */
export function bandText({ low, central, high }: Band, unit: string): string {
  const [scale, prefix] = prefixOf(central);
  const [l, c, h] = [low, central, high].map(value => fieldNumber(value / scale));
  const middle = [c, `${prefix}${unit}`].join(unitSpace);
  return l === h ? middle : `${middle} (${l} to ${h})`;
}

/** `95–190 W`, where there is little room: the ends of a band, as a band is never one number. */
export function rangeText({ low, central, high }: Band, unit: string): string {
  const [scale, prefix] = prefixOf(central);
  const [l, h] = [low, high].map(value => fieldNumber(value / scale, 2));
  return [l === h ? l : `${l}–${h}`, `${prefix}${unit}`].join(unitSpace);
}

function prefixOf(value: number): readonly [number, string] {
  if (value >= 1e6) return [1e6, 'M'];
  if (value >= 1e4) return [1e3, 'k'];
  if (value > 0 && value < 0.1) return [1e-3, 'm'];
  return [1, ''];
}

const loadWords: Record<LoadEvidence, string> = {
  traces: 'load: from traces of sampled steps',
  ranks: 'load: from what the ranks report',
  queue: 'load: from when steps were submitted and done',
  nothing: 'load: not known',
};

/** How the load of an estimate is known, or that it is none. */
export function loadText(load: LoadEvidence, sources: readonly string[]): string {
  const read = sources.length > 0 ? `, where it was not read by ${sources.join(' and ')}` : '';
  return `${loadWords[load]}${read}`;
}

/** What an estimate rests on. */
export const evidenceText = (evidence: string, load: LoadEvidence, sources: readonly string[]): string =>
  `${evidence}; ${loadText(load, sources)}`;

/** What is counted beside the GPU. */
export const restText = ({ watts }: Pick<HostPower, 'watts'>): string =>
  watts.high === 0
    ? 'the rest of the machine is not counted apart'
    : `rest of the machine ${bandText(watts, 'W')}`;

/** The same, with the building's share. */
export const hostText = (host: HostPower): string =>
  `${restText(host)}; ${host.pue === 1 ? 'nothing for the building (PUE 1)' : `PUE ${host.pue}`}`;
