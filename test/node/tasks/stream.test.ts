/** Data that are read while a model trains: the same batches, statistics and fields as in memory, whatever the memory is. */
import { describe, expect, test } from 'vitest';
import type { BoxedChoice } from '../../../src/data/choice/choice.ts';
import { pathsInFolder } from '../../../src/data/choice/folder.ts';
import type { Frame } from '../../../src/models/model.ts';
import { boxOf } from '../../../src/tasks/forecast/frame.ts';
import { openShard } from '../../../src/tasks/forecast/shard-reader.ts';
import { openForecast } from '../../../src/tasks/forecast/supply.ts';
import type { ForecastOptions } from '../../../src/tasks/forecast/task.ts';
import type { ForecastTypes } from '../../../src/tasks/forecast/types.ts';
import type { OpenContext, TaskShard } from '../../../src/tasks/task.ts';
import { batchesOf } from '../../../src/train/batches.ts';
import { waveFile, waveStore } from '../data/wave-store.ts';
import { writeZarr } from '../data/write-zarr.ts';

const options: ForecastOptions = {
  inputSteps: 2,
  leadSteps: 1,
  patch: [3, 4],
  split: { kind: 'fraction', train: 0.6, validation: 0.2 },
  normalisation: 'anomaly',
  harmonics: 0,
  positionInputs: true,
  seasonInputs: true,
  scoredStarts: 4,
  scoredSteps: [1],
};
const file: BoxedChoice = { kind: 'files', files: [{ name: 'waves.nc', blob: new Blob([waveFile()]) }] };

const context = (memory: number): OpenContext<ForecastTypes> => ({
  ranks: 1,
  instance: 1,
  blocksOf: () => [{}],
  ask: () => expect.unreachable(),
  memory,
  progress: () => {},
});

const open = async (choice: BoxedChoice, memory: number, changed: Partial<ForecastOptions> = {}) => {
  const { data } = await openForecast(choice, { ...options, ...changed }, context(memory));
  return { ...data, shard: openShard(data.own) };
};

/** The first batches that are drawn. */
async function batches(shard: TaskShard, { inputs }: Frame, steps = 12) {
  const source = batchesOf(shard, inputs, { batch: 3, globalBatch: 3, offset: 0 });
  const drawn = [];
  for (let step = 1; step <= steps; step++) {
    const batch = source.allocate();
    await Promise.all([0, 1, 2].map(i => source.fill(batch, i, step, 7)));
    drawn.push(batch);
  }
  return drawn;
}

describe('data that are read while a model trains', () => {
  test('x', async () => {
    const a = await open(file, 2 ** 30);
    const b = await open(file, 2 ** 16);
    const [x, y] = [await batches(a.shard, a.task.frame), await batches(b.shard, b.task.frame)];
    console.log(b.reading, Object.keys(x[0]), Object.keys(y[0]), b.shard.reading?.reads);
    let worst = 0;
    x.forEach((batch, i) => {
      for (const [name, values] of Object.entries(batch))
        values.forEach((v, j) => {
          worst = Math.max(worst, Math.abs(v - y[i][name][j]));
        });
    });
    console.log(worst);
  });
});
