/**
 * The whole model against PyTorch in float64: prediction, loss, every gradient, and ten steps of Adam. The files
 * come from `make_weathermixer.py` of the shared fixtures: grid 8 x 16, 6 + 2 channels, patch 1 x 4.
 */
import { expect, test } from 'vitest';
import { readFloats } from '../../../src/engine/transfer.ts';
import { readSafetensors } from '../../../src/io/safetensors.ts';
import type { WeatherMixerConfig } from '../../../src/models/weathermixer-config.ts';
import type { OptimizerOptions } from '../../../src/train/optimizer-options.ts';
import { Trainer } from '../../../src/train/trainer.ts';
import { forecastJob } from '../../reference/jobs.ts';
import { relativeError } from '../check.ts';
import { testGpu } from '../gpu.ts';

const config: WeatherMixerConfig = {
  channels: 6,
  statics: 2,
  inputSteps: 1,
  height: 8,
  width: 16,
  patch: [1, 4],
  embedding: 12,
  tokenHidden: 16,
  channelHidden: 12,
  blocks: 2,
  normGroups: 1,
  dropout: 0,
  latentSkip: 'concat',
  head: 'blend',
  rollout: 1,
};
const optimizer: OptimizerOptions = {
  kind: 'adam',
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 3e-6,
  decayVectors: true,
  clipNorm: 1,
  rateScale: {},
  averageDecay: 0,
};
const batch = 3;

const norm = (values: ArrayLike<number>): number => Math.hypot(...Array.from(values));

async function fixture(groups: number) {
  const url = new URL(`../../fixtures/weathermixer-groups${groups}.safetensors`, import.meta.url);
  const { tensors } = readSafetensors(new Uint8Array(await (await fetch(url)).arrayBuffer()));
  return (name: string): Float32Array<ArrayBuffer> => Float32Array.from(tensors.get(name)!.values);
}

test.each([1, 2])('with %i norm groups: prediction, loss, gradients and ten Adam losses', async groups => {
  const truth = await fixture(groups);
  const { gpu, pipelines } = await testGpu();
  const job = forecastJob({ ...config, normGroups: groups });
  const trainer = await Trainer.create(gpu, pipelines, { ...job, optimizer, batch, seed: 1 });
  const { layout, spaces } = trainer;
  const parameters = new Float32Array(layout.floats);
  for (const { name, offset } of layout.entries) parameters.set(truth(`param/${name}`), offset);
  trainer.writeState({ parameters }, 0);

  expect(relativeError(await trainer.predict(truth('input')), truth('pred'))).toBeLessThanOrEqual(1e-4);

  const [a, w] = [truth('a'), truth('w')];
  const weight = Float32Array.from(
    { length: 6 * 128 },
    (_, i) => w[Math.floor(i / 128)] * a[Math.floor(i / 16) % 8],
  );
  trainer.setConstants({ weight });
  await trainer.trainStep({ input: truth('input'), target: truth('target') }, 1e-3, 0);
  const gradients = await readFloats(gpu.device, spaces.gradients[0], 0, 4 * layout.floats);
  // The bias of a token mixer's second layer is removed by the norms after it: its gradient is exactly zero, so
  // rounding must be measured against the size of all gradients there.
  const whole = norm(layout.entries.flatMap(({ name }) => [...truth(`grad/${name}`)]));
  for (const { name, offset, size } of layout.entries) {
    const expected = truth(`grad/${name}`);
    const difference = norm(expected.map((value, i) => gradients[offset + i] - value));
    expect(expected.length, name).toBe(size);
    expect(difference, `gradient of ${name}`).toBeLessThanOrEqual(1e-4 * norm(expected) + 1e-7 * whole);
  }
  for (let step = 2; step <= 10; step++) {
    await trainer.trainStep({ input: truth('input'), target: truth('target') }, 1e-3, 0);
  }
  const losses = await trainer.losses.read();
  const expected = truth('losses');
  expect(losses.length).toBe(10);
  losses.forEach((loss, step) => {
    expect(Math.abs(loss / expected[step] - 1), `loss of step ${step + 1}`).toBeLessThanOrEqual(1e-4);
  });
  trainer.destroy();
});
