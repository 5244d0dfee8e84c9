/** The demo preset on the embedded atmosphere's grid and channels, without its data: random values take as long. */
import { CHANNELS, STATIC_CHANNELS } from '../src/data/atmosphere/channels.ts';
import { inputChannelsOf, tokensOf, type WeatherMixerConfig } from '../src/models/weathermixer-config.ts';
import { forecastPresets } from '../src/session/api/presets.ts';
import type { Product } from './products.ts';

const { demo } = forecastPresets;

export const demoConfig: WeatherMixerConfig = {
  ...demo.model.options,
  // Every library draws other random numbers; without dropout all of them must find the same loss.
  dropout: 0,
  channels: CHANNELS.length,
  statics: STATIC_CHANNELS.length,
  inputSteps: demo.task.options.inputSteps,
  height: 32,
  width: 64,
};
export const demoBatch = demo.batch;
export const demoOptimizer = demo.optimizer;

/** The products of its training step, each kind once. */
export function demoProducts(): Product[] {
  const { embedding: d, tokenHidden, channelHidden, channels, patch } = demoConfig;
  const batch = demoBatch;
  const tokens = tokensOf(demoConfig);
  const patchSize = patch[0] * patch[1];
  const features = inputChannelsOf(demoConfig) * patchSize;
  return [
    { name: 'embedding', a: [batch * tokens, features], b: [d, features], transposeB: true },
    { name: 'token mixing', a: [tokenHidden, tokens], b: [batch, tokens, d] },
    {
      name: 'token mixing, weight gradient',
      a: [batch, tokenHidden, d],
      b: [batch, tokens, d],
      transposeB: true,
      sumBatch: true,
    },
    {
      name: 'token mixing, input gradient',
      a: [tokenHidden, tokens],
      b: [batch, tokenHidden, d],
      transposeA: true,
    },
    { name: 'channel mixing', a: [batch * tokens, d], b: [channelHidden, d], transposeB: true },
    {
      name: 'channel mixing, weight gradient',
      a: [batch * tokens, channelHidden],
      b: [batch * tokens, d],
      transposeA: true,
    },
    { name: 'recovery', a: [batch * tokens, 2 * d], b: [2 * d, channels * patchSize] },
  ];
}
