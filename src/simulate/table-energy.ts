/** What cards of the table take. The table is larger than all that a prediction on one card needs, so it stands apart. */
import { type GpuPower, powerOfRow } from '../energy/gpu-power.ts';
import { type HostPower, hostPowerOf, usualSettings } from '../energy/settings.ts';
import { type EnergyModel, joulesUnder, simulatedLoad } from './energy-hook.ts';
import type { GpuRow } from './gpus.ts';

/** Of ranks that have a card of the table each, with the usual machine around it. */
export function tableEnergy(gpuOf: (rank: number) => GpuRow): EnergyModel {
  const known = new Map<GpuRow, { readonly gpu: GpuPower; readonly host: HostPower }>();
  const powersOf = (gpu: GpuRow) => {
    const power = powerOfRow(gpu.row);
    const found = known.get(gpu) ?? { gpu: power, host: hostPowerOf(power, usualSettings) };
    known.set(gpu, found);
    return found;
  };
  return (trace, plan, seconds) => {
    const { gpu, host } = powersOf(gpuOf(trace.rank));
    return joulesUnder(simulatedLoad([{ trace, plan }], seconds), gpu, host);
  };
}
