/** Training plans are such as WebGPU takes: a dispatch may not read a buffer that it writes, nor write it twice. */
import { expect, test } from 'vitest';
import { shaderText } from '../../../src/gpu/shaders.ts';
import { meshAt } from '../../../src/mesh/mesh.ts';
import { typicalMachine } from '../../../src/plan/machine.ts';
import { type DispatchStep, isDispatch, type Placement } from '../../../src/plan/plan.ts';
import { presets } from '../../../src/session/api/presets.ts';
import { type StepOptions, trainingPlan } from '../../../src/train/plans.ts';
import { oddModels } from '../models/odd-models.ts';

/** What a dispatch reads, and what it writes, by the bindings of its shader. */
function bindingsOf({ shader, operands }: DispatchStep) {
  const writes = new Set(
    [...shaderText(shader).matchAll(/@binding\((\d+)\) var<storage, read_write>/g)].map(([, binding]) =>
      Number(binding),
    ),
  );
  const of = (written: boolean) =>
    operands.flatMap((at, index) => (at && writes.has(index + 1) === written ? [at] : []));
  return { read: of(false), written: of(true) };
}

const bufferOf = ({ space, block }: Placement) => `${space} ${block}`;

const overlap = (a: Placement, b: Placement) =>
  bufferOf(a) === bufferOf(b) && a.offset < b.offset + b.bytes && b.offset < a.offset + a.bytes;

const square = { rows: 2, columns: 2, replicas: 1 };
const copies = { rows: 1, columns: 2, replicas: 3 };

test.each<[string, StepOptions]>([
  ['in one piece', {}],
  ['in two passes', { accumulate: 2 }],
  ['in two micro-batches, overlapped', { mesh: meshAt(square, 1), microBatches: 2, overlap: typicalMachine }],
  ['in two passes of two micro-batches', { mesh: meshAt(square, 2), accumulate: 2, microBatches: 2 }],
  ['three replicas, two passes, in half precision', { mesh: meshAt(copies, 3), accumulate: 2, wire: 'f16' }],
])('%s', (_, options) => {
  for (const [name, model] of Object.entries(oddModels)) {
    const config = { ...model, height: 12, channels: 6 };
    const { plan, earlierPass } = trainingPlan(config, 4, presets.demo.optimizer, true, options);
    for (const { steps } of [plan, earlierPass ?? plan]) {
      for (const step of steps.filter(isDispatch)) {
        const { read, written } = bindingsOf(step);
        const buffers = read.map(bufferOf);
        expect(
          written.filter(at => buffers.includes(bufferOf(at))),
          `${name}: ${step.label}`,
        ).toEqual([]);
        const twice = written.filter((at, i) => written.some((other, j) => j < i && overlap(at, other)));
        expect(twice, `${name}: ${step.label}`).toEqual([]);
      }
    }
  }
});
