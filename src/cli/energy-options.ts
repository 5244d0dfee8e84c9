/** What the arguments say of energy: the GPU, its power, the rest of the machine, the building and the grid. */
import type { GpuChoice } from '../energy/gpu-choice.ts';
import { grids } from '../energy/grid.ts';
import { recognise } from '../energy/recognise.ts';
import { checkSettings, type EnergySettings, gpuPowerOf, usualSettings } from '../energy/settings.ts';
import { UsageError } from './usage-error.ts';

export const energyOptions = {
  gpu: { type: 'string' },
  watts: { type: 'string' },
  'host-watts': { type: 'string' },
  pue: { type: 'string' },
  grid: { type: 'string' },
} as const;

export const energyUsage = `  --gpu NAME              count the energy of this GPU of the table (docs/energy.md), where it is not recognised
  --watts N               what the GPU takes at full load, where that is known
  --host-watts N, --pue X what the rest of the machine takes, and what the building takes for each watt (default: by the
                          kind of machine; 1 is nothing)
  --grid G|PLACE          grams of CO2 of a kWh, or where it is made: World, Germany, France, ... (default World)`;

type Given = { readonly [Name in keyof typeof energyOptions]?: string | undefined };

/** @returns undefined where nothing is said. @throws UsageError that names the argument */
export function energySettings(given: Given): EnergySettings | undefined {
  const names = Object.keys(energyOptions) as (keyof Given)[];
  if (names.every(name => given[name] === undefined)) return undefined;
  if (given.gpu !== undefined && given.watts !== undefined) {
    throw new UsageError('--gpu and --watts cannot be given together: the one says what the other does.');
  }
  const settings: EnergySettings = {
    ...usualSettings,
    gpu: gpuChoice(given),
    ...(given['host-watts'] !== undefined && { hostWatts: number('host-watts', given['host-watts']) }),
    ...(given.pue !== undefined && { pue: number('pue', given.pue) }),
    ...(given.grid !== undefined && gridOf(given.grid)),
  };
  return refused(() => {
    // Rows and powers that cannot be are found out here, not when the run is over.
    gpuPowerOf(recognise({}), settings.gpu);
    return checkSettings(settings);
  });
}

function gpuChoice({ gpu, watts }: Given): GpuChoice {
  if (gpu !== undefined) return { kind: 'row', name: gpu };
  return watts === undefined ? { kind: 'recognised' } : { kind: 'watts', watts: number('watts', watts) };
}

function gridOf(text: string): Pick<EnergySettings, 'gramsPerKwh' | 'place'> {
  const grid = grids.find(({ place }) => place.toLowerCase() === text.toLowerCase());
  if (grid) return { gramsPerKwh: grid.gramsPerKwh, place: grid.place };
  if (!Number.isFinite(Number(text)) || text.trim() === '') {
    const places = grids.map(({ place }) => place).join(', ');
    throw new UsageError(`--grid ${text}: it must be grams of CO2 for a kWh, or one of ${places}.`);
  }
  return { gramsPerKwh: Number(text), place: 'as given' };
}

function number(name: string, text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value))
    throw new UsageError(`--${name} ${text}: it must be a number.`);
  return value;
}

function refused<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(error.message);
    throw error;
  }
}
