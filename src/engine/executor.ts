/**
 * Runs a plan: all buffers, bind groups and pipelines are made once, and a run only encodes dispatches, and carries
 * blocks between the device and the peers.
 */
import type { Gpu } from '../gpu/device.ts';
import type { PipelineCache } from '../gpu/pipelines.ts';
import type { Plan } from '../plan/plan.ts';
import { type Action, actionsOf, dispatch } from './actions.ts';
import type { Captures } from './captures.ts';
import { type Peers, receiveAll, sendStaged } from './exchange-actions.ts';
import { ExchangeClock } from './exchange-clock.ts';
import type { Spaces } from './spaces.ts';
import type { TraceBuffer } from './trace-buffer.ts';

/** Where the time of one run of a plan with exchanges went, in milliseconds. */
export interface RunTimes {
  readonly wallMs: number;
  /** Time in which at least one exchange was under way, from the moment its blocks could be sent. */
  readonly exchangeMs: number;
  /** The part of it in which the device had nothing to do. */
  readonly exposedExchangeMs: number;
}

/** What else belongs to one run. */
export interface RunOptions {
  /** Adds to the first commands, and to the last. */
  readonly before?: (encoder: GPUCommandEncoder) => void;
  readonly after?: (encoder: GPUCommandEncoder) => void;
  /** Exchanges of plans that were run before in the same round: those of this one are numbered on. */
  readonly firstExchange?: number;
  /** In a sampled run: where it leaves its times. */
  readonly trace?: TraceBuffer;
  /** Steps that are run, from the first: all where absent. Every exchange that begins in them ends in them. */
  readonly until?: number;
  /** What is wanted of operands right after their steps. */
  readonly captures?: Captures;
}

const ignore = () => undefined;

export class Executor {
  readonly plan: Plan;
  readonly spaces: Spaces;
  readonly #device: GPUDevice;
  readonly #actions: readonly Action[];
  readonly #own: readonly GPUBuffer[];
  readonly #clock: ExchangeClock;
  /** By exchange of the plan: what is being sent. */
  readonly #sending: Promise<void>[];
  /** What ended a run early. */
  #failure: unknown;

  private constructor(
    device: GPUDevice,
    plan: Plan,
    spaces: Spaces,
    actions: readonly Action[],
    own: readonly GPUBuffer[],
  ) {
    this.#device = device;
    this.plan = plan;
    this.spaces = spaces;
    this.#actions = actions;
    this.#own = own;
    this.#clock = new ExchangeClock(plan.exchanges);
    this.#sending = new Array<Promise<void>>(plan.exchanges);
  }

  static async create(gpu: Gpu, pipelines: PipelineCache, plan: Plan, spaces: Spaces): Promise<Executor> {
    const { actions, buffers } = await actionsOf(gpu, pipelines, plan, spaces);
    return new Executor(gpu.device, plan, spaces, actions, buffers);
  }

  /**
   * Encodes every dispatch of a plan without exchanges, in order, as one compute pass, which `descriptor` may time.
   */
  encode(encoder: GPUCommandEncoder, descriptor?: GPUComputePassDescriptor): void {
    if (this.plan.exchanges > 0) throw new Error('a plan with exchanges cannot be encoded ahead: use run');
    const pass = encoder.beginComputePass(descriptor);
    let pipeline: GPUComputePipeline | undefined;
    for (const action of this.#actions) {
      if (action.kind === 'dispatch') pipeline = dispatch(pass, action, pipeline);
    }
    pass.end();
  }

  /**
   * Runs a plan. Resolves when everything is submitted to the device, and what peers wait for is sent. Work that does
   * not need an exchange in flight is submitted before it is waited for.
   *
   * @param peers needed where the plan has exchanges
   * @throws what `peers` throws, and from then on again whenever it is to run: what was under way then may be still.
   */
  async run(peers?: Peers, options: RunOptions = {}): Promise<RunTimes> {
    if (this.#failure !== undefined) throw this.#failure;
    try {
      return await this.#run(peers, options);
    } catch (error) {
      this.#failure = error;
      throw error;
    }
  }

  async #run(peers: Peers | undefined, options: RunOptions): Promise<RunTimes> {
    const { before, after, firstExchange = 0, trace, until = this.#actions.length, captures } = options;
    const begun = performance.now();
    const { queue } = this.#device;
    // A trace is read when other runs have begun.
    const clock = trace?.clock ?? this.#clock;
    clock.begin();
    let encoder = this.#device.createCommandEncoder();
    let pass: GPUComputePassEncoder | undefined;
    let pipeline: GPUComputePipeline | undefined;
    const endPass = () => {
      pass?.end();
      pass = undefined;
      pipeline = undefined;
    };
    const submit = () => {
      endPass();
      queue.submit([encoder.finish()]);
      trace?.submitted();
    };
    const capture = (step: number) => {
      if (!captures?.has(step)) return;
      endPass();
      captures.encode(step, encoder);
    };
    before?.(encoder);
    for (let step = 0; step < until; step++) {
      const action = this.#actions[step];
      if (action.kind === 'dispatch') {
        if (trace?.submitsBefore(step)) {
          submit();
          encoder = this.#device.createCommandEncoder();
        }
        const timed = trace?.passAt(step);
        if (timed) endPass();
        pass ??= encoder.beginComputePass(timed);
        pipeline = dispatch(pass, action, pipeline);
        capture(step);
        continue;
      }
      if (!peers) throw new Error(`a plan with ${this.plan.exchanges} exchanges needs peers`);
      if (action.kind === 'start') {
        endPass();
        for (const { from, at } of action.copies) {
          encoder.copyBufferToBuffer(from.buffer, from.offset ?? 0, action.staging, at, from.size ?? 0);
        }
        submit();
        const sent = sendStaged(this.#device, action, peers, firstExchange, clock);
        // Awaited at its finish; a failure before that must not count as unhandled.
        sent.catch(ignore);
        this.#sending[action.exchange] = sent;
        encoder = this.#device.createCommandEncoder();
      } else {
        submit();
        clock.waits(action.exchange, queue);
        const arrivals = receiveAll(action, peers, firstExchange, clock);
        const [blocks] = await Promise.all([arrivals, this.#sending[action.exchange]]);
        clock.goesOn(action.exchange);
        blocks.forEach((block, i) => {
          const { buffer, offset } = action.receives[i].to;
          queue.writeBuffer(buffer, offset ?? 0, block);
          peers.release(block);
        });
        encoder = this.#device.createCommandEncoder();
        if (action.keep) {
          const { from, to } = action.keep;
          encoder.copyBufferToBuffer(
            from.buffer,
            from.offset ?? 0,
            to.buffer,
            to.offset ?? 0,
            from.size ?? 0,
          );
        }
      }
      capture(step);
    }
    endPass();
    after?.(encoder);
    trace?.encode(encoder);
    submit();
    return { wallMs: performance.now() - begun, ...clock.totals() };
  }

  /** Buffer and range of a named input or output. @throws Error where the plan has none of that name. */
  locate(name: string): { buffer: GPUBuffer; offset: number; bytes: number } {
    const placement = this.plan.inputs.get(name) ?? this.plan.outputs.get(name);
    if (!placement) throw new Error(`the plan has no input or output named ${name}`);
    const { space, block, offset, bytes } = placement;
    return { buffer: this.spaces[space][block], offset, bytes };
  }

  /** Frees what this executor made for itself; the spaces belong to whoever allocated them. */
  destroy(): void {
    for (const buffer of this.#own) buffer.destroy();
  }
}
