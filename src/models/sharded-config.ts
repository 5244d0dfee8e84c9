/** How a WeatherMixer is cut for a mesh: its axes, what each rank reads of the data, and which meshes are possible. */

import { type Axis, fullRuns, joined, listed, type RunAxis, repeated, runs } from '../mesh/axis.ts';
import type { MeshShape } from '../mesh/mesh.ts';
import { inputChannelsOf, tokensOf, type WeatherMixerConfig } from './weathermixer-config.ts';

export interface ModelAxes {
  readonly tokens: RunAxis;
  readonly tokenHidden: RunAxis;
  /** Channels of a token. */
  readonly embedding: RunAxis;
  readonly channelHidden: RunAxis;
  /** Prognostic channels, and everything that the embedding reads of a grid point. */
  readonly channels: RunAxis;
  readonly inputChannels: Axis;
  /** What recovery reads. */
  readonly latent: Axis;
  /** Rows of the grid that a rank holds. */
  readonly localHeight: number;
}

type Shape = Pick<MeshShape, 'rows' | 'columns'>;

export function axesOf(config: WeatherMixerConfig, { rows, columns }: Shape): ModelAxes {
  const { height, width, patch, embedding, tokenHidden, channelHidden, channels, latentSkip } = config;
  const patchRows = Math.ceil(height / patch[0] / rows);
  const depth = runs(embedding, columns);
  const prognostic = runs(channels, columns);
  return {
    // Whole rows of patches, so that a rank's part of the grid is a band of latitudes.
    tokens: fullRuns(tokensOf(config), patchRows * (width / patch[1])),
    tokenHidden: runs(tokenHidden, rows),
    embedding: depth,
    channelHidden: runs(channelHidden, columns),
    channels: prognostic,
    inputChannels: inputAxis(config, prognostic, columns),
    latent: latentSkip === 'concat' ? joined(depth, depth) : depth,
    localHeight: patchRows * patch[0],
  };
}

/**
 * A rank reads its own prognostic channels of every input step, so that the newest ones can be added to its output,
 * and as many of the static ones as make the blocks equally long.
 */
function inputAxis(config: WeatherMixerConfig, prognostic: Axis, columns: number): Axis {
  const { channels, inputSteps, statics } = config;
  const blocks = Array.from({ length: columns }, (_, part) => {
    const own = prognostic.indices(part).filter(index => index >= 0);
    return Array.from({ length: inputSteps }, (_, step) => own.map(index => step * channels + index)).flat();
  });
  const total = inputChannelsOf(config);
  const length = Math.max(Math.ceil(total / columns), ...blocks.map(block => block.length));
  let next = inputSteps * channels;
  const end = next + statics;
  for (const block of blocks) while (block.length < length && next < end) block.push(next++);
  return listed(total, blocks);
}

/** Why a mesh is impossible, for people; undefined where it is not. */
export function meshObstacle(config: WeatherMixerConfig, { rows, columns }: Shape): string | undefined {
  const patchRows = config.height / config.patch[0];
  if ((rows - 1) * Math.ceil(patchRows / rows) >= patchRows) {
    return `${patchRows} rows of patches cannot be shared by ${rows} rows: the last would hold nothing`;
  }
  const cuts: [string, number, number, string][] = [
    ['hidden units of the token MLP', config.tokenHidden, rows, 'rows'],
    ['prognostic channels', config.channels, columns, 'columns'],
    ['channels of a token', config.embedding, columns, 'columns'],
    ['hidden units of the channel MLP', config.channelHidden, columns, 'columns'],
  ];
  for (const [what, size, parts, axis] of cuts) {
    if (size < parts) return `${size} ${what} cannot be shared by ${parts} ${axis}`;
  }
  return undefined;
}

/** Points of a patch. */
export const pointsOf = ({ patch }: WeatherMixerConfig): number => patch[0] * patch[1];

export const patchFeatures = (axis: Axis, config: WeatherMixerConfig): Axis =>
  repeated(axis, pointsOf(config));
