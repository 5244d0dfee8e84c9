/** The terminal command's arguments, checked before a browser is started. */
import { parseArgs } from 'node:util';
import type { ZarrPart } from '../data/zarr.ts';
import type { RunOverrides } from '../session/api.ts';
import { type Preset, presets } from '../session/presets.ts';
import { type DataSource, parseData, parseDay } from './data-source.ts';
import {
  type MeshChanges,
  type MeshSettings,
  meshSettings,
  parseLink,
  parseOverlap,
  parseShape,
  parseTransport,
  parseWire,
} from './mesh-settings.ts';
import { UsageError } from './usage-error.ts';

/** Everything that decides a run; what `config.json` holds. */
export interface TrainSettings {
  readonly data: DataSource;
  readonly preset: string;
  readonly steps: number;
  readonly seed: number;
  readonly overrides: RunOverrides;
  readonly evaluateEvery?: number;
  readonly checkpointSeconds?: number;
  /** Absent: one rank. */
  readonly mesh?: MeshSettings;
}

export type TrainCommand =
  | { readonly kind: 'help' }
  | { readonly kind: 'new'; readonly out: string; readonly json: boolean; readonly settings: TrainSettings }
  /** Continue the run in folder `from`; `changes`, `accumulate` and `mesh` are what may differ from its config. */
  | {
      readonly kind: 'resume';
      readonly from: string;
      readonly out: string;
      readonly json: boolean;
      readonly changes: Partial<
        Pick<TrainSettings, 'data' | 'steps' | 'evaluateEvery' | 'checkpointSeconds'>
      >;
      readonly accumulate?: number;
      readonly mesh: MeshChanges;
    };

export const usage = `Train a weather model in a headless browser.

  npm run train -- --data embedded --preset demo --steps 1000 --seed 1 --out runs/demo
  npm run train -- --data slp.nc --preset regional --steps 2000 --out runs/slp
  npm run train -- --data zarr:era5.zarr --mesh 2x2 --out runs/era5
  npm run train -- --resume runs/slp [--steps 4000]
  npm run train -- --mesh 2x2 --transport webrtc --out runs/mesh

  --data embedded|FILE[,FILE...]|zarr:STORE
                          the embedded model atmosphere, NetCDF classic files, or a Zarr store by its folder or URL
                          (default embedded, or the store that the preset is made for)
  --variables A,B         of a Zarr store only these, with all their levels
  --from DAY, --to DAY    of a Zarr store only from this day on (UTC), and before that one
  --days N                days of the embedded atmosphere (default: the preset's)
  --data-seed N           its seed (default 1)
  --preset NAME           model and training settings (default: demo, or regional for other data)
  --steps N               training steps (default: the preset's)
  --seed N                seed of the parameters, the order of samples and dropout (default 1)
  --out DIR               folder of the results (default runs/PRESET-seedN)
  --resume DIR            continue the run in DIR; --steps may be raised, and --accumulate and the mesh be others
  --batch N, --learning-rate X, --weight-decay X, --dropout X, --width N, --blocks N
                          instead of the preset's values
  --accumulate N          compute a batch in N passes, one after the other: activations take an N-th of the memory, and
                          the result is the same (default 1)
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
  --json                  end standard output with one line of JSON, the result

Ctrl-C saves a checkpoint and ends. A GPU is used where Chromium has one; else the CPU, through SwiftShader.`;

const options = {
  help: { type: 'boolean', short: 'h' },
  json: { type: 'boolean' },
  data: { type: 'string' },
  variables: { type: 'string' },
  from: { type: 'string' },
  to: { type: 'string' },
  days: { type: 'string' },
  'data-seed': { type: 'string' },
  preset: { type: 'string' },
  steps: { type: 'string' },
  seed: { type: 'string' },
  out: { type: 'string' },
  resume: { type: 'string' },
  batch: { type: 'string' },
  accumulate: { type: 'string' },
  'learning-rate': { type: 'string' },
  'weight-decay': { type: 'string' },
  dropout: { type: 'string' },
  width: { type: 'string' },
  blocks: { type: 'string' },
  'evaluate-every': { type: 'string' },
  'checkpoint-seconds': { type: 'string' },
  mesh: { type: 'string' },
  replicas: { type: 'string' },
  transport: { type: 'string' },
  'micro-batches': { type: 'string' },
  overlap: { type: 'string' },
  wire: { type: 'string' },
  link: { type: 'string' },
} as const;

type Values = ReturnType<typeof parse>;
type WordOption =
  | 'data'
  | 'variables'
  | 'from'
  | 'to'
  | 'preset'
  | 'out'
  | 'resume'
  | 'mesh'
  | 'transport'
  | 'overlap'
  | 'wire'
  | 'link';
type NumberOption = Exclude<keyof typeof options, 'help' | 'json' | WordOption>;

const lastSeed = 2 ** 32 - 1;
/** Range of every number, and whether it is a whole one. Wide on purpose: the model has the last word. */
const ranges: Record<NumberOption, readonly [low: number, high: number, kind: 'whole' | 'real']> = {
  days: [10, 36_500, 'whole'],
  'data-seed': [0, lastSeed, 'whole'],
  steps: [1, 100_000_000, 'whole'],
  seed: [0, lastSeed, 'whole'],
  batch: [1, 65_536, 'whole'],
  accumulate: [1, 65_536, 'whole'],
  'learning-rate': [1e-9, 10, 'real'],
  'weight-decay': [0, 10, 'real'],
  dropout: [0, 0.95, 'real'],
  width: [1, 65_536, 'whole'],
  blocks: [1, 1000, 'whole'],
  'evaluate-every': [0, 100_000_000, 'whole'],
  'checkpoint-seconds': [1, 86_400, 'whole'],
  replicas: [1, 64, 'whole'],
  'micro-batches': [1, 65_536, 'whole'],
};

/**
 * @param argv the arguments after the script's name
 * @throws UsageError naming the argument, its value and the values it may have.
 */
export function parseTrainArguments(argv: readonly string[]): TrainCommand {
  const values = parse(argv);
  if (values.help) return { kind: 'help' };
  const json = values.json ?? false;
  const shared = {
    evaluateEvery: number(values, 'evaluate-every'),
    checkpointSeconds: number(values, 'checkpoint-seconds'),
  };
  if (values.resume !== undefined) {
    refuseWithResume(values);
    const data = values.data === undefined ? undefined : parseData(values.data);
    const changes = defined({ ...shared, data, steps: number(values, 'steps') });
    const from = folder(values.resume, 'resume');
    const out = folder(values.out ?? from, 'out');
    const accumulate = defined({ accumulate: number(values, 'accumulate') });
    return { kind: 'resume', from, out, json, changes, ...accumulate, mesh: meshChanges(values) };
  }

  const name = values.preset ?? (embedded(values) ? 'demo' : 'regional');
  const preset = findPreset(name);
  const seed = number(values, 'seed') ?? 1;
  const overrides: RunOverrides = defined({
    batch: number(values, 'batch'),
    accumulate: number(values, 'accumulate'),
    learningRate: number(values, 'learning-rate'),
    weightDecay: number(values, 'weight-decay'),
    dropout: number(values, 'dropout'),
    width: number(values, 'width'),
    blocks: number(values, 'blocks'),
  });
  const mesh = meshSettings(meshChanges(values), { batch: preset.batch, ...overrides });
  const settings: TrainSettings = {
    data: dataSource(values, preset),
    preset: name,
    steps: number(values, 'steps') ?? preset.steps,
    seed,
    overrides,
    ...defined(shared),
    ...defined({ mesh }),
  };
  return { kind: 'new', out: folder(values.out ?? `runs/${name}-seed${seed}`, 'out'), json, settings };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options, strict: true }).values;
  } catch (error) {
    // Node's message names the option; its hints about positional arguments do not help here.
    throw new UsageError((error as Error).message.split('. ')[0]);
  }
}

function number(values: Values, name: NumberOption): number | undefined {
  const text = values[name];
  if (text === undefined) return undefined;
  const value = text.trim() === '' ? Number.NaN : Number(text);
  const [low, high, kind] = ranges[name];
  if (value >= low && value <= high && (kind === 'real' || Number.isInteger(value))) return value;
  const wanted = kind === 'whole' ? 'a whole number' : 'a number';
  throw new UsageError(`--${name} is "${text}"; it must be ${wanted} from ${low} to ${high}.`);
}

function meshChanges(values: Values): MeshChanges {
  const given = <T>(text: string | undefined, read: (text: string) => T) =>
    text === undefined ? undefined : read(text);
  return defined({
    ...given(values.mesh, parseShape),
    replicas: number(values, 'replicas'),
    transport: given(values.transport, parseTransport),
    microBatches: number(values, 'micro-batches'),
    overlap: given(values.overlap, parseOverlap),
    wire: given(values.wire, parseWire),
    link: given(values.link, parseLink),
  });
}

const embedded = (values: Values) => values.data === undefined || values.data === 'embedded';

function findPreset(name: string): Preset {
  if (Object.hasOwn(presets, name)) return presets[name];
  throw new UsageError(`--preset is "${name}"; there are ${Object.keys(presets).join(', ')}.`);
}

function dataSource(values: Values, { embeddedDays, store }: Preset): DataSource {
  const days = number(values, 'days');
  const seed = number(values, 'data-seed');
  const own = values.data === undefined && store && { kind: 'zarr' as const, store: store.url };
  if (embedded(values) && !own) {
    return refusePart(values, { kind: 'embedded', days: days ?? embeddedDays, seed: seed ?? 1 });
  }
  if (days !== undefined || seed !== undefined) {
    const option = days !== undefined ? '--days' : '--data-seed';
    throw new UsageError(`${option} belongs to --data embedded; with other data it has no meaning.`);
  }
  const data = own || parseData(values.data ?? '');
  return data.kind === 'zarr' ? { ...data, ...zarrPart(values, store) } : refusePart(values, data);
}

function zarrPart({ variables, from, to }: Values, store: Preset['store']): ZarrPart {
  if (variables !== undefined && store?.selection.channels) {
    throw new UsageError('--variables cannot be given with this preset, which names its channels.');
  }
  const names = variables?.split(',').filter(name => name !== '');
  if (names?.length === 0) throw new UsageError('--variables is empty; give names of arrays, such as a,b.');
  const days = { from: from && parseDay(from, 'from'), to: to && parseDay(to, 'to') };
  return defined({ variables: names, ...days });
}

function refusePart<T>(values: Values, data: T): T {
  const given = (['variables', 'from', 'to'] as const).find(name => values[name] !== undefined);
  if (given === undefined) return data;
  throw new UsageError(`--${given} belongs to --data zarr:STORE; with other data it has no meaning.`);
}

/** A resumed run keeps its model, data and seed: only then is it the same run. */
function refuseWithResume(values: Values): void {
  const run = [
    'resume',
    'out',
    'json',
    'steps',
    'data',
    'accumulate',
    'evaluate-every',
    'checkpoint-seconds',
  ];
  const mesh = ['mesh', 'replicas', 'transport', 'micro-batches', 'overlap', 'wire', 'link'];
  const allowed = new Set([...run, ...mesh]);
  const refused = Object.keys(values).find(name => !allowed.has(name));
  if (refused !== undefined) {
    throw new UsageError(`--${refused} cannot be changed on the way: it comes from the run of --resume.`);
  }
  if (values.data === 'embedded') {
    throw new UsageError(
      '--data embedded cannot be given with --resume; it is for files or a store that has moved.',
    );
  }
}

function folder(path: string, name: string): string {
  if (path.trim() === '') throw new UsageError(`--${name} is empty; it must be the path of a folder.`);
  return path;
}

/** Without the entries that are undefined, so that they neither override nor show up in JSON. */
function defined<T extends object>(entries: T): Partial<T> {
  return Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined)) as Partial<T>;
}
