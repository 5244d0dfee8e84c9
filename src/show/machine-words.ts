/** A step on machines of the table, in sentences and in cells of tables: for the terminal and the page. */
import { times } from '../energy/band.ts';
import { meshName, ranksOf } from '../mesh/mesh.ts';
import type { CopiesRow } from '../session/api/best-mesh.ts';
import type { MachinePrediction } from '../session/api/machine-prediction.ts';
import type { MachineReport } from '../session/api/machine-report.ts';
import type { MeshConfig } from '../session/api/run-config.ts';
import { bandText, rangeText } from './energy-words.ts';
import { bytes } from './format.ts';

const perSample = ({ joules, samples }: MachinePrediction) => times(joules, 1 / samples);
const seconds = (value: number) => `${plain(value)} s`;
/** Three digits, without an exponent. */
const plain = (value: number) => `${Number(value.toPrecision(3))}`;
const percent = (share: number) => `${(100 * share).toFixed(0)} %`;

/** What it is of, what is assumed, then what a step takes: its time, its energy, its memory. */
export function machineSentences({ preset, machines, predicted }: MachineReport): readonly string[] {
  const { gpu, link, precision, shares } = machines;
  const { mesh, ranks, exposedSeconds } = predicted;
  const { product, memory } = shares;
  const room = gpu.memoryBytes === undefined ? '' : ` of the ${bytes(gpu.memoryBytes)} of a GPU`;
  return [
    `${preset} on a mesh of ${meshName(mesh)}: ${ranks} ${gpu.name} (${gpu.source}), ${link.name} (${link.source})`,
    `Products in ${precision} at ${percent(product)} of the peak, other kernels at ${percent(memory)} of the bandwidth: ` +
      'assumed, until our kernels are measured on such a GPU.',
    `A step of ${predicted.samples} ${predicted.samples === 1 ? 'sample' : 'samples'} takes ${seconds(predicted.seconds)}, ` +
      `${seconds(exposedSeconds)} of it waiting for exchanges; ${percent(predicted.peakShare)} of the peak`,
    `It takes ${bandText(predicted.joules, 'J')} of all GPUs with their machines, ${bandText(perSample(predicted), 'J')} a sample: an estimate, from the table of GPUs and the work of the plan`,
    `A rank holds ${bytes(predicted.bytesPerRank)}${room}${predicted.fits === false ? ': it does not fit' : ''}`,
  ];
}

export const copiesTitle = (mesh: MeshConfig) =>
  `More copies of ${meshName({ ...mesh, replicas: 1 })}, each with its own samples`;

export const copiesHead: readonly string[] = [
  'Copies',
  'GPUs',
  'Step s',
  'Exposed s',
  'Efficiency',
  'Samples/s',
  'Share of peak',
  'J a sample',
];

export const copiesCells = (row: CopiesRow): readonly string[] => [
  `${row.mesh.replicas}`,
  `${row.ranks}`,
  plain(row.seconds),
  plain(row.exposedSeconds),
  percent(row.efficiency),
  plain(row.samplesPerSecond),
  percent(row.peakShare),
  rangeText(perSample(row), 'J'),
];

export function meshesTitle(mesh: MeshConfig): string {
  const ranks = ranksOf(mesh);
  return `Meshes of ${ranks} ${ranks === 1 ? 'GPU' : 'GPUs'}, the fastest first`;
}

export const meshesHead: readonly string[] = [
  'Mesh',
  'Samples/s',
  'Step s',
  'Exposed s',
  'Memory',
  'Sent',
  'J a sample',
  'Fits',
];

export const meshesCells = (row: MachinePrediction): readonly string[] => [
  meshName(row.mesh),
  plain(row.samplesPerSecond),
  plain(row.seconds),
  plain(row.exposedSeconds),
  bytes(row.bytesPerRank),
  bytes(row.bytesSent),
  rangeText(perSample(row), 'J'),
  row.fits === undefined ? 'not known' : row.fits ? 'yes' : 'does not fit',
];
