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
import type { ToldFault } from './guests.ts';
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
  /** Absent where there is nobody else. */
  readonly faults?: () => readonly ToldFault[];
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
  /** Another page has told something else of its machine: what is known from now on. */
  learn(): void;
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

export function createPageEnergy(options: PageEnergyOptions): PageEnergy {
  const { planOf, places, faults = () => [], store, show, failed } = options;
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
  const workOf = async (info: RunInfo) => {
    newest = info;
    const ranks = info.ranks.length > 0 ? info.ranks.map(({ rank }) => rank) : [0];
    const passes = info.config.overrides?.accumulate ?? 1;
    const plans = await Promise.all(ranks.map(planOf));
    return plans.map(ofRank => stepWork(ofRank, passes));
  };
  const begin = async (info: RunInfo) => {
    const work = await workOf(info);
    if (newest !== info) return;
    const all = places(info);
    const { settings, machines, fits } = keptMachines(store, all);
    const notes = fits ? [] : [words.unfit];
    counted = { info, places: all, work, settings, machines, meter: meterOf(machines, work, info), notes };
    shown();
  };
  /** The same run on other ranks: what was counted stays. */
  const regroup = async (info: RunInfo) => {
    const work = await workOf(info);
    if (newest !== info || !counted) return;
    const all = places(info);
    const machines = machinesOf(all, counted.settings);
    counted.meter.regroup({ machines, work, batch: info.batch });
    counted = { ...counted, info, places: all, work, machines };
    shown();
  };
  const shown = () => {
    if (counted) show(viewOf(counted, training, pressure, faults()));
  };

  return {
    event(event) {
      if (event.type === 'status') training = event.status === 'running';
      if (event.type === 'prepared' && event.goesOn && counted) {
        regroup(event.info).catch(failed);
      } else if (event.type === 'prepared') {
        counted = undefined;
        begin(event.info).catch(failed);
      } else if (event.type === 'gone') {
        counted = newest = undefined;
        show(undefined);
      } else if (counted) {
        const more = counted.meter.hear(event);
        if (more || event.type === 'status') shown();
      }
    },
    pressure(now) {
      pressure = now;
      counted?.meter.hearProcessor(now.inUse.high);
    },
    learn() {
      if (!counted) return;
      const all = places(counted.info);
      const machines = machinesOf(all, counted.settings);
      const isOther = powerIn(machines) !== powerIn(counted.machines);
      const begun = counted.meter.now.totals.seconds > 0;
      const notes = isOther && begun ? [...new Set([...counted.notes, words.learned])] : counted.notes;
      counted.meter.learn(machines);
      counted = { ...counted, places: all, machines, notes };
      shown();
    },
    set(settings) {
      if (!counted) return;
      const { info, places, work } = counted;
      const machines = machinesOf(places, settings);
      keepSettings(store, cardId(places[0].host, places[0].clues), settings);
      const notes = counted.meter.now.totals.seconds > 0 ? [words.anew] : [];
      counted = { ...counted, settings, machines, meter: meterOf(machines, work, info), notes };
      shown();
    },
  };
}

/** All that is known of the power of machines, to compare. */
const powerIn = ({ cards, hosts }: Machines) => JSON.stringify([cards, [...hosts]]);

function viewOf(
  { info, work, settings, machines, meter, notes }: Counted,
  training: boolean,
  pressure: Pressure | undefined,
  faults: readonly ToldFault[],
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
    notes: [...notes, ...faults.map(({ name, fault }) => words.untold(name, fault))],
    pressure,
  };
}
