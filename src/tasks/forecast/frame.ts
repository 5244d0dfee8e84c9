/** The frame of a forecast: fields of some past states in, those of the next state out. */
import type { AxisBlock, DataBlock, Frame, InputSpec } from '../../models/model.ts';
import type { OpenContext } from '../task.ts';
import { POSITION_FIELDS, SEASON_CHANNELS } from './guides.ts';
import type { ShardBox } from './slice-task.ts';
import type { ForecastTask, TaskOptions } from './task.ts';
import type { ForecastTypes } from './types.ts';

/** Sizes of the padded grid and its channels. */
export interface ForecastSizes {
  /** Prognostic channels. */
  readonly channels: number;
  /** Further input channels: static fields, position, season. */
  readonly statics: number;
  /** Past states in an input. */
  readonly inputSteps: number;
  readonly height: number;
  readonly width: number;
}

/**
 * Inputs `input` [inputSteps * channels + statics, height, width], oldest state first, statics last; `target` [channels,
 * height, width]; `weight`, the loss weight of every point, once; `mask`, 1 where the target is known, for data with
 * gaps. Output `prediction`, as the target.
 *
 * @param masked the data have gaps
 */
export function forecastFrame(sizes: ForecastSizes, masked: boolean): Frame {
  const { channels, statics, inputSteps, height, width } = sizes;
  const state = [channels, height, width];
  const held = (name: string, per: InputSpec['per'] = 'sample'): InputSpec => ({
    name,
    shape: state,
    dtype: 'f32',
    per,
    for: 'loss',
    like: 'prediction',
  });
  return {
    task: 'forecast',
    inputs: [
      {
        name: 'input',
        shape: [inputSteps * channels + statics, height, width],
        dtype: 'f32',
        per: 'sample',
        for: 'model',
      },
      held('target'),
      ...(masked ? [held('mask')] : []),
      held('weight', 'run'),
    ],
    outputs: [{ name: 'prediction', shape: state, dtype: 'f32' }],
    sizes: { channels, statics, inputSteps, height, width },
  };
}

/** What decides the sizes of a task's arrays. */
export type TaskShape = Pick<ForecastTask, 'channels' | 'statics' | 'height' | 'width' | 'options'>;

export const frameOfShape = ({ options, ...sizes }: TaskShape, masked: boolean): Frame =>
  forecastFrame({ ...sizes, inputSteps: options.inputSteps }, masked);

/**
 * @param sizes `channels`; `statics`, the fields without time that the data have; `rows` and `columns` of the grid
 */
export function plannedForecast(
  { inputSteps, patch, positionInputs, seasonInputs }: TaskOptions,
  { channels, statics, rows, columns }: Readonly<Record<string, number>>,
): Frame {
  return forecastFrame(
    {
      channels,
      statics: statics + (positionInputs ? POSITION_FIELDS : 0) + (seasonInputs ? SEASON_CHANNELS : 0),
      inputSteps,
      height: Math.ceil(rows / patch[0]) * patch[0],
      width: Math.ceil(columns / patch[1]) * patch[1],
    },
    false,
  );
}

/** A rank's block of the inputs and outputs as channels and rows of the fields. */
export function boxOf({ input, prediction }: DataBlock, { sizes }: Frame): ShardBox {
  const { inputSteps, channels, statics, height } = sizes;
  const indices = (own: AxisBlock, length: number) =>
    own === 'all' ? Array.from({ length }, (_, i) => i) : own;
  const rows = prediction ? indices(prediction[1], height) : indices('all', height);
  const rowFrom = rows[0];
  return {
    inputChannels: indices(input?.[0] ?? 'all', inputSteps * channels + statics),
    outputChannels: indices(prediction?.[0] ?? 'all', channels),
    rowFrom,
    // Past the end of the grid there is padding.
    rowTo: rowFrom + rows.length,
  };
}

/** Of all ranks. */
export const boxesOf = (
  frame: Frame,
  { blocksOf }: Pick<OpenContext<ForecastTypes>, 'blocksOf'>,
): ShardBox[] => blocksOf(frame).map(block => boxOf(block, frame));
