/**
 * Training plans tell what they do: the access of every operand is what its shader declares, work fits what is bound, and
 * every step says what it is a part of. And they are such as WebGPU takes: a dispatch may not read a buffer that it writes.
 */
import { expect, test } from 'vitest';
import { shaderNames, shaderText } from '../../../src/gpu/shaders.ts';
import { type MeshShape, meshAt } from '../../../src/mesh/mesh.ts';
import { BINDING_BYTES } from '../../../src/plan/align.ts';
import { direct, lanes, lower } from '../../../src/plan/lower.ts';
import { typicalMachine } from '../../../src/plan/machine.ts';
import {
  type DispatchStep,
  isDispatch,
  type Placement,
  type Plan,
  type PlanStep,
} from '../../../src/plan/plan.ts';
import { presets } from '../../../src/session/api/presets.ts';
import { type StepOptions, trainingPlan } from '../../../src/train/plans.ts';
import { forecastJob } from '../../reference/jobs.ts';
import { oddModels } from '../models/odd-models.ts';

const textOf = new Map(
  await Promise.all((await shaderNames()).map(async name => [name, await shaderText(name)] as const)),
);

/** What a shader declares of its operands, in order. */
const declaredBy = (shader: string) =>
  [...textOf.get(shader)!.matchAll(/@binding\((\d+)\) var<storage, (read|read_write)>/g)]
    .sort((a, b) => Number(a[1]) - Number(b[1]))
    .map(([, , access]) => access);

const bufferOf = (at: Placement) => `${at.space} ${at.block}`;

/** What is wrong with the operands of a step. */
function operandFaults({ shader, operands }: DispatchStep, spaces: Plan['spaces']): string[] {
  const declared = declaredBy(shader);
  const faults = declared.length === operands.length ? [] : [`${shader} binds ${declared.length}`];
  const bound = operands.flatMap((operand, i) => (operand ? [{ ...operand, i }] : []));
  for (const { i, access, space, block, offset, bytes } of bound) {
    if ((access === 'read') !== (declared[i] === 'read')) faults.push(`${access} of ${i}, ${declared[i]}`);
    if (offset % BINDING_BYTES !== 0) faults.push(`${i} cannot be bound at ${offset}`);
    if (offset + bytes > spaces[space][block].bytes) faults.push(`${i} ends behind its buffer`);
  }
  for (const at of bound.filter(({ access }) => access !== 'read')) {
    // Two that are written may lie in one buffer, apart.
    const others = bound.filter(
      other =>
        other.i !== at.i &&
        bufferOf(other) === bufferOf(at) &&
        (other.access === 'read' ||
          (other.offset < at.offset + at.bytes && at.offset < other.offset + other.bytes)),
    );
    if (others.length > 0) faults.push(`${at.i} is written, and bound as ${others.map(({ i }) => i)} too`);
  }
  return faults;
}

/** Where the bytes that a kernel says it touches are not those that are bound. */
function workFaults({ shader, operands, work }: DispatchStep): string[] {
  const bytesOf = (...access: string[]) =>
    operands.reduce((sum, at) => sum + (at && access.includes(at.access) ? at.bytes : 0), 0);
  const [read, written] = [bytesOf('read', 'update'), bytesOf('write', 'update')];
  // A box of what is bound, and a block that begins behind where a buffer can be bound.
  const isPart = ['copy', 'elementwise', 'pack_half', 'unpack_half'].includes(shader);
  const fits = isPart
    ? work.read <= read && work.written <= written
    : work.read === read && work.written === written;
  return fits ? [] : [`reads ${work.read} of ${read}, writes ${work.written} of ${written}`];
}

/** All layers that a step may be of. */
function layersOf(blocks: number): ReadonlySet<string> {
  return new Set([
    ...['embedding', 'recovery', 'head', 'loss', 'gradients', 'totals', 'parameters'],
    ...Array.from({ length: blocks }, (_, i) => [`blocks.${i}.tokens`, `blocks.${i}.channels`]).flat(),
    ...['embedding', 'blocks', 'recovery'].flatMap(part =>
      ['matrices', 'vectors', 'vectors.row', 'vectors.column'].map(form => `${part}.${form}`),
    ),
  ]);
}

const provenanceFaults = ({ provenance: { layer } }: PlanStep, layers: ReadonlySet<string>) =>
  layers.has(layer) ? [] : [`is of layer "${layer}"`];

const mesh = (rows: number, columns: number, replicas: number, rank: number) => {
  const shape: MeshShape = { rows, columns, replicas };
  return meshAt(shape, rank);
};

test.each<[string, StepOptions]>([
  ['in one piece', {}],
  ['in two passes', { accumulate: 2 }],
  ['on 2x2', { mesh: mesh(2, 2, 1, 0) }],
  ['in two micro-batches, overlapped', { mesh: mesh(2, 2, 1, 1), microBatches: 2, overlap: typicalMachine }],
  ['in two passes of two micro-batches', { mesh: mesh(2, 2, 1, 2), accumulate: 2, microBatches: 2 }],
  ['three replicas, two passes, in half precision', { mesh: mesh(1, 2, 3, 3), accumulate: 2, wire: 'f16' }],
  ['on 2x3, two replicas, overlapped', { mesh: mesh(2, 3, 2, 0), microBatches: 2, overlap: typicalMachine }],
  ['on 3x2, overlapped', { mesh: mesh(3, 2, 1, 0), microBatches: 2, overlap: typicalMachine }],
])('%s', (_, options) => {
  for (const [name, model] of Object.entries(oddModels)) {
    const config = { ...model, height: 12, channels: 6 };
    const layers = layersOf(config.blocks);
    const { plan, earlierPass } = trainingPlan(forecastJob(config, true), 4, presets.demo.optimizer, options);
    for (const each of [plan, earlierPass ?? plan, lower(plan, direct), lower(plan, lanes)]) {
      // Passes run in the spaces of the last.
      const spaces = { ...plan.spaces, ...each.spaces };
      const faults = each.steps.flatMap(step => {
        const kept = step.kind === 'finish' && step.keep;
        const wrong = isDispatch(step) ? [...operandFaults(step, spaces), ...workFaults(step)] : [];
        if (kept && bufferOf(kept.from) === bufferOf(kept.to)) wrong.push('copies within a buffer');
        return [...wrong, ...provenanceFaults(step, layers)].map(fault => `${step.label}: ${fault}`);
      });
      expect(faults, name).toEqual([]);
    }
    const computing = plan.steps.filter(isDispatch).map(({ provenance }) => provenance);
    // A head that adds is joined to the loss.
    const head = config.head === 'add' ? [] : ['head'];
    for (const layer of ['embedding', 'blocks.0.tokens', 'blocks.0.channels', 'recovery', ...head, 'loss']) {
      const own = computing.filter(provenance => provenance.layer === layer);
      expect(new Set(own.map(({ phase }) => phase)), layer).toEqual(new Set(['forward', 'backward']));
    }
    expect(computing.at(-1)?.phase).toBe('update');
  }
});
