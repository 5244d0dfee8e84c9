import { expect, test } from 'vitest';
import { ConfigError } from '../../../src/models/model.ts';
import { parameterScope } from '../../../src/models/parameters.ts';
import { weatherMixer } from '../../../src/models/weathermixer.ts';
import { checkConfig, type WeatherMixerConfig } from '../../../src/models/weathermixer-config.ts';
import { oddModels } from './odd-models.ts';

const good = oddModels['concat and blend'];

const absurd: readonly (readonly [Partial<WeatherMixerConfig>, string])[] = [
  [{ channels: 0 }, 'channels is 0; it must be a whole number of at least 1'],
  [{ inputSteps: 1.5 }, 'inputSteps is 1.5; it must be a whole number of at least 1'],
  [{ height: Number.NaN }, 'height is NaN; it must be a whole number of at least 1'],
  [{ width: -4 }, 'width is -4; it must be a whole number of at least 1'],
  [{ embedding: Number.POSITIVE_INFINITY }, 'embedding is Infinity; it must be a whole number of at least 1'],
  [{ tokenHidden: 0 }, 'tokenHidden is 0; it must be a whole number of at least 1'],
  [{ channelHidden: -1 }, 'channelHidden is -1; it must be a whole number of at least 1'],
  [{ blocks: 0 }, 'blocks is 0; it must be a whole number of at least 1'],
  [{ rollout: 0 }, 'rollout is 0; it must be a whole number of at least 1'],
  [{ normGroups: 0 }, 'normGroups is 0; it must be a whole number of at least 1'],
  [{ statics: -1 }, 'statics is -1; it must be a whole number of at least 0'],
  [{ dropout: 1 }, 'dropout is 1; it must be at least 0 and below 1'],
  [{ dropout: -0.1 }, 'dropout is -0.1; it must be at least 0 and below 1'],
  [{ dropout: Number.NaN }, 'dropout is NaN; it must be at least 0 and below 1'],
  [{ patch: [2, 2] }, 'A grid of 3 x 4 is no multiple of a patch of 2 x 2'],
  [{ patch: [1, 8] }, 'A grid of 3 x 4 is no multiple of a patch of 1 x 8'],
  [{ patch: [0, 2] }, 'A patch of 0 x 2 is impossible; both must be whole numbers of at least 1'],
  [{ patch: [1, -2] }, 'A patch of 1 x -2 is impossible; both must be whole numbers of at least 1'],
  [{ patch: [0.5, 2] }, 'A patch of 0.5 x 2 is impossible; both must be whole numbers of at least 1'],
  [{ embedding: 7 }, 'embedding is 7; it must be a multiple of the 2 norm groups'],
  [{ embedding: 2 }, 'embedding is 2 with 2 norm groups: a norm over 1 channel is always zero'],
  [{ channels: 2 }, 'channels is 2 with 2 norm groups: the norm of a blending head over 1 channel'],
  [{ channels: 1 }, 'channels is 1 with 2 norm groups: the norm of a blending head over 1 channel'],
];

test.each(absurd)('%o is refused with its reason', (change, message) => {
  const config = { ...good, ...change };
  expect(() => checkConfig(config)).toThrow(ConfigError);
  expect(() => checkConfig(config)).toThrow(message);
});

test('what is unusual but possible is let through', () => {
  for (const config of Object.values(oddModels)) checkConfig(config);
  checkConfig({ ...good, channels: 1, head: 'add' });
  checkConfig({ ...good, dropout: 0, statics: 0, patch: [3, 4] });
});

test('a model is checked before its graph is built', () => {
  expect(() => weatherMixer(parameterScope(), { ...good, blocks: 0 })).toThrow(ConfigError);
});
