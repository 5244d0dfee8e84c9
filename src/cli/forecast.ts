/** `npm run forecast`: forecasts by the model of a run folder, as a file; computed in a headless browser as the run was. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { DataChoice, DataPart } from '../data/choice/choice.ts';
import type { ForecastRequest, RunEvent, SavedForecasts } from '../session/api/api.ts';
import { syntheticChoice } from '../session/api/presets.ts';
import { presetOf } from '../session/api/settings.ts';
import { bytes, count } from '../show/format.ts';
import type { TrainSettings } from './arguments.ts';
import { answerOf } from './bridge.ts';
import { openPage } from './browser.ts';
import { checkData } from './check-data.ts';
import { pageData } from './conduct.ts';
import { filesChoice, storeChoice } from './data-paths.ts';
import { type DataSource, dataSource } from './data-source.ts';
import { interruption } from './interrupt.ts';
import { openFolder, replaceFile } from './output-folder.ts';
import { progressBar } from './progress-bar.ts';
import { type RunServer, startServer } from './server.ts';
import { toldFailure, UsageError } from './usage-error.ts';
import { type WrittenFiles, writtenFiles } from './written-files.ts';

const usage = `Write forecasts by the model of a run into a file that xarray opens: NetCDF, or a Zarr store.

  npm run forecast -- --run runs/demo --out forecasts.nc
  npm run forecast -- --run runs/demo --onnx demo.onnx
  npm run forecast -- --run runs/era5 --data zarr:new.zarr --from 2024-01-01 --leads 10d --out forecasts.zarr

  --run DIR               the folder of the run
  --out FILE.nc|STORE.zarr
                          the file, or the folder of the store, which must not be there yet
  --data SOURCE           what to start from, as of npm run train: files, zarr:STORE or embedded, with the channels and the
                          grid that the run was trained on (default: the data of the run)
  --from DAY, --to DAY    start at every time from this day on (UTC), and before that one. Without them, and without
                          --data, starts are those that the scores of the run's report are of
  --leads 5d              how far ahead, in days (5d), hours (36h) or, on monthly data, months (3mo); every step of the
                          model up to there is written (default: as far as the run is scored)
  --onnx FILE             the model itself, with its normalisation, as an ONNX file: from states in the units of the data to the
                          next. Alone or with --out
  --json                  one line of JSON on standard output: what was written`;

const options = {
  help: { type: 'boolean', short: 'h' },
  json: { type: 'boolean' },
  run: { type: 'string' },
  out: { type: 'string' },
  data: { type: 'string' },
  from: { type: 'string' },
  to: { type: 'string' },
  leads: { type: 'string' },
  onnx: { type: 'string' },
} as const;

const exit = { done: 0, interrupted: 130 } as const;

/** Runs the command and returns its exit code; standard output gets the result, standard error all else. */
export async function main(argv: readonly string[], open = openPage): Promise<number> {
  try {
    const values = parse(argv);
    if (values.help) {
      console.log(usage);
      return exit.done;
    }
    const { onnx } = values;
    if (onnx !== undefined) await writeOnnx(await openRun(values), onnx);
    if (onnx !== undefined && values.out === undefined) return exit.done;
    return await run(await checked(values), open);
  } catch (error) {
    return toldFailure(error, 'forecast');
  }
}

interface ForecastCommand {
  readonly settings: TrainSettings;
  readonly checkpoint: string;
  readonly request: ForecastRequest;
  readonly out: string;
  readonly json: boolean;
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options, strict: true }).values;
  } catch (error) {
    throw new UsageError((error as Error).message.split('. ')[0]);
  }
}

type Values = ReturnType<typeof parse>;

/** @throws UsageError for what makes no sense, before a browser is started */
async function checked(values: Values): Promise<ForecastCommand> {
  const { run: folder, out, data, from, to, leads, json = false } = values;
  if (!folder?.trim()) throw new UsageError('--run is missing; it must be the folder of a run.');
  if (!out?.trim()) {
    throw new UsageError('--out is missing; it must be a file named .nc, or a Zarr store named .zarr.');
  }
  const request: ForecastRequest = {
    format: formatOf(out),
    starts: data === undefined && from === undefined && to === undefined ? 'scored' : 'all',
    ...(from !== undefined && { from: dayOf(from, 'from') }),
    ...(to !== undefined && { to: dayOf(to, 'to') }),
    ...(leads !== undefined && { leads: parseLeads(leads) }),
  };
  return { ...(await openRun(values)), request, out: resolve(out), json };
}

/** The run that is meant, with the data to start from. @throws UsageError */
async function openRun({
  run: folder,
  data,
}: Values): Promise<Pick<ForecastCommand, 'settings' | 'checkpoint'>> {
  if (!folder?.trim()) throw new UsageError('--run is missing; it must be the folder of a run.');
  const { run, settings } = await openFolder(folder);
  const named = { name: settings.preset, preset: presetOf(settings.preset) };
  if (named.preset.task.kind !== 'forecast') {
    throw new UsageError(
      `${folder} holds a run of ${named.preset.task.kind}: only of forecasts can files be written.`,
    );
  }
  const source = await checkData(otherData(settings.data, data, named), named);
  return { settings: { ...settings, data: source }, checkpoint: run.checkpoint };
}

/** Needs no browser: nothing is computed. */
async function writeOnnx(
  { settings, checkpoint }: Awaited<ReturnType<typeof openRun>>,
  path: string,
): Promise<void> {
  if (!/\.onnx$/i.test(path)) throw new UsageError(`--onnx is "${path}"; its name must end with .onnx.`);
  const { mesh: _, ...alone } = settings;
  const config = { ...alone, data: await localData(settings) };
  // Loaded when it is asked for, with the graph of the model.
  const { onnxFile } = await import('../session/api/onnx.ts');
  const file = await onnxFile(config, new Uint8Array(await readFile(checkpoint)));
  await replaceFile(path, file);
  console.error(`The model as ONNX, ${bytes(file.length)}: ${path}`);
}

/** The data as Node reads them. */
async function localData({ data, preset }: TrainSettings): Promise<DataChoice> {
  switch (data.kind) {
    case 'files':
      return filesChoice(data.files, data.part ?? {});
    case 'zarr': {
      const { kind, store, ...part } = data;
      const choice = await storeChoice(store, part);
      const selection = { ...presetOf(preset).store?.selection, ...part };
      return choice.kind === kind ? { ...choice, selection } : choice;
    }
    case 'synthetic':
      return syntheticChoice(presetOf(preset), data.seed);
    case 'images':
      throw new UsageError('The data are images: only of forecasts can files be written.');
    default:
      return data;
  }
}

function formatOf(out: string): ForecastRequest['format'] {
  if (/\.nc$/i.test(out)) return 'netcdf';
  if (/\.zarr\/?$/i.test(out)) return 'zarr';
  throw new UsageError(`--out is "${out}"; its name must end with .nc (NetCDF) or .zarr (a Zarr store).`);
}

function dayOf(text: string, option: string): string {
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) return text;
  throw new UsageError(`--${option} is "${text}"; it must be a day, such as 2016-01-01.`);
}

const HOURS_A_DAY = 24;

/** @param text such as `5d`, `36h` or `3mo` */
export function parseLeads(text: string): NonNullable<ForecastRequest['leads']> {
  const [, number, unit] = /^(\d+(?:\.\d+)?)(d|h|mo)$/.exec(text.trim()) ?? [];
  const value = Number(number);
  if (!(value > 0)) {
    throw new UsageError(`--leads is "${text}"; it must be days, hours or months, such as 5d, 36h or 3mo.`);
  }
  if (unit === 'mo') return { value, unit: 'months' };
  return { value: unit === 'd' ? value * HOURS_A_DAY : value, unit: 'hours' };
}

/** The same part of other data, in all but its period: neither that of the run nor that of its preset. */
export function otherData(
  before: DataSource,
  to: string | undefined,
  named: Parameters<typeof dataSource>[1],
): DataSource {
  if (to === undefined) return before;
  const found = dataSource({ data: to }, named);
  const { from: _, to: __, ...part } = partOf(before);
  if (found.kind === 'zarr') return { ...found, ...part, from: undefined, to: undefined };
  return found.kind === 'files' && Object.keys(part).length > 0 ? { ...found, part } : found;
}

function partOf(source: DataSource): DataPart {
  if (source.kind === 'files') return source.part ?? {};
  if (source.kind !== 'zarr') return {};
  const { kind: _, store: __, ...part } = source;
  return part;
}

async function run(command: ForecastCommand, open: typeof openPage): Promise<number> {
  const stop = interruption();
  const files = await writtenFiles(command.out, command.request.format === 'zarr' ? 'folder' : 'file');
  const server = await startServer();
  try {
    const made = await forecast(command, server, files, stop.signal, open);
    await files.finish();
    console.error(`${sentence(made)}: ${command.out}`);
    if (command.json) console.log(JSON.stringify({ out: command.out, ...made }));
    return exit.done;
  } catch (error) {
    if (error !== stop.signal.reason) throw error;
    console.error('Stopped: nothing was written.');
    return exit.interrupted;
  } finally {
    await files.abandon();
    await server.close();
    stop.release();
  }
}

async function forecast(
  { settings, checkpoint, request }: ForecastCommand,
  server: RunServer,
  files: WrittenFiles,
  stop: AbortSignal,
  open: typeof openPage,
): Promise<SavedForecasts> {
  const bar = progressBar(process.stderr);
  const onEvent = (event: RunEvent) => {
    if (event.type === 'progress') bar.stage(event.stage, event.fraction);
  };
  const headless = await open(server.pageUrl, onEvent);
  try {
    const { mesh: _, ...alone } = settings;
    const config = { ...alone, data: await pageData(settings, server) };
    const made = answerOf(
      headless.page.evaluate(([c, at, what, to]) => window.isobar.forecast(c, at, what, to), [
        config,
        server.serveFile(checkpoint),
        request,
        server.receiveParts((path, position, body) => files.write(path, position, body)),
      ] as const),
    );
    const stopped = new Promise<never>((_, reject) => {
      stop.addEventListener('abort', () => reject(stop.reason), { once: true });
    });
    return await Promise.race([headless.died, stopped, made]);
  } finally {
    bar.finish();
    await headless.close();
  }
}

function sentence({ starts, first, last, members, leads, longest, names }: SavedForecasts): string {
  const from = starts === 1 ? `one start, ${first}` : `${count(starts)} starts, ${first} to ${last}`;
  const ensemble = members > 1 ? `, ${count(members)} members` : '';
  const ahead = leads === 1 ? longest : `${count(leads)} leads up to ${longest}`;
  return `Forecasts of ${names.length} ${names.length === 1 ? 'channel' : 'channels'} from ${from}${ensemble}, ${ahead} ahead`;
}
