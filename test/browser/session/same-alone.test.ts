/** The same step on one device: gradients are the same to rounding, and the run goes on as one that nobody compared. */
import { afterEach, expect, test } from 'vitest';
import type { RunConfig } from '../../../src/session/api/run-config.ts';
import { forgetRuns, lossesOf, smallRun, testSession } from './helpers.ts';
import { closeAll, connect, ranks } from './mesh-helpers.ts';

afterEach(() => forgetRuns());

/** More than are trained: a run that is done scores its model on all test data, which nobody looks at here. */
const steps = 1000;

const on = (rows: number, columns: number, replicas = 1): RunConfig => ({
  ...smallRun,
  steps,
  mesh: { rows, columns, replicas },
});
const images: RunConfig = {
  preset: 'resnet8',
  steps,
  seed: 3,
  data: { kind: 'shapes', seed: 1 },
  // Else each copy norms its own samples, and is another model.
  overrides: { width: 4, batch: 4, 'sync-norms': 1 },
  mesh: { rows: 1, columns: 1, replicas: 2 },
};

test.each([
  ['1x2', on(1, 2)],
  ['2x2', on(2, 2)],
  ['two copies', on(1, 1, 2)],
  ['a residual network in two copies', images],
])(
  '%s: gradients are those of one device, and later losses are the same to the last bit',
  async (_, config) => {
    const losses = async (compares: boolean) => {
      const own = await testSession();
      const { rows, columns, replicas } = config.mesh!;
      const others = ranks(rows * columns * replicas - 1);
      await connect(own.session, others);
      await own.session.prepare(config);
      await own.session.train(2);
      const found = compares ? await own.session.sameAlone() : [];
      expect(await own.session.train(2)).toBe('paused');
      const seen = [...lossesOf(own)];
      expect(seen).toHaveLength(4);
      expect(own.events.filter(({ type }) => type === 'error')).toEqual([]);
      await closeAll(own, others);
      return { seen, found };
    };
    const expected = await losses(false);
    const { seen, found } = await losses(true);
    expect(seen).toEqual(expected.seen);
    expect(found.length).toBeGreaterThan(10);
    for (const layer of new Set(found.flatMap(({ layers }) => layers))) {
      const own = found.filter(({ layers }) => layers.includes(layer));
      // That of a bias before a norm is zero but for rounding: what counts is the layer's.
      const whole = Math.hypot(...own.map(({ norm }) => norm));
      for (const { name, largest } of own) expect(largest / whole, `${name} in ${layer}`).toBeLessThan(1e-5);
    }
    expect(found.every(({ layers }) => layers.length > 0)).toBe(true);
    // It is a comparison: other orders of the same sums leave other last digits.
    expect(found.some(({ largest }) => largest > 0)).toBe(true);
  },
);

test('a run that trains is not compared', async () => {
  const own = await testSession();
  await expect(own.session.sameAlone()).rejects.toThrow('No run is prepared.');
  await own.session.prepare({ ...smallRun, steps: 100_000 });
  const training = own.session.train();
  await own.until('metrics');
  await expect(own.session.sameAlone()).rejects.toThrow('The run is training: pause it to compare a step.');
  await own.session.pause();
  await training;
  await own.session.close();
});
