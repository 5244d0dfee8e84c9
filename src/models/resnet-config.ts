/** The hyper-parameters of a residual network (He et al. 2015, arXiv:1512.03385), and what makes a set of them impossible. */
import { ConfigError } from './model.ts';

export interface ResNetConfig {
  /** Of the images: colours, rows and columns. */
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly classes: number;
  /** The first convolution, and whether a max pool of 3 x 3 with stride 2 follows. */
  readonly stem: { readonly kernel: number; readonly stride: number; readonly pool: boolean };
  /** Channels after the stem. */
  readonly stemChannels: number;
  /** Two convolutions of 3 x 3, or one between two of 1 x 1 that narrows to a quarter (version 1.5: it has the stride). */
  readonly block: 'basic' | 'bottleneck';
  /** Blocks of every stage. A stage halves rows and columns, but for the first, and doubles the channels. */
  readonly blocks: readonly number[];
  /** Channels inside the blocks of the first stage. */
  readonly stageChannels: number;
  /** Norms go by the whole batch of all replicas instead of a replica's own samples. */
  readonly syncNorms: boolean;
}

/** How much wider a block's result is than its inside. */
export const expansionOf = ({ block }: Pick<ResNetConfig, 'block'>): number =>
  block === 'bottleneck' ? 4 : 1;

const counts = ['channels', 'height', 'width', 'classes', 'stemChannels', 'stageChannels'] as const;

/** @throws ConfigError */
export function checkResNet(config: ResNetConfig): void {
  const { stem, blocks, classes } = config;
  const whole: [string, number][] = [
    ...counts.map((name): [string, number] => [name, config[name]]),
    ['stem.kernel', stem.kernel],
    ['stem.stride', stem.stride],
    ...blocks.map((count, stage): [string, number] => [`blocks of stage ${stage + 1}`, count]),
  ];
  for (const [name, value] of whole) {
    if (!Number.isInteger(value) || value < 1) {
      throw new ConfigError(`${name} is ${value}; it must be a whole number of at least 1.`);
    }
  }
  if (classes < 2) throw new ConfigError(`classes is ${classes}; there must be two to tell apart.`);
  if (blocks.length === 0) throw new ConfigError('A ResNet needs at least one stage of blocks.');
  if (stem.kernel % 2 === 0) {
    throw new ConfigError(`stem.kernel is ${stem.kernel}; it must be odd, so that it has a middle.`);
  }
}

const large = { kernel: 7, stride: 2, pool: true } as const;

/** For images of some 224 pixels: layers by the published names. */
function published(
  block: ResNetConfig['block'],
  blocks: readonly number[],
): Omit<ResNetConfig, 'channels' | 'height' | 'width' | 'classes' | 'syncNorms'> {
  return { stem: large, stemChannels: 64, block, blocks, stageChannels: 64 };
}

/** For images of some 32 pixels, on adapters that compute on the CPU: docs/convolution.md says how fast they learn. */
function small(blocks: readonly number[]): ReturnType<typeof published> {
  const stem = { kernel: 5, stride: 2, pool: true };
  return { stem, stemChannels: 16, block: 'basic', blocks, stageChannels: 16 };
}

export const resNets = {
  8: small([1, 1, 1]),
  14: small([2, 2, 2]),
  18: published('basic', [2, 2, 2, 2]),
  34: published('basic', [3, 4, 6, 3]),
  50: published('bottleneck', [3, 4, 6, 3]),
  101: published('bottleneck', [3, 4, 23, 3]),
} as const;

/** The stem for images of some 32 pixels. */
export const smallStem: ResNetConfig['stem'] = { kernel: 3, stride: 1, pool: false };
