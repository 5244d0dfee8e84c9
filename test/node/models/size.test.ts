/**
 * The closed formulas of size and work against the published table (the released logs of arXiv:2507.05753) and
 * against the counts of the graph itself.
 */
import { describe, expect, test } from 'vitest';
import { ancestors } from '../../../src/graph/grad.ts';
import { inputTensor } from '../../../src/graph/ops/leaf.ts';
import { parameterScope } from '../../../src/models/parameters.ts';
import { publishedSizes } from '../../../src/models/published-sizes.ts';
import { weatherMixer } from '../../../src/models/weathermixer.ts';
import { inputChannelsOf, type WeatherMixerConfig } from '../../../src/models/weathermixer-config.ts';
import { layoutParameters } from '../../../src/plan/layout.ts';
import { forwardFlops, parameterCount } from '../../reference/weathermixer-size.ts';
import { oddModels } from './odd-models.ts';

/**
 * Parameters in millions and forward TFLOP as the logs print them. `ranks` is the mesh whose total was printed: the
 * sharded models forecast 72 channels (3 are padding), and four ranks hold every bias and norm tensor twice.
 */
const table: readonly (readonly [keyof typeof publishedSizes, string, number, ranks: 1 | 2 | 4])[] = [
  ['0.25', '61.5', 0.255, 1],
  ['0.25-alt', '227.4', 0.248, 1],
  ['0.5', '232.1', 0.534, 1],
  ['1', '240.1', 0.99, 1],
  ['2', '259.6', 1.985, 1],
  ['4', '504.5', 3.963, 1],
  ['4', '505.38', 3.963, 4],
  ['8', '979.7', 8.027, 1],
  ['base', '1062.38', 13.566, 1],
  ['16', '1101.5', 15.956, 1],
  ['32', '2091.1', 32.091, 2],
  ['2-way', '1404.9', 32.283, 2],
  ['64', '2569.40', 63.972, 4],
];

/** As the sharded runs build it: the three static channels are forecast too. */
const sharded = (config: WeatherMixerConfig): WeatherMixerConfig => ({ ...config, channels: 72, statics: 0 });

const inputOf = (config: WeatherMixerConfig) =>
  inputTensor('input', [1, inputChannelsOf(config), config.height, config.width]);

/** Biases and norm tensors. */
const vectorsOf = ({ parameters }: Pick<ReturnType<typeof parameterScope>, 'parameters'>) =>
  parameters.reduce((total, { shape }) => total + (shape.length === 1 ? shape[0] : 0), 0);

/** Parameters that all ranks of the published sharded model hold together. */
function heldByRanks(config: WeatherMixerConfig, ranks: 1 | 2 | 4): number {
  if (ranks === 1) return parameterCount(config);
  const whole = sharded(config);
  // Its recovery is a plain linear layer, so the bias has a value for every point of a patch, not for every
  // channel. We deduce this from the layer's description: the two totals printed to 0.01 M hold only with it.
  const recoveryBias = whole.channels * (whole.patch[0] * whole.patch[1] - 1);
  const scope = parameterScope();
  weatherMixer(scope, whole)(inputOf(whole));
  const vectors = vectorsOf(scope) + recoveryBias;
  return parameterCount(whole) + recoveryBias + (ranks === 4 ? vectors : 0);
}

test('every published size is in the table', () => {
  expect(new Set(table.map(([name]) => name))).toEqual(new Set(Object.keys(publishedSizes)));
});

describe.each(table)('published size %s (%s M parameters)', (name, millions, teraflops, ranks) => {
  const config = publishedSizes[name];

  test('has the parameters printed, to the last digit', () => {
    const digits = millions.split('.')[1].length;
    expect((heldByRanks(config, ranks) / 1e6).toFixed(digits)).toBe(millions);
  });

  // The logs count 72 outputs for every model.
  test('has the forward work printed, to 0.5 %', () => {
    expect(Math.abs(forwardFlops(sharded(config)) / (teraflops * 1e12) - 1)).toBeLessThanOrEqual(0.005);
  });
});

test.each([...Object.entries(publishedSizes), ...Object.entries(oddModels)])(
  'formulas of %s equal the counts of its graph',
  (_, config) => {
    const scope = parameterScope();
    const x = inputTensor('input', [1, inputChannelsOf(config), config.height, config.width]);
    const prediction = weatherMixer(scope, config)(x);
    const kernels = ancestors(prediction)
      .filter(({ op }) => !/^norm|^dropout/.test(op.name))
      .flatMap(tensor => tensor.op.kernels?.(tensor).kernels ?? []);
    const work = kernels.reduce((total, kernel) => total + kernel.work.flops, 0);
    expect(prediction.shape).toEqual([1, config.channels, config.height, config.width]);
    expect(parameterCount(config)).toBe(layoutParameters(scope.parameters).count);
    expect(forwardFlops(config)).toBe(work);
  },
);
