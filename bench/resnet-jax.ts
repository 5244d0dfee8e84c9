/**
 * The training step of a ResNet in jax-js: the mathematics of `src/models/resnet.ts`, as one jitted function of parameters,
 * momenta and batch. It keeps no running statistics, which saves it work. Every array is used up by the function it is
 * given to, unless `.ref` is given instead: the library's rule.
 */
import {
  blockUntilReady,
  type Array as JaxArray,
  jit,
  lax,
  nn,
  numpy as np,
  valueAndGrad,
} from '@jax-js/jax';
import { blocksOf, type ResNetRunner, type ResNetSetup } from './resnet-setup.ts';
import type { Values } from './step-setup.ts';

type Tree = Record<string, JaxArray>;
/** A parameter and its momentum. */
type Own = { p: JaxArray; m: JaxArray };
type State = Record<string, Own>;

export function jaxResNet(setup: ResNetSetup): ResNetRunner {
  const { learningRate, momentum, weightDecay, config } = setup;
  const array = ({ shape, values }: Values): JaxArray => np.array(values).reshape([...shape]);
  let state: State = Object.fromEntries(
    setup.parameters.map(parameter => [
      parameter.name,
      { p: array(parameter), m: np.zeros([...parameter.shape]) },
    ]),
  );
  const image = array(setup.image);
  const labels = nn.oneHot(np.array([...setup.labels], { dtype: np.int32 }), config.classes);

  const lossAndGradients = valueAndGrad((p: Tree, x: JaxArray, truth: JaxArray) => {
    const likely = nn.logSoftmax(forward(p, x, setup));
    return np.sum(likely.mul(truth)).mul(-1 / setup.labels.length);
  });
  const stepOf = jit((s: State, x: JaxArray, truth: JaxArray) => {
    const parameters = Object.fromEntries(Object.entries(s).map(([name, { p }]) => [name, p.ref]));
    const [loss, gradients] = lossAndGradients(parameters, x, truth) as [JaxArray, Tree];
    const squares = Object.values(gradients).map(gradient => np.sum(np.square(gradient.ref)));
    const norm = np.sqrt(squares.reduce((sum, term) => sum.add(term)));
    const next = Object.fromEntries(
      setup.parameters.map(({ name, decays }) => {
        const { p, m } = s[name];
        const whole = gradients[name].add(p.ref.mul(decays ? weightDecay : 0));
        const moment = m.mul(momentum).add(whole);
        return [name, { p: p.sub(moment.ref.mul(learningRate)), m: moment }];
      }),
    );
    return { loss, norm, next };
  });

  return {
    step: async () => {
      const { loss, norm, next } = stepOf(state, image.ref, labels.ref) as {
        loss: JaxArray;
        norm: JaxArray;
        next: State;
      };
      state = next;
      await blockUntilReady(state);
      return { loss: (await loss.data())[0], gradientNorm: (await norm.data())[0] };
    },
    close: () => {
      for (const own of Object.values(state)) for (const value of Object.values(own)) value.dispose();
      for (const value of [image, labels]) value.dispose();
    },
  };
}

function forward(p: Tree, image: JaxArray, { config }: ResNetSetup): JaxArray {
  const conv = (x: JaxArray, name: string, stride: number): JaxArray => {
    const weight = p[`${name}.weight`];
    const around = (weight.shape[2] - 1) / 2;
    const padding: [number, number] = [around, around];
    return lax.convGeneralDilated(x, weight, [stride, stride], [padding, padding]);
  };
  const norm = (x: JaxArray, name: string): JaxArray => {
    const axes = [0, 2, 3];
    const centred = x.ref.sub(np.mean(x, axes, { keepdims: true }));
    const variance = np.mean(np.square(centred.ref), axes, { keepdims: true });
    const each = (value: JaxArray): JaxArray => value.reshape([1, -1, 1, 1]);
    const normal = centred.div(np.sqrt(variance.add(1e-5)));
    return normal.mul(each(p[`${name}.weight`])).add(each(p[`${name}.bias`]));
  };
  let y = nn.relu(norm(conv(image, 'conv1', config.stem.stride), 'bn1'));
  for (const { name, stride, projects } of blocksOf(config)) {
    const hidden = nn.relu(norm(conv(y.ref, `${name}.conv1`, stride), `${name}.bn1`));
    const result = norm(conv(hidden, `${name}.conv2`, 1), `${name}.bn2`);
    const shortcut = projects ? norm(conv(y, `${name}.downsample.0`, stride), `${name}.downsample.1`) : y;
    y = nn.relu(result.add(shortcut));
  }
  return np.matmul(np.mean(y, [2, 3]), np.matrixTranspose(p['fc.weight'])).add(p['fc.bias']);
}
