/**
 * The training step of a ResNet in tfjs: the mathematics of `src/models/resnet.ts` in tfjs's own order of axes,
 * [N, H, W, C] and [R, S, C, O], differentiated by `variableGrads`. It keeps no running statistics, which saves it work.
 */
import * as tf from '@tensorflow/tfjs-core';
import { blocksOf, type ResNetRunner, type ResNetSetup } from './resnet-setup.ts';
import type { Values } from './step-setup.ts';

type Parameters = Readonly<Record<string, tf.Tensor>>;

/** In tfjs's order where there are four axes: from [O, C, R, S] or [N, C, H, W]. */
function turned({ shape, values }: Values, axes: number[]): tf.Tensor {
  return tf.tidy(() => {
    const value = tf.tensor(values, [...shape]);
    return shape.length === 4 ? tf.transpose(value, axes) : value;
  });
}

export function tfjsResNet(setup: ResNetSetup): ResNetRunner {
  const { learningRate, momentum, weightDecay, config } = setup;
  const variables: Record<string, tf.Variable> = {};
  const moments: Record<string, tf.Variable> = {};
  const decay: Record<string, number> = {};
  for (const parameter of setup.parameters) {
    const value = turned(parameter, [2, 3, 1, 0]);
    variables[parameter.name] = tf.variable(value, true, parameter.name);
    moments[parameter.name] = tf.variable(tf.zerosLike(value), false);
    decay[parameter.name] = parameter.decays ? weightDecay : 0;
    value.dispose();
  }
  const image = turned(setup.image, [0, 2, 3, 1]) as tf.Tensor4D;
  const labels = tf.tidy(() => tf.oneHot(tf.tensor1d([...setup.labels], 'int32'), config.classes));
  const lossOf = (): tf.Scalar =>
    tf.losses.softmaxCrossEntropy(labels, forward(variables, image, setup)) as tf.Scalar;

  function update(name: string, gradient: tf.Tensor): void {
    const whole = tf.add(gradient, tf.mul(variables[name], decay[name]));
    moments[name].assign(tf.add(tf.mul(moments[name], momentum), whole));
    variables[name].assign(tf.sub(variables[name], tf.mul(moments[name], learningRate)));
  }

  return {
    step: async () => {
      const [loss, norm] = tf.tidy(() => {
        const { value, grads } = tf.variableGrads(lossOf, Object.values(variables));
        const squares = Object.values(grads).map(gradient => tf.sum(tf.square(gradient)));
        // `addN` binds a buffer for every term, more than WebGPU allows in one kernel.
        const squaredNorm = squares.reduce((sum, term) => tf.add(sum, term));
        for (const [name, gradient] of Object.entries(grads)) update(name, gradient);
        return [value, tf.sqrt(squaredNorm)];
      });
      const outcome = { loss: (await loss.data())[0], gradientNorm: (await norm.data())[0] };
      tf.dispose([loss, norm]);
      return outcome;
    },
    close: () => {
      tf.dispose([image, labels]);
      for (const group of [variables, moments]) tf.dispose(group);
    },
  };
}

function forward(p: Parameters, image: tf.Tensor4D, { config }: ResNetSetup): tf.Tensor {
  const conv = (x: tf.Tensor4D, name: string, stride: number): tf.Tensor4D => {
    const weight = p[`${name}.weight`] as tf.Tensor4D;
    return tf.conv2d(x, weight, stride, (weight.shape[0] - 1) / 2);
  };
  const norm = (x: tf.Tensor4D, name: string): tf.Tensor4D => {
    const { mean, variance } = tf.moments(x, [0, 1, 2]);
    const [shift, scale] = [p[`${name}.bias`], p[`${name}.weight`]];
    const ofChannels = [mean, variance, shift, scale] as [tf.Tensor1D, tf.Tensor1D, tf.Tensor1D, tf.Tensor1D];
    return tf.batchNorm4d(x, ...ofChannels, 1e-5);
  };
  let y = tf.relu(norm(conv(image, 'conv1', config.stem.stride), 'bn1'));
  for (const { name, stride, projects } of blocksOf(config)) {
    const hidden = tf.relu(norm(conv(y, `${name}.conv1`, stride), `${name}.bn1`));
    const result = norm(conv(hidden, `${name}.conv2`, 1), `${name}.bn2`);
    const shortcut = projects ? norm(conv(y, `${name}.downsample.0`, stride), `${name}.downsample.1`) : y;
    y = tf.relu(tf.add(result, shortcut));
  }
  return tf.add(tf.matMul(tf.mean(y, [1, 2]) as tf.Tensor2D, p['fc.weight'], false, true), p['fc.bias']);
}
