/** The options of the terminal command: what --help says of them, and which of them are numbers. */
import type { PartOption } from '../data/choice/part.ts';
import { kindOptionNames, type RunOption } from '../session/api/run-options.ts';
import { energyOptions, energyUsage } from './energy-options.ts';
import { kindFlags, presetsByTask } from './preset-choice.ts';

/** Columns of the usage: of a line, and before what is said of an option. */
const lineWidth = 120;
const indent = ' '.repeat(26);

/** The presets of each task, in lines that are not too long. */
function presetLines(): string {
  return Array.from(presetsByTask(), ([task, names]) => {
    const [first, ...more] = names.map((name, i) => (i < names.length - 1 ? `${name},` : name));
    const lines = [`${indent}${task}: ${first}`];
    for (const word of more) {
      const longer = `${lines.at(-1)} ${word}`;
      if (longer.length > lineWidth) lines.push(`${indent}  ${word}`);
      else lines[lines.length - 1] = longer;
    }
    return lines.join('\n');
  }).join('\n');
}

const kindFlagsUsage = kindOptionNames.map(name => `--${name} N`).join(', ');

export const usage = `Train a model in a headless browser.

  npm run train -- --data embedded --preset demo --steps 1000 --seed 1 --out runs/demo
  npm run train -- --data slp.nc --preset regional --steps 2000 --out runs/slp
  npm run train -- --data zarr:era5.zarr --mesh 2x2 --out runs/era5
  npm run train -- --model resnet8 --data images --out runs/images
  npm run train -- --resume runs/slp [--steps 4000]
  npm run train -- --mesh 2x2 --transport webrtc --out runs/mesh

  --data embedded|synthetic|FILE[,FILE...]|zarr:STORE
                          of fields: the embedded model atmosphere, waves in the shape of the preset's own data (to try
                          speed and memory without them), NetCDF files (classic or NetCDF-4, also .gz), or a Zarr store by its
                          folder, its zip (as a FILE) or its URL
                          (default embedded, or the store that the preset is made for)
  --data shapes|FOLDER|ARCHIVE|FILE[,FILE...]
                          of images: textured shapes, computed (the default), or a folder with IDX files (MNIST and its
                          like), with CIFAR's, or with a folder for every class; the same in a zip; CIFAR as .tar.gz
  --member N              of an ensemble only the member of this number (default: all, as further records)
  --data-memory MIB       main memory that a rank takes for data (default 1024): what takes more is read while the model
                          trains
  --variables A,B         of files or a store only these, with all their levels
  --levels N,N            only the levels of these pressures in hPa, and what lies on none
  --region W,S,E,N        only this box in degrees; from the west eastward, so it may cross the date line (160,-50,-140,-20)
  --from DAY, --to DAY    only from this day on (UTC), and before that one
  --thin points:N|means:N[,steps:N]
                          one point in N along both axes, or means over squares of N x N points; one step in N
  --days N                days of the embedded atmosphere (default: the preset's)
  --data-seed N           its seed, or that of synthetic data or shapes (default 1)
  --preset NAME, --model NAME
                          model and training settings, for a task (default: demo; regional for data that are given):
${presetLines()}
  --task KIND             the task that it must be for
  --steps N               training steps (default: the preset's)
  --seed N                seed of the parameters, the order of samples and dropout (default 1)
  --out DIR               folder of the results (default runs/PRESET-seedN)
  --resume DIR            continue the run in DIR; --steps may be raised, and --accumulate, --recompute, --data-memory
                          and the mesh be others
  --batch N, --learning-rate X, --weight-decay X
                          instead of the preset's values
  ${kindFlagsUsage}
                          the same of its model or task, where these have such a thing
  --accumulate N          compute a batch in N passes, one after the other: activations take an N-th of the memory, and
                          the result is the same (default 1)
  --recompute             compute activations again in the backward pass instead of keeping them: less memory, more
                          time, the same numbers
  --evaluate-every N      score on the validation part every N steps (0: only at the end)
  --checkpoint-seconds N  save a checkpoint every so many seconds of training
  --mesh RxC              share one model between R x C ranks: R blocks of tokens, C of channels (default 1x1)
  --replicas N            copies of the model, that share every batch (default 1)
  --transport local|webrtc
                          ranks are workers of one page, or each has a page of its own (default local)
  --micro-batches N       parts of a rank's pass computed in turn, one while another travels (default 1)
  --overlap on|off        compute while exchanges are under way (default on)
  --wire f32|f16          precision of what ranks send each other: f16 is half the bytes, and some rounding
                          (default f32)
  --link MS,MBPS          local links behave like a network of so many ms one way and MB/s
  --trace FILE            sample a step a second, kernel by kernel, and write what it did as a Chrome trace, for
                          https://ui.perfetto.dev or chrome://tracing
  --trace-detail kernel|layer|step
                          what of it gets a time of its own (default kernel): the less, the less it slows that step down
${energyUsage}
  --json                  end standard output with one line of JSON, the result

Ctrl-C saves a checkpoint and ends. A GPU is used where Chromium has one; else the CPU, through SwiftShader.`;

/** What of files or of a store is used: see `DataPart`. */
export const partFlags = {
  variables: { type: 'string' },
  levels: { type: 'string' },
  region: { type: 'string' },
  from: { type: 'string' },
  to: { type: 'string' },
  thin: { type: 'string' },
} as const satisfies Record<PartOption, { readonly type: 'string' }>;

export const options = {
  ...kindFlags,
  help: { type: 'boolean', short: 'h' },
  json: { type: 'boolean' },
  data: { type: 'string' },
  member: { type: 'string' },
  ...partFlags,
  days: { type: 'string' },
  'data-seed': { type: 'string' },
  'data-memory': { type: 'string' },
  preset: { type: 'string' },
  model: { type: 'string' },
  task: { type: 'string' },
  steps: { type: 'string' },
  seed: { type: 'string' },
  out: { type: 'string' },
  resume: { type: 'string' },
  batch: { type: 'string' },
  accumulate: { type: 'string' },
  recompute: { type: 'boolean' },
  'learning-rate': { type: 'string' },
  'weight-decay': { type: 'string' },
  'evaluate-every': { type: 'string' },
  'checkpoint-seconds': { type: 'string' },
  mesh: { type: 'string' },
  replicas: { type: 'string' },
  transport: { type: 'string' },
  'micro-batches': { type: 'string' },
  overlap: { type: 'string' },
  wire: { type: 'string' },
  link: { type: 'string' },
  trace: { type: 'string' },
  'trace-detail': { type: 'string' },
  ...energyOptions,
} as const;

/** The options that are numbers whatever the model is, by what they are in the table of a run's options. */
export const numberOptions = {
  days: 'days',
  'data-seed': 'dataSeed',
  'data-memory': 'dataMemory',
  steps: 'steps',
  seed: 'seed',
  batch: 'batch',
  accumulate: 'accumulate',
  'learning-rate': 'learningRate',
  'weight-decay': 'weightDecay',
  'evaluate-every': 'evaluateEvery',
  'checkpoint-seconds': 'checkpointSeconds',
  replicas: 'replicas',
  'micro-batches': 'microBatches',
} as const satisfies Partial<Record<keyof typeof options, RunOption>>;

export type NumberOption = keyof typeof numberOptions;

/**
 * A number that begins with a minus, such as a box of the western half of the world or a power that cannot be, is taken for
 * another option: it is joined to its own.
 */
export function withNegativeValues(argv: readonly string[]): string[] {
  const joined: string[] = [];
  for (const word of argv) {
    const isNumber = /^-[\d.]/.test(word);
    if (isNumber && /^--[a-z][a-z-]*$/.test(joined.at(-1) ?? '')) joined.push(`${joined.pop()}=${word}`);
    else joined.push(word);
  }
  return joined;
}
