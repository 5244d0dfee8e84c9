/** `npm run data`: what Isobar sees of files or a store, without training on them; no browser, no device. */
import { parseArgs } from 'node:util';
import type { BoxedChoice, FieldsChoice } from '../data/choice/choice.ts';
import { type DataSheet, dataSheet, isForecast } from '../session/api/data-sheet.ts';
import { type SheetSection, sheetSections } from '../show/data-sheet.ts';
import { textTable } from '../show/rank-table.ts';
import { filesChoice, storeChoice } from './data-paths.ts';
import { partIn } from './data-source.ts';
import { parseShape } from './mesh-settings.ts';
import { partFlags, withNegativeValues } from './options.ts';
import { choosePreset } from './preset-choice.ts';
import { toldFailure, UsageError } from './usage-error.ts';
import { checkStoreName, writeStore, writtenSentence } from './write-store.ts';

const usage = `Show what Isobar sees of data on a grid, without training: times, grid, channels, what is left out and why.

  npm run data -- slp.nc
  npm run data -- zarr:era5.zarr --variables 2m_temperature --from 2018-01-01 --mesh 2x2
  npm run data -- 2018.nc 2019.nc --write years.zarr
  npm run data -- zarr:era5.zarr --region -20,35,40,70 --thin means:2

  FILE... | zarr:STORE    NetCDF files (classic or NetCDF-4, also .gz) that belong together, or a Zarr store by its folder,
                          its zip or its URL
  --preset NAME           whose split, input steps and lead the samples are counted for (default demo)
  --mesh RxC              the ranks that would share the data (default 1x1)
  --member N              of an ensemble only this member
  --variables A,B, --levels N,N, --region W,S,E,N, --from DAY, --to DAY, --thin points:N|means:N[,steps:N]
                          only this part of them, as of npm run train
  --write STORE.zarr      write what is seen as a Zarr store that training reads fast, in chunks for the ranks of --mesh; the
                          same command goes on with a store that it has not completed. Also of embedded (--days N)
  --whole                 read all values, also of data of more than 256 MiB in memory: of those else a sample of steps is read, spread
                          over the period
  --json                  one line of JSON; of a sample, timesRead is less than sizes.times`;

const options = {
  help: { type: 'boolean', short: 'h' },
  json: { type: 'boolean' },
  whole: { type: 'boolean' },
  preset: { type: 'string' },
  mesh: { type: 'string' },
  member: { type: 'string' },
  ...partFlags,
  write: { type: 'string' },
  days: { type: 'string' },
} as const;

/** Prints to standard output and returns the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  try {
    const { values, positionals } = parse(argv);
    if (values.help) {
      console.log(usage);
      return 0;
    }
    if (values.write !== undefined) {
      console.log(await written(values, positionals, values.write));
      return 0;
    }
    const sheet = await sheetOf(values, positionals);
    console.log(values.json ? JSON.stringify(sheet) : textOf(sheet));
    return 0;
  } catch (error) {
    return toldFailure(error, 'data');
  }
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: withNegativeValues(argv), options, strict: true, allowPositionals: true });
  } catch (error) {
    throw new UsageError((error as Error).message.split('. ')[0]);
  }
}

type Values = ReturnType<typeof parse>['values'];

/** Bytes of fields in memory that are read unasked. */
const READ_WHOLE = 2 ** 28;

async function sheetOf(values: Values, paths: readonly string[]): Promise<DataSheet> {
  const { preset, name } = choosePreset({ preset: values.preset, model: undefined }, 'demo');
  const { options: task } = preset.task;
  if (!isForecast(task)) {
    throw new UsageError(`--preset ${name} is trained on images; the data sheet is of fields.`);
  }
  if (values.days !== undefined) throw new UsageError('--days belongs to embedded and --write.');
  const most = values.whole ? Number.POSITIVE_INFINITY : READ_WHOLE;
  const mesh = parseShape(values.mesh ?? '1x1');
  const { sheet } = await dataSheet(await choiceOf(values, paths), task, mesh, { most });
  return sheet;
}

/** The embedded atmosphere's days where nothing is said of them: those of the demo. */
const DEMO_DAYS = 730;

/** Writes a store; what was written, in a sentence or as JSON. */
async function written(values: Values, paths: readonly string[], place: string): Promise<string> {
  const { json, mesh, days, member, variables, levels, region, from, to, thin } = values;
  checkStoreName(place);
  const isEmbedded = paths.length === 1 && paths[0] === 'embedded';
  if (days !== undefined && !isEmbedded) throw new UsageError('--days belongs to embedded.');
  if (!(Number(days ?? DEMO_DAYS) >= 1)) {
    throw new UsageError(`--days is "${days}"; it must be a number, 1 or more.`);
  }
  const choice: FieldsChoice = isEmbedded
    ? { kind: 'embedded', days: Number(days ?? DEMO_DAYS), seed: 1 }
    : await choiceOf(values, paths);
  const part = { member, variables, levels, region, from, to, thin, days };
  const made = await writeStore(choice, place, { paths, part, mesh: parseShape(mesh ?? '1x1') });
  return json ? JSON.stringify({ store: place, ...made }) : writtenSentence(place, made);
}

async function choiceOf(values: Values, paths: readonly string[]): Promise<BoxedChoice> {
  if (paths.length === 0) throw new UsageError('Give one or more files, or zarr: and a store.');
  const member = values.member === undefined ? undefined : Number(values.member);
  if (Number.isNaN(member)) throw new UsageError(`--member is "${values.member}"; it must be a number.`);
  const stores = paths.filter(path => path.startsWith('zarr:'));
  if (stores.length > 0 && paths.length > 1) throw new UsageError('A store is given alone, without files.');
  if (stores.some(path => path.slice('zarr:'.length).trim() === '')) {
    throw new UsageError('Give the folder, the zip or the URL of a Zarr store after zarr:.');
  }
  const part = partIn({ ...values, member });
  return stores.length > 0
    ? await storeChoice(stores[0].slice('zarr:'.length), part)
    : await filesChoice(paths, part);
}

/** The sheet in words and tables, as wide as a terminal. */
const textOf = (sheet: DataSheet): string =>
  [
    ...sheetSections(sheet).map(sectionText),
    ...(sheet.read < 1
      ? ['Known, mean, deviation, minimum and maximum are of the sample: --whole reads all.']
      : []),
  ].join('\n\n');

function sectionText(section: SheetSection): string {
  switch (section.kind) {
    case 'table':
      return textTable(section.head, section.rows);
    case 'list': {
      const { title, items } = section;
      return title ? [title, ...items.map(item => `  ${item}`)].join('\n') : items.join('\n');
    }
    case 'facts': {
      const lines = section.facts.flatMap(({ label, text, more = [] }) => [
        `${label.padEnd(10)}${text}`,
        ...more.map(line => `  ${line}`),
      ]);
      return [section.source, ...lines].join('\n');
    }
  }
}
