/** What a run took, in the end: for `--json`, and for the report and the page in words. */
import { type Band, times } from '../energy/band.ts';
import { type Elsewhere, elsewhere, type StepWork } from '../energy/elsewhere.ts';
import type { Machines } from '../energy/machines.ts';
import { gramsOf, joulesPerSample, wattHours } from '../energy/meter.ts';
import type { ReadingSource } from '../energy/reading.ts';
import type { EnergySettings, HostPower } from '../energy/settings.ts';
import { bandText, evidenceText, hostText } from './energy-words.ts';
import { count, duration } from './format.ts';
import type { EnergyNow, LoadEvidence, MachineNow } from './run-meter.ts';

/** What one machine of the run has taken. Energies of those that have left stay in the sum. */
export interface MachineSummary extends Omit<MachineNow, 'name' | 'joules'> {
  readonly name: string;
  readonly wattHours: Band;
}

/** Everything in bands, and with what it rests on: of the steps trained last, without the time before them. */
export interface EnergySummary {
  readonly gpus: readonly { readonly name: string; readonly evidence: string }[];
  readonly seconds: number;
  readonly samples: number;
  /** Means over that time, of the GPUs alone and of all. */
  readonly gpuWatts: Band;
  readonly watts: Band;
  readonly gpuWattHours: Band;
  readonly wattHours: Band;
  /** Of these, while it trained; the rest is scores and checkpoints. */
  readonly trainingSeconds: number;
  readonly trainingWattHours: Band;
  /** Of training alone. */
  readonly joulesPerSample?: Band;
  /** g of CO2 equivalent. */
  readonly grams: Band;
  readonly gramsPerKwh: number;
  readonly place: string;
  readonly hosts: readonly HostPower[];
  /** Together they have taken `wattHours`. */
  readonly machines: readonly MachineSummary[];
  readonly load: LoadEvidence;
  /** Share of the time in which power was read, and by what. */
  readonly readShare: number;
  readonly sources: readonly ReadingSource[];
  readonly elsewhere: readonly Elsewhere[];
  readonly notes: readonly string[];
}

/** GPUs that a run is imagined on: a laptop's, a Mac's, a gamer's and two of data centres. */
export const imagined = ['GeForce RTX 4060 Laptop', 'M4', 'GeForce RTX 4090', 'A100 SXM 80 GB', 'H100 SXM'];

/**
 * @param work of a training step, all ranks together
 * @param steps of the whole run
 */
export function energySummary(
  { totals, load, sources, roofShare, notes, machines }: EnergyNow,
  { cards, hosts, notes: recognised }: Machines,
  settings: EnergySettings,
  work: StepWork,
  steps: number,
): EnergySummary | undefined {
  const { seconds, samples, joules, gpuJoules, readSeconds, trainingSeconds, trainingJoules } = totals;
  if (seconds === 0) return undefined;
  return {
    gpus: cards.map(({ gpu: { name, evidence } }) => ({ name, evidence })),
    seconds,
    samples,
    gpuWatts: times(gpuJoules, 1 / seconds),
    watts: times(joules, 1 / seconds),
    gpuWattHours: wattHours(gpuJoules),
    wattHours: wattHours(joules),
    trainingSeconds,
    trainingWattHours: wattHours(trainingJoules),
    joulesPerSample: joulesPerSample(totals),
    grams: gramsOf(joules, settings.gramsPerKwh),
    gramsPerKwh: settings.gramsPerKwh,
    place: settings.place,
    hosts: [...hosts.values()],
    machines: machines.map(({ joules, name = 'this machine', ...machine }) => ({
      ...machine,
      name,
      wattHours: wattHours(joules),
    })),
    load,
    readShare: readSeconds / seconds,
    sources,
    elsewhere: imagined.map(name => elsewhere(name, work, steps, settings, roofShare)),
    notes: [...recognised, ...notes],
  };
}

/** Rows of a table: what, and how much. */
export function energyRows(energy: EnergySummary): string[][] {
  const { gpus, watts, gpuWatts, joulesPerSample: perSample, gramsPerKwh, place } = energy;
  const read = energy.readShare > 0 ? ` (${Math.round(100 * energy.readShare)} % of the time)` : '';
  return [
    ...gpus.map(({ name, evidence }) => [
      'GPU',
      `${name}; ${evidenceText(evidence, energy.load, energy.sources)}${read}`,
    ]),
    ['Power of the GPU', bandText(gpuWatts, 'W')],
    ...energy.hosts.map(host => ['Beside it', hostText(host)]),
    ['Power, all', bandText(watts, 'W')],
    ['Energy', `${bandText(energy.wattHours, 'Wh')} in ${duration(energy.seconds)}`],
    ['Of it training', `${bandText(energy.trainingWattHours, 'Wh')} in ${duration(energy.trainingSeconds)}`],
    ...(perSample ? [['A sample', bandText(perSample, 'J')]] : []),
    ['CO₂ equivalent', `${bandText(energy.grams, 'g')} at ${count(gramsPerKwh)} g/kWh (${place})`],
  ];
}

export const elsewhereHead = ['The whole run on', 'Time', 'Energy with the machine'];

export const elsewhereRows = ({ elsewhere }: EnergySummary): string[][] =>
  elsewhere.map(({ name, seconds, joules }) => [
    name,
    bandText(seconds, 's'),
    bandText(wattHours(joules), 'Wh'),
  ]);
