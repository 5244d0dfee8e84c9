/** `npm run plan`: what a training step does, read off its plan; no browser, no device, no data. */
import { parseArgs } from 'node:util';
import { meshName, placeOf, ranksOf } from '../mesh/mesh.ts';
import { links, MOST_RANKS, usualGpuNames } from '../session/api/machine-prediction.ts';
import { machineReport } from '../session/api/machine-report.ts';
import { type PlanReport, planReport } from '../session/api/plan-report.ts';
import type { Preset } from '../session/api/presets.ts';
import { publishedComparison } from '../session/api/published-comparison.ts';
import { kindOptionNames } from '../session/api/run-options.ts';
import { settingsOf } from '../session/api/settings.ts';
import { bytes, list, metric } from '../show/format.ts';
import { textTable } from '../show/rank-table.ts';
import { machineText, parseMachines } from './machine-report.ts';
import { parseLink, parseOverlap, parseShape, parseWire } from './mesh-settings.ts';
import { withNegativeValues } from './options.ts';
import { choosePreset, kindFlags, kindOverrides, type NamedPreset } from './preset-choice.ts';
import { publishedTable } from './published-table.ts';
import { toldFailure, UsageError } from './usage-error.ts';

const gpuNames = usualGpuNames.join(', ');
const linkNames = links.map(({ name }) => name).join(', ');

const usage = `Show what a training step does: layers, work, memory, exchanges and the least time that they take.

  npm run plan -- --preset demo --mesh 2x2
  npm run plan -- --preset published-1 --mesh 2x2 --rank 3 --json

  --preset NAME, --model NAME
                          model and training settings (default: demo)
  --mesh RxC, --replicas N, --micro-batches N, --overlap on|off, --wire f32|f16
                          as of npm run train
  --rank N                the rank whose plan it is (default 0)
  --recompute             activations are computed again in the backward pass
  --batch N, --accumulate N, ${kindOptionNames.map(name => `--${name} N`).join(', ')}
                          instead of the preset's values
  --grid ROWSxCOLUMNS, --channels N, --statics N, --classes N
                          the shape of the data (default: of those that the preset is meant for): of fields, with
                          their static ones, or of images and their classes
  --gflops N, --gbps N, --dispatch-us N
                          a device: GFLOP/s, GB/s of its memory, microseconds to begin a kernel (default 1000, 100, 10)
  --link MS,MBPS          the links: ms one way, MB/s (default 1,100)
  --json                  one line of JSON

  npm run plan -- --model weathermixer-64tf --mesh 2x2 --gpu A100 --link nvlink
                          a step on machines of a table: time, memory, more copies, the best mesh of as many GPUs
  --gpu NAME              ${gpuNames},
                          or any other name in src/energy/gpu-table.ts
  --link NAME             ${linkNames}, or MS,MBPS (default lan)
  --precision f32|tf32|f16
                          of products (default f32: browsers have no other units)
  --achieved SHARE        of the peak that products reach (default 0.5)
  --batch N               samples of one copy
  --laptops               how many laptops make one such GPU

  npm run plan -- --published
                          the simulator beside published timings, row by row: docs/simulator.md`;

const options = {
  ...kindFlags,
  help: { type: 'boolean', short: 'h' },
  json: { type: 'boolean' },
  published: { type: 'boolean' },
  preset: { type: 'string' },
  model: { type: 'string' },
  mesh: { type: 'string' },
  replicas: { type: 'string' },
  'micro-batches': { type: 'string' },
  overlap: { type: 'string' },
  wire: { type: 'string' },
  rank: { type: 'string' },
  batch: { type: 'string' },
  accumulate: { type: 'string' },
  recompute: { type: 'boolean' },
  grid: { type: 'string' },
  channels: { type: 'string' },
  statics: { type: 'string' },
  classes: { type: 'string' },
  gflops: { type: 'string' },
  gbps: { type: 'string' },
  'dispatch-us': { type: 'string' },
  link: { type: 'string' },
  gpu: { type: 'string' },
  precision: { type: 'string' },
  achieved: { type: 'string' },
  laptops: { type: 'boolean' },
} as const;

type Values = ReturnType<typeof parse>;

/** Prints to standard output and returns the exit code. */
export function main(argv: readonly string[]): number {
  try {
    const values = parse(argv);
    if (values.help) {
      console.log(usage);
      return 0;
    }
    if (values.published) {
      console.log(values.json ? JSON.stringify(publishedComparison()) : publishedTable());
      return 0;
    }
    if (values.gpu !== undefined) {
      const report = onMachines(values, values.gpu);
      console.log(values.json ? JSON.stringify(report) : machineText(report));
      return 0;
    }
    refuseWithoutGpu(values);
    const report = reportOf(values);
    console.log(values.json ? JSON.stringify(report) : textOf(report));
    return 0;
  } catch (error) {
    return toldFailure(error, 'plan');
  }
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: withNegativeValues(argv), options, strict: true }).values;
  } catch (error) {
    throw new UsageError((error as Error).message.split('. ')[0]);
  }
}

function whole(values: Values, name: keyof Values & string, low: number, high: number): number | undefined {
  const value = number(values, name, low, high);
  if (value === undefined || Number.isInteger(value)) return value;
  throw new UsageError(`--${name} is "${values[name]}"; it must be a whole number from ${low} to ${high}.`);
}

function number(values: Values, name: keyof Values & string, low: number, high: number): number | undefined {
  const text = values[name];
  if (text === undefined) return undefined;
  const value = String(text).trim() === '' ? Number.NaN : Number(text);
  if (value >= low && value <= high) return value;
  throw new UsageError(`--${name} is "${text}"; it must be a number from ${low} to ${high}.`);
}

/** The preset with what is changed of it. */
function settingsFrom(values: Values, most: { readonly replicas: number }) {
  const named = choosePreset({ preset: values.preset, model: modelName(values.model) }, 'demo');
  const { name, preset } = named;
  const mesh = {
    ...parseShape(values.mesh ?? '1x1'),
    replicas: whole(values, 'replicas', 1, most.replicas) ?? 1,
    microBatches: whole(values, 'micro-batches', 1, 65_536),
    overlap: values.overlap === undefined ? undefined : parseOverlap(values.overlap),
    wire: values.wire === undefined ? undefined : parseWire(values.wire),
  };
  const overrides = {
    batch: whole(values, 'batch', 1, 65_536),
    accumulate: whole(values, 'accumulate', 1, 65_536),
    ...kindOverrides(values, named),
  };
  const settings = settingsOf({ preset: name, steps: preset.steps, seed: 1, overrides });
  return { named, mesh, settings };
}

/** `weathermixer-64tf` is the published size of that many forward TFLOP. */
function modelName(text: string | undefined): string | undefined {
  const size = /^weathermixer-(.+)tf$/.exec(text ?? '')?.[1];
  return size === undefined ? text : `published-${size}`;
}

function onMachines(values: Values, gpu: string) {
  const { named, mesh, settings } = settingsFrom(values, { replicas: MOST_RANKS });
  const { link, precision } = values;
  const achieved = number(values, 'achieved', 0.01, 1);
  const machines = parseMachines({ gpu, link, precision, achieved });
  return machineReport(
    { name: named.name, preset: settings },
    sizesOf(values, named),
    mesh,
    machines,
    values.laptops ?? false,
  );
}

function refuseWithoutGpu(values: Values): void {
  const flag = (['precision', 'achieved', 'laptops'] as const).find(name => values[name] !== undefined);
  if (flag) throw new UsageError(`--${flag} is of a machine of the table: give --gpu, such as A100.`);
  if (values.link !== undefined && links.some(({ name }) => name === values.link)) {
    throw new UsageError(`--link ${values.link} is of a machine of the table: give --gpu, such as A100.`);
  }
}

function reportOf(values: Values): PlanReport {
  const { named, mesh, settings } = settingsFrom(values, { replicas: 64 });
  const { name } = named;
  const { latencyMs, megabytesPerSecond } = parseLink(values.link ?? '1,100');
  const rates = {
    flopsPerSecond: 1e9 * (number(values, 'gflops', 1e-3, 1e9) ?? 1000),
    bytesPerSecond: 1e9 * (number(values, 'gbps', 1e-3, 1e6) ?? 100),
    secondsPerDispatch: 1e-6 * (number(values, 'dispatch-us', 0, 1e6) ?? 10),
    linkBytesPerSecond: 1e6 * megabytesPerSecond,
    linkLatencySeconds: 1e-3 * latencyMs,
  };
  const rank = whole(values, 'rank', 0, ranksOf(mesh) - 1) ?? 0;
  return planReport(name, settings, mesh, rank, rates, {
    sizes: sizesOf(values, named),
    recompute: values.recompute,
  });
}

/** What is given of the shape of the data, by the task's names; undefined where nothing is. */
function sizesOf(values: Values, { name, preset }: NamedPreset): Preset['sizes'] | undefined {
  const { sizes, task } = preset;
  const channels = whole(values, 'channels', 1, 65_536);
  const classes = whole(values, 'classes', 2, 65_536);
  const statics = whole(values, 'statics', 0, 65_536);
  for (const [flag, value] of Object.entries({ classes, statics })) {
    if (value === undefined || Object.hasOwn(sizes, flag)) continue;
    throw new UsageError(
      `--${flag} cannot be given with ${name}: data of the task ${task.kind} have ${list(Object.keys(sizes))}.`,
    );
  }
  const grid = /^(\d{1,5})x(\d{1,5})$/.exec(values.grid ?? '');
  if ((values.grid !== undefined && !grid) || (grid === null) !== (channels === undefined)) {
    throw new UsageError(
      'The shape of data is --grid ROWSxCOLUMNS, such as 32x64, and --channels N: give both.',
    );
  }
  const shape = grid && { rows: Number(grid[1]), columns: Number(grid[2]), channels };
  // Fields of another shape have no static ones unless it is said.
  const others = { classes, statics: shape && Object.hasOwn(sizes, 'statics') ? (statics ?? 0) : statics };
  const given = Object.entries({ ...shape, ...others }).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  return given.length === 0 ? undefined : { ...sizes, ...Object.fromEntries(given) };
}

/** The report in words and tables, as wide as a terminal. */
export function textOf(report: PlanReport): string {
  const { preset, model, sizes, mesh, rank, passes, samples, totals, products, rates } = report;
  const { row, column, replica } = placeOf(mesh, rank);
  const share = (100 * products.flops) / totals.flops;
  const head = [
    `Preset ${preset} on a mesh of ${meshName(mesh)}, rank ${rank} (row ${row}, column ${column}, replica ${replica}); plan ${report.hash}`,
    `${model.kind} with ${Object.entries(sizes)
      .map(([name, size]) => `${name} ${size}`)
      .join(', ')}; ` +
      `${passes} ${passes === 1 ? 'pass' : 'passes'} of ${samples} ${samples === 1 ? 'sample' : 'samples'} a step; ` +
      `${metric(report.parameters)} parameters on this rank`,
    `${totals.dispatches} dispatches a step; ${metric(totals.flops)}FLOP, ${share.toFixed(1)} % of it in products; ` +
      `${bytes(totals.read)} read and ${bytes(totals.written)} written`,
  ];
  return [
    ...head,
    '',
    layerTable(report),
    '',
    memoryTable(report),
    '',
    exchangeTable(report),
    '',
    times(report, rates),
  ].join('\n');
}

function layerTable({ layers }: PlanReport): string {
  const columns = [
    'Phase',
    'Layer',
    'Dispatches',
    'FLOP',
    'Read',
    'Written',
    'Sent',
    'FLOP a byte',
    'Least ms',
  ];
  return textTable(
    columns,
    layers.map(({ phase, layer, dispatches, flops, read, written, sent, seconds }) => [
      phase,
      layer,
      `${dispatches}`,
      metric(flops),
      bytes(read),
      bytes(written),
      bytes(sent),
      read + written > 0 ? (flops / (read + written)).toFixed(2) : '',
      (1e3 * seconds).toFixed(3),
    ]),
  );
}

function memoryTable({ memory }: PlanReport): string {
  const total = Object.values(memory).reduce((sum, size) => sum + size, 0);
  const rows = [...Object.entries(memory), ['all', total] as const];
  return textTable(
    ['Memory', 'Bytes'],
    rows.map(([space, size]) => [space, bytes(size)]),
  );
}

/** Exchanges of one layer, phase and group together. */
function exchangeTable({ exchanges }: PlanReport): string {
  if (exchanges.length === 0) return 'No exchanges.';
  const rows = new Map<string, { cells: string[]; count: number; sent: number }>();
  for (const { layer, phase, group, peers, bytesSent } of exchanges) {
    const cells = [phase, layer, group, `${peers}`];
    const row = rows.get(cells.join()) ?? { cells, count: 0, sent: 0 };
    row.count++;
    row.sent += bytesSent;
    rows.set(cells.join(), row);
  }
  return textTable(
    ['Phase', 'Layer', 'Group', 'Peers', 'Exchanges', 'Sent'],
    [...rows.values()].map(({ cells, count, sent }) => [...cells, `${count}`, bytes(sent)]),
  );
}

function times({ criticalPath, exchanges }: PlanReport, rates: PlanReport['rates']): string {
  const { seconds, exchangeSeconds, deviceSeconds } = criticalPath;
  const ms = (value: number) => `${(1e3 * value).toFixed(2)} ms`;
  const link = `${1e3 * rates.linkLatencySeconds} ms and ${rates.linkBytesPerSecond / 1e6} MB/s a link`;
  const device =
    `${metric(rates.flopsPerSecond)}FLOP/s, ${metric(rates.bytesPerSecond)}B/s of memory, ` +
    `${1e6 * rates.secondsPerDispatch} us a dispatch`;
  const onLinks = exchanges.length > 0 ? `, of which ${ms(exchangeSeconds)} on links` : '';
  return (
    `At ${device}${exchanges.length > 0 ? `, ${link}` : ''}:\n` +
    `kernels one after the other take ${ms(deviceSeconds)} at least; the critical path, the longest chain of steps that ` +
    `need each other, ${ms(seconds)}${onLinks}.`
  );
}
