/**
 * Values of operands at the moment right after their step, whatever the arena holds later: copies on the device that are
 * encoded behind the steps of one run, and read when it is over.
 */
import { mapForReading } from '../gpu/mapping.ts';
import { usage } from '../gpu/usage.ts';
import { type Look, type Looked, lookedAt, placesOf } from '../plan/look.ts';
import type { Plan } from '../plan/plan.ts';
import type { Spaces } from './spaces.ts';

export class Captures {
  readonly #device: GPUDevice;
  readonly #plan: Plan;
  readonly #spaces: Spaces;
  readonly #looks: readonly (Look & { readonly at: number })[];
  readonly #steps: ReadonlySet<number>;
  readonly #staging: GPUBuffer;

  /** @param looks that have no `lookFault` in the plan */
  constructor(device: GPUDevice, plan: Plan, spaces: Spaces, looks: readonly Look[]) {
    this.#device = device;
    this.#plan = plan;
    this.#spaces = spaces;
    let bytes = 0;
    this.#looks = looks.map(look => {
      const at = bytes;
      bytes += 4 * look.rows * look.columns;
      return { ...look, at };
    });
    this.#steps = new Set(looks.map(({ step }) => step));
    this.#staging = device.createBuffer({
      label: 'captured operands',
      size: Math.max(4, bytes),
      usage: usage.readBack,
    });
  }

  has(step: number): boolean {
    return this.#steps.has(step);
  }

  /** Copies what is wanted of a step, between two passes. */
  encode(step: number, encoder: GPUCommandEncoder): void {
    for (const look of this.#looks) {
      if (look.step !== step) continue;
      const { space, block, offset } = placesOf(this.#plan.steps[step])[look.operand]!;
      const source = this.#spaces[space][block];
      encoder.copyBufferToBuffer(
        source,
        offset + 4 * look.from,
        this.#staging,
        look.at,
        4 * look.rows * look.columns,
      );
    }
  }

  /** What was captured, in the order in which it was asked for, once the run is submitted. Not to be used again. */
  async read(): Promise<Looked[]> {
    try {
      await mapForReading(this.#device, this.#staging);
      const mapped = this.#staging.getMappedRange();
      return this.#looks.map(look => {
        const bytes = 4 * look.rows * look.columns;
        return lookedAt(look, new Float32Array(mapped.slice(look.at, look.at + bytes)));
      });
    } finally {
      this.#staging.destroy();
    }
  }
}
