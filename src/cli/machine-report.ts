/** `npm run plan -- --gpu NAME`: what a step would take on machines of the table, as words and tables. */
import { times } from '../energy/band.ts';
import { meshName, ranksOf } from '../mesh/mesh.ts';
import {
  type CopiesRow,
  copiesCurve,
  type LaptopRow,
  laptopRows,
  meshesOf,
  rankedMeshes,
  reasonFor,
} from '../session/api/best-mesh.ts';
import {
  assumedShares,
  gpuNamed,
  type LinkRow,
  linkNamed,
  type MachinePrediction,
  type Machines,
  machinePredictor,
  type Precision,
} from '../session/api/machine-prediction.ts';
import type { Preset } from '../session/api/presets.ts';
import type { MeshConfig } from '../session/api/run-config.ts';
import { bandText, rangeText } from '../show/energy-words.ts';
import { bytes } from '../show/format.ts';
import { laptopCells, laptopHead } from '../show/laptop-words.ts';
import { textTable } from '../show/rank-table.ts';
import { parseLink } from './mesh-settings.ts';
import { UsageError } from './usage-error.ts';

export interface MachineReport {
  readonly preset: string;
  readonly machines: Machines;
  readonly predicted: MachinePrediction;
  readonly copies: readonly CopiesRow[];
  /** Of as many ranks, the fastest first. */
  readonly meshes: readonly MachinePrediction[];
  readonly reason: string;
  readonly laptops: readonly LaptopRow[];
}

/** What was asked for, as text. */
export interface MachineArguments {
  readonly gpu: string;
  readonly link?: string;
  readonly precision?: string;
  /** Share of the peak that our products are taken to reach. */
  readonly achieved?: number;
}

/** Copies that the curve goes up to, in ranks. */
const CURVE_RANKS = 256;

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

const isPrecision = (text: string): text is Precision => ['f32', 'tf32', 'f16'].includes(text);

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

/** @throws ConfigError where the mesh is impossible */
export function machineReport(
  { name, preset }: { readonly name: string; readonly preset: Preset },
  sizes: Preset['sizes'] | undefined,
  mesh: MeshConfig,
  machines: Machines,
  laptops: boolean,
): MachineReport {
  const predict = machinePredictor(preset, { sizes });
  const predicted = predict(mesh, machines);
  const meshes = rankedMeshes(predict, meshesOf(ranksOf(mesh), mesh), machines);
  return {
    preset: name,
    machines,
    predicted,
    copies: copiesCurve(predict, mesh, machines, CURVE_RANKS),
    meshes,
    reason: reasonFor(meshes),
    laptops: laptops ? [...laptopRows(predict, machines)] : [],
  };
}

const perSample = ({ joules, samples }: MachinePrediction) => times(joules, 1 / samples);
const seconds = (value: number) => `${plain(value)} s`;
/** Three digits, without an exponent. */
const plain = (value: number) => `${Number(value.toPrecision(3))}`;
const percent = (share: number) => `${(100 * share).toFixed(0)} %`;

/** As wide as a terminal. */
export function machineText({
  preset,
  machines,
  predicted,
  copies,
  meshes,
  reason,
  laptops,
}: MachineReport): string {
  const { gpu, link, precision, shares } = machines;
  const { mesh, ranks, exposedSeconds } = predicted;
  const { product, memory } = { ...assumedShares, ...shares };
  const room = gpu.memoryBytes === undefined ? '' : ` of the ${bytes(gpu.memoryBytes)} of a GPU`;
  const lines = [
    `${preset} on a mesh of ${meshName(mesh)}: ${ranks} ${gpu.name} (${gpu.source}), ${link.name} (${link.source})`,
    `Products in ${precision} at ${percent(product)} of the peak, other kernels at ${percent(memory)} of the bandwidth: ` +
      'assumed, until our kernels are measured on such a GPU (docs/gpu.md).',
    '',
    `A step of ${predicted.samples} ${predicted.samples === 1 ? 'sample' : 'samples'} takes ${seconds(predicted.seconds)}, ` +
      `${seconds(exposedSeconds)} of it waiting for exchanges; ${percent(predicted.peakShare)} of the peak`,
    `It takes ${bandText(predicted.joules, 'J')} of all GPUs with their machines, ${bandText(perSample(predicted), 'J')} a sample (docs/energy.md)`,
    `A rank holds ${bytes(predicted.bytesPerRank)}${room}${predicted.fits === false ? ': it does not fit' : ''}`,
    '',
    `More copies of ${meshName({ ...mesh, replicas: 1 })}, each with its own samples`,
    textTable(
      ['Copies', 'GPUs', 'Step s', 'Exposed s', 'Efficiency', 'Samples/s', 'Share of peak', 'J a sample'],
      copies.map(row => [
        `${row.mesh.replicas}`,
        `${row.ranks}`,
        plain(row.seconds),
        plain(row.exposedSeconds),
        percent(row.efficiency),
        plain(row.samplesPerSecond),
        percent(row.peakShare),
        rangeText(perSample(row), 'J'),
      ]),
    ),
    '',
    `Meshes of ${ranks} ${ranks === 1 ? 'GPU' : 'GPUs'}, the fastest first`,
    textTable(
      ['Mesh', 'Samples/s', 'Step s', 'Exposed s', 'Memory', 'Sent', 'J a sample', ''],
      meshes.map(row => [
        meshName(row.mesh),
        plain(row.samplesPerSecond),
        plain(row.seconds),
        plain(row.exposedSeconds),
        bytes(row.bytesPerRank),
        bytes(row.bytesSent),
        rangeText(perSample(row), 'J'),
        row.fits === false ? 'does not fit' : '',
      ]),
    ),
    reason,
  ];
  return [...lines, ...(laptops.length > 0 ? ['', ...laptopLines(gpu.name, laptops)] : [])].join('\n');
}

function laptopLines(name: string, rows: readonly LaptopRow[]): string[] {
  return [`How many laptops make one ${name}`, textTable(laptopHead, rows.map(laptopCells))];
}
