/** Power of the run's GPU, read where this machine can: a reading a second for as long as the run goes on. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { GpuPower } from '../../energy/gpu-power.ts';
import type { PowerReading } from '../../energy/reading.ts';
import { lineOf, type NvidiaLine, nvidiaSmi, parseNvidiaLine, readingOf } from './nvidia-smi.ts';
import { parsePowermetricsLine, powermetrics } from './powermetrics.ts';
import { powercapFolder, Rapl } from './rapl.ts';

export interface Readings {
  /** By what power is read, or why it is not; for people. Resolves with the first reading, or when there is none. */
  readonly how: Promise<string>;
  stop(): void;
}

interface Adapter {
  readonly kind: GpuPower['kind'];
  readonly vendor: string;
  readonly description: string;
}

/** What of the machine decides by what power is read; another one in tests. */
export interface PowerSystem {
  readonly platform: NodeJS.Platform;
  readonly isRoot: boolean;
  /** Of Linux's counters of energy. */
  readonly powercap: string;
}

const thisSystem: PowerSystem = {
  platform: process.platform,
  isRoot: process.getuid?.() === 0,
  powercap: powercapFolder,
};

/** A process that writes nothing in this time has nothing to tell. Ms. */
const patience = 5000;
const everyMs = 1000;

/** @param onReading gets every reading, of the GPU or, where it is part of a processor, of that */
export function startReadings(
  adapter: Adapter,
  onReading: (reading: PowerReading) => void,
  { platform, isRoot, powercap }: PowerSystem = thisSystem,
): Readings {
  const { kind, vendor } = adapter;
  if (kind === 'software' || (kind === 'integrated' && platform === 'linux'))
    return fromRapl(powercap, onReading);
  if (vendor === 'nvidia') return fromNvidia(adapter.description, onReading);
  if (platform === 'darwin' && isRoot) return fromLines(powermetrics, parsePowermetricsLine, onReading);
  const why =
    platform === 'darwin'
      ? 'powermetrics asks for root: start with sudo to have its readings'
      : 'nothing on this machine reads the power of this GPU';
  return { how: Promise.resolve(`estimated: ${why}`), stop: () => {} };
}

function fromNvidia(description: string, onReading: (reading: PowerReading) => void): Readings {
  const seen = new Map<number, NvidiaLine>();
  const lineReader = (line: string) => {
    const parsed = parseNvidiaLine(line);
    if (!parsed) return undefined;
    // All GPUs are known from the second round on.
    const isKnown = seen.has(parsed.index);
    seen.set(parsed.index, parsed);
    const own = lineOf([...seen.values()], description);
    return isKnown && own?.index === parsed.index ? readingOf(parsed) : undefined;
  };
  return fromLines(nvidiaSmi, lineReader, onReading);
}

interface Command {
  readonly command: string;
  readonly arguments: readonly string[];
}

function fromLines(
  { command, arguments: given }: Command,
  read: (line: string) => PowerReading | undefined,
  onReading: (reading: PowerReading) => void,
): Readings {
  const child = spawn(command, given, { stdio: ['ignore', 'pipe', 'ignore'] });
  const how = new Promise<string>(resolve => {
    const late = setTimeout(
      () => resolve(`estimated: ${command} has no reading that is surely of this GPU`),
      patience,
    );
    late.unref();
    createInterface({ input: child.stdout }).on('line', line => {
      const reading = read(line);
      if (!reading) return;
      clearTimeout(late);
      onReading(reading);
      resolve(`read by ${command}`);
    });
    child.on('error', () => resolve(`estimated: ${command} cannot be started`));
    child.on('exit', code => resolve(`estimated: ${command} ended (${code})`));
  });
  child.unref();
  return { how, stop: () => void child.kill() };
}

function fromRapl(folder: string, onReading: (reading: PowerReading) => void): Readings {
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  const opened = Rapl.open(folder);
  const how = opened.then(
    rapl => {
      const read = async () => {
        // Counters that have gone, as when rights are taken back: from then on it is an estimate.
        const watts = await rapl.watts(performance.now()).catch(() => undefined);
        if (watts !== undefined && !isStopped) onReading({ source: 'RAPL', watts });
      };
      if (!isStopped) timer = setInterval(() => void read(), everyMs);
      return "read by RAPL, of the processor's package";
    },
    ({ message }: Error) => `estimated: ${message}`,
  );
  return {
    how,
    stop: () => {
      isStopped = true;
      clearInterval(timer);
    },
  };
}
