/** Models of presets on the embedded atmosphere, as a session makes them. */
import { CHANNELS, STATIC_CHANNELS } from '../../../src/data/atmosphere/channels.ts';
import type { WeatherMixerConfig } from '../../../src/models/weathermixer-config.ts';
import { forecastPresets } from '../../../src/session/api/presets.ts';

const embedded = {
  channels: CHANNELS.length,
  statics: STATIC_CHANNELS.length,
  inputSteps: 1,
  height: 32,
  width: 64,
};
export const demo: WeatherMixerConfig = { ...forecastPresets.demo.model.options, ...embedded };
export const tiny: WeatherMixerConfig = { ...forecastPresets.tiny.model.options, ...embedded };
