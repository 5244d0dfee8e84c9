/** Runs that tell images apart: from data to scores and views, resumed, and on two ranks. */
import { afterEach, expect, test } from 'vitest';
import type { FiltersView, ImagesView, TableView } from '../../../src/session/api/api.ts';
import type { RunConfig } from '../../../src/session/api/run-config.ts';
import { forgetRuns, lossesOf, testSession } from './helpers.ts';
import { closeAll, connect, ranks } from './mesh-helpers.ts';

afterEach(() => forgetRuns());

/** An IDX file of 12 x 12 grey images, or of labels. */
function idx(values: Uint8Array<ArrayBuffer>, ...shape: number[]): Blob {
  const head = new DataView(new ArrayBuffer(4 + 4 * shape.length));
  head.setUint32(0, 0x800 + shape.length);
  shape.forEach((length, axis) => {
    head.setUint32(4 + 4 * axis, length);
  });
  return new Blob([head.buffer, values]);
}

/** Three classes by where a bright square is, in noise. */
function imageFiles(count: number, first: number): Map<string, Blob> {
  const size = 12;
  const pixels = new Uint8Array(count * size * size);
  const labels = Uint8Array.from({ length: count }, (_, i) => i % 3);
  pixels.forEach((_, at) => {
    const image = Math.floor(at / size ** 2);
    const [y, x] = [Math.floor(at / size) % size, at % size];
    const noise = ((at + first) * 7919) % 64;
    const isBright = y >= 4 && y < 8 && x >= 4 * labels[image] && x < 4 * labels[image] + 4;
    pixels[at] = noise + (isBright ? 150 : 0);
  });
  const part = first === 0 ? 'train' : 't10k';
  return new Map([
    [`${part}-images-idx3-ubyte`, idx(pixels, count, size, size)],
    [`${part}-labels-idx1-ubyte`, idx(labels, count)],
  ]);
}

const files = new Map([...imageFiles(120, 0), ...imageFiles(30, 5)]);
const run: RunConfig = {
  data: { kind: 'images', place: { kind: 'files', name: 'squares', files } },
  preset: 'resnet8',
  steps: 30,
  seed: 3,
  overrides: { width: 4, batch: 12, learningRate: 0.3 },
};

test('looking at a step leaves running statistics as they were', async () => {
  const stateAfter = async (looks: boolean) => {
    const own = await testSession();
    await own.session.prepare({
      ...run,
      steps: 4,
      trace: 'layer',
      overrides: { ...run.overrides, accumulate: 2 },
    });
    const [plan] = await own.session.plan(0);
    const found = plan.steps.flatMap((each, step) =>
      each.kind === 'dispatch'
        ? each.operands.flatMap((place, operand) => (place?.space === 'state' ? [{ step, operand }] : []))
        : [],
    );
    expect(found.length).toBeGreaterThan(0);
    await own.session.train(2);
    if (looks) {
      const statistics = found.map(place => ({ ...place, rank: 0, from: 0, rows: 1, columns: 1 }));
      // What the step makes of them is seen, and the next look begins where this one did.
      const seen = await own.session.look(statistics);
      // A trace for each of the passes.
      expect((await own.session.rehearse())?.traces).toHaveLength(2);
      expect(await own.session.look(statistics)).toEqual(seen);
    }
    await own.session.train();
    const { bytes } = await own.session.exportCheckpoint();
    await own.session.close();
    return bytes.slice(8 + Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true)));
  };
  expect(await stateAfter(true)).toEqual(await stateAfter(false));
});

test('a ResNet learns, is scored by accuracy, and shows what it takes images for', async () => {
  const own = await testSession();
  const info = await own.session.prepare({ ...run, evaluateEvery: 15 });
  expect(info).toMatchObject({
    task: 'classify',
    model: 'ResNet',
    source: 'squares',
    synthetic: false,
    summary: '12 x 12 pixels, grey, 3 classes.',
    samples: { train: 108, validation: 12, test: 30 },
  });
  expect(info.validationScores.map(({ metric }) => metric)).toEqual(['accuracy', 'loss']);
  expect(await own.session.train()).toBe('done');
  const losses = [...lossesOf(own).values()];
  expect(losses).toHaveLength(30);
  expect(losses.at(-1)).toBeLessThan(0.7 * losses[0]);
  const validation = own.events.filter(event => event.type === 'scores' && event.part === 'validation');
  expect(validation).toHaveLength(2);
  const [accuracy, loss] = (await own.session.result()).scores;
  expect(accuracy).toMatchObject({ metric: 'accuracy', main: true, units: '%' });
  expect(accuracy.baselines).toEqual([{ name: 'commonest class', value: 100 / 3 }]);
  expect(accuracy.value).toBeGreaterThan(60);
  expect(loss.value).toBeGreaterThan(0);

  const images = (await own.session.view('images', { from: 3, count: 5 })) as ImagesView;
  expect(images.items.map(({ label }) => label)).toEqual([0, 1, 2, 0, 1]);
  expect(images.pixels.length).toBe(5 * 144);
  for (const { confidence } of images.items) {
    expect(confidence).toBeGreaterThan(1 / 3);
    expect(confidence).toBeLessThanOrEqual(1);
  }
  const table = (await own.session.view('confusion', {})) as TableView;
  expect(table.values.map(row => row.reduce((sum, value) => sum + value))).toEqual([10, 10, 10]);
  const right = table.values.reduce((sum, row, i) => sum + row[i], 0);
  expect((100 * right) / 30).toBeCloseTo(accuracy.value, 6);
  const filters = (await own.session.view('filters', {})) as FiltersView;
  expect([filters.channels, filters.height, filters.width]).toEqual([1, 5, 5]);
  expect(filters.values.length % 25).toBe(0);
  expect(filters.values.some(value => value !== 0)).toBe(true);
  await own.session.close();
});

test('a run that is resumed from a checkpoint goes on as the one that nobody stopped, running statistics and all', async () => {
  const whole = await testSession();
  await whole.session.prepare(run);
  await whole.session.train();
  const expected = lossesOf(whole);

  const own = await testSession();
  await own.session.prepare({ ...run, checkpointSeconds: 0 });
  const training = own.session.train();
  await own.until('checkpoint');
  const { step, bytes } = await own.session.exportCheckpoint();
  await training;
  const other = await testSession();
  await other.session.prepare(run, bytes);
  expect(await other.session.importCheckpoint(bytes)).toBe(step);
  await other.session.train();
  expect(lossesOf(other)).toEqual(new Map([...expected].filter(([at]) => at > step)));
  expect((await other.session.result()).scores).toEqual((await whole.session.result()).scores);
  for (const { session } of [whole, own, other]) await session.close();
});

test('two replicas are given the images, and follow the single rank; a mesh that cuts the model is refused', async () => {
  const own = await testSession();
  const others = ranks(1);
  await connect(own.session, others);
  const mesh = { rows: 1, columns: 2, replicas: 1 };
  await expect(own.session.prepare({ ...run, mesh })).rejects.toThrow(
    'a ResNet is not cut in shards, it can only have replicas',
  );
  const few = { ...run, steps: 10 };
  const info = await own.session.prepare({ ...few, mesh: { rows: 1, columns: 1, replicas: 2 } });
  expect(info.ranks).toHaveLength(2);
  expect(await own.session.train()).toBe('done');
  // In two passes, a rank alone has norms over as many images as each replica has.
  const alone = await testSession();
  await alone.session.prepare({ ...few, overrides: { ...few.overrides, accumulate: 2 } });
  expect(await alone.session.train()).toBe('done');
  const [losses, expected] = [own, alone].map(lossesOf);
  expect(losses.size).toBe(10);
  for (const [step, loss] of losses) {
    expect(Math.abs(loss / expected.get(step)! - 1), `loss of step ${step}`).toBeLessThan(1e-4);
  }
  await alone.session.close();
  await closeAll(own, others);
});

/** Pictures of one colour, in folders of two classes. */
async function folders(): Promise<Map<string, Blob>> {
  const files = new Map<string, Blob>();
  for (const [name, colour] of [
    ['blue', '#24c'],
    ['red', '#c32'],
  ]) {
    for (let i = 0; i < 8; i++) {
      const canvas = new OffscreenCanvas(10 + i, 12);
      const context = canvas.getContext('2d')!;
      context.fillStyle = colour;
      context.fillRect(0, 0, 10 + i, 12);
      files.set(`${name}/${i}.png`, await canvas.convertToBlob());
    }
  }
  return files;
}

test('pictures in folders: of all sizes, a damaged one is left out and named, and one class alone is refused', async () => {
  const files = await folders();
  const picture = new Uint8Array(await files.get('red/3.png')!.arrayBuffer());
  files.set('red/3.png', new Blob([picture.subarray(0, picture.length - 20)]));
  const prepared = (chosen: Map<string, Blob>) =>
    session.prepare({
      ...run,
      data: { kind: 'images', place: { kind: 'files', name: 'colours', files: chosen } },
      steps: 2,
      overrides: { width: 4, batch: 4 },
    });
  const { session } = await testSession();
  const info = await prepared(files);
  expect(info.summary).toBe('32 x 32 pixels, in colours, 2 classes.');
  expect(info.dataNotes.join()).toContain('Left out: 1 damaged image (red/3.png');
  expect(info.samples.train + info.samples.validation + info.samples.test).toBe(15);
  expect(await session.train()).toBe('done');
  const blue = new Map([...files].filter(([path]) => path.startsWith('blue')));
  await expect(prepared(blue)).rejects.toThrow('colours has one class only, blue');
  await session.close();
});

test('what are no images, or are of another kind of run, is refused with words', async () => {
  const { session } = await testSession();
  await expect(session.prepare({ ...run, data: { kind: 'embedded', days: 30, seed: 1 } })).rejects.toThrow(
    'These are fields on a grid; a classification needs images',
  );
  await expect(session.prepare({ ...run, preset: 'tiny', overrides: {} })).rejects.toThrow(
    'These are images; a forecast needs fields on a grid',
  );
  await session.close();
});
