/** Power of Apple's chips, as `powermetrics` of macOS tells it. It asks for root. */
import type { PowerReading } from '../../energy/reading.ts';

export const powermetrics = {
  command: 'powermetrics',
  arguments: ['--samplers', 'gpu_power', '--sample-rate', '1000'],
} as const;

/** @returns of the line with the GPU's power a reading; undefined of all others */
export function parsePowermetricsLine(line: string): PowerReading | undefined {
  const [, milliwatts] = /^GPU Power:\s*(\d+(?:\.\d+)?)\s*mW/.exec(line) ?? [];
  return milliwatts === undefined ? undefined : { source: 'powermetrics', watts: Number(milliwatts) / 1000 };
}
