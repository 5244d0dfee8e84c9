/** A batch in several passes trains as in one: losses and parameters, dropout on, in one piece and on meshes. */

import { beforeAll, expect, test } from 'vitest';
import { FrameKind, readHeader } from '../../../src/net/frame.ts';
import type { MeshTrainer } from '../../../src/parallel/mesh-trainer.ts';
import { relativeError } from '../check.ts';
import { stateOf } from '../state.ts';
import { type LocalOptions, localMesh, model, tapped, task, train, wholeTrainer } from './local-mesh.ts';

const STEPS = 6;

let losses: number[];
let parameters: Float32Array;

beforeAll(async () => {
  const whole = await wholeTrainer();
  losses = await train(whole, STEPS);
  ({ parameters } = await stateOf(whole));
  whole.destroy();
});

async function expectSame(trainer: MeshTrainer): Promise<void> {
  const own = await train(trainer, STEPS);
  expect(own.length).toBe(STEPS);
  own.forEach((loss, step) => {
    expect(Math.abs(loss / losses[step] - 1), `loss of step ${step + 1}`).toBeLessThanOrEqual(1e-5);
  });
  expect(relativeError((await stateOf(trainer)).parameters, parameters)).toBeLessThanOrEqual(1e-4);
  // Forecasts are made with as many samples as a pass has.
  const { forecastBatch } = trainer;
  const size = (2 * task.channels + task.statics) * model.height * model.width;
  for (const samples of [1, forecastBatch]) {
    const forecast = await trainer.predict(new Float32Array(samples * size).fill(0.1), samples);
    expect(forecast.length).toBe(samples * model.channels * model.height * model.width);
    expect(forecast.every(Number.isFinite)).toBe(true);
  }
}

test.each([2, 4])('on one rank, %i passes', async accumulate => {
  const trainer = await wholeTrainer(4, accumulate);
  expect(trainer.forecastBatch).toBe(4 / accumulate);
  await expectSame(trainer);
  trainer.destroy();
});

test.each<[string, LocalOptions & Required<Pick<LocalOptions, 'mesh'>>]>([
  ['2x2, two passes', { mesh: { rows: 2, columns: 2, replicas: 1 }, accumulate: 2 }],
  [
    '1x2, two passes of two micro-batches',
    { mesh: { rows: 1, columns: 2, replicas: 1 }, accumulate: 2, microBatches: 2 },
  ],
  ['two replicas, two passes each', { mesh: { rows: 1, columns: 1, replicas: 2 }, accumulate: 2 }],
  ['2x1 with two replicas, two passes', { mesh: { rows: 2, columns: 1, replicas: 2 }, accumulate: 2 }],
])('%s', async (_, { mesh, ...options }) => {
  const { trainer, close } = await localMesh(mesh, options);
  await expectSame(trainer);
  close();
});

test('blocks of all passes of a step have numbers of their own', async () => {
  const blocks: string[] = [];
  const { trainer, close } = await localMesh(
    { rows: 1, columns: 2, replicas: 1 },
    {
      accumulate: 2,
      between: (a, b) =>
        tapped(a, b, message => {
          if (message instanceof ArrayBuffer) {
            const { kind, step, exchange, from } = readHeader(message);
            if (kind === FrameKind.data) blocks.push(`rank ${from}, step ${step}, exchange ${exchange}`);
          }
          return message;
        }),
    },
  );
  await train(trainer, 2);
  close();
  expect(new Set(blocks.map(block => block.split(', exchange')[0])).size).toBe(4);
  expect(new Set(blocks).size).toBe(blocks.length);
});
