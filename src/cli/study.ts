/** `npm run study`: trains all that a study file asks for, keeps a row of every run as it ends, and says what they come to. */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { duration } from '../show/format.ts';
import { scatterChart } from '../show/scatter-chart.ts';
import { plotsOf, sourcesOf } from '../study/plots.ts';
import { readStudy, runsOf, type Study, StudyError, type StudyRun } from '../study/study-file.ts';
import { readRows, rowsAsCsv, rowsAsLines, type StudyRow } from '../study/study-row.ts';
import { type Training, trainStudy } from '../study/train-study.ts';
import { interruption } from './interrupt.ts';
import { parseTransport } from './mesh-settings.ts';
import { replaceFile } from './output-folder.ts';
import { lockFolder } from './run-lock.ts';
import { studyHtml, studyText } from './study-report.ts';
import { trainRun } from './study-run.ts';
import { toldFailure, UsageError } from './usage-error.ts';

const usage = `Train the runs of a study, on this machine, one after the other, and compare what they cost and learn.

  npm run study -- examples/studies/five-minutes.json
  npm run study -- FILE --out DIR [--transport local|webrtc]
  npm run study -- FILE --list

  --out DIR               folder of the results (default studies/NAME, by the name in the file)
  --transport local|webrtc
                          as of npm run train
  --list                  the runs that the file asks for, without training

A run that ends is a line of runs.jsonl and a row of runs.csv at once. Ctrl-C ends the study, and with it the run under way; the
same command goes on with that run. At the end there are report.html, analysis.json and the plots as SVG.`;

const exit = { done: 0, failed: 1, interrupted: 130 } as const;

interface StudyCommand {
  readonly file: string;
  readonly out: string | undefined;
  readonly transport: string | undefined;
  readonly list: boolean;
}

/** How runs are trained: for tests, that need no browser. */
export type Train = (
  run: StudyRun,
  folder: string,
  transport: string | undefined,
  stop: AbortSignal,
) => Promise<Training>;

export async function main(argv: readonly string[], train: Train = trainRun): Promise<number> {
  try {
    const command = parse(argv);
    if (!command) {
      console.log(usage);
      return exit.done;
    }
    return await conduct(command, train);
  } catch (error) {
    // What the file lacks is put right where the options are.
    return toldFailure(error instanceof StudyError ? new UsageError(error.message) : error, 'study');
  }
}

/** @returns undefined where help is asked for */
function parse(argv: readonly string[]): StudyCommand | undefined {
  const options = {
    help: { type: 'boolean', short: 'h' },
    out: { type: 'string' },
    transport: { type: 'string' },
    list: { type: 'boolean' },
  } as const;
  let parsed: ReturnType<typeof parseArgs<{ options: typeof options; allowPositionals: true }>>;
  try {
    parsed = parseArgs({ args: [...argv], options, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError((error as Error).message.split('. ')[0]);
  }
  const { values, positionals } = parsed;
  if (values.help) return undefined;
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0) throw new UsageError('A study needs the path of one file.');
  return {
    file,
    out: values.out,
    transport: values.transport === undefined ? undefined : parseTransport(values.transport),
    list: values.list ?? false,
  };
}

async function conduct({ file, out, transport, list }: StudyCommand, train: Train): Promise<number> {
  const text = await readFile(file, 'utf8').catch((error: Error) => {
    throw new UsageError(`The study ${file} cannot be read: ${error.message}.`);
  });
  const study = readStudy(text);
  const runs = runsOf(study);
  if (list) {
    for (const { id, steps } of runs) console.log(`${id}: ${steps} steps`);
    return exit.done;
  }
  const folder = out ?? join('studies', study.name.replace(/[^\w.-]+/g, '-'));
  await mkdir(folder, { recursive: true });
  const lock = lockFolder(folder);
  const stop = interruption();
  try {
    const files = await openStudy(folder, study);
    const failures = await trainStudy({
      runs,
      done: files.rows,
      train: (run, signal) => train(run, join(folder, 'runs', run.id), transport, signal),
      keep: files.add,
      tell: ({ run, index, count, secondsLeft: left }) =>
        console.error(
          `${index + 1}/${count} ${run.id}: ${run.steps} steps${left === undefined ? '' : `; ${duration(left)} left`}`,
        ),
      stop: stop.signal,
    });
    await conclude(study, files);
    if (stop.signal.aborted) {
      console.error(
        `Stopped; the runs that are done are kept. Go on with: npm run study -- ${file} --out ${folder}`,
      );
      return exit.interrupted;
    }
    for (const [id, fault] of failures) console.error(`${id} failed: ${fault}`);
    if (failures.size > 0)
      console.error(`${failures.size} of ${runs.length} runs failed; the same command tries them again.`);
    return failures.size > 0 ? exit.failed : exit.done;
  } finally {
    stop.release();
    lock.release();
  }
}

interface StudyFiles {
  readonly folder: string;
  readonly rows: StudyRow[];
  add(row: StudyRow): Promise<void>;
}

/** @throws UsageError where the folder is another study's */
async function openStudy(folder: string, study: Study): Promise<StudyFiles> {
  const own = join(folder, 'study.json');
  const text = `${JSON.stringify(study, null, 2)}\n`;
  if (existsSync(own) && readFileSync(own, 'utf8') !== text) {
    throw new UsageError(
      `${folder} holds another study, or an earlier version of this one. Choose another folder with --out.`,
    );
  }
  await replaceFile(own, text);
  const lines = join(folder, 'runs.jsonl');
  const kept = existsSync(lines) ? readFileSync(lines, 'utf8') : '';
  const rows = [...readRows(kept)];
  // What a killed process left of a line is not to be joined with the next.
  await replaceFile(lines, kept.slice(0, kept.lastIndexOf('\n') + 1));
  return {
    folder,
    rows,
    async add(row) {
      rows.push(row);
      appendFileSync(lines, rowsAsLines([row]), { flush: true });
      await replaceFile(join(folder, 'runs.csv'), rowsAsCsv(rows));
    },
  };
}

async function conclude({ name }: Study, { folder, rows }: StudyFiles): Promise<void> {
  if (rows.length === 0) return;
  const sources = sourcesOf([{ name, rows }]);
  const analyses = sources.map(({ analysis }) => analysis);
  await replaceFile(join(folder, 'analysis.json'), `${JSON.stringify(analyses, null, 2)}\n`);
  await replaceFile(join(folder, 'report.html'), studyHtml(name, rows));
  for (const plot of plotsOf(sources)) {
    await replaceFile(join(folder, `${plot.id}.svg`), `${scatterChart(plot)}\n`);
  }
  console.error(studyText(rows));
  console.error(`Report: ${join(folder, 'report.html')}`);
}
