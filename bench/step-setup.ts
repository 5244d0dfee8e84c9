/** What every library's training step starts from: the same parameters, batch and settings. */
import type { Shape } from '../src/graph/tensor.ts';
import type { WeatherMixerConfig } from '../src/models/weathermixer-config.ts';
import type { OptimizerOptions } from '../src/train/optimizer-options.ts';

export interface Values {
  readonly shape: Shape;
  readonly values: Float32Array<ArrayBuffer>;
}

export interface StepSetup {
  readonly config: WeatherMixerConfig;
  readonly optimizer: OptimizerOptions;
  readonly learningRate: number;
  /** Weight decay takes from those that `decays`. */
  readonly parameters: readonly (Values & { readonly name: string; readonly decays: boolean })[];
  /** [batch, input channels, height, width] */
  readonly input: Values;
  /** [batch, channels, height, width] */
  readonly target: Values;
  /** [channels, height, width] */
  readonly weight: Values;
}

export interface StepRunner {
  /** Makes one step, waits for it, and gives its loss (before the update). */
  readonly step: () => Promise<number>;
  readonly close: () => void;
}

/** Settings of AdamW for one parameter at step 1, 2, ..., as `src/train/optimizer.ts` has them. */
export function hyperOf(setup: StepSetup, name: string, step: number) {
  const { beta1, beta2, epsilon, weightDecay, averageDecay } = setup.optimizer;
  const decays = setup.parameters.find(parameter => parameter.name === name)?.decays ?? true;
  return {
    rate: setup.learningRate,
    decay: decays ? weightDecay : 0,
    beta1,
    beta2,
    epsilon,
    correction1: 1 / (1 - beta1 ** step),
    correction2: 1 / (1 - beta2 ** step),
    averageDecay: Math.min(averageDecay, step / (10 + step)),
  };
}
