/** The terminal command's arguments, checked before a browser is started. */
import { parseArgs } from 'node:util';
import type { EnergySettings } from '../energy/settings.ts';
import { presets } from '../session/api/presets.ts';
import { type RunOverrides, type TraceDetail, traceDetails } from '../session/api/run-config.ts';
import { runOptions } from '../session/api/run-options.ts';
import { type DataSource, dataSource, isComputed } from './data-source.ts';
import { energyOptions, energySettings } from './energy-options.ts';
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
import { type NumberOption, numberOptions, options, withNegativeValues } from './options.ts';
import { choosePreset, kindOverrides, numberOf, takesImages } from './preset-choice.ts';
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
  readonly recompute?: boolean;
  readonly dataMemory?: number;
  /** Absent: one rank. */
  readonly mesh?: MeshSettings;
}

export type TrainCommand =
  | { readonly kind: 'help' }
  | {
      readonly kind: 'new';
      readonly out: string;
      readonly json: boolean;
      /** The file that a trace is written to. */
      readonly trace?: string;
      readonly traceDetail?: TraceDetail;
      /** What was said of energy; absent: nothing. */
      readonly energy?: EnergySettings;
      readonly settings: TrainSettings;
    }
  /** Continue the run in folder `from`; `changes`, `data`, `accumulate` and `mesh` are what may differ from its config. */
  | {
      readonly kind: 'resume';
      readonly from: string;
      readonly out: string;
      readonly json: boolean;
      readonly trace?: string;
      readonly traceDetail?: TraceDetail;
      readonly energy?: EnergySettings;
      readonly changes: Partial<
        Pick<TrainSettings, 'steps' | 'evaluateEvery' | 'checkpointSeconds' | 'recompute' | 'dataMemory'>
      >;
      /** Where they are now, as the user wrote it: what is meant depends on the run. */
      readonly data?: string;
      readonly accumulate?: number;
      readonly mesh: MeshChanges;
    };

/**
 * @param argv the arguments after the script's name
 * @throws UsageError naming the argument, its value and the values it may have.
 */
export function parseTrainArguments(argv: readonly string[]): TrainCommand {
  const values = parse(argv);
  if (values.help) return { kind: 'help' };
  const json = values.json ?? false;
  if (values.trace?.trim() === '') throw new UsageError('--trace is empty; it must be the path of a file.');
  const { trace } = values;
  const common = {
    json,
    ...defined({ trace, traceDetail: traceDetail(values), energy: energySettings(values) }),
  };
  const shared = {
    evaluateEvery: number(values, 'evaluate-every'),
    checkpointSeconds: number(values, 'checkpoint-seconds'),
    recompute: values.recompute,
    dataMemory: number(values, 'data-memory'),
  };
  if (values.resume !== undefined) {
    refuseWithResume(values);
    const changes = defined({ ...shared, steps: number(values, 'steps') });
    const from = folder(values.resume, 'resume');
    const out = folder(values.out ?? from, 'out');
    const others = defined({ accumulate: number(values, 'accumulate'), data: values.data });
    return { kind: 'resume', from, out, ...common, changes, ...others, mesh: meshChanges(values) };
  }

  const named = choosePreset(values, presetFor(values.data));
  const { name, preset } = named;
  const seed = number(values, 'seed') ?? 1;
  const overrides: RunOverrides = defined({
    batch: number(values, 'batch'),
    accumulate: number(values, 'accumulate'),
    learningRate: number(values, 'learning-rate'),
    weightDecay: number(values, 'weight-decay'),
    ...kindOverrides(values, named),
  });
  const mesh = meshSettings(meshChanges(values), { batch: preset.batch, ...overrides });
  const settings: TrainSettings = {
    data: dataSource(
      {
        ...values,
        member: memberOf(values.member),
        days: number(values, 'days'),
        seed: number(values, 'data-seed'),
      },
      named,
    ),
    preset: name,
    steps: number(values, 'steps') ?? preset.steps,
    seed,
    overrides,
    ...defined(shared),
    ...defined({ mesh }),
  };
  return { kind: 'new', out: folder(values.out ?? `runs/${name}-seed${seed}`, 'out'), ...common, settings };
}

type Values = ReturnType<typeof parse>;

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: withNegativeValues(argv), options, strict: true }).values;
  } catch (error) {
    // Node's message names the option; its hints about positional arguments do not help here.
    throw new UsageError((error as Error).message.split('. ')[0]);
  }
}

function number(values: Values, name: NumberOption): number | undefined {
  const text = values[name];
  if (text === undefined) return undefined;
  return numberOf(name, text, runOptions[numberOptions[name]]);
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

/** The name of the preset that is meant where none is given. */
function presetFor(data: string | undefined): string {
  if (data === 'shapes') return Object.keys(presets).find(name => takesImages(presets[name])) ?? 'demo';
  return data === undefined || isComputed(data) ? 'demo' : 'regional';
}

function traceDetail({ trace, 'trace-detail': given }: Values): TraceDetail | undefined {
  if (given === undefined) return undefined;
  const detail = traceDetails.find(name => name === given);
  if (detail === undefined)
    throw new UsageError(`--trace-detail is "${given}"; it must be kernel, layer or step.`);
  if (trace === undefined) throw new UsageError('--trace-detail is of a trace: give --trace FILE, too.');
  return detail;
}

/** A resumed run keeps its model, data and seed: only then is it the same run. */
function refuseWithResume(values: Values): void {
  const run = [
    'resume',
    'out',
    'json',
    'trace',
    'trace-detail',
    'steps',
    'data',
    'accumulate',
    'evaluate-every',
    'checkpoint-seconds',
    'recompute',
    'data-memory',
  ];
  const mesh = ['mesh', 'replicas', 'transport', 'micro-batches', 'overlap', 'wire', 'link'];
  const allowed = new Set([...run, ...mesh, ...Object.keys(energyOptions)]);
  const refused = Object.keys(values).find(name => !allowed.has(name));
  if (refused !== undefined) {
    throw new UsageError(`--${refused} cannot be changed on the way: it comes from the run of --resume.`);
  }
  if (isComputed(values.data)) {
    throw new UsageError(
      `--data ${values.data} cannot be given with --resume; it is for files, a folder or a store that has moved.`,
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

/** Numbers of members are as the data have them. */
function memberOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const member = Number(text);
  if (text.trim() !== '' && Number.isFinite(member)) return member;
  throw new UsageError(`--member is "${text}"; it must be the number of a member.`);
}
