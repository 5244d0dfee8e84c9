/** Readings of power: lines in the form that the programs print, and counters in a folder like Linux's. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { lineOf, parseNvidiaLine, readingOf } from '../../../src/cli/power/nvidia-smi.ts';
import { parsePowermetricsLine } from '../../../src/cli/power/powermetrics.ts';
import { Rapl } from '../../../src/cli/power/rapl.ts';
import { startReadings } from '../../../src/cli/power/readings.ts';
import { bandOfReading } from '../../../src/energy/reading.ts';

describe('nvidia-smi', () => {
  test('lines of one GPU, with units or without', () => {
    expect(parseNvidiaLine('0, NVIDIA GeForce RTX 3060, 118.42')).toEqual({
      index: 0,
      name: 'NVIDIA GeForce RTX 3060',
      watts: 118.42,
    });
    expect(parseNvidiaLine('0, NVIDIA H100 80GB HBM3, 699.61 W')?.watts).toBe(699.61);
  });

  test.each(['[N/A]', '[Not Supported]', '[Unknown Error]', '-1.00'])('%s is no reading', draw => {
    const line = parseNvidiaLine(`0, NVIDIA GeForce MX150, ${draw}`);
    expect(line).toMatchObject({ index: 0 });
    expect(line && readingOf(line)).toBeUndefined();
  });

  test('what is no line of a GPU is passed over', () => {
    expect(parseNvidiaLine('Failed to initialize NVML: Driver/library version mismatch')).toBeUndefined();
    expect(parseNvidiaLine('')).toBeUndefined();
  });

  test('of several GPUs the one that is sure', () => {
    const lines = ['0, NVIDIA RTX A4000, 40', '1, NVIDIA H100 80GB HBM3, 300', '2, NVIDIA RTX A4000, 41'].map(
      line => parseNvidiaLine(line)!,
    );
    expect(lineOf(lines, 'NVIDIA H100 80GB HBM3')?.index).toBe(1);
    expect(lineOf(lines, 'NVIDIA RTX A4000')).toBeUndefined();
    expect(lineOf(lines, '')).toBeUndefined();
    expect(lineOf(lines.slice(0, 1), '')?.index).toBe(0);
  });
});

test('powermetrics: the power of the GPU among the rest', () => {
  const printed = `*** Sampled system activity (Tue Nov 12 10:01:02 2024 +0100) (1004.50ms elapsed) ***

**** GPU usage ****

GPU HW active frequency: 1182 MHz
GPU HW active residency:  98.20% (338 MHz:   0% 618 MHz:   0% 1182 MHz:  98%)
GPU idle residency:   1.80%
GPU Power: 13471 mW
`;
  const readings = printed.split('\n').flatMap(line => parsePowermetricsLine(line) ?? []);
  expect(readings).toEqual([{ source: 'powermetrics', watts: 13.471 }]);
  // It leaves out what GPU work costs elsewhere in the chip.
  expect(bandOfReading(readings[0]).high).toBeGreaterThan(2 * 13.471);
});

describe('RAPL', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'isobar-powercap-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  async function zone(name: string, of: string, energy: number, range = 1e9): Promise<void> {
    await mkdir(join(folder, name), { recursive: true });
    await writeFile(join(folder, name, 'name'), `${of}\n`);
    await writeFile(join(folder, name, 'energy_uj'), `${energy}\n`);
    await writeFile(join(folder, name, 'max_energy_range_uj'), `${range}\n`);
  }

  test('the sum of all packages, not of their parts, over the end of a counter too', async () => {
    await zone('intel-rapl:0', 'package-0', 100e6);
    await zone('intel-rapl:1', 'package-1', 999e6);
    await zone('intel-rapl:0:0', 'core', 0);
    await zone('intel-rapl:2', 'psys', 0);
    const rapl = await Rapl.open(folder);
    expect(await rapl.watts(1000)).toBeUndefined();
    await zone('intel-rapl:0', 'package-0', 120e6);
    // 1 J to the end of its range, and 9 J from 0.
    await zone('intel-rapl:1', 'package-1', 9e6);
    await zone('intel-rapl:0:0', 'core', 500e6);
    await zone('intel-rapl:2', 'psys', 700e6);
    expect(await rapl.watts(3000)).toBeCloseTo(15, 9);
    // A clock that stands still or goes back gives none.
    expect(await rapl.watts(3000)).toBeUndefined();
    expect(await rapl.watts(1000)).toBeUndefined();
    expect(await rapl.watts(2000)).toBe(0);
  });

  test('a counter that vanishes, or whose range nobody tells, gives no reading and no wrong one', async () => {
    await zone('intel-rapl:0', 'package-0', 100e6);
    const rapl = await Rapl.open(folder);
    await rapl.watts(1000);
    await rm(join(folder, 'intel-rapl:0', 'energy_uj'));
    await expect(rapl.watts(2000)).rejects.toThrow(/energy_uj cannot be read \(ENOENT\)/);
    // It is there again: what was counted meanwhile is of all the time since it was read last.
    await zone('intel-rapl:0', 'package-0', 130e6);
    expect(await rapl.watts(4000)).toBeCloseTo(10, 9);

    await rm(join(folder, 'intel-rapl:0', 'max_energy_range_uj'));
    const endless = await Rapl.open(folder);
    await endless.watts(1000);
    await writeFile(join(folder, 'intel-rapl:0', 'energy_uj'), '5\n');
    expect(await endless.watts(2000)).toBeUndefined();
  });

  test('a run of a GPU in software is read by it, every second; without counters it says why it is estimated', async () => {
    const adapter = { kind: 'software', vendor: 'google', description: '' } as const;
    const system = { platform: 'linux', isRoot: true, powercap: folder } as const;
    const estimated = startReadings(adapter, () => {}, system);
    expect(await estimated.how).toBe(`estimated: ${folder} counts no processor package`);
    estimated.stop();
    await zone('intel-rapl:0', 'package-0', 0);
    let seen: (watts: number) => void = () => {};
    const first = new Promise<number>(resolve => {
      seen = resolve;
    });
    const readings = startReadings(adapter, ({ watts }) => seen(watts), system);
    expect(await readings.how).toBe("read by RAPL, of the processor's package");
    expect(await first).toBe(0);
    readings.stop();
  });

  test('where there is nothing to read, the reason', async () => {
    await expect(Rapl.open(join(folder, 'none'))).rejects.toThrow(/^this system has no .*none$/);
    await expect(Rapl.open(folder)).rejects.toThrow('counts no processor package');
    await zone('intel-rapl:0', 'package-0', 1);
    await rm(join(folder, 'intel-rapl:0', 'energy_uj'));
    await expect(Rapl.open(folder)).rejects.toThrow(/energy_uj cannot be read \(ENOENT\)/);
  });
});

test('a program that is not there, a GPU that nothing reads: estimated, and why', async () => {
  const { PATH } = process.env;
  process.env.PATH = '/nowhere';
  try {
    const nvidia = startReadings({ kind: 'desktop', vendor: 'nvidia', description: '' }, () => {});
    expect(await nvidia.how).toBe('estimated: nvidia-smi cannot be started');
    nvidia.stop();
  } finally {
    process.env.PATH = PATH;
  }
  const radeon = startReadings({ kind: 'desktop', vendor: 'amd', description: '' }, () => {});
  expect(await radeon.how).toMatch(/^estimated: /);
});

/** A program of this name on the path, for as long as the work takes. */
async function withProgram(name: string, script: string, work: () => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'isobar-power-'));
  const { PATH } = process.env;
  await writeFile(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  process.env.PATH = `${folder}:${PATH}`;
  try {
    await work();
  } finally {
    process.env.PATH = PATH;
    await rm(folder, { recursive: true });
  }
}
const card = { kind: 'data centre', vendor: 'nvidia', description: '' } as const;

test('a program that prints as nvidia-smi does: its readings come, from the second round on', () =>
  withProgram(
    'nvidia-smi',
    'printf "0, NVIDIA L4, 30.5\\n0, NVIDIA L4, 60.5\\n"\nexec sleep 60',
    async () => {
      const read: number[] = [];
      const readings = startReadings(card, ({ watts }) => read.push(watts));
      expect(await readings.how).toBe('read by nvidia-smi');
      expect(read).toEqual([60.5]);
      readings.stop();
    },
  ));

test('nvidia-smi that ends before it has read anything is told with how it ended', () =>
  withProgram(
    'nvidia-smi',
    'echo "NVIDIA-SMI has failed because it could not communicate with the driver."\nexit 9',
    async () => {
      const readings = startReadings(card, () => {});
      expect(await readings.how).toBe('estimated: nvidia-smi ended (9)');
      readings.stop();
    },
  ));

test('powermetrics is asked by root on a Mac, and nobody else', () =>
  withProgram(
    'powermetrics',
    'printf "**** GPU usage ****\\n\\nGPU Power: 13471 mW\\n"\nexec sleep 60',
    async () => {
      const mac = { platform: 'darwin', isRoot: true, powercap: '/none' } as const;
      const adapter = { kind: 'apple', vendor: 'apple', description: '' } as const;
      const read: number[] = [];
      const readings = startReadings(adapter, ({ watts }) => read.push(watts), mac);
      expect(await readings.how).toBe('read by powermetrics');
      expect(read).toEqual([13.471]);
      readings.stop();
      const refused = startReadings(adapter, () => {}, { ...mac, isRoot: false });
      expect(await refused.how).toBe(
        'estimated: powermetrics asks for root: start with sudo to have its readings',
      );
    },
  ));
