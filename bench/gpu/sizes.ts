/** What is measured, and how long: `full` on a real GPU, `small` to see on any adapter that all of it works. */
import { type Layer, resnetLayers } from '../layers.ts';

export interface SizeList {
  /** Edges of square products. */
  readonly squares: readonly number[];
  /** Presets whose products and training steps are measured. */
  readonly models: readonly string[];
  /** Samples of a step, by preset, where they are not the preset's own. */
  readonly batches: Readonly<Record<string, number>>;
  /** Layers whose convolutions are measured, and the images of each. */
  readonly layers: readonly Layer[];
  readonly images: number;
  /** Presets whose first losses are compared with PyTorch's, and their kernels timed one by one. */
  readonly detailed: readonly string[];
  /** Floats of the passes over memory: far beyond any cache on a real GPU. */
  readonly vector: number;
  /** Tokens and channels of the norms. */
  readonly norms: readonly (readonly [tokens: number, channels: number])[];
  /** Whether every variant of the product is checked in all ways and timed, or those that ship checked once. */
  readonly thorough: boolean;
  /** Presets on whose products variants are timed. */
  readonly varied: readonly string[];
  /** Dispatches of an empty kernel. */
  readonly empties: number;
  /** Training steps in a series by the host's clock. */
  readonly hostSteps: number;
  /** A series of repetitions in one submission takes at least so long. */
  readonly seriesMs: number;
  /** Series that a median is taken of. */
  readonly rounds: number;
  /** Presets whose steps make the loads under which power is read. */
  readonly metered: readonly string[];
  /** For so long a load is there before power is read, and while it is. */
  readonly settleMs: number;
  readonly meterMs: number;
}

export const sizeLists: Readonly<Record<string, SizeList>> = {
  small: {
    squares: [64, 96],
    models: ['tiny', 'resnet8'],
    batches: { resnet8: 2 },
    layers: [
      { name: '3x3/2, 5 -> 12 at 13', channels: [5, 12], size: 13, kernel: 3, stride: 2 },
      { name: '1x1, 24 -> 16 at 9', channels: [24, 16], size: 9, kernel: 1, stride: 1 },
    ],
    images: 1,
    detailed: ['tiny', 'resnet8'],
    vector: 2 ** 18,
    norms: [[256, 96]],
    thorough: false,
    varied: [],
    empties: 200,
    hostSteps: 2,
    seriesMs: 5,
    rounds: 3,
    metered: ['tiny'],
    settleMs: 200,
    meterMs: 800,
  },
  full: {
    squares: [512, 1024, 2048, 4096, 8192],
    models: [
      'demo',
      'era5',
      'published-0.25',
      'published-0.25-alt',
      'published-0.5',
      'published-1',
      'published-2',
      'published-4',
      'resnet18',
      'resnet50',
    ],
    batches: { resnet50: 32 },
    layers: resnetLayers,
    images: 32,
    detailed: ['demo', 'era5', 'published-1', 'resnet18', 'resnet50'],
    vector: 2 ** 27,
    norms: [
      [4096, 256],
      [17_280, 896],
      [17_280, 4320],
    ],
    thorough: true,
    varied: ['demo', 'era5', 'published-1'],
    empties: 4000,
    hostSteps: 8,
    seriesMs: 30,
    rounds: 11,
    metered: ['demo', 'era5', 'published-1'],
    settleMs: 2500,
    meterMs: 6000,
  },
};
