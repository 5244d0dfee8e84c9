/** The outlines of all kinds of models: light enough for the first view of the page, which builds no model. */
import { ConfigError, type ModelOutline } from './model.ts';
import { resNetOutline } from './resnet-outline.ts';
import { weatherMixerOutline } from './weathermixer-outline.ts';

/** One whose config nobody but the kind looks into. */
type AnyModelOutline = ModelOutline<unknown>;

export const modelOutlines: readonly AnyModelOutline[] = [erased(weatherMixerOutline), erased(resNetOutline)];

/** That of a kind, by its name. @throws ConfigError where there is none */
export function modelOutline(name: string): AnyModelOutline {
  const found = modelOutlines.find(({ kind }) => kind === name);
  if (found) return found;
  throw new ConfigError(
    `There is no kind of model named ${name}; there are ${modelOutlines.map(({ kind }) => kind).join(', ')}.`,
  );
}

/** Whoever has a config of a kind has it from that kind's `fit` or by its schema. */
function erased<Config>(outline: ModelOutline<Config>): AnyModelOutline {
  return {
    ...outline,
    options: outline.options as AnyModelOutline['options'],
    meshFault: (config, shape) => outline.meshFault(config as Config, shape),
  };
}
