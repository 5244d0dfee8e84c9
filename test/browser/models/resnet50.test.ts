/** ResNet-50 as it was published trains, in sizes that a test has time for. */
import { expect, test } from 'vitest';
import { FIFTY, fiftyTrainer } from '../../../bench/resnet-fifty.ts';
import { readFloats } from '../../../src/engine/transfer.ts';
import { testGpu } from '../gpu.ts';

/** For cores that have much else to do. */
const timeout = 300_000;

test('twenty steps on two images: gradients reach the stem, and the loss falls', {
  timeout,
}, async () => {
  const { gpu, pipelines } = await testGpu();
  const { trainer, step } = await fiftyTrainer(gpu, pipelines);
  const { layout, spaces } = trainer;
  const sizes = layout.entries.map(({ size }) => size);
  expect(sizes.reduce((sum, size) => sum + size)).toBe(25_557_032);

  await step();
  const gradients = await readFloats(gpu.device, spaces.gradients[0], 0, 4 * layout.floats);
  // Blocks end in norms with scales of 0 at first: what lies before them is reached along the skips alone.
  for (const { name, offset, size } of layout.entries.filter(({ name }) =>
    /^conv1|bn3\.weight$/.test(name),
  )) {
    expect(
      gradients.subarray(offset, offset + size).some(value => value !== 0),
      `a gradient of ${name}`,
    ).toBe(true);
  }

  for (let i = 1; i < FIFTY.steps; i++) await step();
  const { losses } = await trainer.losses.readSteps();
  expect(losses).toHaveLength(FIFTY.steps);
  expect(Math.abs(losses[0] / Math.log(FIFTY.classes) - 1)).toBeLessThan(0.2);
  expect(losses[FIFTY.steps - 1]).toBeLessThan(losses[0] / 10);
  trainer.destroy();
});
