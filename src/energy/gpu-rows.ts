/** The rows of the GPU table as values. A row that does not read is a fault of the table: it throws when this is loaded. */
import {
  amdCards,
  apple,
  dataCentre,
  integrated,
  intelCards,
  nvidiaCards,
  nvidiaLaptops,
  phones,
  software,
  sources,
} from './gpu-table.ts';

export const gpuKinds = [
  'desktop',
  'laptop',
  'integrated',
  'apple',
  'data centre',
  'phone',
  'software',
] as const;
export type GpuKind = (typeof gpuKinds)[number];

/** What is known of the power of a row: see the head of `gpu-table.ts`. */
export const sureness = ['board', 'range', 'package', 'guess'] as const;
export type Sureness = (typeof sureness)[number];

export type SourceKey = keyof typeof sources;

export interface Figure {
  readonly value: number;
  readonly source: SourceKey;
}

export interface GpuRow {
  readonly name: string;
  /** Ways to recognise it: words that follow each other, and words that are there besides. */
  readonly patterns: readonly { readonly phrase: readonly string[]; readonly besides: readonly string[] }[];
  readonly kind: GpuKind;
  readonly vendor: string;
  /** As browsers name it in `adapter.info.architecture`. */
  readonly generation: string;
  readonly watts: Figure;
  readonly idleWatts: Figure;
  /** FLOP/s. */
  readonly f32: Figure;
  readonly f16: Figure;
  /** B/s. */
  readonly bandwidth: Figure;
  readonly sure: Sureness;
  /** Bytes: the most memory that it was sold with, where that tells models apart. */
  readonly memory?: number;
}

const has = <T extends string>(list: readonly T[], word: string): word is T =>
  (list as readonly string[]).includes(word);

function figure(cell: string, unit: number, row: string): Figure {
  const [, digits, source] = /^(\d+(?:\.\d+)?)([a-z])$/.exec(cell) ?? [];
  if (digits === undefined || !(source in sources)) {
    throw new Error(`GPU table, ${row}: "${cell}" is no number with the letter of its source`);
  }
  return { value: Number(digits) * unit, source: source as SourceKey };
}

function rowOf(line: string, vendor: string): GpuRow {
  const cells = line.split('|').map(cell => cell.trim());
  const [name, like, kind, generation, watts, idle, f32, f16, bandwidth, sure, memory] = cells;
  if (cells.length < 10 || !has(gpuKinds, kind) || !has(sureness, sure)) {
    throw new Error(`GPU table: "${line}" does not have the columns of its table`);
  }
  return {
    name,
    patterns: like.split(';').map(way => {
      const [phrase, ...besides] = way.split('+').map(part => part.trim());
      return { phrase: phrase.split(' '), besides };
    }),
    kind,
    vendor,
    generation,
    watts: figure(watts, 1, name),
    idleWatts: figure(idle, 1, name),
    f32: figure(f32, 1e12, name),
    f16: figure(f16, 1e12, name),
    bandwidth: figure(bandwidth, 1e9, name),
    sure,
    ...(memory !== undefined && { memory: Number(memory) * 2 ** 30 }),
  };
}

/** Where a table holds more than one maker's, the name says whose. */
const makers: readonly (readonly [RegExp, string])[] = [
  [/radeon|instinct|steam deck/i, 'amd'],
  [/adreno/i, 'qualcomm'],
  [/mali|immortalis/i, 'arm'],
  [/xclipse/i, 'samsung'],
  [/apple/i, 'apple'],
  [/graphics|\barc\b/i, 'intel'],
  [/tesla|^[abhl]\d/i, 'nvidia'],
  [/processor/, 'software'],
];

function rowsOf(table: string, vendor?: string): GpuRow[] {
  const [, ...lines] = table.trim().split('\n');
  return lines.map(line => {
    const maker = vendor ?? makers.find(([like]) => like.test(line.split('|')[0]))?.[1];
    if (maker === undefined) throw new Error(`GPU table: nobody knows who makes "${line}"`);
    return rowOf(line, maker);
  });
}

export const gpuRows: readonly GpuRow[] = [
  ...rowsOf(nvidiaCards, 'nvidia'),
  ...rowsOf(nvidiaLaptops, 'nvidia'),
  ...rowsOf(dataCentre),
  ...rowsOf(amdCards, 'amd'),
  ...rowsOf(intelCards, 'intel'),
  ...rowsOf(integrated),
  ...rowsOf(apple, 'apple'),
  ...rowsOf(phones),
  ...rowsOf(software),
];

/** @throws RangeError where the table has no row of this name */
export function rowNamed(name: string): GpuRow {
  const wanted = name.toLowerCase();
  const row = gpuRows.find(({ name }) => name.toLowerCase() === wanted);
  if (row) return row;
  const numbers = wanted.split(/\s+/).filter(word => /\d{3}/.test(word));
  const like = (name: string) =>
    name.toLowerCase().includes(wanted) || numbers.some(number => name.toLowerCase().includes(number));
  const near = gpuRows.filter(({ name }) => like(name)).slice(0, 5);
  const hint =
    near.length > 0
      ? ` Did you mean ${near.map(({ name }) => name).join(', ')}?`
      : ' Its rows are in src/energy/gpu-table.ts; of a GPU that has none, type in its power.';
  throw new RangeError(`No GPU named "${name}" in the table.${hint}`);
}

/** Where a figure is from, for people: an address, or what stands for one. */
export const sourceOf = ({ source }: Figure): string => sources[source];
