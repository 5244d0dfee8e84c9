/**
 * A few GPUs and links to predict with, each with where its figures are from. `NVIDIA data sheet`: the maker's, dense rates.
 * `listings`: public listings that agree with each other, not checked against the maker's page.
 */
import type { GpuPeaks, LinkLevel } from './machines.ts';
import { a100Peaks, infiniband, nvlink, RANKS_PER_HOST } from './published/node.ts';

export interface GpuRow extends GpuPeaks {
  readonly name: string;
  /** Other names that people type. */
  readonly also?: readonly string[];
  readonly laptop?: boolean;
  /** Of its own; absent where it takes part of main memory. */
  readonly memoryBytes?: number;
  readonly source: string;
}

const sheet = 'NVIDIA data sheet';
const listings = 'public listings';
const tera = 1e12;
const giga = 1e9;

export const gpus: readonly GpuRow[] = [
  { name: 'A100', also: ['A100-40', 'A100 SXM 40'], ...a100Peaks, memoryBytes: 40 * giga, source: sheet },
  { name: 'A100-80', ...a100Peaks, bytesPerSecond: 2.039e12, memoryBytes: 80 * giga, source: sheet },
  {
    name: 'H100',
    also: ['H100 SXM'],
    f32: 66.9 * tera,
    tf32: 494.7 * tera,
    f16: 989.4 * tera,
    bytesPerSecond: 3.35e12,
    memoryBytes: 80 * giga,
    source: sheet,
  },
  {
    name: 'T4',
    f32: 8.1 * tera,
    f16: 65 * tera,
    bytesPerSecond: 320 * giga,
    memoryBytes: 16 * giga,
    source: sheet,
  },
  {
    name: 'RTX 4090',
    f32: 82.6 * tera,
    bytesPerSecond: 1010 * giga,
    memoryBytes: 24 * giga,
    source: listings,
  },
  {
    name: 'RTX 3090',
    f32: 35.6 * tera,
    bytesPerSecond: 936 * giga,
    memoryBytes: 24 * giga,
    source: listings,
  },
  {
    name: 'RTX 3060',
    f32: 12.7 * tera,
    bytesPerSecond: 360 * giga,
    memoryBytes: 12 * giga,
    source: listings,
  },
  {
    name: 'RX 7900 XTX',
    f32: 61.4 * tera,
    bytesPerSecond: 960 * giga,
    memoryBytes: 24 * giga,
    source: listings,
  },
  {
    name: 'RTX 4060 Laptop',
    also: ['RTX 4060 Mobile'],
    laptop: true,
    f32: 11.6 * tera,
    bytesPerSecond: 256 * giga,
    memoryBytes: 8 * giga,
    source: listings,
  },
  {
    name: 'Radeon 780M',
    laptop: true,
    f32: 4.45 * tera,
    bytesPerSecond: 90 * giga,
    source: 'public listings, without dual issue; memory DDR5-5600, two channels',
  },
  {
    name: 'Iris Xe',
    also: ['Iris Xe 96'],
    laptop: true,
    f32: 1.85 * tera,
    bytesPerSecond: 68 * giga,
    source: 'public listings (1.7 to 2.0); memory LPDDR4X-4266, two channels',
  },
];

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

/** @throws RangeError with the names there are */
export const gpuNamed = (name: string): GpuRow => named(gpus, 'GPU', name);
/** @throws RangeError with the names there are */
export const linkNamed = (name: string): LinkRow => named(links, 'link', name);

function named<Row extends { readonly name: string; readonly also?: readonly string[] }>(
  rows: readonly Row[],
  what: string,
  name: string,
): Row {
  const plain = (text: string) => text.toLowerCase().replaceAll(/[\s_-]/g, '');
  const found = rows.find(row => [row.name, ...(row.also ?? [])].some(each => plain(each) === plain(name)));
  if (found) return found;
  throw new RangeError(
    `There is no ${what} "${name}" in the table: there are ${rows.map(row => row.name).join(', ')}.`,
  );
}
