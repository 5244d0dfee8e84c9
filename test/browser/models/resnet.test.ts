/**
 * A small ResNet trained by the trainer, against PyTorch in float64: ten losses of SGD, every gradient of the first step,
 * running statistics, and predictions by them. The file comes from `make_resnet_fourcastnet.py` of the shared fixtures.
 */
import { expect, test } from 'vitest';
import { readFloats } from '../../../src/engine/transfer.ts';
import { readSafetensors } from '../../../src/io/safetensors.ts';
import { loadAllKinds } from '../../../src/train/load-kinds.ts';
import { Trainer } from '../../../src/train/trainer.ts';
import { relativeError } from '../check.ts';
import { testGpu } from '../gpu.ts';
import { batchOf, options } from './tiny-resnet.ts';

await loadAllKinds();

const TOLERANCE = 1e-4;

/** The names of the file, which has one block a stage. */
const nameInFile = (name: string) =>
  name
    .replace(/^conv1\./, 'conv.')
    .replace(/^bn1\./, 'bn.')
    .replace(/\.0\./, '.')
    .replace('downsample.0', 'down')
    .replace('downsample.1', 'bnd');

async function fixture() {
  const url = new URL('../../fixtures/resnet-tiny.safetensors', import.meta.url);
  const { tensors } = readSafetensors(new Uint8Array(await (await fetch(url)).arrayBuffer()));
  return (name: string): Float32Array<ArrayBuffer> => {
    const tensor = tensors.get(name);
    if (!tensor) throw new Error(`the file has no ${name}`);
    return Float32Array.from(tensor.values);
  };
}

test('losses, gradients, running statistics and predictions are those of PyTorch', async () => {
  const truth = await fixture();
  const { gpu, pipelines } = await testGpu();
  const trainer = await Trainer.create(gpu, pipelines, options);
  const { layout, spaces } = trainer;
  const parameters = new Float32Array(layout.floats);
  for (const { name, offset } of layout.entries) {
    parameters.set(truth(`param/${nameInFile(name)}`), offset);
  }
  await trainer.writeState({ parameters }, 0);
  const batch = { image: truth('input'), label: Uint32Array.from(truth('labels')) };
  for (let step = 0; step < 10; step++) {
    await trainer.trainStep(batch, 0.05, 0);
    if (step > 0) continue;
    const gradients = await readFloats(gpu.device, spaces.gradients[0], 0, 4 * layout.floats);
    for (const { name, offset, size } of layout.entries) {
      const expected = truth(`grad/${nameInFile(name)}`);
      expect(expected).toHaveLength(size);
      const own = gradients.subarray(offset, offset + size);
      expect(relativeError(own, expected), `gradient of ${name}`).toBeLessThanOrEqual(TOLERANCE);
    }
  }
  const { losses } = await trainer.losses.readSteps();
  expect(relativeError(losses, truth('losses'))).toBeLessThanOrEqual(TOLERANCE);

  const { state } = await trainer.snapshot(() => undefined);
  const { state: running } = await state;
  for (const { name, offset, size } of layout.states.entries) {
    const inFile = nameInFile(name).replace('.running', '');
    const [mean, variance] = ['mean', 'var'].map(what => truth(`buffer/${inFile}.running_${what}`));
    const own = running.subarray(offset, offset + size);
    expect(relativeError(own.subarray(0, size / 2), mean), `${name}, mean`).toBeLessThanOrEqual(TOLERANCE);
    expect(relativeError(own.subarray(size / 2), variance), `${name}, variance`).toBeLessThanOrEqual(
      TOLERANCE,
    );
  }
  expect(relativeError(await trainer.predict(batch.image), truth('eval'))).toBeLessThanOrEqual(TOLERANCE);
  trainer.destroy();
});

test('a state that is read goes on bit for bit, running statistics among it; a reset forgets them', async () => {
  const { gpu, pipelines } = await testGpu();
  const trainer = await Trainer.create(gpu, pipelines, options);
  const lossesOf = async (steps: number) => {
    for (let i = 1; i <= steps; i++) await trainer.trainStep(batchOf(i), 0.05, 0);
    return [...(await trainer.losses.readSteps()).losses];
  };
  const first = await lossesOf(3);
  const { state } = await trainer.snapshot(() => undefined);
  const kept = await state;
  expect(Object.keys(kept)).toEqual(['parameters', 'moment1', 'state']);
  const later = await lossesOf(3);
  const { image } = batchOf(1);
  const prediction = await trainer.predict(image);
  await trainer.writeState(kept, 3);
  expect(await lossesOf(3)).toEqual(later);
  expect(await trainer.predict(image)).toEqual(prediction);
  await trainer.reset(1);
  expect(await lossesOf(3)).toEqual(first);
  trainer.destroy();
});
