/** Training plans are such as WebGPU takes: a dispatch may not read a buffer that it writes, nor write it twice. */
import { expect, test } from 'vitest';
import { shaderText } from '../../../src/gpu/shaders.ts';
import { meshAt } from '../../../src/mesh/mesh.ts';
import { typicalMachine } from '../../../src/plan/machine.ts';
import { type DispatchStep, isDispatch } from '../../../src/plan/plan.ts';
import { presets } from '../../../src/session/api/presets.ts';
import { type StepOptions, trainingPlan } from '../../../src/train/plans.ts';
import { oddModels } from '../models/odd-models.ts';

/** Buffers that a dispatch reads, and those that it writes, by the bindings of its shader. */
function buffersOf({ shader, operands }: DispatchStep) {
  const writes = new Set(
    [...shaderText(shader).matchAll(/@binding\((\d+)\) var<storage, read_write>/g)].map(([, binding]) =>
      Number(binding),
    ),
  );
  const of = (written: boolean) =>
    operands.flatMap((at, index) =>
      at && writes.has(index + 1) === written ? [`${at.space} ${at.block}`] : [],
    );
  return { read: of(false), written: of(true) };
}

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
        const { read, written } = buffersOf(step);
        expect(
          written.filter(buffer => read.includes(buffer)),
          `${name}: ${step.label}`,
        ).toEqual([]);
        expect(new Set(written).size, `${name}: ${step.label}`).toBe(written.length);
      }
    }
  }
});
