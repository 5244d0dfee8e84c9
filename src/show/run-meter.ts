/**
 * Reads the events of a session as a meter does: what the cards of the run took while it trained, from how long steps
 * took, what traces or queues say of the time in which a card had work, and the work that the plans have. A value
 * comes out, that page, terminal and report show alike.
 */
import { atMost, type Band, noBand } from '../energy/band.ts';
import { roofShare, type StepWork } from '../energy/elsewhere.ts';
import { activity, busyOf, type Load } from '../energy/load.ts';
import type { Machines } from '../energy/machines.ts';
import { type CardLoad, Meter, type MeterTotals, type PowerPoint } from '../energy/meter.ts';
import type { PowerReading, ReadingSource } from '../energy/reading.ts';
import type { HostPower } from '../energy/settings.ts';
import type { RankReport, RunEvent, StepTrace } from '../session/api/api.ts';

export interface MeteredRun {
  readonly machines: Machines;
  /** Of a training step, by rank. */
  readonly work: readonly StepWork[];
  /** Samples of a step, all replicas together. */
  readonly batch: number;
}

/** How the time in which a card had work is known, from the best to the worst. */
export type LoadEvidence = 'traces' | 'ranks' | 'queue' | 'nothing';

/** A machine of the run, and what it has taken so far. */
export interface MachineNow {
  /** For people; undefined of the own one. */
  readonly name: string | undefined;
  readonly gpus: readonly { readonly name: string; readonly evidence: string }[];
  /** Beside them. */
  readonly rest: HostPower;
  /** On its cards now: none where it has left. */
  readonly ranks: readonly number[];
  /** J. */
  readonly joules: Band;
  /** W of the last report. */
  readonly watts?: Band;
}

export interface EnergyNow {
  readonly totals: MeterTotals;
  /** W of the last report, and of what GPUs took of it. Undefined before the first. */
  readonly watts?: Band;
  readonly gpuWatts?: Band;
  /** Oldest first. */
  readonly points: readonly PowerPoint[];
  /** The own one first; those that have left stay, with what they took. */
  readonly machines: readonly MachineNow[];
  /** How active the first card was in the last report: what a calibration needs. */
  readonly activity?: Band;
  /** What of the roofline the first card reaches: what another GPU is taken to reach too. */
  readonly roofShare?: Band;
  readonly load: LoadEvidence;
  /** Where power was read. */
  readonly sources: readonly ReadingSource[];
  /** What was not counted, and why. */
  readonly notes: readonly string[];
}

/** What a report of steps took, for its row. */
export interface EnergyStamp {
  readonly watts: Band;
  /** Since the meter began. */
  readonly wattHours: Band;
}

/** Sampled steps that are remembered. */
const tracesKept = 8;
/** While a run trains, longer silence is a machine that slept or a clock that was set. Seconds. */
const longestSilence = 600;
/** A clock may be read a little late. */
const slack = 60;
/** A reading stands for what comes up to so many ms later. */
const readingMs = 3000;

/** Nobody has said how long the card had work. */
const unknownBusy: Band = { low: 0.2, central: 0.7, high: 1 };

/** From submission to completion a device may have waited too, for a batch or the browser. */
const ofQueue = (share: number): Band => {
  const high = Math.min(1, share);
  return { low: 0.6 * high, central: 0.9 * high, high };
};

interface Remembered {
  readonly readings: PowerReading[];
  last?: { readonly reading: PowerReading; readonly at: number };
  readonly busy: Band[];
}

export class RunMeter {
  #run: MeteredRun;
  readonly #now: () => number;
  readonly #meter: Meter;
  #byCard: ReadonlyMap<string, Remembered>;
  /** By host: what is known of a machine, as of when it last took part. */
  readonly #known = new Map<string, Pick<MachineNow, 'name' | 'gpus' | 'rest'>>();
  readonly #notes: string[] = [];
  readonly #sources = new Set<ReadingSource>();
  #ranks: readonly RankReport[] = [];
  #heardAt: number | undefined;
  #queueSeconds = 0;
  #load: LoadEvidence = 'nothing';
  readonly #processors = new Map<string, number>();
  #first: { readonly activity: Band; readonly roofShare: Band | undefined } | undefined;

  /** @param now ms, of a clock that should only go on: one that jumps is found out */
  constructor(run: MeteredRun, now: () => number = () => performance.now()) {
    this.#run = run;
    this.#now = now;
    this.#meter = new Meter(run.machines.cards, run.machines.hosts);
    this.#byCard = this.#meet(run.machines);
  }

  /** Its ranks were seated anew: what was counted stays, and is counted on with who computes now. */
  regroup(run: MeteredRun): void {
    this.#run = run;
    this.#ranks = [];
    this.#meter.replace(run.machines.cards, run.machines.hosts);
    this.#byCard = this.#meet(run.machines);
  }

  /** Something else is known of the machines, whose ranks are the same: it counts from now on. */
  learn(machines: Machines): void {
    const before = this.#byCard;
    this.#run = { ...this.#run, machines };
    this.#meter.replace(machines.cards, machines.hosts);
    this.#byCard = new Map([...this.#meet(machines)].map(([id, none]) => [id, before.get(id) ?? none]));
  }

  #meet({ cards, hosts, names, processors }: Machines): ReadonlyMap<string, Remembered> {
    for (const [host, rest] of hosts) {
      const gpus = cards.flatMap(({ gpu: { name, evidence }, ...card }) =>
        card.host === host ? [{ name, evidence }] : [],
      );
      this.#known.set(host, { name: names.get(host), gpus, rest });
    }
    for (const host of names.keys()) {
      const most = processors.get(host);
      if (most === undefined) this.#processors.delete(host);
      else this.#processors.set(host, most);
    }
    return new Map(cards.map(({ id }) => [id, { readings: [], busy: [] }]));
  }

  /** @returns whether anything was added */
  hear(event: RunEvent): boolean {
    switch (event.type) {
      case 'status':
        if (event.status === 'running') this.#heardAt ??= this.#now();
        else {
          this.#countPause();
          this.#heardAt = undefined;
        }
        return false;
      case 'ranks':
        this.#ranks = event.ranks;
        return false;
      case 'trace':
        this.#remember(event.traces);
        return false;
      case 'metrics':
        this.#count(event);
        return true;
      default:
        return false;
    }
  }

  /** A power that was read of a card: it counts for the time since the last report. */
  read(card: string, reading: PowerReading): void {
    const remembered = this.#byCard.get(card);
    if (!remembered || !(reading.watts >= 0)) return;
    remembered.readings.push(reading);
    remembered.last = { reading, at: this.#now() };
    this.#sources.add(reading.source);
  }

  /** Share of this machine's processor that is in use at most, by all that runs on it: no GPU in software does more. */
  hearProcessor(most: number): void {
    this.#processors.set(this.#run.machines.cards[0].host, most);
  }

  get now(): EnergyNow {
    const { points, totals } = this.#meter;
    const last = points.at(-1);
    return {
      totals,
      watts: last?.watts,
      gpuWatts: last?.gpuWatts,
      points,
      machines: this.#machines(),
      activity: this.#first?.activity,
      roofShare: this.#first?.roofShare,
      load: this.#load,
      sources: [...this.#sources],
      notes: this.#notes,
    };
  }

  #machines(): readonly MachineNow[] {
    const { cards, cardOf } = this.#run.machines;
    return [...this.#meter.machines].flatMap(([host, totals]) => {
      const known = this.#known.get(host);
      const ids = new Set(cards.flatMap(card => (card.host === host ? [card.id] : [])));
      const ranks = [...cardOf].flatMap(([rank, card]) => (ids.has(card) ? [rank] : []));
      return known ? [{ ...known, ...totals, ranks }] : [];
    });
  }

  #count({ losses, seconds, gpuBusySeconds }: Extract<RunEvent, { type: 'metrics' }>): void {
    const now = this.#now();
    const elapsed = this.#heardAt === undefined ? undefined : (now - this.#heardAt) / 1000;
    this.#heardAt = now;
    const queueSeconds = gpuBusySeconds - this.#queueSeconds;
    this.#queueSeconds = gpuBusySeconds;
    const training = this.#trained(seconds, elapsed);
    if (training === undefined) return;
    this.#addPause((elapsed ?? 0) - training);
    const doing = this.#doing(losses.length, training, queueSeconds);
    this.#meter.add(training, losses.length * this.#run.batch, doing);
  }

  /** What came since the last report, up to now, was no training. */
  #countPause(): void {
    if (this.#heardAt === undefined) return;
    const now = this.#now();
    this.#addPause((now - this.#heardAt) / 1000);
    this.#heardAt = now;
  }

  /** @param pause seconds */
  #addPause(pause: number): void {
    if (pause > longestSilence) {
      this.#note(
        `For ${Math.round(pause / 60)} min nothing was heard, as when a machine sleeps: not counted.`,
      );
    } else if (pause > 0) {
      // Scores, checkpoints, preparation: the card may have work or not.
      this.#meter.add(pause, 0, this.#readings());
    }
  }

  /** The seconds of a report that can be believed. */
  #trained(seconds: number, elapsed: number | undefined): number | undefined {
    if (!(seconds > 0) || !Number.isFinite(seconds)) {
      this.#note(`Steps that took ${seconds} s cannot be: they are not counted.`);
      return undefined;
    }
    if (elapsed !== undefined && elapsed < 0) {
      this.#note(`The clock went back by ${(-elapsed).toFixed(1)} s: the run's own time is counted.`);
      return seconds;
    }
    if (elapsed !== undefined && seconds > elapsed + slack) {
      this.#note(
        `Steps took ${Math.round(seconds)} s by their clock and ${Math.round(elapsed)} s by this one: the less is counted.`,
      );
      return elapsed > 0 ? elapsed : undefined;
    }
    return seconds;
  }

  #doing(steps: number, seconds: number, queueSeconds: number): ReadonlyMap<string, CardLoad> {
    const { machines, work } = this.#run;
    const readings = this.#readings();
    const alone = machines.cardOf.size === 1;
    return new Map(
      machines.cards.map(({ id, host, gpu }, i) => {
        const ranks = [...machines.cardOf].filter(([, card]) => card === id).map(([rank]) => rank);
        const sum = (of: keyof StepWork) =>
          steps * ranks.reduce((total, rank) => total + (work[rank]?.[of] ?? 0), 0);
        const [told, evidence] = this.#busy(id, ranks, alone ? queueSeconds / seconds : Number.NaN);
        const inUse = gpu.kind === 'software' ? this.#processors.get(host) : undefined;
        const busy = inUse === undefined ? told : atMost(told, inUse);
        const load: Load = { seconds, flops: sum('flops'), bytes: sum('bytes'), busy };
        if (i === 0) {
          this.#load = evidence;
          const step = {
            flops: load.flops / steps,
            bytes: load.bytes / steps,
            dispatches: sum('dispatches') / steps,
          };
          this.#first = {
            activity: activity(load, gpu.rates),
            roofShare: roofShare(step, (seconds * busy.central) / steps, gpu),
          };
        }
        return [id, { ...readings.get(id), load }] as const;
      }),
    );
  }

  /** Share of the time in which a card had work, by the best that is known of it. */
  #busy(id: string, ranks: readonly number[], queueShare: number): readonly [Band, LoadEvidence] {
    const sampled = this.#byCard.get(id)?.busy ?? [];
    if (sampled.length > 0) return [meanOf(sampled), 'traces'];
    const shares = this.#ranks.flatMap(({ rank, stepMs, dataMs, exposedExchangeMs }) =>
      ranks.includes(rank) && stepMs > 0
        ? [Math.max(0, Math.min(1, (stepMs - dataMs - exposedExchangeMs) / stepMs))]
        : [],
    );
    if (shares.length === ranks.length) {
      // Ranks that share a card wait for it too: it had work for as long as one of them at least, and all at most.
      const together = Math.min(
        1,
        shares.reduce((sum, share) => sum + share, 0),
      );
      const one = Math.max(...shares);
      return [{ low: 0.6 * one, central: 0.9 * ((one + together) / 2), high: together }, 'ranks'];
    }
    if (queueShare >= 0) return [ofQueue(queueShare), 'queue'];
    return [unknownBusy, 'nothing'];
  }

  #remember(traces: readonly StepTrace[]): void {
    const { cards, cardOf } = this.#run.machines;
    for (const { id } of cards) {
      const busy = busyOf(traces.filter(({ rank }) => cardOf.get(rank) === id));
      const remembered = this.#byCard.get(id);
      if (!busy || !remembered) continue;
      remembered.busy.push(busy);
      if (remembered.busy.length > tracesKept) remembered.busy.shift();
    }
  }

  /** Mean of what was read of each card since the last call, or what was read just before. */
  #readings(): ReadonlyMap<string, CardLoad> {
    const now = this.#now();
    const means = [...this.#byCard].flatMap(([id, { readings, last }]) => {
      const recent = readings.splice(0);
      if (recent.length > 0) {
        const watts = recent.reduce((sum, reading) => sum + reading.watts, 0) / recent.length;
        return [[id, { reading: { ...recent[0], watts } }] as const];
      }
      const isFresh = last !== undefined && Math.abs(now - last.at) <= readingMs;
      return isFresh ? [[id, { reading: last.reading }] as const] : [];
    });
    return new Map(means);
  }

  #note(text: string): void {
    // One of a kind is enough.
    if (this.#notes.length < 20) this.#notes.push(text);
  }
}

function meanOf(bands: readonly Band[]): Band {
  const mean = (end: keyof Band) => bands.reduce((sum, band) => sum + band[end], 0) / bands.length;
  return bands.length === 0 ? noBand : { low: mean('low'), central: mean('central'), high: mean('high') };
}
