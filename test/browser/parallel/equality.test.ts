/** A model in shards trains as the whole does: losses, parameters, forecasts and checkpoints, dropout on. */

import { beforeAll, expect, test } from 'vitest';
import { type MeshShape, meshAt } from '../../../src/mesh/mesh.ts';
import { callsTo } from '../../../src/parallel/call-proxies.ts';
import type { ParameterLayout } from '../../../src/plan/layout.ts';
import { trainingPlan } from '../../../src/train/plans.ts';
import type { TrainerState } from '../../../src/train/trainer-state.ts';
import { forecastJob } from '../../reference/jobs.ts';
import { replicaTraffic, trafficOf } from '../../reference/traffic.ts';
import { relativeError } from '../check.ts';
import { optimizer } from '../engine/small-run.ts';
import { stateOf } from '../state.ts';
import { localMesh, model, task, train, wholeTrainer } from './local-mesh.ts';

/** Past the warm-up of the learning rate. */
const STEPS = 8;
const MORE = 3;

let losses: number[];
let state: TrainerState;
let later: number[];
let forecast: Float32Array;
const input = new Float32Array((2 * task.channels + task.statics) * model.height * model.width);

beforeAll(async () => {
  task.fillInput(task.test[0], input, 0);
  const whole = await wholeTrainer();
  losses = await train(whole, STEPS);
  state = await stateOf(whole);
  forecast = await whole.predict(input, 1);
  later = await train(whole, MORE);
  whole.destroy();
});

const shape = (rows: number, columns: number, replicas = 1): MeshShape => ({ rows, columns, replicas });

test.each([
  [shape(1, 2), 1],
  [shape(2, 1), 2],
  [shape(2, 2), 1],
  [shape(2, 2), 4],
  [shape(2, 4), 1],
  [shape(4, 2), 1],
  [shape(2, 3), 2],
  [shape(2, 2, 2), 1],
  [shape(1, 1, 3), 1],
])('%o in %i micro-batches follows the whole model', async (mesh, microBatches) => {
  // Three replicas share a batch of three; the others train as the whole did.
  if (mesh.replicas === 3) return compareReplicas(mesh);
  const { trainer, close } = await localMesh(mesh, { microBatches });
  const own = await train(trainer, STEPS);
  own.forEach((loss, step) => {
    expect(Math.abs(loss / losses[step] - 1), `loss of step ${step + 1}`).toBeLessThanOrEqual(1e-4);
  });
  expectSameTensors(trainer.layout, await stateOf(trainer), state);
  expect(relativeError(await trainer.predict(input, 1), forecast)).toBeLessThanOrEqual(1e-3);
  close();
});

async function compareReplicas(mesh: MeshShape): Promise<void> {
  const whole = await wholeTrainer(3);
  const expected = await train(whole, STEPS);
  const expectedState = await stateOf(whole);
  whole.destroy();
  const { trainer, close } = await localMesh(mesh, { globalBatch: 3 });
  const own = await train(trainer, STEPS);
  expect(relativeError(own, expected)).toBeLessThanOrEqual(1e-4);
  expectSameTensors(trainer.layout, await stateOf(trainer), expectedState);
  close();
}

/** Every parameter by its own norm, so that a small one that is wrong does not pass beside large ones. */
function expectSameTensors(layout: ParameterLayout, actual: TrainerState, expected: TrainerState): void {
  for (const { name, offset, size } of layout.entries) {
    const of = ({ parameters }: TrainerState) => parameters.subarray(offset, offset + size);
    expect(relativeError(of(actual), of(expected)), name).toBeLessThanOrEqual(1e-4);
  }
}

test.each([shape(2, 3), shape(1, 1, 2), shape(1, 1, 4)])(
  'half precision on the wire of %o: losses within 1 %, and replicas that stay alike',
  async mesh => {
    const { trainer, links, close } = await localMesh(mesh, { wire: 'f16' });
    const own = await train(trainer, STEPS);
    own.forEach((loss, step) => {
      expect(Math.abs(loss / losses[step] - 1), `loss of step ${step + 1}`).toBeLessThanOrEqual(0.01);
    });
    const { layout } = trainingPlan(forecastJob(model, true), 4, optimizer, { mesh: meshAt(mesh, 0) });
    const sums = replicaTraffic(layout, mesh.replicas, 0, 'f16');
    const { total } = trafficOf(model, mesh, 4 / mesh.replicas, { wire: 'f16' });
    expect(links[0].counts.bytesSent).toBe(STEPS * (total + sums));
    const { parameters } = await stateOf(trainer);
    for (let rank = 1; rank < mesh.replicas; rank++) {
      const copy = await callsTo(links[0], rank).readState(null);
      expect(relativeError(copy.parameters, parameters)).toBe(0);
    }
    close();
  },
);

test('a state of one mesh goes on on another with the same losses', async () => {
  const first = await localMesh(shape(2, 3));
  await first.trainer.writeState(state, STEPS);
  const kept = await stateOf(first.trainer);
  for (const [space, values] of Object.entries(state)) {
    expect(relativeError(kept[space], values), space).toBe(0);
  }
  const onFirst = await train(first.trainer, MORE);
  first.close();
  const second = await localMesh(shape(4, 1));
  await second.trainer.writeState(kept, STEPS);
  const onSecond = await train(second.trainer, MORE);
  second.close();
  expect(relativeError(onFirst, later)).toBeLessThanOrEqual(1e-4);
  expect(relativeError(onSecond, later)).toBeLessThanOrEqual(1e-4);
});
