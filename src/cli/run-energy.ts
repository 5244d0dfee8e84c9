/** The meter of a terminal run: it hears the events, and has the power read where this machine can. */
import { availableParallelism } from 'node:os';
import type { StepWork } from '../energy/elsewhere.ts';
import { type Machines, machinesOf } from '../energy/machines.ts';
import type { PowerPoint } from '../energy/meter.ts';
import { wattHours } from '../energy/meter.ts';
import type { EnergySettings } from '../energy/settings.ts';
import type { RunEvent, RunInfo } from '../session/api/api.ts';
import { type EnergySummary, energySummary } from '../show/energy-summary.ts';
import { type EnergyStamp, RunMeter } from '../show/run-meter.ts';
import { type Readings, startReadings } from './power/readings.ts';

export interface RunEnergy {
  /** The run is prepared. @param work of a training step, by rank. @returns a line on what power is known by */
  begin(info: RunInfo, work: readonly StepWork[]): Promise<string>;
  /** @returns of steps what they took; undefined of other events, and before the run is prepared */
  hear(event: RunEvent): EnergyStamp | undefined;
  /** Undefined where nothing was trained. */
  summary(steps: number): EnergySummary | undefined;
  readonly points: readonly PowerPoint[];
  close(): void;
}

export function createRunEnergy(settings: EnergySettings, start = startReadings): RunEnergy {
  let known: { meter: RunMeter; machines: Machines; work: readonly StepWork[] } | undefined;
  let readings: Readings | undefined;
  return {
    async begin({ adapter, batch, ranks }, work) {
      // The pages of a terminal run are tabs of one browser: all of their ranks are on its adapter.
      const places = (ranks.length > 0 ? ranks : [{ rank: 0 }]).map(({ rank }) => ({
        rank,
        host: 'this machine',
        clues: adapter,
        threads: availableParallelism(),
      }));
      const machines = machinesOf(places, settings);
      const meter = new RunMeter({ machines, work, batch });
      known = { meter, machines, work };
      const [{ id, gpu }] = machines.cards;
      // A meter at the wall has read the machine, a row that was picked may be another one.
      readings = start({ ...adapter, kind: gpu.kind }, reading => meter.read(id, reading));
      return `Power: ${gpu.name}; ${gpu.evidence}; ${await readings.how}`;
    },
    hear(event) {
      if (!known?.meter.hear(event)) return undefined;
      const { watts, totals } = known.meter.now;
      return watts && { watts, wattHours: wattHours(totals.joules) };
    },
    summary(steps) {
      if (!known) return undefined;
      const { meter, machines, work } = known;
      const sum = (of: keyof StepWork) => work.reduce((total, rank) => total + rank[of], 0);
      return energySummary(
        meter.now,
        machines,
        settings,
        { flops: sum('flops'), bytes: sum('bytes'), dispatches: sum('dispatches') },
        steps,
      );
    },
    get points() {
      return known?.meter.now.points ?? [];
    },
    close() {
      readings?.stop();
    },
  };
}
