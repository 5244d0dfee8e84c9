/**
 * The demo's model and its training step in tfjs: the same mathematics as `src/models/weathermixer.ts` with a
 * concatenated latent and an added head, differentiated by `variableGrads`, updated by AdamW in tfjs's own ops.
 */
import * as tf from '@tensorflow/tfjs-core';
import { tokensOf, type WeatherMixerConfig } from '../src/models/weathermixer-config.ts';
import { hyperOf, type StepRunner, type StepSetup } from './step-setup.ts';

type Parameters = Readonly<Record<string, tf.Variable>>;

export function tfjsStep(setup: StepSetup): StepRunner {
  const variables: Record<string, tf.Variable> = {};
  const moments1: Record<string, tf.Variable> = {};
  const moments2: Record<string, tf.Variable> = {};
  const averages: Record<string, tf.Variable> = {};
  for (const { name, shape, values } of setup.parameters) {
    const value = tf.tensor(values, [...shape]);
    variables[name] = tf.variable(value, true, name);
    averages[name] = tf.variable(value, false);
    moments1[name] = tf.variable(tf.zerosLike(value), false);
    moments2[name] = tf.variable(tf.zerosLike(value), false);
    value.dispose();
  }
  const x = tf.tensor(setup.input.values, [...setup.input.shape]);
  const target = tf.tensor(setup.target.values, [...setup.target.shape]);
  const weight = tf.tensor(setup.weight.values, [...setup.weight.shape]);
  const lossOf = (): tf.Scalar =>
    tf.mean(tf.square(tf.mul(tf.sub(forward(variables, x, setup.config), target), weight)));

  function update(name: string, clipped: tf.Tensor, step: number): void {
    const { rate, decay, beta1, beta2, epsilon, correction1, correction2, averageDecay } = hyperOf(
      setup,
      name,
      step,
    );
    const [m, v, average] = [moments1[name], moments2[name], averages[name]];
    m.assign(tf.add(tf.mul(m, beta1), tf.mul(clipped, 1 - beta1)));
    v.assign(tf.add(tf.mul(v, beta2), tf.mul(tf.square(clipped), 1 - beta2)));
    const change = tf.div(tf.mul(m, correction1), tf.add(tf.sqrt(tf.mul(v, correction2)), epsilon));
    const p = tf.sub(tf.mul(variables[name], 1 - rate * decay), tf.mul(change, rate));
    variables[name].assign(p);
    average.assign(tf.add(tf.mul(average, averageDecay), tf.mul(p, 1 - averageDecay)));
  }

  let step = 0;
  return {
    step: async () => {
      step++;
      const loss = tf.tidy(() => {
        const { value, grads } = tf.variableGrads(lossOf, Object.values(variables));
        const squares = Object.values(grads).map(gradient => tf.sum(tf.square(gradient)));
        // `addN` binds a buffer for every term, more than WebGPU allows in one kernel.
        const norm = tf.sqrt(squares.reduce((sum, term) => tf.add(sum, term)));
        const factor = tf.minimum(1, tf.div(setup.optimizer.clipNorm, tf.add(norm, 1e-6)));
        for (const [name, gradient] of Object.entries(grads)) update(name, tf.mul(gradient, factor), step);
        return value;
      });
      const [value] = await loss.data();
      loss.dispose();
      return value;
    },
    close: () => {
      tf.dispose([x, target, weight]);
      for (const group of [variables, moments1, moments2, averages]) tf.dispose(group);
    },
  };
}

function forward(p: Parameters, x: tf.Tensor, config: WeatherMixerConfig): tf.Tensor {
  const { channels, height, width, patch, embedding: d, blocks } = config;
  const [batch, inputs] = x.shape;
  const tokens = tokensOf(config);
  const [ph, pw] = patch;
  const [rows, columns] = [height / ph, width / pw];
  const features = inputs * ph * pw;
  const grid = tf.reshape(x, [batch, inputs, rows, ph, columns, pw]);
  const patches = tf.reshape(tf.transpose(grid, [0, 2, 4, 1, 3, 5]), [batch * tokens, features]);
  const embedded = tf.reshape(
    linear(patches, tf.reshape(p['embed.weight'], [d, features]), p['embed.bias']),
    [batch, tokens, d],
  );
  let z: tf.Tensor = embedded;
  for (let i = 0; i < blocks; i++) {
    const name = `blocks.${i}`;
    const mlp = (y: tf.Tensor, kind: string): tf.Tensor => {
      const hidden = gelu(linear(y, p[`${name}.${kind}1.weight`], p[`${name}.${kind}1.bias`]));
      return linear(hidden, p[`${name}.${kind}2.weight`], p[`${name}.${kind}2.bias`]);
    };
    const first = norm(z, p[`${name}.norm1.weight`], p[`${name}.norm1.bias`], config);
    const flipped = tf.reshape(tf.transpose(first, [0, 2, 1]), [batch * d, tokens]);
    const mixed = tf.transpose(tf.reshape(mlp(flipped, 'token'), [batch, d, tokens]), [0, 2, 1]);
    z = tf.add(z, mixed);
    const second = norm(z, p[`${name}.norm2.weight`], p[`${name}.norm2.bias`], config);
    const along = mlp(tf.reshape(second, [batch * tokens, d]), 'channel');
    z = tf.add(z, tf.reshape(along, [batch, tokens, d]));
  }
  const latent = tf.concat([norm(z, p['norm.weight'], p['norm.bias'], config), embedded], 2);
  const outputs = channels * ph * pw;
  const bias = tf.reshape(tf.tile(tf.reshape(p['recover.bias'], [channels, 1]), [1, ph * pw]), [outputs]);
  const kernel = tf.reshape(p['recover.weight'], [2 * d, outputs]);
  const fields = tf.add(tf.matMul(tf.reshape(latent, [batch * tokens, 2 * d]), kernel), bias);
  const split = tf.reshape(fields, [batch, rows, columns, channels, ph, pw]);
  const increment = tf.reshape(tf.transpose(split, [0, 3, 1, 4, 2, 5]), [batch, channels, height, width]);
  const newest = tf.slice(x, [0, inputs - config.statics - channels, 0, 0], [batch, channels, height, width]);
  return tf.add(newest, increment);
}

/** x [rows, in], weight [out, in] */
function linear(x: tf.Tensor, weight: tf.Tensor, bias: tf.Tensor): tf.Tensor {
  return tf.add(tf.matMul(x, weight, false, true), bias);
}

function gelu(x: tf.Tensor): tf.Tensor {
  return tf.mul(x, tf.mul(0.5, tf.add(1, tf.erf(tf.mul(x, Math.SQRT1_2)))));
}

function norm(x: tf.Tensor, weight: tf.Tensor, bias: tf.Tensor, config: WeatherMixerConfig): tf.Tensor {
  const [batch, tokens, d] = x.shape;
  const groups = config.normGroups;
  const grouped = tf.reshape(x, [batch, tokens, groups, d / groups]);
  const centred = tf.sub(grouped, tf.mean(grouped, 3, true));
  const variance = tf.mean(tf.square(centred), 3, true);
  const scaled = tf.mul(centred, tf.rsqrt(tf.add(variance, 1e-5)));
  return tf.add(tf.mul(tf.reshape(scaled, [batch, tokens, d]), weight), bias);
}
