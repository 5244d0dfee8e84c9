/**
 * The demo's model and its training step in jax-js: the same mathematics as `src/models/weathermixer.ts` with a
 * concatenated latent and an added head, as one jitted function of parameters, moments and batch. Every array is
 * used up by the function it is given to, unless `.ref` is given instead: the library's rule.
 */
import {
  blockUntilReady,
  type Array as JaxArray,
  jit,
  numpy as np,
  scipySpecial,
  valueAndGrad,
} from '@jax-js/jax';
import { tokensOf, type WeatherMixerConfig } from '../src/models/weathermixer-config.ts';
import { hyperOf, type StepRunner, type StepSetup, type Values } from './step-setup.ts';

type Tree = Record<string, JaxArray>;
/** A parameter, its moments and its average. */
type Own = { p: JaxArray; m: JaxArray; v: JaxArray; average: JaxArray };
type State = Record<string, Own>;
/** Bias corrections and the decay of the average, which change from step to step. */
type Rates = { correction1: JaxArray; correction2: JaxArray; averageDecay: JaxArray };

export function jaxStep(setup: StepSetup): StepRunner {
  const names = setup.parameters.map(({ name }) => name);
  const array = ({ shape, values }: Values): JaxArray => np.array(values).reshape([...shape]);
  let state: State = Object.fromEntries(
    setup.parameters.map(parameter => {
      const zeros = (): JaxArray => np.zeros([...parameter.shape]);
      return [parameter.name, { p: array(parameter), m: zeros(), v: zeros(), average: array(parameter) }];
    }),
  );
  const [x, target, weight] = [array(setup.input), array(setup.target), array(setup.weight)];

  const lossAndGradients = valueAndGrad((p: Tree, input: JaxArray, truth: JaxArray, scale: JaxArray) =>
    np.mean(np.square(forward(p, input, setup.config).sub(truth).mul(scale))),
  );
  const { clipNorm, beta1, beta2, epsilon } = setup.optimizer;
  const update = (own: Own, g: JaxArray, name: string, rates: Rates): Own => {
    const { rate, decay } = hyperOf(setup, name, 1);
    const m = own.m.mul(beta1).add(g.ref.mul(1 - beta1));
    const v = own.v.mul(beta2).add(np.square(g).mul(1 - beta2));
    const root = np.sqrt(v.ref.mul(rates.correction2.ref)).add(epsilon);
    const change = m.ref.mul(rates.correction1.ref).div(root);
    const p = own.p.mul(1 - rate * decay).sub(change.mul(rate));
    const kept = own.average.mul(rates.averageDecay.ref);
    const average = kept.add(p.ref.mul(np.array(1).sub(rates.averageDecay.ref)));
    return { p, m, v, average };
  };
  const stepOf = jit((s: State, rates: Rates, input: JaxArray, truth: JaxArray, scale: JaxArray) => {
    const parameters = Object.fromEntries(names.map(name => [name, s[name].p.ref]));
    const [loss, gradients] = lossAndGradients(parameters, input, truth, scale) as [JaxArray, Tree];
    const squares = names.map(name => np.sum(np.square(gradients[name].ref)));
    const norm = np.sqrt(squares.reduce((sum, term) => sum.add(term)));
    const factor = np.minimum(1, np.array(clipNorm).div(norm.add(1e-6)));
    const next = Object.fromEntries(
      names.map(name => [name, update(s[name], gradients[name].mul(factor.ref), name, rates)]),
    );
    factor.dispose();
    for (const rate of Object.values(rates)) rate.dispose();
    return { loss, next };
  });

  let step = 0;
  return {
    step: async () => {
      step++;
      const { correction1, correction2, averageDecay } = hyperOf(setup, names[0], step);
      const rates = {
        correction1: np.array(correction1),
        correction2: np.array(correction2),
        averageDecay: np.array(averageDecay),
      };
      const { loss, next } = stepOf(state, rates, x.ref, target.ref, weight.ref) as {
        loss: JaxArray;
        next: State;
      };
      state = next;
      await blockUntilReady(state);
      return (await loss.data())[0];
    },
    close: () => {
      for (const own of Object.values(state)) for (const value of Object.values(own)) value.dispose();
      for (const value of [x, target, weight]) value.dispose();
    },
  };
}

function forward(p: Tree, x: JaxArray, config: WeatherMixerConfig): JaxArray {
  const { channels, height, width, patch, embedding: d, blocks } = config;
  const [batch, inputs] = x.shape;
  const tokens = tokensOf(config);
  const [ph, pw] = patch;
  const [rows, columns] = [height / ph, width / pw];
  const features = inputs * ph * pw;
  const grid = x.ref.reshape([batch, inputs, rows, ph, columns, pw]);
  const patches = grid.transpose([0, 2, 4, 1, 3, 5]).reshape([batch * tokens, features]);
  const kernel = p['embed.weight'].reshape([d, features]);
  const embedded = linear(patches, kernel, p['embed.bias']).reshape([batch, tokens, d]);
  let z = embedded.ref;
  for (let i = 0; i < blocks; i++) {
    const of = (name: string): JaxArray => p[`blocks.${i}.${name}`];
    const mlp = (y: JaxArray, kind: string): JaxArray =>
      linear(
        gelu(linear(y, of(`${kind}1.weight`), of(`${kind}1.bias`))),
        of(`${kind}2.weight`),
        of(`${kind}2.bias`),
      );
    const first = norm(z.ref, of('norm1.weight'), of('norm1.bias'), config);
    const flipped = first.transpose([0, 2, 1]).reshape([batch * d, tokens]);
    z = z.add(mlp(flipped, 'token').reshape([batch, d, tokens]).transpose([0, 2, 1]));
    const second = norm(z.ref, of('norm2.weight'), of('norm2.bias'), config);
    z = z.add(mlp(second.reshape([batch * tokens, d]), 'channel').reshape([batch, tokens, d]));
  }
  const latent = np.concatenate([norm(z, p['norm.weight'], p['norm.bias'], config), embedded], 2);
  const outputs = channels * ph * pw;
  const bias = np
    .broadcastTo(p['recover.bias'].reshape([channels, 1]), [channels, ph * pw])
    .reshape([outputs]);
  const fields = np
    .matmul(latent.reshape([batch * tokens, 2 * d]), p['recover.weight'].reshape([2 * d, outputs]))
    .add(bias)
    .reshape([batch, rows, columns, channels, ph, pw]);
  const increment = fields.transpose([0, 3, 1, 4, 2, 5]).reshape([batch, channels, height, width]);
  const start = inputs - config.statics - channels;
  return x.slice([], [start, start + channels]).add(increment);
}

/** x [rows, in], weight [out, in] */
function linear(x: JaxArray, weight: JaxArray, bias: JaxArray): JaxArray {
  return np.matmul(x, np.matrixTranspose(weight)).add(bias);
}

function gelu(x: JaxArray): JaxArray {
  return x.ref.mul(scipySpecial.erf(x.mul(Math.SQRT1_2)).add(1).mul(0.5));
}

function norm(x: JaxArray, weight: JaxArray, bias: JaxArray, config: WeatherMixerConfig): JaxArray {
  const [batch, tokens, d] = x.shape;
  const groups = config.normGroups;
  const grouped = x.reshape([batch, tokens, groups, d / groups]);
  const centred = grouped.ref.sub(np.mean(grouped, 3, { keepdims: true }));
  const variance = np.mean(np.square(centred.ref), 3, { keepdims: true });
  const scaled = centred.div(np.sqrt(variance.add(1e-5)));
  return scaled.reshape([batch, tokens, d]).mul(weight).add(bias);
}
