/** A trained model as an ONNX file, in the runtime that everybody uses, against our own forecasts. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as ort from 'onnxruntime-web';
import { describe, expect, it, vi } from 'vitest';
import { main } from '../../../src/cli/forecast.ts';
import { stateAt } from '../../../src/data/dataset.ts';
import { loadDataset } from '../../../src/data/load.ts';
import { readNetcdf } from '../../../src/data/netcdf/file.ts';
import { readValues } from '../../../src/data/netcdf/values.ts';
import { onnxFile } from '../../../src/session/onnx-file.ts';
import { choiceOf, LATITUDE, LONGITUDE, trainedRun, waves } from './wave-run.ts';

const POINTS = LATITUDE.length * LONGITUDE.length;

/** The first lead of the forecasts of a file: [start][z500, z850, t2m]. */
function firstLeads(bytes: Uint8Array<ArrayBuffer>, starts: number): number[][] {
  const file = readNetcdf(bytes.buffer, 'own.nc');
  const [z, t2m] = ['z', 't2m'].map(name => file.variables.get(name)!);
  const leads = z.shape[1];
  const [zs, ts] = [z, t2m].map(variable => Array.from(readValues(file, variable)));
  return Array.from({ length: starts }, (_, s) => [
    ...zs.slice(s * leads * 2 * POINTS, (s * leads + 1) * 2 * POINTS),
    ...ts.slice(s * leads * POINTS, (s * leads + 1) * POINTS),
  ]);
}

/** Root mean square of a difference over the spread of the field; infinite where a gap is elsewhere. */
function distance(own: ArrayLike<number>, expected: readonly number[]): number {
  let [count, sum, squares, difference] = [0, 0, 0, 0];
  for (let i = 0; i < expected.length; i++) {
    if (Number.isNaN(expected[i]) !== Number.isNaN(own[i])) return Number.POSITIVE_INFINITY;
    if (Number.isNaN(expected[i])) continue;
    count++;
    sum += expected[i];
    squares += expected[i] ** 2;
    difference += (own[i] - expected[i]) ** 2;
  }
  return Math.sqrt(difference / (squares - sum ** 2 / count));
}

// One is enough for so little.
ort.env.wasm.numThreads = 1;

describe.each([
  // One state in; a climatology that is a mean.
  { preset: 'tiny', overrides: { batch: 2 }, steps: 160, stepHours: 6, inputSteps: 1 },
  // Two states in, position and season; a climatology of the year.
  {
    preset: 'regional',
    overrides: { batch: 2, learningRate: 0.1 },
    steps: 400,
    stepHours: 24,
    inputSteps: 2,
  },
])('the model of $preset', ({ preset, overrides, steps, stepHours, inputSteps }) => {
  it('forecasts as here to 1e-5, for any batch, from states as the data have them', async () => {
    const bytes = waves(0, steps, 0, stepHours);
    const { session, config, checkpoint } = await trainedRun(bytes, { preset, overrides });
    const parts: { position: number; bytes: Uint8Array }[] = [];
    const request = { format: 'netcdf', starts: 'all', from: '2018-01-20', to: '2018-01-25' } as const;
    await session.forecast(config, checkpoint, request, async (_, position, piece) => {
      parts.push({ position, bytes: piece });
    });
    await session.close();
    const file = new Uint8Array(Math.max(...parts.map(part => part.position + part.bytes.length)));
    for (const part of parts) file.set(part.bytes, part.position);

    const { dataset } = await loadDataset(choiceOf(bytes));
    const first = dataset.times.findIndex(time => time >= Date.UTC(2018, 0, 20));
    const batch = 5;
    const expected = firstLeads(file, batch);
    const model = await ort.InferenceSession.create(await onnxFile(config, checkpoint));
    const leadSteps = preset === 'tiny' ? 4 : 1;
    const states = Array.from({ length: batch }, (_, b) =>
      Array.from({ length: inputSteps }, (_, i) => [...stateAt(dataset, first + b - (inputSteps - 1) + i)]),
    ).flat(2);
    const times = Array.from({ length: batch }, (_, b) => [
      ...Array.from({ length: inputSteps }, (_, i) => first + b - (inputSteps - 1) + i),
      first + b + leadSteps,
    ]).flat();
    const seconds = times.map(record => BigInt(dataset.times[record] / 1000));
    const grid = [3, LATITUDE.length, LONGITUDE.length];
    expect([...model.inputNames]).toEqual(preset === 'tiny' ? ['states'] : ['states', 'times']);
    const { forecast } = await model.run({
      states: new ort.Tensor('float32', Float32Array.from(states), [batch, inputSteps, ...grid]),
      ...(preset === 'regional' && {
        times: new ort.Tensor('int64', BigInt64Array.from(seconds), [batch, inputSteps + 1]),
      }),
    });
    expect(forecast.dims).toEqual([batch, ...grid]);
    expected.forEach((values, b) => {
      const own = (forecast.data as Float32Array).subarray(b * 3 * POINTS, (b + 1) * 3 * POINTS);
      expect(values.some(Number.isNaN)).toBe(true);
      for (const c of [0, 1, 2]) {
        const [from, to] = [c * POINTS, (c + 1) * POINTS];
        expect(distance(own.subarray(from, to), values.slice(from, to))).toBeLessThan(1e-5);
      }
    });
  });
});

it('is written by the terminal, without a browser', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'isobar-onnx-'));
  const said = vi.spyOn(console, 'error').mockImplementation(() => {});
  try {
    const bytes = waves();
    const data = join(folder, 'waves.nc');
    await writeFile(data, new Uint8Array(bytes));
    const { session, config, checkpoint } = await trainedRun(bytes, {
      preset: 'tiny',
      overrides: { batch: 2 },
    });
    await session.close();
    const settings = { ...config, data: { kind: 'files', files: [data] } };
    await writeFile(join(folder, 'config.json'), JSON.stringify(settings));
    await writeFile(join(folder, 'checkpoint.safetensors'), checkpoint);
    const path = join(folder, 'tiny.onnx');
    expect(await main(['--run', folder, '--onnx', path])).toBe(0);
    expect(new Uint8Array(await readFile(path))).toEqual(await onnxFile(config, checkpoint));
    expect(await main(['--run', folder, '--onnx', data])).toBe(2);
    expect(said.mock.calls.flat().join('\n')).toContain('its name must end with .onnx');
  } finally {
    said.mockRestore();
    await rm(folder, { recursive: true });
  }
});
