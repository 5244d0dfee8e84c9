/**
 * The meter of the page's run: hears its events, reads its plans once, and gives what the panel shows. Without DOM. Other
 * settings begin another count: what was counted rests on what was known then.
 */
import type { Band } from '../../energy/band.ts';
import type { StepWork } from '../../energy/elsewhere.ts';
import { cardId, type Machines, machinesOf, type PlaceOfRank } from '../../energy/machines.ts';
import type { PowerPoint } from '../../energy/meter.ts';
import type { EnergySettings } from '../../energy/settings.ts';
import type { HashedPlan, RunInfo } from '../../session/api/api.ts';
import { type EnergySummary, energySummary } from '../../show/energy-summary.ts';
import { RunMeter } from '../../show/run-meter.ts';
import { stepWork } from '../../show/step-work.ts';
import type { PageEvent } from '../page-state.ts';
import type { Pressure } from './evidence.ts';
import { keepSettings, keptMachines, type SettingsStore } from './kept-settings.ts';
import { words } from './words.ts';

/** What the panel shows. */
export interface EnergyView {
  readonly settings: EnergySettings;
  /** Of a training step of all ranks, and how many the run has. */
  readonly work: StepWork;
  readonly steps: number;
  readonly batch: number;
  /** Undefined before the first steps. */
  readonly summary?: EnergySummary;
  readonly watts?: Band;
  readonly points: readonly PowerPoint[];
  /** Of the own card in the last report: what a calibration goes by. */
  readonly activity?: Band;
  readonly roofShare?: Band;
  readonly training: boolean;
  readonly notes: readonly string[];
  /** Of the processor of this machine, where its browser tells. */
  readonly pressure: Pressure | undefined;
}

export interface PageEnergyOptions {
  /** As `SessionApi.plan`. */
  readonly planOf: (rank: number) => Promise<readonly HashedPlan[]>;
  /** Where the ranks of a prepared run compute, rank 0 first: that is this page. */
  readonly places: (info: RunInfo) => readonly PlaceOfRank[];
  /** Absent where the browser keeps nothing. */
  readonly store?: SettingsStore;
  /** Another view, or none: no run is prepared. At most once for every event. */
  readonly show: (view: EnergyView | undefined) => void;
  /** Plans that cannot be read leave the run uncounted. */
  readonly failed: (cause: unknown) => void;
}

export interface PageEnergy {
  event(event: PageEvent): void;
  pressure(now: Pressure): void;
  /** Kept for this GPU, and used from now on. @throws RangeError where they make no sense */
  set(settings: EnergySettings): void;
}

interface Counted {
  readonly info: RunInfo;
  readonly places: readonly PlaceOfRank[];
  readonly work: readonly StepWork[];
  settings: EnergySettings;
  machines: Machines;
  meter: RunMeter;
  notes: readonly string[];
}

export function createPageEnergy({ planOf, places, store, show, failed }: PageEnergyOptions): PageEnergy {
  let counted: Counted | undefined;
  /** The newest run, whose plans may still be on their way. */
  let newest: RunInfo | undefined;
  let training = false;
  let pressure: Pressure | undefined;

  const meterOf = (machines: Machines, work: readonly StepWork[], info: RunInfo) => {
    const meter = new RunMeter({ machines, work, batch: info.batch });
    if (training) meter.hear({ type: 'status', status: 'running' });
    if (pressure) meter.hearProcessor(pressure.inUse.high);
    return meter;
  };
  const begin = async (info: RunInfo) => {
    newest = info;
    const ranks = info.ranks.length > 0 ? info.ranks.map(({ rank }) => rank) : [0];
    const passes = info.config.overrides?.accumulate ?? 1;
    const plans = await Promise.all(ranks.map(planOf));
    if (newest !== info) return;
    const work = plans.map(ofRank => stepWork(ofRank, passes));
    const all = places(info);
    const { settings, machines, fits } = keptMachines(store, all);
    const notes = fits ? [] : [words.unfit];
    counted = { info, places: all, work, settings, machines, meter: meterOf(machines, work, info), notes };
    show(viewOf(counted, training, pressure));
  };

  return {
    event(event) {
      if (event.type === 'status') training = event.status === 'running';
      if (event.type === 'prepared' && !(event.goesOn && counted)) {
        counted = undefined;
        begin(event.info).catch(failed);
      } else if (event.type === 'gone') {
        counted = newest = undefined;
        show(undefined);
      } else if (event.type !== 'prepared' && counted) {
        const more = counted.meter.hear(event);
        if (more || event.type === 'status') show(viewOf(counted, training, pressure));
      }
    },
    pressure(now) {
      pressure = now;
      counted?.meter.hearProcessor(now.inUse.high);
    },
    set(settings) {
      if (!counted) return;
      const { info, places, work } = counted;
      const machines = machinesOf(places, settings);
      keepSettings(store, cardId(places[0].host, places[0].clues), settings);
      const notes = counted.meter.now.totals.seconds > 0 ? [words.anew] : [];
      counted = { ...counted, settings, machines, meter: meterOf(machines, work, info), notes };
      show(viewOf(counted, training, pressure));
    },
  };
}

function viewOf(
  { info, work, settings, machines, meter, notes }: Counted,
  training: boolean,
  pressure: Pressure | undefined,
): EnergyView {
  const { now } = meter;
  const sum = (of: keyof StepWork) => work.reduce((total, rank) => total + rank[of], 0);
  const all: StepWork = { flops: sum('flops'), bytes: sum('bytes'), dispatches: sum('dispatches') };
  const { steps } = info.config;
  return {
    settings,
    work: all,
    steps,
    batch: info.batch,
    summary: energySummary(now, machines, settings, all, steps),
    watts: now.watts,
    points: now.points,
    activity: now.activity,
    roofShare: now.roofShare,
    training,
    notes,
    pressure,
  };
}
