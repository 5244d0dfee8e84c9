/**
 * What a training step sends, in closed form: elements per rank for our scheme on any mesh, and over all four ranks for
 * the published 4-way scheme (arXiv:2507.05753; the exchanges of its released code). `docs/jigsaw.md` has the formulas
 * in words. Tests compare ours with the plans and with what links count.
 */
import type { Axis } from '../models/axis.ts';
import { formOf } from '../models/jigsaw.ts';
import { axesOf, patchFeatures } from '../models/sharded-config.ts';
import type { WeatherMixerConfig } from '../models/weathermixer-config.ts';
import { type MeshShape, ranksOf } from './mesh.ts';

/** Elements (float32) that one rank sends in a training step. */
export interface Traffic {
  /** Input or output blocks of products, forward and backward. */
  readonly activations: number;
  /** Weights gathered before their use, and their gradients scattered after it. */
  readonly weights: number;
  /** Statistics of norms whose groups reach over ranks, and their backward sums. */
  readonly norms: number;
  /** Gradients of biases and norm scales, summed over the ranks that hold copies. */
  readonly vectors: number;
  /** Loss and gradient norm, to every other rank. */
  readonly totals: number;
  readonly total: number;
}

interface Product {
  readonly input: Axis;
  readonly output: Axis;
  readonly along: 'channels' | 'tokens';
  /** How often it is applied in a step. */
  readonly times: number;
  /** Rows of the weight belong to outputs, or to inputs. */
  readonly rows: 'output' | 'input';
  /** Rows of activations that go with a block: tokens (or grid points) of a rank, or its channels. */
  readonly across: number;
}

function productsOf(config: WeatherMixerConfig, shape: MeshShape): Product[] {
  const axes = axesOf(config, shape);
  const { tokens, tokenHidden, embedding, channelHidden, channels, inputChannels, latent } = axes;
  const times = config.rollout;
  const common = { rows: 'output', times: 1 } as const;
  const along = { along: 'channels', across: tokens.block } as const;
  const block: Product[] = [
    { ...common, times, along: 'tokens', across: embedding.block, input: tokens, output: tokenHidden },
    { ...common, times, along: 'tokens', across: embedding.block, input: tokenHidden, output: tokens },
    { ...common, ...along, times, input: embedding, output: channelHidden },
    { ...common, ...along, times, input: channelHidden, output: embedding },
  ];
  const points = axes.localHeight * config.width;
  const both: Axis = { ...channels, size: 2 * channels.size, block: 2 * channels.block };
  return [
    { ...common, ...along, input: patchFeatures(inputChannels, config), output: embedding },
    ...Array.from({ length: config.blocks }, () => block).flat(),
    { ...common, ...along, rows: 'input', input: latent, output: patchFeatures(channels, config) },
    ...(config.head === 'blend'
      ? [{ ...common, ...along, across: points, input: both, output: channels }]
      : []),
  ];
}

/** Parameters of the flat layout begin at multiples of this. */
const ALIGNMENT = 64;
const TOTALS_ELEMENTS = 128;

/**
 * @param batch samples of a replica. Gradient sums over replicas are not in it: see `replicaTraffic`.
 */
export function trafficOf(config: WeatherMixerConfig, shape: MeshShape, batch: number): Traffic {
  const { rows, columns } = shape;
  const axes = axesOf(config, shape);
  let activations = 0;
  let weights = 0;
  productsOf(config, shape).forEach(({ input, output, along, times, rows: stored, across }, index) => {
    const [group, keepers] = along === 'channels' ? [columns, rows] : [rows, columns];
    const form = formOf(input, output);
    const moved = form === 'scatter' ? output.block : input.block;
    // Data have no gradient: in the gather form the embedding sends nothing back.
    const ways = index === 0 && form === 'gather' ? 1 : 2;
    activations += ways * times * batch * (group - 1) * moved * across;
    const [length, width] = stored === 'output' ? [output.block, input.block] : [input.block, output.block];
    weights += 2 * group * (keepers - 1) * Math.ceil(length / keepers) * width;
  });

  const norms = normTraffic(config, shape, batch);
  const padded = (length: number) => Math.ceil(length / ALIGNMENT) * ALIGNMENT;
  const { embedding, channelHidden, tokenHidden, tokens, channels } = axes;
  const vectorLengths = (own: Axis, hidden: Axis) => padded(own.block) + padded(hidden.block);
  const perBlock = vectorLengths(embedding, channelHidden) + 4 * padded(embedding.block);
  const head = config.head === 'blend' ? 3 * padded(channels.block) + 2 * padded(2 * channels.block) : 0;
  const alongChannels =
    padded(embedding.block) +
    config.blocks * perBlock +
    2 * padded(embedding.block) +
    padded(channels.block) +
    head;
  const alongTokens = config.blocks * vectorLengths(tokens, tokenHidden);
  const vectors = (rows - 1) * alongChannels + (columns - 1) * alongTokens;
  const totals = (ranksOf(shape) - 1) * TOTALS_ELEMENTS;
  return {
    activations,
    weights,
    norms,
    vectors,
    totals,
    total: activations + weights + norms + vectors + totals,
  };
}

/** Two numbers a group and row of tokens, forward and backward, for norms whose groups do not lie on one rank. */
function normTraffic(config: WeatherMixerConfig, shape: MeshShape, batch: number): number {
  const { columns } = shape;
  const { embedding, channels, tokens, localHeight } = axesOf(config, shape);
  const sent = (size: number, block: number, tokenRows: number) => {
    const groups = size % config.normGroups === 0 ? config.normGroups : 1;
    const aligned = groups % columns === 0 && block * columns === size;
    return aligned ? 0 : 2 * (columns - 1) * batch * tokenRows * groups * 2;
  };
  const inBlocks =
    (2 * config.blocks * config.rollout + 1) * sent(config.embedding, embedding.block, tokens.block);
  const inHead =
    config.head === 'blend' ? 2 * sent(config.channels, channels.block, localHeight * config.width) : 0;
  return inBlocks + inHead;
}

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
