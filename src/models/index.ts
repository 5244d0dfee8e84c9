/** The kinds of models: whoever gets a kind's name from a preset, a file or a peer looks it up here. */
import { ConfigError, type ModelKind } from './model.ts';
import { resNetKind } from './resnet-kind.ts';
import { weatherMixerKind } from './weathermixer-kind.ts';

/** A kind whose config nobody but the kind looks into. */
type AnyModelKind = ModelKind<unknown>;

export const modelKinds: readonly AnyModelKind[] = [erased(weatherMixerKind), erased(resNetKind)];

/** A kind by its name. @throws ConfigError where there is none */
export function modelKind(name: string): AnyModelKind {
  const found = modelKinds.find(({ kind }) => kind === name);
  if (found) return found;
  throw new ConfigError(
    `There is no kind of model named ${name}; there are ${modelKinds.map(({ kind }) => kind).join(', ')}.`,
  );
}

/** Whoever has a config of a kind has it from that kind's `fit` or by its schema. */
function erased<Config>(kind: ModelKind<Config>): AnyModelKind {
  const own = (config: unknown) => config as Config;
  return {
    ...kind,
    options: kind.options as AnyModelKind['options'],
    facts: config => kind.facts(own(config)),
    fit: (options, frame) => kind.fit(options as Partial<Config>, frame),
    meshFault: (config, shape) => kind.meshFault(own(config), shape),
    block: (config, shape, place) => kind.block(own(config), shape, place),
    build: (scope, config, sharding) => kind.build(scope, own(config), sharding),
  };
}
