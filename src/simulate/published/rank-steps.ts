/** Writes down the steps of one rank of a published schedule, as a plan that the simulator takes. */
import type { Provenance } from '../../graph/provenance.ts';
import { type DispatchStep, type Plan, type PlanStep, planStep } from '../../plan/plan.ts';

/** What moves between kernels and memory, in floats of 32 bits. */
export interface Moved {
  readonly read: number;
  readonly written: number;
}

const nowhere = (bytes: number) => ({ space: 'exchange', block: 0, offset: 0, bytes });

export class RankSteps {
  /** In its instance. */
  readonly place: number;
  readonly #steps: PlanStep[] = [];
  #exchanges = 0;
  #about: Pick<Provenance, 'layer' | 'phase'> = { layer: 'none', phase: 'forward' };

  constructor(place: number) {
    this.place = place;
  }

  /** What the steps that follow are a part of. */
  in(layer: string, phase: Provenance['phase']): void {
    this.#about = { layer, phase };
  }

  /** A product of [m, k] and [k, n]. */
  product(m: number, k: number, n: number): void {
    const moved = { read: m * k + k * n, written: m * n };
    this.#kernel('product', 'matmul', 2 * m * k * n, moved);
  }

  /** Any other kernel: its time is what it moves. */
  pass(op: string, { read, written }: Moved): void {
    this.#kernel('pointwise', op, 0, { read, written });
  }

  /** Numbers that all ranks count alike, for exchanges between pairs of them; nothing is sent yet. */
  exchanges(count: number): number {
    this.#exchanges += count;
    return this.#exchanges - count;
  }

  send(exchange: number, peer: number, floats: number): void {
    this.#steps.push({
      kind: 'start',
      ...this.#exchange(exchange),
      sends: [{ peer, at: nowhere(4 * floats) }],
    });
  }

  receive(exchange: number, peer: number, floats: number): void {
    const receives = [{ peer, at: nowhere(4 * floats) }];
    this.#steps.push({ kind: 'finish', ...this.#exchange(exchange), receives });
  }

  /** @param memory bytes by space */
  plan(memory: Readonly<Record<string, number>>): Plan {
    const spaces = Object.entries(memory).map(([space, bytes]) => [space, [{ bytes, label: space }]]);
    return {
      steps: this.#steps,
      spaces: Object.fromEntries(spaces),
      inputs: new Map(),
      outputs: new Map(),
      exchanges: this.#exchanges,
    };
  }

  #kernel(kernel: DispatchStep['work']['kernel'], op: string, flops: number, { read, written }: Moved) {
    const work = { kernel, flops, read: 4 * read, written: 4 * written };
    const code = { shader: op, params: [], operands: [], workgroups: [1, 1, 1] as const };
    this.#steps.push(planStep({ ...code, work }, [], this.#provenance(op)));
  }

  #exchange(exchange: number) {
    return { ...this.#provenance('exchange'), exchange, group: 'pair' };
  }

  #provenance(op: string) {
    return { label: op, provenance: { ...this.#about, op, shape: [] } };
  }
}
