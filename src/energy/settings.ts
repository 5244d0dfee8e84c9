/**
 * What a user may say of the energy of a run: which GPU it is or what it takes, what the rest of the machine takes, what
 * the building adds, and what a kilowatt-hour emits. All of it is kept, for the GPU that it was said of.
 */
import * as v from 'valibot';
import type { Schema } from '../io/schemas.ts';
import type { Band } from './band.ts';
import { calibrated } from './calibration.ts';
import { type GpuChoice, gpuChoice, restWatts } from './gpu-choice.ts';
import { checkWatts, type GpuPower, powerOf, powerOfRow, typedPower } from './gpu-power.ts';
import { rowNamed } from './gpu-rows.ts';
import { worldGrid } from './grid.ts';
import type { Recognised } from './recognise.ts';

export interface EnergySettings {
  readonly gpu: GpuChoice;
  /** W of the machine without its GPUs; absent: a band by the kind of GPU. */
  readonly hostWatts?: number | undefined;
  /** Power usage effectiveness: what the building takes for each W of its machines. Absent: by the kind of GPU. */
  readonly pue?: number;
  readonly gramsPerKwh: number;
  /** Where that is so, for people. */
  readonly place: string;
}

export const usualSettings: EnergySettings = {
  gpu: { kind: 'recognised' },
  gramsPerKwh: worldGrid.gramsPerKwh,
  place: worldGrid.place,
};

/** As they are kept, and as they may have been damaged. */
export const settingsSchema: Schema<EnergySettings> = v.object({
  gpu: gpuChoice,
  hostWatts: v.exactOptional(restWatts),
  pue: v.exactOptional(v.pipe(v.number(), v.minValue(1), v.maxValue(5))),
  gramsPerKwh: v.pipe(v.number(), v.minValue(0), v.maxValue(5000)),
  place: v.pipe(v.string(), v.maxLength(100)),
});

/** What was kept, where it still makes sense; else the usual. */
export function settingsFrom(kept: unknown): EnergySettings {
  const read = v.safeParse(settingsSchema, kept);
  return read.success ? read.output : usualSettings;
}

/** @throws RangeError that says which of them makes no sense, and what would */
export function checkSettings(settings: EnergySettings): EnergySettings {
  const { hostWatts, pue, gramsPerKwh } = settings;
  if (hostWatts !== undefined && hostWatts !== 0)
    checkWatts('The power of the rest of the machine', hostWatts);
  if (pue !== undefined && !(pue >= 1 && pue <= 5)) {
    throw new RangeError(
      `A PUE of ${pue} cannot be: it is 1 where a building adds nothing, and at most 5 here.`,
    );
  }
  if (!(gramsPerKwh >= 0 && gramsPerKwh <= 5000)) {
    throw new RangeError(`${gramsPerKwh} g of CO2 a kWh cannot be: it must be from 0 to 5000.`);
  }
  return settings;
}

/**
 * @param threads of the machine's processor
 * @throws RangeError where the choice makes no sense: a row that the table does not have, a power out of range
 */
export function gpuPowerOf(recognised: Recognised, choice: GpuChoice, threads?: number): GpuPower {
  switch (choice.kind) {
    case 'recognised':
      return powerOf(recognised, threads);
    case 'row':
      return powerOfRow(rowNamed(choice.name));
    case 'watts':
      return typedPower(powerOf(recognised, threads), choice.watts, choice.idle);
    case 'wall':
      return calibrated(powerOf(recognised, threads), choice);
  }
}

/**
 * W of a machine beside its GPU, while that trains. Estimates; for scale: perun's authors count 110 W a node with four
 * GPUs as overhead, and Boavizta has 75 W (50 to 100) for a whole laptop in use and 175 W (100 to 450) for a desktop.
 * In a `package` the processor is counted already.
 */
const hostBands: Record<GpuPower['kind'], Band> = {
  desktop: { low: 30, central: 60, high: 130 },
  laptop: { low: 6, central: 15, high: 40 },
  integrated: { low: 3, central: 8, high: 30 },
  apple: { low: 2, central: 7, high: 30 },
  'data centre': { low: 30, central: 90, high: 180 },
  phone: { low: 0.3, central: 1, high: 3 },
  software: { low: 8, central: 30, high: 100 },
  unknown: { low: 0.3, central: 30, high: 130 },
};

/** Mean of the world's data centres in 2023, by the Uptime Institute; elsewhere nothing is added. */
const dataCentrePue = 1.58;

export interface HostPower {
  /** W. */
  readonly watts: Band;
  readonly pue: number;
}

/** Kinds of GPU that machines with and without a battery have: with one, the machine is a laptop. */
const eitherWay: ReadonlySet<GpuPower['kind']> = new Set(['desktop', 'software', 'unknown']);

/** The rest of a machine; nothing where a wall meter has read all of it. @param hasBattery where that is known */
export function hostPowerOf(
  { kind, wall }: GpuPower,
  { hostWatts, pue }: EnergySettings,
  hasBattery = false,
): HostPower {
  const usual = hostBands[hasBattery && eitherWay.has(kind) ? 'laptop' : kind];
  const typed = hostWatts === undefined ? usual : { low: hostWatts, central: hostWatts, high: hostWatts };
  return {
    watts: wall ? { low: 0, central: 0, high: 0 } : typed,
    pue: pue ?? (kind === 'data centre' ? dataCentrePue : 1),
  };
}
