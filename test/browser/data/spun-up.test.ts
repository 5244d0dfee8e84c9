import { expect, test } from 'vitest';
import { embeddedAtmosphere } from '../../../src/data/atmosphere/index.ts';
import { SPUN_UP_SEED, spinUp, spunUpState } from '../../../src/data/atmosphere/spun-up.ts';
import type { Progress } from '../../../src/data/dataset.ts';

const computed = spinUp();

test('the state that is kept is that which the spin-up ends in, to the last bit', async () => {
  const kept = await spunUpState(SPUN_UP_SEED);
  if (!kept) throw new Error('no state is kept: npm run spin-up makes it');
  expect(new BigInt64Array(kept.buffer)).toEqual(new BigInt64Array(computed.buffer));
  expect(await spunUpState(SPUN_UP_SEED + 1)).toBeUndefined();
});

test('an atmosphere that begins there is the one that spins up', async () => {
  const reports: [string, number, number | undefined][] = [];
  const progress: Progress = (stage, fraction, seen) => reports.push([stage, fraction, seen?.day]);
  const options = { days: 2, seed: SPUN_UP_SEED };
  const spunUp = await spunUpState(SPUN_UP_SEED);
  const [early, whole] = [embeddedAtmosphere({ ...options, spunUp }, progress), embeddedAtmosphere(options)];
  expect(early.values).toEqual(whole.values);
  expect(early.times).toEqual(whole.times);
  expect(reports[0]).toEqual(['computing the atmosphere', 0, 100]);
  expect(reports.at(-1)?.slice(0, 2)).toEqual(['computing the atmosphere', 1]);
});
