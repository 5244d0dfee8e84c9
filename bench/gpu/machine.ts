/** What the GPU could do at best, and what it draws while it is measured. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';

export interface Peak {
  readonly name: string;
  /** FLOP/s in float32 without tensor cores, and bytes/s of its memory: the maker's data sheets. */
  readonly flops: number;
  readonly bandwidth: number;
}

const peaks: readonly (readonly [pattern: RegExp, peak: Peak])[] = [
  [/h200/i, { name: 'H200 SXM', flops: 66.9e12, bandwidth: 4.8e12 }],
  [/h100.*pcie/i, { name: 'H100 PCIe', flops: 51.2e12, bandwidth: 2.0e12 }],
  [/h100.*(hbm3|sxm)/i, { name: 'H100 SXM', flops: 66.9e12, bandwidth: 3.35e12 }],
];

/** @returns undefined for a device whose peak is not in the table */
export function peakOf(deviceName: string): Peak | undefined {
  return peaks.find(([pattern]) => pattern.test(deviceName))?.[1];
}

const query = ['--query-gpu=name,power.draw,clocks.sm', '--format=csv,noheader,nounits'];

/** The first GPU's name as its driver says it, or undefined where there is no nvidia-smi. */
export function nvidiaName(): string | undefined {
  const { status, stdout } = spawnSync('nvidia-smi', query, { encoding: 'utf8' });
  return status === 0 ? stdout.split('\n')[0].split(',')[0].trim() : undefined;
}

export interface Draw {
  /** Watts and MHz, means over the samples. */
  readonly watts: number;
  readonly megahertz: number;
  readonly samples: number;
}

export interface PowerMeter {
  /** Of the time since the last call; undefined where no sample fell into it. */
  read(): Draw | undefined;
  stop(): void;
}

const SAMPLE_MS = 100;

/** Lets nvidia-smi sample the first GPU until it is stopped. */
export function startPowerMeter(): PowerMeter {
  if (nvidiaName() === undefined) return { read: () => undefined, stop: () => {} };
  const child: ChildProcess = spawn('nvidia-smi', [...query, '-i', '0', `--loop-ms=${SAMPLE_MS}`], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let samples: number[][] = [];
  let rest = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const [, watts, megahertz] = line.split(',').map(Number);
      if (Number.isFinite(watts)) samples.push([watts, megahertz]);
    }
  });
  return {
    read() {
      const taken = samples;
      samples = [];
      if (taken.length === 0) return undefined;
      const mean = (i: number) => taken.reduce((sum, sample) => sum + sample[i], 0) / taken.length;
      return { watts: mean(0), megahertz: mean(1), samples: taken.length };
    },
    stop: () => child.kill(),
  };
}
