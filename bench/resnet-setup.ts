/** What every library's ResNet step starts from: the same parameters, batch and settings. */
import type { ResNetConfig } from '../src/models/resnet-config.ts';
import type { Values } from './step-setup.ts';

export interface ResNetSetup {
  /** Of basic blocks, with a stem that does not pool. */
  readonly config: ResNetConfig;
  readonly learningRate: number;
  readonly momentum: number;
  /** Added to the gradient of those parameters that `decays`. */
  readonly weightDecay: number;
  readonly parameters: readonly (Values & { readonly name: string; readonly decays: boolean })[];
  /** [batch, channels, height, width] */
  readonly image: Values;
  /** Of every image, counted from 0. */
  readonly labels: Uint32Array<ArrayBuffer>;
}

export interface StepOutcome {
  readonly loss: number;
  /** Norm of the gradient of all parameters. */
  readonly gradientNorm: number;
}

export interface ResNetRunner {
  /** Makes one step, waits for it, and gives its loss and gradient (before the update). */
  readonly step: () => Promise<StepOutcome>;
  readonly close: () => void;
}

/** A block of two convolutions of 3 x 3, as both libraries build it. */
export interface BlockPlace {
  readonly name: string;
  /** Of its first convolution and its shortcut. */
  readonly stride: number;
  /** The shortcut is a convolution of 1 x 1 and a norm. */
  readonly projects: boolean;
}

export function blocksOf({ blocks, stemChannels, stageChannels }: ResNetConfig): BlockPlace[] {
  let width = stemChannels;
  return blocks.flatMap((count, stage) =>
    Array.from({ length: count }, (_, i): BlockPlace => {
      const stride = stage > 0 && i === 0 ? 2 : 1;
      const output = stageChannels * 2 ** stage;
      const projects = stride > 1 || output !== width;
      width = output;
      return { name: `layer${stage + 1}.${i}`, stride, projects };
    }),
  );
}
