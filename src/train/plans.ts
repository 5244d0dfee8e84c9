/** The two plans of a run: one training step, and a batch of forecasts. Same parameters, same layout. */
import { grad } from '../graph/grad.ts';
import { layoutParameters, type ParameterLayout } from '../graph/layout.ts';
import { mul } from '../graph/ops/elementwise.ts';
import { inputTensor, wordsTensor } from '../graph/ops/leaf.ts';
import { weightedMse } from '../graph/ops/loss.ts';
import { compile, type Plan } from '../graph/plan.ts';
import type { Tensor } from '../graph/tensor.ts';
import { parameterScope } from '../models/parameters.ts';
import { weatherMixer } from '../models/weathermixer.ts';
import { inputChannelsOf, type WeatherMixerConfig } from '../models/weathermixer-config.ts';
import { type OptimizerOptions, withOptimizer } from './optimizer.ts';

export interface CompiledPlan {
  readonly plan: Plan;
  readonly layout: ParameterLayout;
}

/** Graph of the loss: `input`, `target`, `weight` and, for data with gaps, `mask`. */
export function lossGraph(config: WeatherMixerConfig, batch: number, masked: boolean) {
  const { channels, height, width } = config;
  const scope = parameterScope();
  const x = inputTensor('input', [batch, inputChannelsOf(config), height, width]);
  const target = inputTensor('target', [batch, channels, height, width]);
  const weight = inputTensor('weight', [channels, height, width]);
  const random = wordsTensor('random', [4]);
  const prediction = weatherMixer(scope, x, config, { random });
  const mask = inputTensor('mask', [batch, channels, height, width]);
  const loss = weightedMse(prediction, target, masked ? mul(mask, weight) : weight);
  return { loss, prediction, parameters: scope.parameters };
}

/**
 * Inputs `input`, `target`, `weight`, `mask` (with `masked`), `random` (where there is dropout); outputs `loss` and
 * `squaredGradientNorm`.
 */
export function trainingPlan(
  config: WeatherMixerConfig,
  batch: number,
  optimizer: OptimizerOptions,
  masked: boolean,
): CompiledPlan {
  const { loss, parameters } = lossGraph(config, batch, masked);
  const layout = layoutParameters(parameters);
  const gradients = new Map<Tensor, Tensor>();
  grad(loss, parameters).forEach((gradient, i) => {
    gradients.set(parameters[i], gradient);
  });
  const plan = withOptimizer(compile({ outputs: { loss }, layout, gradients }), layout, optimizer);
  return { plan, layout };
}

/** Input `input`; output `prediction`. No dropout. */
export function forecastPlan(config: WeatherMixerConfig, batch: number): CompiledPlan {
  const scope = parameterScope();
  const x = inputTensor('input', [batch, inputChannelsOf(config), config.height, config.width]);
  const prediction = weatherMixer(scope, x, config);
  const layout = layoutParameters(scope.parameters);
  return { plan: compile({ outputs: { prediction }, layout }), layout };
}
