/** What a step takes of energy: when its ranks computed and waited is in their traces, what in their plans; a model says how much. */
import { type Band, noBand, plus, times } from '../energy/band.ts';
import { type GpuPower, powerOfRow } from '../energy/gpu-power.ts';
import { type Load, powerUnder } from '../energy/load.ts';
import { type HostPower, hostPowerOf, usualSettings } from '../energy/settings.ts';
import type { Plan } from '../plan/plan.ts';
import { coveredMs, type StepTrace } from '../plan/trace.ts';
import { workOf } from '../plan/work.ts';
import { stepMs } from './data-wait.ts';
import type { GpuRow } from './gpus.ts';
import type { RankGroup } from './ranks.ts';

/** Joules of one rank in a step. @param seconds of the step: a rank that is done waits for the slowest */
export type EnergyModel = (trace: StepTrace, plan: Plan, seconds: number) => Band;

/** Of all ranks. @param traces by group */
export function energyOf(
  groups: readonly RankGroup[],
  traces: readonly StepTrace[],
  model: EnergyModel,
): Band {
  const seconds = stepMs(traces) / 1000;
  return groups.reduce(
    (sum, { ranks, plan }, group) => plus(sum, times(model(traces[group], plan, seconds), ranks.length)),
    noBand,
  );
}

/** What ranks do in `seconds`, as the meter of a run would know it: of several, all on one card. */
export function simulatedLoad(
  ranks: readonly { readonly trace: StepTrace; readonly plan: Plan }[],
  seconds: number,
): Load {
  const works = ranks.map(({ plan }) => workOf(plan));
  const spans = ranks.flatMap(({ trace }) => trace.spans.filter(({ lane }) => lane === 'device'));
  const busy = Math.min(1, coveredMs(spans) / 1000 / seconds);
  return {
    seconds,
    flops: works.reduce((sum, { flops }) => sum + flops, 0),
    bytes: works.reduce((sum, { read, written }) => sum + read + written, 0),
    busy: { low: busy, central: busy, high: busy },
  };
}

/** Joules of a card under a load, and of the machine that it is in, with what the building adds. */
export function joulesUnder(load: Load, gpu: GpuPower, host: HostPower): Band {
  return times(plus(powerUnder(load, gpu), host.watts), load.seconds * host.pue);
}

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
