/**
 * What a rank holds, times the number of ranks, over what one rank alone holds: parameters, gradients, optimizer state,
 * activations and inputs. What exchanges read and write is apart.
 */
import { describe, expect, test } from 'vitest';
import { type MeshShape, meshAt, ranksOf } from '../../../src/mesh/mesh.ts';
import { axesOf } from '../../../src/models/sharded-config.ts';
import { tokensOf, type WeatherMixerConfig } from '../../../src/models/weathermixer-config.ts';
import { totalBytes } from '../../../src/plan/limits.ts';
import { typicalMachine } from '../../../src/plan/machine.ts';
import { presets } from '../../../src/session/api/presets.ts';
import { type StepOptions, trainingPlan } from '../../../src/train/plans.ts';
import { forecastJob } from '../../reference/jobs.ts';
import { demo } from './demo-model.ts';

const BATCH = 8;
const { optimizer } = presets.demo;

/** As the demo, with lengths that 2, 3 and 4 divide. */
const round: WeatherMixerConfig = {
  ...demo,
  channels: 24,
  statics: 0,
  width: 96,
  embedding: 192,
  tokenHidden: 192,
  channelHidden: 384,
};

const modes: Record<string, Pick<StepOptions, 'overlap' | 'microBatches'>> = {
  'no overlap': {},
  overlap: { overlap: typicalMachine },
  'overlap, two micro-batches': { overlap: typicalMachine, microBatches: 2 },
};

const stateSpaces = ['parameters', 'gradients', 'moment1', 'moment2', 'average'];

function heldBy(config: WeatherMixerConfig, options: StepOptions = {}) {
  const { plan, layout } = trainingPlan(forecastJob(config), BATCH, optimizer, options);
  const { exchange: _, reduction: __, ...held } = plan.spaces;
  return { bytes: totalBytes(held), held, count: layout.count };
}

/** The first ranks have the longest blocks, the last ones the shortest. */
function mostHeld(config: WeatherMixerConfig, shape: MeshShape, mode: StepOptions): number {
  const ranks = [0, ranksOf(shape) - 1];
  return Math.max(...ranks.map(rank => heldBy(config, { mesh: meshAt(shape, rank), ...mode }).bytes));
}

/**
 * What `ranks` ranks cannot do without, together: their parts of parameters and inputs with what is padded or copied, and the
 * activations of one rank with all lengths padded. Statistics of norms that reach over ranks are on each of a row.
 */
function floorOf(config: WeatherMixerConfig, shape: MeshShape): number {
  const { rows, columns } = shape;
  const axes = axesOf(config, shape);
  const channels = axes.channels.block * columns;
  const whole: WeatherMixerConfig = {
    ...config,
    channels,
    statics: axes.inputChannels.block * columns - config.inputSteps * channels,
    embedding: axes.embedding.block * columns,
    channelHidden: axes.channelHidden.block * columns,
    tokenHidden: axes.tokenHidden.block * rows,
    height: axes.localHeight * rows,
    normGroups: 1,
  };
  const { count, held } = heldBy(config, { mesh: meshAt(shape, 0) });
  const norms = 2 * config.blocks + 1;
  const reaching = config.normGroups % columns === 0 ? 1 : columns;
  const statistics = 4 * 2 * BATCH * tokensOf(whole) * norms * (config.normGroups * reaching - 1);
  const own = 4 * stateSpaces.length * count + totalBytes({ inputs: held.inputs });
  return ranksOf(shape) * own + totalBytes({ arena: heldBy(whole).held.arena }) + statistics;
}

const shapeOf = (rows: number, columns: number): MeshShape => ({ rows, columns, replicas: 1 });
const meshes = [
  [1, 2],
  [2, 1],
  [2, 2],
  [4, 2],
  [2, 4],
  [2, 3],
] as const;

describe.each(Object.entries(modes))('%s', (_, mode) => {
  test.each(meshes)('the demo on %ix%i: an even share and 3 percent, or what padding leaves', (...mesh) => {
    const shape = shapeOf(...mesh);
    const alone = heldBy(demo).bytes;
    const ratio = (ranksOf(shape) * mostHeld(demo, shape, mode)) / alone;
    const floor = floorOf(demo, shape) / alone;
    expect(ratio).toBeLessThanOrEqual(Math.max(1.03, floor + 0.02));
    // Fourteen and seventeen channels: a third of them is five and six, a quarter four and five.
    expect(floor > 1.03).toBe(mesh[1] > 2);
  });

  test.each(meshes)('lengths that divide on %ix%i: an even share and 3 percent', (...mesh) => {
    const shape = shapeOf(...mesh);
    const most = mostHeld(round, shape, mode);
    expect((ranksOf(shape) * most) / heldBy(round).bytes).toBeLessThanOrEqual(1.03);
  });
});
