/** Losses, composed from the other ops. */
import { sizeOf, type Tensor } from '../tensor.ts';
import { div, mul, scale, sqrt, square, sub } from './elementwise.ts';
import { sum } from './reduce.ts';

/**
 * Mean over all elements of ((prediction - target) * weight)^2: the weight multiplies before squaring, as in the
 * published WeatherMixer runs. `weight` broadcasts to the prediction. With `count`, that many elements are meant, and
 * the result is this part's share of their mean.
 */
export function weightedMse(
  prediction: Tensor,
  target: Tensor,
  weight: Tensor,
  count = sizeOf(prediction.shape),
): Tensor {
  const error = mul(sub(prediction, target), weight);
  return scale(sum(square(error)), 1 / count);
}

/** Mean over the batch of ||prediction - target|| / ||target||, norms over all axes but the first. */
export function relativeL2(prediction: Tensor, target: Tensor): Tensor {
  const axes = prediction.shape.map((_, axis) => axis).slice(1);
  const ratio = div(sqrt(sum(square(sub(prediction, target)), axes)), sqrt(sum(square(target), axes))); // [batch]
  return scale(sum(ratio), 1 / prediction.shape[0]);
}
