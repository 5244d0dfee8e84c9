/** WeatherMixer as a kind of model: see `model.ts`. */
import { type AxisBlock, type DataBlock, type ModelConfig, type ModelKind, sizesOf } from './model.ts';
import { publishedScheme } from './published-traffic.ts';
import { axesOf } from './sharded-config.ts';
import { weatherMixer } from './weathermixer.ts';
import { checkConfig, tokensOf, type WeatherMixerConfig } from './weathermixer-config.ts';
import { weatherMixerOutline } from './weathermixer-outline.ts';

/** Sizes of a frame that a config takes over, by the same names. */
const fitted = ['channels', 'statics', 'inputSteps', 'height', 'width'] as const;

export const weatherMixerKind: ModelKind<WeatherMixerConfig> = {
  ...weatherMixerOutline,
  free: ['dropout'],
  fit(options, frame) {
    const sizes = sizesOf(frame, fitted, 'A WeatherMixer needs fields');
    const config = { ...options, ...sizes } as WeatherMixerConfig;
    checkConfig(config);
    return config;
  },
  facts: config => [{ label: 'Tokens', value: String(tokensOf(config)) }],
  block(config, shape, { row, column }): DataBlock {
    const { inputChannels, channels, localHeight } = axesOf(config, shape);
    const rows = Array.from({ length: localHeight }, (_, i) => row * localHeight + i).map(y =>
      y < config.height ? y : -1,
    );
    const fields = (axis: readonly number[]): AxisBlock[] => [axis, rows, 'all'];
    return {
      input: fields(inputChannels.indices(column)),
      prediction: fields(channels.indices(column)),
    };
  },
  publishedScheme,
  build(scope, config, sharding) {
    const model = weatherMixer(scope, config, sharding);
    return ({ input }, mode) => ({ prediction: model(input, mode.kind === 'train' ? mode : undefined) });
  },
};

/** A WeatherMixer as programs and checkpoints name it. */
export const weatherMixerOf = (config: WeatherMixerConfig): ModelConfig<WeatherMixerConfig> => ({
  kind: weatherMixerKind.kind,
  config,
});
