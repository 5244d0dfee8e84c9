/** A checkpoint that is taken while training goes on is of one moment: whoever goes on from it is on the same run. */
import { afterEach, expect, test } from 'vitest';
import type { RunConfig } from '../../../src/session/api/run-config.ts';
import { readCheckpointInfo } from '../../../src/train/checkpoint.ts';
import { forgetRuns, lossesOf, smallRun, type TestSession, testSession } from './helpers.ts';
import { closeAll, connect, onMesh, ranks } from './mesh-helpers.ts';

afterEach(() => forgetRuns());

/** A run, and the steps after which the page exports. */
interface Moments {
  readonly steps: number;
  readonly exports: readonly number[];
}

/** Trains to the end and exports on the way, whenever a further one of the moments is told of. */
async function exportWhileTraining(
  { session, events, until }: TestSession,
  { exports }: Moments,
): Promise<Uint8Array[]> {
  const training = session.train();
  const files: Uint8Array[] = [];
  for (const moment of exports) {
    await until('metrics', ({ step }) => step >= moment);
    const { step, bytes } = await session.exportCheckpoint();
    files.push(bytes);
    // Whoever keeps the file has been told of every step that it has in it.
    expect(events.some(event => event.type === 'metrics' && event.step >= step)).toBe(true);
  }
  expect(await training).toBe('done');
  return files;
}

async function expectSameRun(own: TestSession, config: RunConfig, whole: TestSession, files: Uint8Array[]) {
  const { steps: last } = config;
  const expected = lossesOf(whole);
  expect(expected.size).toBe(last);
  const steps = files.map(file => readCheckpointInfo(file).step);
  expect(new Set(steps).size, `steps ${steps}`).toBe(files.length);
  // At least the first ones were taken with most of the run still to come.
  expect(steps[0]).toBeLessThan(last / 2);
  await own.session.prepare(config);
  for (const [i, file] of files.entries()) {
    own.events.length = 0;
    await own.session.importCheckpoint(file);
    await own.session.train();
    const losses = lossesOf(own);
    expect(losses.size).toBe(last - steps[i]);
    for (const [step, loss] of losses) {
      expect(loss, `step ${step} from the export of step ${steps[i]}`).toBe(expected.get(step));
    }
  }
}

test('exported while it trains: every later loss is the same, to the last bit', async () => {
  const moments = { steps: 30, exports: [2, 8, 14] };
  const config = { ...smallRun, steps: moments.steps };
  const whole = await testSession();
  await whole.session.prepare(config);
  const files = await exportWhileTraining(whole, moments);
  await whole.session.close();
  const own = await testSession();
  await expectSameRun(own, config, whole, files);
  await own.session.close();
});

test('exported while a mesh trains, and while it saves: the same', async () => {
  const moments = { steps: 16, exports: [2, 6] };
  const config = { ...onMesh(1, 2), steps: moments.steps, checkpointSeconds: 0.2 };
  const whole = await testSession();
  const others = ranks(1);
  await connect(whole.session, others);
  await whole.session.prepare(config);
  const files = await exportWhileTraining(whole, moments);
  await whole.session.close();
  const own = await testSession();
  await connect(own.session, others);
  await expectSameRun(own, config, whole, files);
  await closeAll(own, others);
});
