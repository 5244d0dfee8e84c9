/** What an optimizer may be set to, and settings that are used more than once. */

export interface OptimizerOptions {
  /**
   * `adam` adds weight decay to the gradient, after clipping (L2); `adamw` takes it from the parameter directly
   * (Loshchilov and Hutter 2019); `sgd` has momentum `beta1` and L2 decay.
   */
  readonly kind: 'adam' | 'adamw' | 'sgd';
  readonly beta1: number;
  /** Of `sgd`: the step looks ahead by the momentum (Nesterov 1983, as PyTorch has it). */
  readonly nesterov?: boolean;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
  /** Weight decay for biases and norms too (PyTorch's Adam makes no difference between parameters). */
  readonly decayVectors: boolean;
  /** Largest global norm of the gradient; 0: no clipping. */
  readonly clipNorm: number;
  /** Factor of the learning rate by part of the model; 1 where absent. */
  readonly rateScale: Readonly<Record<string, number>>;
  /** Decay of the moving average of the parameters that forecasts are made with; 0: none is kept. */
  readonly averageDecay: number;
}

/**
 * How ResNets are trained (arXiv:1512.03385, and the energy study arXiv:2508.07706): momentum, and weight decay but not of
 * norms and biases.
 */
export const momentum: OptimizerOptions = {
  kind: 'sgd',
  beta1: 0.9,
  beta2: 0,
  epsilon: 0,
  weightDecay: 1e-4,
  decayVectors: false,
  clipNorm: 0,
  rateScale: {},
  averageDecay: 0,
};
