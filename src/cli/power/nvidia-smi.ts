/** Power as NVIDIA's driver reads it, a line a second from one process that goes on. */
import type { PowerReading } from '../../energy/reading.ts';

export const nvidiaSmi = {
  command: 'nvidia-smi',
  arguments: ['--query-gpu=index,name,power.draw', '--format=csv,noheader,nounits', '--loop-ms=1000'],
} as const;

export interface NvidiaLine {
  readonly index: number;
  readonly name: string;
  /** Undefined where the driver has no reading of this GPU. */
  readonly watts?: number;
}

/** @returns undefined of a line that is none of ours, such as a warning */
export function parseNvidiaLine(line: string): NvidiaLine | undefined {
  const [, index, name, draw] = /^\s*(\d+),\s*(.+?),\s*([^,]+?)\s*$/.exec(line) ?? [];
  if (index === undefined) return undefined;
  const watts = Number(draw.replace(/\s*W$/, ''));
  // `[N/A]`, `[Not Supported]`, `[Unknown Error]`.
  return { index: Number(index), name, ...(Number.isFinite(watts) && watts >= 0 && { watts }) };
}

/**
 * The line of the adapter of a run, from those of all GPUs. Only one that is sure: the only GPU, or the only one of its
 * name.
 *
 * @param description of the adapter; browsers may leave it empty
 */
export function lineOf(lines: readonly NvidiaLine[], description: string): NvidiaLine | undefined {
  if (lines.length === 1) return lines[0];
  const named = lines.filter(({ name }) => description !== '' && description.includes(name));
  return named.length === 1 ? named[0] : undefined;
}

export const readingOf = ({ watts }: NvidiaLine): PowerReading | undefined =>
  watts === undefined ? undefined : { source: 'nvidia-smi', watts };
