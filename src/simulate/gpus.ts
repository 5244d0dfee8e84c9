/**
 * GPUs and links to predict with. The GPUs are those of the table of energy, with what a prediction needs besides; the links
 * are a few, each with where its figures are from.
 */
import { gpuRows, sourceOf, type GpuRow as TableRow } from '../energy/gpu-rows.ts';
import type { GpuPeaks, LinkLevel } from './machines.ts';
import { infiniband, nvlink, RANKS_PER_HOST } from './published/node.ts';

export interface GpuRow extends GpuPeaks {
  readonly name: string;
  /** Other names that people type. */
  readonly also: readonly string[];
  /** One of the laptops that are asked how many of them make another GPU. */
  readonly isUsualLaptop: boolean;
  /** Of its own; absent where it takes part of main memory, or is not known here. */
  readonly memoryBytes?: number;
  /** Of its peak in f32. */
  readonly source: string;
  /** Its power too. */
  readonly row: TableRow;
}

interface More {
  readonly also?: readonly string[];
  /** TFLOP/s of matrix units, dense, as NVIDIA's data sheets state them: WGSL has no word for these. */
  readonly tf32?: number;
  readonly f16?: number;
  readonly gigabytes?: number;
  readonly isUsualLaptop?: boolean;
}

/** Those that one asks for most, with what the table of energy does not hold of them. Memory: as the makers state it. */
const more: Readonly<Record<string, More>> = {
  'A100 SXM 40 GB': { also: ['A100', 'A100-40', 'A100 SXM 40'], tf32: 156, f16: 312, gigabytes: 40 },
  'A100 SXM 80 GB': { also: ['A100-80'], tf32: 156, f16: 312, gigabytes: 80 },
  'H100 SXM': { also: ['H100'], tf32: 494.7, f16: 989.4, gigabytes: 80 },
  'Tesla T4': { f16: 65, gigabytes: 16 },
  'GeForce RTX 4090': { gigabytes: 24 },
  'GeForce RTX 3090': { gigabytes: 24 },
  'GeForce RTX 3060': { gigabytes: 12 },
  'Radeon RX 7900 XTX': { gigabytes: 24 },
  'GeForce RTX 4060 Laptop': {
    also: ['RTX 4060 Laptop', 'RTX 4060 Mobile'],
    gigabytes: 8,
    isUsualLaptop: true,
  },
  'Radeon 780M': { isUsualLaptop: true },
  'Iris Xe Graphics': { also: ['Iris Xe', 'Iris Xe 96'], isUsualLaptop: true },
};

/** Without the name of the family, which people leave out. */
const shortName = (name: string) => name.replace(/^(?:GeForce|Radeon|Tesla|Instinct) /, '');

export const gpus: readonly GpuRow[] = gpuRows
  .filter(({ kind }) => kind !== 'software')
  .map(row => {
    const { name, f32, bandwidth } = row;
    const { also = [], tf32, f16, gigabytes, isUsualLaptop = false } = more[name] ?? {};
    return {
      name,
      also: [...also, shortName(name)].filter(other => other !== name),
      isUsualLaptop,
      f32: f32.value,
      ...(tf32 !== undefined && { tf32: 1e12 * tf32 }),
      ...(f16 !== undefined && { f16: 1e12 * f16 }),
      bytesPerSecond: bandwidth.value,
      ...(gigabytes !== undefined && { memoryBytes: 1e9 * gigabytes }),
      source: sourceOf(f32),
      row,
    };
  });

/** Short names of those that one asks for most. */
export const usualGpuNames: readonly string[] = Object.entries(more).map(
  ([name, { also: [short = shortName(name)] = [] }]) => short,
);

/** How the ranks of a cluster are linked, by the name of what links them. */
export interface LinkRow {
  readonly name: string;
  readonly ranksPerHost: number;
  readonly within: LinkLevel;
  readonly between: LinkLevel;
  /** From blocks that are ready until they are on the line, and back at the other end. */
  readonly secondsPerExchange: number;
  readonly source: string;
}

/** One GPU a host, so that there is nothing within. */
const apart = (level: LinkLevel) => ({ ranksPerHost: 1, within: level, between: level });

/** Of device, browser and data channel together: assumed. */
const BROWSER_EXCHANGE = 0.2e-3;

export const links: readonly LinkRow[] = [
  {
    name: 'nvlink',
    ranksPerHost: RANKS_PER_HOST,
    within: nvlink,
    between: infiniband,
    secondsPerExchange: 10e-6,
    source:
      'four GPUs a host, linked in pairs, 80 % of 100 GB/s each way; hosts by one HDR card, 80 % of 25 GB/s',
  },
  {
    name: 'infiniband',
    ...apart(infiniband),
    secondsPerExchange: 10e-6,
    source: 'a GPU a host, one HDR card each, 80 % of 25 GB/s',
  },
  {
    name: 'ethernet-10g',
    ...apart({ name: 'Ethernet', latencySeconds: 50e-6, bytesPerSecond: 1e9, shared: 'host' }),
    secondsPerExchange: BROWSER_EXCHANGE,
    source: 'a GPU a host, 80 % of 10 Gb/s',
  },
  {
    name: 'lan',
    ...apart({ name: 'LAN', latencySeconds: 0.5e-3, bytesPerSecond: 60e6, shared: 'host' }),
    secondsPerExchange: BROWSER_EXCHANGE,
    source: 'browsers on a cable of 1 Gb/s: what a data channel makes of it',
  },
  {
    name: 'wifi',
    ...apart({ name: 'Wi-Fi', latencySeconds: 3e-3, bytesPerSecond: 10e6, shared: 'all' }),
    secondsPerExchange: BROWSER_EXCHANGE,
    source: 'browsers in one room, who share the air',
  },
];

/** @throws RangeError with names that there are */
export function gpuNamed(name: string): GpuRow {
  const found = withName(gpus, name);
  if (found) return found;
  const others = gpus.length - usualGpuNames.length;
  throw new RangeError(
    `There is no GPU "${name}" in the table: there are ${usualGpuNames.join(', ')}, and ${others} others (src/energy/gpu-table.ts).`,
  );
}

/** @throws RangeError with the names there are */
export function linkNamed(name: string): LinkRow {
  const found = withName(links, name);
  if (found) return found;
  throw new RangeError(
    `There is no link "${name}" in the table: there are ${links.map(row => row.name).join(', ')}.`,
  );
}

function withName<Row extends { readonly name: string; readonly also?: readonly string[] }>(
  rows: readonly Row[],
  name: string,
): Row | undefined {
  const plain = (text: string) => text.toLowerCase().replaceAll(/[\s_-]/g, '');
  return rows.find(row => [row.name, ...(row.also ?? [])].some(each => plain(each) === plain(name)));
}
