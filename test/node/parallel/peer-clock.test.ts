/** A peer's clock by its answers: never further off than it says. */
import { expect, test } from 'vitest';
import { philox } from '../../../src/graph/philox.ts';
import { PeerClock } from '../../../src/parallel/peer-clock.ts';

test('the truth lies within the uncertainty, however unlike the two ways are', () => {
  for (let seed = 1; seed <= 50; seed++) {
    const draw = (i: number) => philox(i, 0, 0, 0, seed, 0)[0] / 2 ** 32;
    const ahead = 2e6 * (draw(0) - 0.5);
    const clock = new PeerClock();
    expect(clock.estimate).toBeUndefined();
    for (let i = 1; i < 40; i++) {
      const [sent, there, back] = [1000 * i, 20 * draw(3 * i) ** 4, 20 * draw(3 * i + 1) ** 4];
      clock.add(sent, sent + there + ahead, sent + there + back);
      const { offset, uncertainty } = clock.estimate!;
      expect(Math.abs(offset - ahead)).toBeLessThanOrEqual(uncertainty + 1e-6);
      expect(uncertainty).toBeLessThanOrEqual((there + back) / 2 + 1e-6);
    }
    expect(clock.estimate!.uncertainty).toBeLessThan(5);
  }
});

test('what is old is forgotten, for clocks drift', () => {
  const clock = new PeerClock();
  clock.add(0, 100, 0);
  for (let i = 1; i <= 16; i++) clock.add(i, i + 200 + 1, i + 2);
  expect(clock.estimate).toEqual({ offset: 200, uncertainty: 1 });
});
