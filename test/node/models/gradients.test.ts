/**
 * Gradients of whole models against central finite differences of the loss, both in float64: every parameter along
 * three random directions, so that each element of each gradient counts.
 */
import { expect, test } from 'vitest';
import { grad } from '../../../src/graph/grad.ts';
import { sizeOf, type Tensor } from '../../../src/graph/tensor.ts';
import { lossGraph } from '../../../src/train/plans.ts';
import { interpret } from '../../reference/interpret.ts';
import { forecastJob } from '../../reference/jobs.ts';
import { leavesOf, oddModels, uniform } from './odd-models.ts';

const BATCH = 2;
// Small, since norms over three channels curve strongly; float64 still leaves eleven digits of the difference.
const STEP = 3e-6;
const DIRECTIONS = 3;

const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((sum, value, i) => sum + value * b[i], 0);

test.each(Object.entries(oddModels))('%s: gradients equal finite differences', (_, config) => {
  const { loss, parameters } = lossGraph(forecastJob(config, true), BATCH);
  const leaves = leavesOf(loss);
  const gradients = interpret(grad(loss, parameters), leaves);
  const whole = Math.sqrt(gradients.reduce((sum, gradient) => sum + dot(gradient, gradient), 0));
  expect(whole).toBeGreaterThan(0.01);

  const lossAt = (parameter: Tensor, direction: Float32Array, distance: number): number => {
    const moved = Float64Array.from(leaves.get(parameter)!, (value, i) => value + distance * direction[i]);
    return interpret([loss], new Map<Tensor, ArrayLike<number>>(leaves).set(parameter, moved))[0][0];
  };
  parameters.forEach((parameter, i) => {
    for (let seed = 1; seed <= DIRECTIONS; seed++) {
      const direction = uniform(sizeOf(parameter.shape), 100 * seed + i);
      const slope = (lossAt(parameter, direction, STEP) - lossAt(parameter, direction, -STEP)) / (2 * STEP);
      const expected = dot(gradients[i], direction);
      // Where a norm removes a bias the gradient is zero, so the size of all gradients bounds the rounding.
      expect(
        Math.abs(slope - expected),
        `parameter ${i} of shape [${parameter.shape}], direction ${seed}: ${slope} and ${expected}`,
      ).toBeLessThanOrEqual(1e-5 * Math.abs(expected) + 1e-8 * whole);
    }
  });
});
