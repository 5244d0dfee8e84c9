/**
 * What a training step sends, in closed form: bytes per rank, on any mesh and in either precision. `docs/jigsaw.md` has
 * the formulas in words. Tests compare them with the plans and with what links count.
 */

import type { Axis } from '../../src/mesh/axis.ts';
import { type MeshShape, ranksOf } from '../../src/mesh/mesh.ts';
import { formOf } from '../../src/models/jigsaw.ts';
import { axesOf, patchFeatures } from '../../src/models/sharded-config.ts';
import type { WeatherMixerConfig } from '../../src/models/weathermixer-config.ts';
import { blockBytes } from '../../src/plan/half-wire.ts';
import type { ParameterLayout } from '../../src/plan/layout.ts';
import type { WirePrecision } from '../../src/plan/plan.ts';
import type { StepParts } from '../../src/train/parts.ts';
import { bucketsOf, copyRanges } from '../../src/train/reduction.ts';

/** Bytes that one rank sends in a training step. */
export interface Traffic {
  /** Input or output blocks of products, forward and backward. */
  readonly activations: number;
  /** Weights gathered before their use, and their gradients scattered after it, once in a pass. */
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

export interface TrafficOptions extends StepParts {
  readonly wire?: WirePrecision;
}

/**
 * @param batch samples of a replica. Gradient sums over replicas are not in it: see `replicaTraffic`.
 */
export function trafficOf(
  config: WeatherMixerConfig,
  shape: MeshShape,
  batch: number,
  { wire = 'f32', accumulate = 1, microBatches = 1 }: TrafficOptions = {},
): Traffic {
  const { rows, columns } = shape;
  const parts = accumulate * microBatches;
  const samples = batch / parts;
  const axes = axesOf(config, shape);
  let activations = 0;
  let weights = 0;
  productsOf(config, shape).forEach(({ input, output, along, times, rows: stored, across }, index) => {
    const [group, keepers] = along === 'channels' ? [columns, rows] : [rows, columns];
    const form = formOf(input, output);
    const moved = form === 'scatter' ? output.block : input.block;
    // Data have no gradient: in the gather form the embedding sends nothing back.
    const ways = index === 0 && form === 'gather' ? 1 : 2;
    activations += ways * times * parts * (group - 1) * blockBytes(samples * moved * across, wire);
    const [length, width] = stored === 'output' ? [output.block, input.block] : [input.block, output.block];
    weights += 2 * accumulate * group * (keepers - 1) * blockBytes(Math.ceil(length / keepers) * width, wire);
  });

  const norms = 4 * normElements(config, shape, batch);
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
  const vectors = 4 * ((rows - 1) * alongChannels + (columns - 1) * alongTokens);
  const totals = 4 * (ranksOf(shape) - 1) * TOTALS_ELEMENTS;
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
function normElements(config: WeatherMixerConfig, shape: MeshShape, batch: number): number {
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

/**
 * Bytes that a rank sends in a step to sum its gradients over the replicas.
 *
 * @param layout of the rank's parameters
 * @param member number of the rank's replica
 */
export function replicaTraffic(
  layout: ParameterLayout,
  replicas: number,
  member: number,
  wire: WirePrecision,
): number {
  if (replicas === 1) return 0;
  const sums = copyRanges(layout).flatMap(({ copies, range }) =>
    copies === 'none' ? bucketsOf(layout, range) : [range],
  );
  const sentFor = (size: number): number => {
    if (replicas === 2) return blockBytes(size, wire);
    // To every other member its share, and the sum of the own share.
    const share = ALIGNMENT * Math.ceil(size / replicas / ALIGNMENT);
    const shareOf = (other: number) => blockBytes(Math.max(0, Math.min(share, size - other * share)), wire);
    const others = Array.from({ length: replicas }, (_, other) => other).filter(other => other !== member);
    return others.reduce((sum, other) => sum + shareOf(other), 0) + others.length * shareOf(member);
  };
  return sums.reduce((sum, { size }) => sum + sentFor(size), 0);
}
