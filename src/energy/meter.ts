/**
 * Adds up what the GPUs of a run and the machines around them take. A GPU on which several ranks compute is one card, with
 * the work of all of them; a machine with several cards is one host. Times are given, never read here: who calls knows
 * which of them to trust.
 */
import { type Band, noBand, plus, times } from './band.ts';
import type { GpuPower } from './gpu-power.ts';
import { type Load, powerUnder, unknownPower } from './load.ts';
import { bandOfReading, type PowerReading } from './reading.ts';
import type { HostPower } from './settings.ts';

export interface MeteredCard {
  /** The same for ranks that share it: of host and adapter. */
  readonly id: string;
  /** Of the machine that it is in. */
  readonly host: string;
  readonly gpu: GpuPower;
}

/** What a card did; undefined where nobody knows. `reading` is its power, where that was read. */
export interface CardLoad {
  readonly load?: Load;
  readonly reading?: PowerReading;
}

/** J, W. Totals and powers have the host's share and the building's in them. */
export interface MeterTotals {
  readonly seconds: number;
  /** Those in which at least one card's power was read. */
  readonly readSeconds: number;
  readonly samples: number;
  readonly gpuJoules: Band;
  readonly joules: Band;
  /** Of these, while samples were trained on; the rest is scores, checkpoints and what else comes between steps. */
  readonly trainingSeconds: number;
  readonly trainingJoules: Band;
}

/** Of one machine, with the building's share. All of them add up to what the run takes. */
export interface MachineTotals {
  /** J, also those of a machine that has left. */
  readonly joules: Band;
  /** W of the last report; undefined before the first, and of a machine that has left. */
  readonly watts?: Band;
}

export interface PowerPoint {
  /** Seconds of metered time up to its end. */
  readonly at: number;
  readonly seconds: number;
  readonly watts: Band;
  readonly gpuWatts: Band;
}

/** More are merged in pairs. */
const mostPoints = 480;

export class Meter {
  #cards: readonly MeteredCard[];
  #hosts: ReadonlyMap<string, HostPower>;
  #machines: ReadonlyMap<string, MachineTotals> = new Map();
  #points: PowerPoint[] = [];
  /** Points get at least this long. */
  #grain = 0;
  #totals: MeterTotals = {
    seconds: 0,
    readSeconds: 0,
    samples: 0,
    gpuJoules: noBand,
    joules: noBand,
    trainingSeconds: 0,
    trainingJoules: noBand,
  };

  /** @param hosts of all machines that cards are in */
  constructor(cards: readonly MeteredCard[], hosts: ReadonlyMap<string, HostPower>) {
    this.#cards = cards;
    this.#hosts = hosts;
  }

  /** Counts on with other machines: what those before have taken stays in the sum. */
  replace(cards: readonly MeteredCard[], hosts: ReadonlyMap<string, HostPower>): void {
    this.#cards = cards;
    this.#hosts = hosts;
    this.#machines = new Map([...this.#machines].map(([host, { joules }]) => [host, { joules }]));
  }

  /** By host, as they came. */
  get machines(): ReadonlyMap<string, MachineTotals> {
    return this.#machines;
  }

  get totals(): MeterTotals {
    return this.#totals;
  }

  /** Oldest first. */
  get points(): readonly PowerPoint[] {
    return this.#points;
  }

  /** The next `seconds`, in which `samples` were trained on: none where it did something else. @param doing by card */
  add(seconds: number, samples: number, doing: ReadonlyMap<string, CardLoad>): void {
    if (!(seconds > 0)) return;
    let gpuWatts = noBand;
    let isRead = false;
    const byHost = new Map([...this.#hosts].map(([host, { watts, pue }]) => [host, times(watts, pue)]));
    for (const { id, host, gpu } of this.#cards) {
      const { load, reading } = doing.get(id) ?? {};
      const own = reading ? bandOfReading(reading) : load ? powerUnder(load, gpu) : unknownPower(gpu);
      isRead ||= reading !== undefined;
      gpuWatts = plus(gpuWatts, own);
      byHost.set(host, plus(byHost.get(host) ?? noBand, times(own, this.#hosts.get(host)?.pue ?? 1)));
    }
    const watts = [...byHost.values()].reduce(plus, noBand);
    const { totals } = this;
    const joules = times(watts, seconds);
    const trains = samples > 0;
    this.#totals = {
      seconds: totals.seconds + seconds,
      readSeconds: totals.readSeconds + (isRead ? seconds : 0),
      samples: totals.samples + samples,
      gpuJoules: plus(totals.gpuJoules, times(gpuWatts, seconds)),
      joules: plus(totals.joules, joules),
      trainingSeconds: totals.trainingSeconds + (trains ? seconds : 0),
      trainingJoules: trains ? plus(totals.trainingJoules, joules) : totals.trainingJoules,
    };
    const machines = new Map(this.#machines);
    for (const [host, watts] of byHost) {
      const before = machines.get(host)?.joules ?? noBand;
      machines.set(host, { joules: plus(before, times(watts, seconds)), watts });
    }
    this.#machines = machines;
    this.#draw({ at: this.#totals.seconds, seconds, watts, gpuWatts });
  }

  #draw(point: PowerPoint): void {
    const last = this.#points.at(-1);
    if (last && last.seconds < this.#grain) this.#points[this.#points.length - 1] = merged(last, point);
    else this.#points.push(point);
    if (this.#points.length <= mostPoints) return;
    const pairs = this.#points.flatMap((point, i) =>
      i % 2 === 1 ? [merged(this.#points[i - 1], point)] : [],
    );
    this.#points = this.#points.length % 2 === 1 ? [...pairs, this.#points[this.#points.length - 1]] : pairs;
    this.#grain = Math.max(...pairs.map(({ seconds }) => seconds));
  }
}

/** One point for two that follow each other: the mean of their powers over both times. */
function merged(a: PowerPoint, b: PowerPoint): PowerPoint {
  const seconds = a.seconds + b.seconds;
  const mean = (one: Band, other: Band) =>
    times(plus(times(one, a.seconds), times(other, b.seconds)), 1 / seconds);
  return { at: b.at, seconds, watts: mean(a.watts, b.watts), gpuWatts: mean(a.gpuWatts, b.gpuWatts) };
}

/** J of training on a sample, without scores; undefined before the first. */
export const joulesPerSample = ({ trainingJoules, samples }: MeterTotals): Band | undefined =>
  samples > 0 ? times(trainingJoules, 1 / samples) : undefined;

export const JOULES_PER_WH = 3600;
export const wattHours = (joules: Band): Band => times(joules, 1 / JOULES_PER_WH);

/** g of CO2 equivalent. */
export const gramsOf = (joules: Band, gramsPerKwh: number): Band =>
  times(wattHours(joules), gramsPerKwh / 1000);
