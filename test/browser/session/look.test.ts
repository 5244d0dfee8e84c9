/** Looking at the next step of a session's run: between training, never beside it, and without a trace. */
import { afterEach, expect, test } from 'vitest';
import { stepsBeforeUpdate } from '../../../src/plan/look.ts';
import type { RunConfig } from '../../../src/session/api/run-config.ts';
import { forgetRuns, lossesOf, smallRun, testSession } from './helpers.ts';
import { closeAll, connect, onMesh, ranks } from './mesh-helpers.ts';

afterEach(() => forgetRuns());

/** All of the first operand of the first step. */
const first = { rank: 0, step: 0, operand: 0, from: 0, rows: 1, columns: 1 };

test('a run that trains is not looked at, and training waits for a look', async () => {
  const own = await testSession();
  await expect(own.session.look([first])).rejects.toThrow('No run is prepared.');
  await own.session.prepare({ ...smallRun, steps: 100_000 });
  const looking = own.session.look([first]);
  const training = own.session.train();
  expect((await looking)[0]).toMatchObject({ rows: 1, columns: 1 });
  await own.until('metrics');
  expect(await own.session.rehearse()).toBeUndefined();
  await expect(own.session.look([first])).rejects.toThrow('The run is training: pause it to look at a step.');
  await own.session.pause();
  expect(await training).toBe('paused');
  expect(await own.session.look([first])).toHaveLength(1);
  // Neither refusal is a failure of the run.
  expect(own.events.filter(({ type }) => type === 'error')).toEqual([]);
  await own.session.close();
});

test('on 1x2 losses are those of a run that nobody looked at, after a reset too', async () => {
  const losses = async (looks: boolean) => {
    const own = await testSession();
    const others = ranks(1);
    await connect(own.session, others);
    await own.session.prepare({ ...onMesh(1, 2), steps: 6, trace: 'layer' });
    const look = async (done: number) => {
      if (!looks) return;
      const seen = await own.session.look([first, { ...first, rank: 1 }]);
      expect(seen).toHaveLength(2);
      // A step that is tried is one more look at it.
      const tried = await own.session.rehearse();
      const step = done + 1;
      expect(tried?.traces).toMatchObject([
        { rank: 0, step },
        { rank: 1, step },
      ]);
      for (const { rank, plan: hash, spans } of tried?.traces ?? []) {
        const plan = (await own.session.plan(rank)).find(plan => plan.hash === hash)!;
        expect(Math.max(...spans.map(({ to }) => to))).toBe(stepsBeforeUpdate(plan));
        expect(spans.every(({ begun, ended }) => ended >= begun)).toBe(true);
        const exchanged = new Set(spans.flatMap(({ lane, from }) => (lane === 'link' ? [from] : [])));
        expect(exchanged.size).toBeGreaterThan(3);
      }
    };
    await look(0);
    await own.session.train(2);
    await look(2);
    await own.session.reset(5);
    await look(0);
    await own.session.train(3);
    await look(3);
    // A look and a score of the whole model are taken in turn.
    await Promise.all([look(3), own.session.score('test'), look(3)]);
    expect(await own.session.train()).toBe('done');
    await look(6);
    const found = [...lossesOf(own)];
    await closeAll(own, others);
    return found;
  };
  const expected = await losses(false);
  expect(expected).toHaveLength(6);
  expect(await losses(true)).toEqual(expected);
});

test('a run that is prepared anew waits for the look at the one before', async () => {
  const own = await testSession();
  const others = ranks(1);
  await connect(own.session, others);
  const config: RunConfig = { ...onMesh(1, 2), steps: 3 };
  await own.session.prepare(config);
  const looking = own.session.look([first]);
  await own.session.prepare(config);
  expect(await looking).toHaveLength(1);
  expect(await own.session.train()).toBe('done');
  await closeAll(own, others);
});
