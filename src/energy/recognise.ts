/**
 * Which GPU this is, from what a browser says of it. No browser tells its power and few the model, so every clue names a
 * set of rows of the table: one row where it names a model, else a class. Clues are taken together, the narrowest
 * first; one that contradicts narrower ones is passed over, and said. What "or similar" follows names a class, never a model.
 */
import { type GpuRow, gpuRows } from './gpu-rows.ts';

/** What may be known of a GPU. All of it as the browser, the driver or the user wrote it. */
export interface GpuClues {
  /** As in `adapter.info`; empty where the browser does not say. */
  readonly vendor?: string;
  readonly architecture?: string;
  readonly device?: string;
  readonly description?: string;
  /** What WebGL says: `UNMASKED_RENDERER_WEBGL`. */
  readonly renderer?: string;
  /** Bytes. On Apple's chips no buffer is larger than the memory. */
  readonly maxBufferSize?: number;
  /** True for an adapter that computes on the processor. */
  readonly software?: boolean;
  /** The machine has one. */
  readonly hasBattery?: boolean;
}

export interface Recognised {
  /** `model`: one row, named. `class`: one of `rows`. `unknown`: nothing was said that the table has; `rows` are all. */
  readonly kind: 'model' | 'class' | 'unknown';
  /** At least one. */
  readonly rows: readonly GpuRow[];
  /** For people: "GeForce RTX 3060", "a card by NVIDIA, generation ampere". */
  readonly name: string;
  /** What says so, and what was passed over; sentences. */
  readonly notes: readonly string[];
}

/** A word after a model's name that makes it another model. */
const otherModel = new Set(
  'ti super xt xtx gre laptop mobile max mq with pro ultra d m plus ada generation gt le'.split(' '),
);

/** Lower case, without marks, and a space between `rtx` and its number. */
export function wordsOf(text: string): string[] {
  return text
    .toLowerCase()
    .replace(/\((?:tm|r|c)\)/g, ' ')
    .replace(/[^a-z0-9.]+/g, ' ')
    .replace(/\b(rtx|gtx|rx|uhd|adreno|mali)(?=[a-z]?\d)/g, '$1 ')
    .split(' ')
    .filter(word => word !== '');
}

function isNamed({ patterns }: GpuRow, words: readonly string[]): boolean {
  return patterns.some(({ phrase, besides }) => {
    const at = words.findIndex((_, i) => phrase.every((word, k) => words[i + k] === word));
    return (
      at >= 0 &&
      !otherModel.has(words[at + phrase.length] ?? '') &&
      besides.every(besides => words.includes(besides))
    );
  });
}

/** The row that a text names. */
function modelIn(text: string): GpuRow | undefined {
  const words = wordsOf(text);
  return gpuRows.find(row => isNamed(row, words));
}

const vendors: readonly (readonly [RegExp, string])[] = [
  [/swiftshader|llvmpipe|lavapipe|softpipe|basic render|warp\b/, 'software'],
  [/nvidia|geforce|quadro|tesla|\b[rg]tx\b/, 'nvidia'],
  [/\bamd\b|radeon|\bati\b/, 'amd'],
  [/intel|\buhd\b|\biris\b/, 'intel'],
  [/apple/, 'apple'],
  [/qualcomm|adreno/, 'qualcomm'],
  [/samsung|xclipse/, 'samsung'],
  [/\barm\b|mali|immortalis/, 'arm'],
];

const vendorIn = (words: string) => vendors.find(([like]) => like.test(words))?.[1];

/** Generations by the numbers of models that the table does not have. */
const generations: readonly (readonly [RegExp, string])[] = [
  [/\brtx (pro )?50\d\d/, 'blackwell'],
  [/\brtx 40\d\d|\bada\b/, 'lovelace'],
  [/\brtx 30\d\d|\brtx a\d{3,4}/, 'ampere'],
  [/\brtx 20\d\d|\bgtx 16\d\d/, 'turing'],
  [/\bgtx 10\d\d/, 'pascal'],
  [/\brx 90\d\d/, 'rdna-4'],
  [/\brx 7\d\d\d/, 'rdna-3'],
  [/\brx 6\d\d\d/, 'rdna-2'],
  [/\brx 5\d\d\d/, 'rdna-1'],
  [/\brx [45]\d\d\b/, 'gcn-4'],
  [/\badreno 8\d\d/, 'adreno-8xx'],
  [/\badreno 7\d\d/, 'adreno-7xx'],
  [/\badreno 6\d\d/, 'adreno-6xx'],
];

interface Clue {
  readonly from: string;
  readonly rows: readonly GpuRow[];
  readonly model: boolean;
}

const plural: Record<string, string> = {
  nvidia: 'NVIDIA',
  amd: 'AMD',
  intel: 'Intel',
  apple: 'Apple',
  arm: 'Arm',
};
const makerName = (vendor: string) => plural[vendor] ?? vendor[0].toUpperCase() + vendor.slice(1);

/** What a name for the GPU says: a model, else a class. */
function clueOf(from: string, text: string): Clue | undefined {
  if (text.trim() === '') return undefined;
  const words = wordsOf(text).join(' ');
  const vendor = vendorIn(words);
  const ofVendor = gpuRows.filter(row => row.vendor === vendor);
  if (/or similar/.test(words)) {
    return ofVendor.length > 0 ? { from, rows: ofVendor, model: false } : undefined;
  }
  const row = modelIn(text);
  if (row) return { from, rows: [row], model: true };
  const generation = generations.find(([like]) => like.test(words))?.[1];
  const isLaptop = /laptop|mobile|max q/.test(words);
  // Names without a number are those of GPUs inside a processor.
  const isInside = /radeon graphics|intel (hd |uhd |iris )?(plus )?graphics/.test(words);
  const narrowed = ofVendor.filter(
    row =>
      (generation === undefined || row.generation === generation) &&
      (!isLaptop || row.kind === 'laptop') &&
      (!isInside || row.kind === 'integrated'),
  );
  const rows = narrowed.length > 0 ? narrowed : ofVendor;
  return rows.length > 0 ? { from, rows, model: false } : undefined;
}

/** `adapter.info` without a name: vendor and generation. */
function infoClue({ vendor = '', architecture = '' }: GpuClues): Clue | undefined {
  const said = vendorIn(wordsOf(`${vendor} ${architecture}`).join(' '));
  const ofVendor = gpuRows.filter(row => row.vendor === said);
  const generation = architecture.toLowerCase();
  const ofBoth = ofVendor.filter(row => row.generation === generation);
  const rows = ofBoth.length > 0 ? ofBoth : ofVendor;
  return rows.length > 0 ? { from: 'WebGPU', rows, model: false } : undefined;
}

const GIB = 2 ** 30;

/** @returns rows that have as much memory as the largest buffer; all where that tells nothing */
function withMemory(rows: readonly GpuRow[], bytes: number | undefined): readonly GpuRow[] {
  if (bytes === undefined) return rows;
  const left = rows.filter(({ memory }) => memory === undefined || memory >= bytes);
  return left.length > 0 ? left : rows;
}

/** Of GPUs in machines that have a battery. */
const carried: ReadonlySet<GpuRow['kind']> = new Set(['laptop', 'integrated', 'apple', 'phone', 'software']);

/** @returns rows of machines with a battery, where there is one; all where that tells nothing */
function withBattery(
  rows: readonly GpuRow[],
  hasBattery: boolean | undefined,
  notes: string[],
): readonly GpuRow[] {
  if (!hasBattery) return rows;
  const left = rows.filter(({ kind }) => carried.has(kind));
  if (left.length === 0 || left.length === rows.length) return rows;
  notes.push(
    `The machine has a battery: that rules out ${rows.length - left.length} models of machines without.`,
  );
  return left;
}

/** Who knows nothing of a GPU does not take it for one of a data centre, nor for the processor. */
const common = gpuRows.filter(({ kind }) => kind !== 'data centre' && kind !== 'software');

export function recognise(clues: GpuClues): Recognised {
  const said = [
    clueOf('WebGPU', clues.description ?? ''),
    clueOf('WebGPU', clues.device ?? ''),
    clueOf('WebGL', clues.renderer ?? ''),
    infoClue(clues),
    clues.software
      ? { from: 'WebGPU', rows: gpuRows.filter(({ kind }) => kind === 'software'), model: false }
      : undefined,
  ].filter(clue => clue !== undefined);
  const narrowestFirst = said.sort((a, b) => a.rows.length - b.rows.length);
  const notes: string[] = [];
  let rows: readonly GpuRow[] | undefined;
  let model = false;
  for (const clue of narrowestFirst) {
    const both = rows?.filter(row => clue.rows.includes(row)) ?? clue.rows;
    if (both.length === 0) {
      notes.push(`${clue.from} says ${nameOf(clue.rows)}: that is less narrow, and is passed over.`);
      continue;
    }
    rows = both;
    model ||= clue.model;
  }
  if (!rows) {
    notes.push(
      'Nothing was said of the GPU that the table knows. Choose it, type in its power, or calibrate.',
    );
    const some = withBattery(withMemory(common, clues.maxBufferSize), clues.hasBattery, notes);
    return { kind: 'unknown', rows: some, name: 'an unknown GPU', notes };
  }
  if (model) return { kind: 'model', rows, name: rows[0].name, notes };
  const carriedRows = withBattery(rows, clues.hasBattery, notes);
  const left = withMemory(carriedRows, clues.maxBufferSize);
  if (left.length < carriedRows.length) {
    const most = Math.floor((clues.maxBufferSize ?? 0) / GIB);
    notes.push(
      `Buffers of ${most} GiB rule out ${carriedRows.length - left.length} models that have less memory.`,
    );
  }
  return { kind: 'class', rows: left, name: nameOf(left), notes };
}

/** A class in words, or the only row of it. */
function nameOf(rows: readonly GpuRow[]): string {
  const only = <T>(values: readonly T[]) => (new Set(values).size === 1 ? values[0] : undefined);
  const vendor = only(rows.map(row => row.vendor));
  const generation = only(rows.map(row => row.generation));
  const kind = only(rows.map(row => row.kind));
  if (vendor === 'software') return 'a GPU in software, on the processor';
  const what = kind === undefined ? 'GPU' : kindWords[kind];
  const by = vendor === undefined ? '' : ` by ${makerName(vendor)}`;
  return `some ${what}${by}${generation === undefined || vendor === 'apple' ? '' : `, generation ${generation}`}`;
}

const kindWords: Record<GpuRow['kind'], string> = {
  desktop: 'graphics card',
  laptop: 'laptop GPU',
  integrated: 'integrated GPU',
  apple: 'Mac or iPad GPU',
  'data centre': 'data-centre GPU',
  phone: 'phone GPU',
  software: 'GPU in software',
};
