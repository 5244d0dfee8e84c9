/** What is known of a WeatherMixer without building one: see `ModelOutline`. */
import type { ModelOutline } from './model.ts';
import { meshObstacle } from './sharded-config.ts';
import type { WeatherMixerConfig } from './weathermixer-config.ts';

export const weatherMixerOutline: ModelOutline<WeatherMixerConfig> = {
  kind: 'weathermixer',
  label: 'WeatherMixer',
  options: [
    { name: 'dropout', key: 'dropout', label: 'Dropout', low: 0, high: 0.95, kind: 'real' },
    { name: 'width', key: 'embedding', label: 'Width', low: 1, high: 65_536, kind: 'whole' },
    { name: 'blocks', key: 'blocks', label: 'Blocks', low: 1, high: 1000, kind: 'whole' },
  ],
  meshFault: meshObstacle,
};
