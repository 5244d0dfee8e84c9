/** A WeatherMixer's config, as it comes from a file or a peer. */
import * as v from 'valibot';
import type { WeatherMixerConfig } from './weathermixer-config.ts';

const size = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
/** Each is a layer of the graph, so nobody may ask for millions. */
const layers = v.pipe(size, v.maxValue(4096));

export const weatherMixerSchema: v.GenericSchema<unknown, WeatherMixerConfig> = v.object({
  channels: size,
  statics: count,
  inputSteps: size,
  height: size,
  width: size,
  patch: v.tuple([size, size]),
  embedding: size,
  tokenHidden: size,
  channelHidden: size,
  blocks: layers,
  normGroups: size,
  dropout: v.pipe(v.number(), v.minValue(0)),
  latentSkip: v.picklist(['concat', 'add']),
  head: v.picklist(['blend', 'add']),
  rollout: layers,
});
