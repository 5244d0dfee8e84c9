/**
 * What a training step of the published 4-way scheme sends, in closed form (arXiv:2507.05753; the exchanges of its
 * released code), to set ours beside it: see `docs/jigsaw.md`.
 */
import type { PublishedScheme } from './model.ts';
import { axesOf } from './sharded-config.ts';
import type { WeatherMixerConfig } from './weathermixer-config.ts';

/** Sizes of an operand of the published scheme: whole rows and columns; a block is a quarter. */
const quarter = (rows: number, columns: number) => (rows * columns) / 4;

/**
 * Elements that the four ranks of the published 4-way scheme send together in a training step: its three products, the
 * transposes between them, and the sums of norm gradients. Channels are padded to a multiple of two.
 */
export function publishedTraffic(
  config: WeatherMixerConfig,
  batch: number,
): { forward: number; step: number } {
  const { tokens, tokenHidden, embedding, channelHidden } = axesOf(config, { rows: 1, columns: 1 });
  const n = tokens.size;
  const d = embedding.size;
  const outputs = 2 * Math.ceil(config.channels / 2);
  const inputs = 2 * Math.ceil((config.inputSteps * config.channels + config.statics) / 2);
  const points = config.patch[0] * config.patch[1];

  /** X W^T, X [m, k], W [o, k]: two blocks of X, four of W, two partial results. */
  const xwt = (m: number, k: number, o: number, samples: { x: number; w: number; y: number }) =>
    2 * samples.x * quarter(m, k) + 4 * samples.w * quarter(o, k) + 2 * samples.y * quarter(m, o);
  /** X^T W, X [k, m], W [k, o]: four blocks of X, two of W, two partial results. */
  const xtw = (m: number, k: number, o: number, samples: { x: number; w: number; y: number }) =>
    4 * samples.x * quarter(k, m) + 2 * samples.w * quarter(k, o) + 2 * samples.y * quarter(m, o);
  /** X W, X [m, k], W [k, o]: four blocks of each. */
  const xw = (m: number, k: number, o: number, samples: { x: number; w: number }) =>
    4 * samples.x * quarter(m, k) + 4 * samples.w * quarter(k, o);
  const b = batch;
  /** Y = X W^T along channels: dX = dY W, dW = dY^T X. */
  const channelLayer = (m: number, k: number, o: number, needsInputGradient = true) => ({
    forward: xwt(m, k, o, { x: b, w: 1, y: b }),
    backward: (needsInputGradient ? xw(m, o, k, { x: b, w: 1 }) : 0) + xtw(o, m, k, { x: b, w: b, y: 1 }),
  });
  /** Y = X^T W [d, out]: dX = W dY^T, dW = X dY. */
  const firstTokenLayer = (k: number, o: number) => ({
    forward: xtw(d, k, o, { x: b, w: 1, y: b }),
    backward: xwt(k, o, d, { x: 1, w: b, y: b }) + xw(k, d, o, { x: b, w: b }),
  });
  /** Y = X W [d, out], transposed afterwards: dX = dY W^T, dW = X^T dY. */
  const secondTokenLayer = (k: number, o: number) => ({
    forward: xw(d, k, o, { x: b, w: 1 }) + 2 * b * quarter(o, d),
    backward: xwt(d, o, k, { x: b, w: 1, y: b }) + xtw(k, d, o, { x: b, w: b, y: 1 }) + 2 * b * quarter(o, d),
  });
  const block = [
    firstTokenLayer(n, tokenHidden.size),
    secondTokenLayer(tokenHidden.size, n),
    channelLayer(n, d, channelHidden.size),
    channelLayer(n, channelHidden.size, d),
  ];
  const latent = config.latentSkip === 'concat' ? 2 * d : d;
  const layers = [
    channelLayer(n, inputs * points, d, false),
    ...Array.from({ length: config.blocks * config.rollout }, () => block).flat(),
    channelLayer(n, latent, outputs * points),
    ...(config.head === 'blend' ? [channelLayer(config.height * config.width, 2 * outputs, outputs)] : []),
  ];
  // Both ranks of a pair send half of the vector and get half back.
  const norms = 2 * (2 * config.blocks + 1) * d + (config.head === 'blend' ? 2 * 3 * outputs : 0);
  const forward = layers.reduce((sum, part) => sum + part.forward, 0);
  return { forward, step: forward + layers.reduce((sum, part) => sum + part.backward, 0) + 2 * norms };
}

/** Of the eight block products of a product its four ranks compute one, three, three and one. */
export const publishedScheme = (config: WeatherMixerConfig, batch: number): PublishedScheme => ({
  ranks: 4,
  sentElements: publishedTraffic(config, batch).step,
  productShare: 3 / 8,
});
