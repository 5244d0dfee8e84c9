/**
 * The update of parameters, moments and average against the papers' formulas in float64. The reference takes the
 * gradients that the GPU computed, so that only the optimizer is compared.
 */

import { expect, test } from 'vitest';
import { readFloats } from '../../../src/engine/transfer.ts';
import type { OptimizerOptions } from '../../../src/train/optimizer-options.ts';
import { Trainer } from '../../../src/train/trainer.ts';
import { relativeError } from '../check.ts';
import { batchOf, optimizer, options, weighEvenly } from '../engine/small-run.ts';
import { testGpu } from '../gpu.ts';
import { stateOf } from '../state.ts';

const STEPS = 5;
const RATE = 0.01;

interface Reference {
  readonly parameters: Float64Array;
  readonly moment1: Float64Array;
  readonly moment2: Float64Array;
  readonly average: Float64Array;
}

/** What a parameter's group says of it. */
interface Membership {
  readonly rateFactor: number;
  readonly decays: boolean;
}

/** One step for all elements, `t` from 1; changes `state`. */
function update(
  state: Reference,
  gradient: Float32Array,
  membership: (i: number) => Membership,
  settings: OptimizerOptions,
  t: number,
): void {
  const { kind, nesterov, beta1, beta2, epsilon, weightDecay, clipNorm, averageDecay } = settings;
  const norm = Math.sqrt(gradient.reduce((sum, g) => sum + g * g, 0));
  const shrink = clipNorm > 0 && norm > clipNorm ? clipNorm / norm : 1;
  const young = Math.min(averageDecay, t / (10 + t));
  gradient.forEach((raw, i) => {
    const { rateFactor, decays } = membership(i);
    const rate = RATE * rateFactor;
    const decay = decays ? weightDecay : 0;
    let p = state.parameters[i];
    const g = raw * shrink + (kind === 'adamw' ? 0 : decay * p);
    if (kind === 'adamw') p *= 1 - rate * decay;
    if (kind === 'sgd') {
      state.moment1[i] = beta1 * state.moment1[i] + g;
      p -= rate * (nesterov ? g + beta1 * state.moment1[i] : state.moment1[i]);
    } else {
      state.moment1[i] = beta1 * state.moment1[i] + (1 - beta1) * g;
      state.moment2[i] = beta2 * state.moment2[i] + (1 - beta2) * g ** 2;
      const first = state.moment1[i] / (1 - beta1 ** t);
      const second = state.moment2[i] / (1 - beta2 ** t);
      p -= (rate * first) / (Math.sqrt(second) + epsilon);
    }
    state.parameters[i] = p;
    state.average[i] = young * state.average[i] + (1 - young) * p;
  });
}

const cases: readonly (readonly [string, Partial<OptimizerOptions>, clips: boolean])[] = [
  ['adam with decay of everything', { kind: 'adam', decayVectors: true, clipNorm: 0 }, false],
  ['adamw with decay of matrices only', { kind: 'adamw', weightDecay: 0.5 }, false],
  ['adamw, clipping at work', { kind: 'adamw', clipNorm: 0.05 }, true],
  ['sgd with momentum, clipping at work', { kind: 'sgd', clipNorm: 0.05, decayVectors: true }, true],
  ['sgd by Nesterov', { kind: 'sgd', nesterov: true, weightDecay: 0.3 }, false],
  ['sgd, no average', { kind: 'sgd', averageDecay: 0 }, false],
  [
    'adam, slower embedding and recovery',
    { kind: 'adam', rateScale: { embedding: 0.2, recovery: 0.5 } },
    false,
  ],
];

test.each(cases)('%s', async (_, change, clips) => {
  const { gpu, pipelines } = await testGpu();
  const settings = { ...optimizer, clipNorm: 1000, ...change };
  const trainer = await Trainer.create(gpu, pipelines, { ...options, optimizer: settings });
  weighEvenly(trainer);
  const { layout, spaces } = trainer;
  const start = Float64Array.from((await stateOf(trainer)).parameters);
  const state: Reference = {
    parameters: start.slice(),
    moment1: new Float64Array(layout.floats),
    moment2: new Float64Array(layout.floats),
    average: start.slice(),
  };
  const members = layout.entries.map(({ name, offset, size, shape }) => {
    const part = /^embed\./.test(name) ? 'embedding' : /^blocks\./.test(name) ? 'blocks' : 'recovery';
    const decays = shape.length > 1 || settings.decayVectors;
    return { offset, size, rateFactor: settings.rateScale[part] ?? 1, decays };
  });
  const padding = { rateFactor: 0, decays: false };
  const byElement = new Array<Membership>(layout.floats).fill(padding);
  for (const member of members) byElement.fill(member, member.offset, member.offset + member.size);

  for (let step = 1; step <= STEPS; step++) {
    await trainer.trainStep(batchOf(step), RATE, 1);
    const gradient = await readFloats(gpu.device, spaces.gradients[0], 0, 4 * layout.floats);
    expect(Math.hypot(...gradient) > settings.clipNorm && settings.clipNorm > 0).toBe(clips);
    update(state, gradient, i => byElement[i], settings, step);
  }
  const actual = await stateOf(trainer);
  // How far the optimizer moved a run of values must agree to 1e-5, beside what f32 rounds off the values themselves
  // in each step (2^-24 of them).
  const expectMovement = (what: string, from: number, to: number, got: Float32Array, truth: Float64Array) => {
    const [begin, end] = [start.subarray(from, to), truth.subarray(from, to)];
    const difference = Math.hypot(...end.map((value, i) => got[from + i] - value));
    const movement = Math.hypot(...end.map((value, i) => value - begin[i]));
    const rounding = STEPS * 2 ** -24 * Math.hypot(...end);
    expect(difference, what).toBeLessThanOrEqual(1e-5 * movement + rounding);
  };
  for (const { name, offset, size } of layout.entries) {
    expectMovement(name, offset, offset + size, actual.parameters, state.parameters);
    if (actual.average) {
      expectMovement(`average of ${name}`, offset, offset + size, actual.average, state.average);
    }
  }
  expect(relativeError(actual.moment1, state.moment1)).toBeLessThanOrEqual(1e-5);
  if (settings.kind !== 'sgd') expect(relativeError(actual.moment2, state.moment2)).toBeLessThanOrEqual(1e-5);
  expect('average' in actual).toBe(settings.averageDecay > 0);
  trainer.destroy();
});
