/** `npm run plan -- --gpu NAME`: what a step would take on machines of the table, as words and tables. */
import type { LaptopRow } from '../session/api/best-mesh.ts';
import {
  gpuNamed,
  isPrecision,
  type LinkRow,
  linkNamed,
  type Machines,
} from '../session/api/machine-prediction.ts';
import type { MachineReport } from '../session/api/machine-report.ts';
import { laptopCells, laptopHead } from '../show/laptop-words.ts';
import {
  copiesCells,
  copiesHead,
  copiesTitle,
  machineSentences,
  meshesCells,
  meshesHead,
  meshesTitle,
} from '../show/machine-words.ts';
import { textTable } from '../show/rank-table.ts';
import { parseLink } from './mesh-settings.ts';
import { UsageError } from './usage-error.ts';

/** What was asked for, as text. */
export interface MachineArguments {
  readonly gpu: string;
  readonly link?: string;
  readonly precision?: string;
  /** Share of the peak that our products are taken to reach. */
  readonly achieved?: number;
}

/** @throws UsageError */
export function parseMachines({ gpu: name, link, precision = 'f32', achieved }: MachineArguments): Machines {
  const gpu = inTable('gpu', () => gpuNamed(name));
  if (!isPrecision(precision)) {
    throw new UsageError(`--precision is "${precision}"; there are f32, tf32 and f16.`);
  }
  if (gpu[precision] === undefined) {
    throw new UsageError(
      `--precision is ${precision}, for which the table has no rate of ${gpu.name}: give f32.`,
    );
  }
  const shares = achieved === undefined ? {} : { shares: { product: achieved } };
  return { gpu, link: linkOf(link ?? 'lan'), precision, ...shares };
}

function inTable<Row>(flag: string, find: () => Row): Row {
  try {
    return find();
  } catch (error) {
    throw new UsageError(`--${flag}: ${(error as Error).message}`);
  }
}

function linkOf(text: string): LinkRow {
  if (!text.includes(',')) return inTable('link', () => linkNamed(text));
  const { latencyMs, megabytesPerSecond } = parseLink(text);
  const level = {
    name: 'link',
    latencySeconds: latencyMs / 1000,
    bytesPerSecond: 1e6 * megabytesPerSecond,
    shared: 'pair',
  } as const;
  return {
    name: text,
    ranksPerHost: 1,
    within: level,
    between: level,
    secondsPerExchange: linkNamed('lan').secondsPerExchange,
    source: `as given: ${latencyMs} ms one way, ${megabytesPerSecond} MB/s between any two`,
  };
}

/** As wide as a terminal. */
export function machineText(report: MachineReport): string {
  const { machines, predicted, copies, meshes, reason, laptops } = report;
  const { mesh } = predicted;
  const [about, assumed, ...facts] = machineSentences(report);
  const lines = [
    about,
    assumed,
    '',
    ...facts,
    '',
    copiesTitle(mesh),
    textTable(copiesHead, copies.map(copiesCells)),
    '',
    meshesTitle(mesh),
    textTable(meshesHead, meshes.map(meshesCells)),
    reason,
  ];
  return [...lines, ...(laptops.length > 0 ? ['', ...laptopLines(machines.gpu.name, laptops)] : [])].join(
    '\n',
  );
}

function laptopLines(name: string, rows: readonly LaptopRow[]): string[] {
  return [`How many laptops make one ${name}`, textTable(laptopHead, rows.map(laptopCells))];
}
