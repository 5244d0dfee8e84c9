/**
 * What a sampled run of a plan leaves behind: when its parts were on the device, by the device's own timestamps where it
 * has them, else by when its submissions were done; and when its exchanges travelled. All that it needs is made ahead.
 *
 * Timestamps exist at the borders of compute passes only: a sampled run has a pass for every part, other runs have as few
 * as they can. The device's clock is another than the host's: work begins on the device after it was submitted, and
 * is done there before the host hears of it, and between the two the clocks are put together.
 */
import { mapForReading } from '../gpu/mapping.ts';
import { usage } from '../gpu/usage.ts';
import { hashOf } from '../plan/hash.ts';
import type { Plan, PlanStep } from '../plan/plan.ts';
import type { Span, StepTrace, TraceDetail } from '../plan/trace.ts';
import { ExchangeClock } from './exchange-clock.ts';
import { linkSpans, type Travel, travelsOf } from './link-spans.ts';

/** Steps [from, to) that are one pass. */
interface Segment {
  readonly from: number;
  readonly to: number;
}

/** Whose trace it is, and what time it was. */
export interface TraceStamp {
  readonly rank: number;
  readonly step: number;
  /** From `performance.now` here to ms since the run's origin on rank 0's clock, and how far that may be off. */
  readonly toRun: (ms: number) => number;
  readonly uncertainty?: number;
}

/** WebGPU's limit of a query set. */
const MOST_QUERIES = 4096;

export class TraceBuffer {
  /** Of the plan that it is made for. */
  readonly hash: string;
  /** Of the run's exchanges. */
  readonly clock: ExchangeClock;
  readonly #device: GPUDevice;
  readonly #segments: readonly Segment[];
  /** By step: the number of the segment that begins there; -1 where none does. */
  readonly #segmentAt: Int32Array;
  readonly #travels: readonly Travel[];
  readonly #passes: readonly GPUComputePassDescriptor[];
  readonly #queries: GPUQuerySet | undefined;
  readonly #resolved: GPUBuffer | undefined;
  readonly #staging: GPUBuffer | undefined;
  /** By submission: when it was, when it was done, and how many segments it and those before it hold. */
  readonly #submittedAt: Float64Array;
  readonly #doneAt: Float64Array;
  readonly #segmentsUntil: Int32Array;
  readonly #whenDone: readonly (() => void)[];
  #submissions = 0;
  #begunSegments = 0;
  readonly #dataSpans = new Float64Array(4);
  #done: Promise<unknown> = Promise.resolve();

  private constructor(device: GPUDevice, plan: Plan, detail: TraceDetail) {
    this.hash = hashOf(plan);
    this.clock = new ExchangeClock(plan.exchanges);
    this.#device = device;
    this.#segments = segmentsOf(plan.steps, detail);
    this.#segmentAt = new Int32Array(plan.steps.length).fill(-1);
    this.#segments.forEach(({ from }, number) => {
      this.#segmentAt[from] = number;
    });
    this.#travels = travelsOf(plan.steps);
    const count = 2 * this.#segments.length;
    const timed = device.features.has('timestamp-query') && count > 0 && count <= MOST_QUERIES;
    if (timed) {
      this.#queries = device.createQuerySet({ label: 'trace', type: 'timestamp', count });
      this.#resolved = device.createBuffer({ label: 'timestamps', size: 8 * count, usage: usage.timestamps });
      this.#staging = device.createBuffer({
        label: 'timestamps to read',
        size: 8 * count,
        usage: usage.readBack,
      });
    }
    const querySet = this.#queries;
    this.#passes = this.#segments.map((_, i) =>
      querySet
        ? { timestampWrites: { querySet, beginningOfPassWriteIndex: 2 * i, endOfPassWriteIndex: 2 * i + 1 } }
        : {},
    );
    // One for every exchange's two ends and the rest; without timestamps one for every segment besides.
    const most = 2 * plan.exchanges + 2 + (timed ? 0 : this.#segments.length);
    this.#submittedAt = new Float64Array(most);
    this.#doneAt = new Float64Array(most);
    this.#segmentsUntil = new Int32Array(most);
    this.#whenDone = Array.from({ length: most }, (_, i) => () => {
      this.#doneAt[i] = performance.now();
    });
  }

  static create(device: GPUDevice, plan: Plan, detail: TraceDetail): TraceBuffer {
    return new TraceBuffer(device, plan, detail);
  }

  /** Whether the device's own clock is read. */
  get timed(): boolean {
    return this.#queries !== undefined;
  }

  /** A sampled run begins. */
  begin(): void {
    this.#submissions = 0;
    this.#begunSegments = 0;
    this.#dataSpans.fill(Number.NaN);
  }

  /** The batch was waited for from the one moment to the other, by `performance.now`, and then uploaded. */
  data(asked: number, taken: number, uploading: number, uploaded: number): void {
    this.#dataSpans.set([asked, taken, uploading, uploaded]);
  }

  /** The pass that begins at a step; undefined where the one before goes on. */
  passAt(step: number): GPUComputePassDescriptor | undefined {
    const segment = this.#segmentAt[step];
    if (segment < 0) return undefined;
    this.#begunSegments = segment + 1;
    return this.#passes[segment];
  }

  /** Whether what was encoded so far is to be submitted before a step: each submission is a span. */
  submitsBefore(step: number): boolean {
    return !this.timed && this.#segmentAt[step] > 0;
  }

  /** Adds to the last commands of a run what makes the timestamps readable. */
  encode(encoder: GPUCommandEncoder): void {
    if (!this.#queries || !this.#resolved || !this.#staging) return;
    encoder.resolveQuerySet(this.#queries, 0, this.#queries.count, this.#resolved, 0);
    encoder.copyBufferToBuffer(this.#resolved, 0, this.#staging, 0, this.#staging.size);
  }

  /** What was encoded so far was submitted just now. */
  submitted(): void {
    const number = this.#submissions++;
    this.#submittedAt[number] = performance.now();
    this.#segmentsUntil[number] = this.#begunSegments;
    this.#doneAt[number] = Number.NaN;
    this.#done = this.#device.queue.onSubmittedWorkDone().then(this.#whenDone[number]);
  }

  /**
   * The spans of the run that was made last. Call it once the run is submitted; the buffer serves the next one when this
   * has resolved.
   */
  async read({ rank, step, toRun, uncertainty = 0 }: TraceStamp): Promise<StepTrace> {
    await this.#done;
    const { spans, resolution, unsure } = await (this.#staging
      ? this.#timedSpans(this.#staging)
      : this.#spansBySubmission());
    // A run that ended before its plan did has had no part in the exchanges after that.
    const travels = this.#travels.filter(({ exchange }) => !Number.isNaN(this.clock.arrivedAt[exchange]));
    const all = [...this.#dataSpansOf(spans[0]), ...spans, ...linkSpans(travels, spans, this.clock)];
    return {
      plan: this.hash,
      rank,
      step,
      resolution,
      ...(uncertainty + unsure > 0 ? { uncertainty: uncertainty + unsure } : {}),
      spans: all.map(span => ({ ...span, begun: toRun(span.begun), ended: toRun(span.ended) })),
    };
  }

  destroy(): void {
    this.#queries?.destroy();
    this.#resolved?.destroy();
    this.#staging?.destroy();
  }

  /** The batch is on its way to the device until that begins. */
  #dataSpansOf(first: Span | undefined): Span[] {
    const [asked, taken, uploading, uploaded] = this.#dataSpans;
    const span = (begun: number, ended: number): Span[] =>
      ended > begun ? [{ lane: 'data', from: 0, to: 0, begun, ended }] : [];
    return [...span(asked, taken), ...span(uploading, first?.begun ?? uploaded)];
  }

  async #timedSpans(staging: GPUBuffer): Promise<DeviceSpans> {
    await mapForReading(this.#device, staging);
    // Of passes that this run did not come to, there are those of another.
    const segments = this.#segments.slice(0, this.#begunSegments);
    const ticks = new BigUint64Array(staging.getMappedRange()).slice(0, 2 * segments.length);
    staging.unmap();
    const [first] = ticks.slice().sort();
    const ms = Array.from(ticks, tick => Number(tick - first) / 1e6);
    const { shift, unsure } = this.#shiftOf(ms);
    const spans = segments.map(({ from, to }, i): Span => {
      const [begun, ended] = [ms[2 * i] + shift, ms[2 * i + 1] + shift];
      return { lane: 'device', from, to, begun, ended: Math.max(begun, ended) };
    });
    return { spans, resolution: grainOf(ticks) / 1e6, unsure };
  }

  /** What must be added to the device's times, in ms, to be the host's; and how far off that may be. */
  #shiftOf(ms: readonly number[]): { shift: number; unsure: number } {
    let least = Number.NEGATIVE_INFINITY;
    let most = Number.POSITIVE_INFINITY;
    for (let i = 0; i < this.#submissions; i++) {
      const [first, end] = [i === 0 ? 0 : this.#segmentsUntil[i - 1], this.#segmentsUntil[i]];
      if (first === end) continue;
      least = Math.max(least, this.#submittedAt[i] - ms[2 * first]);
      most = Math.min(most, this.#doneAt[i] - ms[2 * end - 1]);
    }
    // Timestamps are rounded: the two may cross.
    return { shift: (least + most) / 2, unsure: Math.abs(most - least) / 2 };
  }

  async #spansBySubmission(): Promise<DeviceSpans> {
    const spans: Span[] = [];
    let [free, first] = [Number.NEGATIVE_INFINITY, 0];
    for (let i = 0; i < this.#submissions; i++) {
      const end = this.#segmentsUntil[i];
      const begun = Math.max(free, this.#submittedAt[i]);
      free = this.#doneAt[i];
      if (end === first) continue;
      const [{ from }, { to }] = [this.#segments[first], this.#segments[end - 1]];
      spans.push({ lane: 'device', from, to, begun, ended: Math.max(begun, free) });
      first = end;
    }
    return { spans, resolution: await this.#noticeMs(), unsure: 0 };
  }

  /** How long it takes until the host hears of a submission that does nothing. */
  async #noticeMs(): Promise<number> {
    const begun = performance.now();
    this.#device.queue.submit([]);
    await this.#device.queue.onSubmittedWorkDone();
    return performance.now() - begun;
  }
}

interface DeviceSpans {
  readonly spans: readonly Span[];
  readonly resolution: number;
  readonly unsure: number;
}

/** Runs of kernels that are not interrupted by an exchange, cut as finely as is asked for. */
function segmentsOf(steps: readonly PlanStep[], detail: TraceDetail): Segment[] {
  const segments: { from: number; to: number; key: string }[] = [];
  steps.forEach((step, index) => {
    if (step.kind !== 'dispatch') return;
    const { layer, phase } = step.provenance;
    const key = detail === 'kernel' ? `${index}` : detail === 'layer' ? `${phase} ${layer}` : '';
    const last = segments.at(-1);
    if (last?.to === index && last.key === key) last.to++;
    else segments.push({ from: index, to: index + 1, key });
  });
  return segments.map(({ from, to }) => ({ from, to }));
}

/** The largest number that all differences are multiples of: what the browser rounds timestamps to, in ns. */
function grainOf(ticks: BigUint64Array): number {
  let grain = 0n;
  for (const tick of ticks) {
    let [a, b] = [grain, tick > ticks[0] ? tick - ticks[0] : ticks[0] - tick];
    while (b > 0n) [a, b] = [b, a % b];
    grain = a;
  }
  return Number(grain);
}
