/** What this page knows of the power of its machine, as it tells it the host of another run: by what was said and kept of its card. */
import type { GpuPower } from '../../energy/gpu-power.ts';
import { cardId } from '../../energy/machines.ts';
import { recognise } from '../../energy/recognise.ts';
import { type EnergySettings, gpuPowerOf, type HostPower, hostPowerOf } from '../../energy/settings.ts';
import type { SaidPower } from '../../energy/told-machine.ts';
import type { AdapterSummary } from '../../session/api/adapter.ts';
import { thisMachine } from './guests.ts';
import type { MoreClues } from './this-machine.ts';

/** Under which settings of this card are kept. */
export const ownCard = (adapter: AdapterSummary): string => cardId(thisMachine, adapter);

export function saidPower(
  { gpu, hostWatts }: EnergySettings,
  { renderer, hasBattery }: MoreClues,
): SaidPower {
  return {
    gpu,
    ...(renderer !== undefined && { renderer }),
    ...(hasBattery && { hasBattery }),
    threads: navigator.hardwareConcurrency,
    ...(hostWatts !== undefined && { hostWatts }),
  };
}

/** As the host makes it out. */
export function powerSaid(
  adapter: AdapterSummary,
  settings: EnergySettings,
  more: MoreClues,
): { readonly gpu: GpuPower; readonly rest: HostPower } {
  const found = recognise({ ...adapter, ...more });
  const gpu = gpuPowerOf(found, settings.gpu, navigator.hardwareConcurrency);
  return { gpu, rest: hostPowerOf(gpu, settings, more.hasBattery) };
}
