/** Synthetic data as the data of a run: flagged, and on a mesh computed by each rank for itself. */
import { afterEach, expect, test } from 'vitest';
import { presets, syntheticChoice } from '../../../src/session/api/presets.ts';
import type { RunConfig } from '../../../src/session/api/run-config.ts';
import { RankSession } from '../../../src/session/rank-session.ts';
import { sharedGpu } from '../gpu.ts';
import { forgetRuns, smallRun, type TestSession, testSession } from './helpers.ts';

afterEach(() => forgetRuns());

const run: RunConfig = { ...smallRun, data: syntheticChoice(presets.tiny, 1), steps: 6 };

const lossesOf = ({ events }: TestSession) =>
  events.flatMap(event => (event.type === 'metrics' ? event.losses : []));

test('a run on synthetic data says so, and two ranks train as one', async () => {
  const whole = await testSession();
  const info = await whole.session.prepare(run);
  expect(info).toMatchObject({ synthetic: true, samples: { train: 124, validation: 60, test: 60 } });
  expect(info.source).toContain('synthetic waves');
  expect(info.bytesReadFromData).toBe(0);
  await whole.session.train();
  const losses = lossesOf(whole);
  expect(losses).toHaveLength(6);
  expect(losses.every(Number.isFinite)).toBe(true);
  await whole.session.close();

  const conductor = await testSession();
  const other = new RankSession(sharedGpu);
  const { port1, port2 } = new MessageChannel();
  await other.connect({ rank: 1, ports: [port2, null], generation: 1 });
  await conductor.session.connect({ rank: 0, ports: [null, port1], generation: 1 });
  const { dataNotes } = await conductor.session.prepare({
    ...run,
    mesh: { rows: 1, columns: 2, replicas: 1 },
  });
  // Rank 0 reads nothing for the other.
  expect(dataNotes.filter(note => note.includes('cannot'))).toEqual([]);
  await conductor.session.train();
  lossesOf(conductor).forEach((loss, i) => {
    expect(Math.abs(loss / losses[i] - 1), `loss of step ${i + 1}`).toBeLessThanOrEqual(1e-4);
  });
  expect(lossesOf(conductor)).toHaveLength(6);
  await conductor.session.close();
  await other.close();
});

test('a published size is told what it takes before its synthetic data are made', async () => {
  const { session } = await testSession();
  const config = {
    ...run,
    data: syntheticChoice(presets['published-8'], 1),
    preset: 'published-8',
    overrides: {},
  };
  await expect(session.prepare(config)).rejects.toThrow(/needs [\d.]+\sGiB in one buffer|are allowed here/);
  await session.close();
});
