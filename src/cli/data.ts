/** `npm run data`: what Isobar sees of files or a store, without training on them; no browser, no device. */
import { parseArgs } from 'node:util';
import { type DataSheet, dataSheet, isForecast } from '../session/api/data-sheet.ts';
import { type SheetSection, sheetSections } from '../show/data-sheet.ts';
import { textTable } from '../show/rank-table.ts';
import { filesChoice, storeChoice } from './data-paths.ts';
import { partIn } from './data-source.ts';
import { parseShape } from './mesh-settings.ts';
import { partFlags, withNegativeValues } from './options.ts';
import { choosePreset } from './preset-choice.ts';
import { UsageError } from './usage-error.ts';

const usage = `Show what Isobar sees of data on a grid, without training: times, grid, channels, what is left out and why.

  npm run data -- slp.nc
  npm run data -- zarr:era5.zarr --variables 2m_temperature --from 2018-01-01 --mesh 2x2
  npm run data -- zarr:era5.zarr --region -20,35,40,70 --thin means:2

  FILE... | zarr:STORE    NetCDF files (classic or NetCDF-4, also .gz) that belong together, or a Zarr store by its folder,
                          its zip or its URL
  --preset NAME           whose split, input steps and lead the samples are counted for (default demo)
  --mesh RxC              the ranks that would share the data (default 1x1)
  --member N              of an ensemble only this member
  --variables A,B, --levels N,N, --region W,S,E,N, --from DAY, --to DAY, --thin points:N|means:N[,steps:N]
                          only this part of them, as of npm run train
  --json                  one line of JSON`;

const options = {
  help: { type: 'boolean', short: 'h' },
  json: { type: 'boolean' },
  preset: { type: 'string' },
  mesh: { type: 'string' },
  member: { type: 'string' },
  ...partFlags,
} as const;

/** Prints to standard output and returns the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  try {
    const { values, positionals } = parse(argv);
    if (values.help) {
      console.log(usage);
      return 0;
    }
    const sheet = await sheetOf(values, positionals);
    console.log(values.json ? JSON.stringify(sheet) : textOf(sheet));
    return 0;
  } catch (error) {
    console.error((error as Error).message);
    if (error instanceof UsageError) console.error('See npm run data -- --help.');
    return error instanceof UsageError ? 2 : 1;
  }
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: withNegativeValues(argv), options, strict: true, allowPositionals: true });
  } catch (error) {
    throw new UsageError((error as Error).message.split('. ')[0]);
  }
}

async function sheetOf(
  values: ReturnType<typeof parse>['values'],
  paths: readonly string[],
): Promise<DataSheet> {
  const { preset, name } = choosePreset({ preset: values.preset, model: undefined }, 'demo');
  const { options: task } = preset.task;
  if (!isForecast(task)) {
    throw new UsageError(`--preset ${name} is trained on images; the data sheet is of fields.`);
  }
  if (paths.length === 0) throw new UsageError('Give one or more files, or zarr: and a store.');
  const member = values.member === undefined ? undefined : Number(values.member);
  if (Number.isNaN(member)) throw new UsageError(`--member is "${values.member}"; it must be a number.`);
  const stores = paths.filter(path => path.startsWith('zarr:'));
  if (stores.length > 0 && paths.length > 1) throw new UsageError('A store is given alone, without files.');
  const part = partIn({ ...values, member });
  const choice =
    stores.length > 0
      ? await storeChoice(stores[0].slice('zarr:'.length), part)
      : await filesChoice(paths, part);
  const { sheet } = await dataSheet(choice, task, parseShape(values.mesh ?? '1x1'));
  return sheet;
}

/** The sheet in words and tables, as wide as a terminal. */
const textOf = (sheet: DataSheet): string => sheetSections(sheet).map(sectionText).join('\n\n');

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
