/** The model of a preset, fitted to data. */
import { modelKind } from '../../models/index.ts';
import type { Frame, ModelConfig } from '../../models/model.ts';
import type { Preset } from './presets.ts';

/** @throws ConfigError where the model cannot be made for such data */
export function modelFor({ model: { kind, options } }: Preset, frame: Frame): ModelConfig {
  return { kind, config: modelKind(kind).fit(options, frame) };
}
