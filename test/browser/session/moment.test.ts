/** A checkpoint that is taken while training goes on is of one moment: whoever goes on from it is on the same run. */
import { afterEach, expect, test } from 'vitest';
import type { RunConfig } from '../../../src/session/api/run-config.ts';
import { readCheckpointInfo } from '../../../src/train/checkpoint.ts';
import { forgetRuns, lossesOf, smallRun, type TestSession, testSession } from './helpers.ts';
import { closeAll, connect, onMesh, ranks } from './mesh-helpers.ts';

afterEach(() => forgetRuns());

const EXPORTS = 4;

/** Trains to the end, and exports again and again on the way, until at least one export is of a step between. */
async function exportWhileTraining({ session, events }: TestSession): Promise<Uint8Array[]> {
  const training = session.train();
  const files: Uint8Array[] = [];
  let isBetween = false;
  while (files.length < EXPORTS || !isBetween) {
    const { step, bytes } = await session.exportCheckpoint();
    files.push(bytes);
    isBetween ||= step > 0;
    expect(readCheckpointInfo(bytes).step).toBe(step);
    // Whoever keeps the file has been told of every step that it has in it.
    const told = events.some(event => event.type === 'metrics' && event.step >= step);
    expect(step === 0 || told, `told of step ${step}`).toBe(true);
  }
  expect(await training).toBe('done');
  return files;
}

async function expectSameRun(own: TestSession, config: RunConfig, whole: TestSession, files: Uint8Array[]) {
  const { steps: last } = config;
  const expected = lossesOf(whole);
  expect(expected.size).toBe(last);
  const steps = files.map(file => readCheckpointInfo(file).step);
  // Training went on meanwhile, and was not over.
  expect(
    steps.some(step => step > 0 && step < last),
    `steps ${steps}`,
  ).toBe(true);
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
  const config = { ...smallRun, steps: 40 };
  const whole = await testSession();
  await whole.session.prepare(config);
  const files = await exportWhileTraining(whole);
  await whole.session.close();
  const own = await testSession();
  await expectSameRun(own, config, whole, files);
  await own.session.close();
});

test('exported while a mesh trains, and while it saves: the same', async () => {
  const config = { ...onMesh(1, 2), steps: 20, checkpointSeconds: 0.2 };
  const whole = await testSession();
  const others = ranks(1);
  await connect(whole.session, others);
  await whole.session.prepare(config);
  const files = await exportWhileTraining(whole);
  await whole.session.close();
  const own = await testSession();
  await connect(own.session, others);
  await expectSameRun(own, config, whole, files);
  await closeAll(own, others);
});
