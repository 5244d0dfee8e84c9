/** `npm run graduate`: writes a run as a project for PyTorch, which goes on with it on a cluster. */
import { openAsBlob } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from '../../scripts/setup.mjs';
import type { DataChoice } from '../data/choice/choice.ts';
import { type EmbeddedChoice, makeProject, type Project } from '../session/api/graduation.ts';
import { syntheticChoice } from '../session/api/presets.ts';
import { presetOf } from '../session/api/settings.ts';
import { count } from '../show/format.ts';
import type { TrainSettings } from './arguments.ts';
import { arrayFiles } from './array-files.ts';
import { answerOf } from './bridge.ts';
import { openPage } from './browser.ts';
import { filesChoice, storeChoice } from './data-paths.ts';
import { type DataSource, isUrl, movedData } from './data-source.ts';
import { listImages } from './image-files.ts';
import { openFolder } from './output-folder.ts';
import { progressBar } from './progress-bar.ts';
import { startServer } from './server.ts';
import { toldFailure, UsageError } from './usage-error.ts';

const usage = `Write a run as a PyTorch project, to go on with it where torchrun runs.

  npm run graduate -- --run runs/demo --out demo-torch
  cd demo-torch && torchrun --nproc_per_node=2 train.py

  --run DIR       the folder of a run, as npm run train writes it
  --out FOLDER    the project: a new or an empty folder
  --data NEW      where the data lie now, if they have moved: files, or zarr: and a store
  --copy-data     copy fields into the project instead of reading them by xarray where they lie

What it holds, and what it computes alike: docs/graduate.md.`;

const options = {
  help: { type: 'boolean', short: 'h' },
  run: { type: 'string' },
  out: { type: 'string' },
  data: { type: 'string' },
  'copy-data': { type: 'boolean' },
} as const;

const templates = join(root, 'templates/graduate');

/** Arrays of a project lie here. */
const DATA_FOLDER = 'data';

const common = ['train.py', 'checkpoint.py', 'chance.py', 'train.slurm', 'requirements.txt'];
const filesOf: Readonly<Record<string, readonly string[]>> = {
  weathermixer: ['weathermixer.py'],
  resnet: ['resnet.py'],
  forecast: ['forecast.py', 'fields.py'],
  classify: ['images.py'],
};

/** Prints to standard output and returns the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  try {
    const values = parse(argv);
    if (values.help) {
      console.log(usage);
      return 0;
    }
    const { run, out } = values;
    if (!run?.trim()) throw new UsageError('Give the folder of a run: --run runs/demo.');
    if (!out?.trim()) throw new UsageError('Give the folder to write: --out demo-torch.');
    await graduate(run, out, values.data, values['copy-data'] ?? false);
    return 0;
  } catch (error) {
    return toldFailure(error, 'graduate');
  }
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options, strict: true }).values;
  } catch (error) {
    throw new UsageError((error as Error).message.split('. ')[0]);
  }
}

async function graduate(from: string, out: string, moved: string | undefined, copy: boolean): Promise<void> {
  const { run, settings } = await openFolder(from);
  const there: readonly string[] = await readdir(out).catch(() => []);
  if (there.length > 0) throw new UsageError(`${out} holds something already: choose another folder.`);
  const data = movedData(settings.data, moved);
  const choice = await choiceOf({ ...settings, data });
  const folder = join(out, DATA_FOLDER);
  await mkdir(folder, { recursive: true });
  const bar = progressBar(process.stderr);
  const project = await makeProject({
    config: settings,
    choice,
    paths: pathsOf(data),
    embedded: embeddedInPage,
    copy,
    checkpoint: Uint8Array.from(await readFile(run.checkpoint)),
    sink: arrayFiles(folder),
    folder: DATA_FOLDER,
    progress: (stage, fraction) => bar.stage(stage, fraction),
  }).finally(() => bar.finish());
  await writeProject(project, out, run.checkpoint);
  for (const note of project.notes) console.log(note);
  console.log(
    `${out} goes on from step ${count(project.info.step)}: cd ${out} && torchrun --nproc_per_node=1 train.py`,
  );
}

async function writeProject(
  { settings, info, notes }: Project,
  out: string,
  checkpoint: string,
): Promise<void> {
  const { model, task } = settings;
  for (const file of [...common, ...filesOf[model.kind], ...filesOf[task.kind]]) {
    await copyFile(join(templates, file), join(out, file));
  }
  await copyFile(checkpoint, join(out, 'checkpoint.safetensors'));
  await writeFile(join(out, 'settings.json'), `${JSON.stringify(settings, null, 1)}\n`);
  const facts = [
    `- ${model.kind}, preset ${settings.preset}, at step ${info.step} of ${settings.steps}`,
    `- trained on: ${info.source}`,
    `- a step has ${settings.batch} samples; ${settings.processes} ${settings.processes === 1 ? 'process computes' : 'processes compute'} what Isobar did`,
    ...notes.map(note => `- ${note}`),
  ];
  const about = await readFile(join(templates, 'README.md'), 'utf8');
  await writeFile(join(out, 'README.md'), `${about}\n## This run\n\n${facts.join('\n')}\n`);
}

/** The data as the readers take them, from this machine. */
async function choiceOf({ data, preset }: Pick<TrainSettings, 'data' | 'preset'>): Promise<DataChoice> {
  switch (data.kind) {
    case 'embedded':
    case 'shapes':
      return data;
    case 'synthetic':
      return syntheticChoice(presetOf(preset), data.seed);
    case 'files':
      return filesChoice(data.files, data.part ?? {});
    case 'zarr': {
      const { kind, store, ...part } = data;
      return storeChoice(store, { ...presetOf(preset).store?.selection, ...part });
    }
    case 'images': {
      const { name, files } = await listImages(data.paths);
      const blobs = await Promise.all(
        Array.from(files, async ([path, file]) => [path, await openAsBlob(file)] as const),
      );
      return { kind: 'images', place: { kind: 'files', name: basename(name), files: new Map(blobs) } };
    }
  }
}

/** The embedded atmosphere from the browser that runs are trained in. */
async function embeddedInPage(choice: EmbeddedChoice) {
  console.error(`Computing ${count(choice.days)} days of the atmosphere in the browser ...`);
  const parts: Uint8Array[] = [];
  const server = await startServer();
  try {
    const url = server.receive(async body => {
      for await (const part of body) parts.push(part);
    });
    const headless = await openPage(server.pageUrl, () => undefined);
    try {
      const asked = answerOf(
        headless.page.evaluate(([own, to]) => window.isobar.embeddedFields(own, to), [choice, url] as const),
      );
      const fields = await Promise.race([headless.died, asked]);
      const bytes = Uint8Array.from(Buffer.concat(parts));
      return { ...fields, values: new Float32Array(bytes.buffer) };
    } finally {
      await headless.close();
    }
  } finally {
    await server.close();
  }
}

/** Where xarray finds them. */
function pathsOf(data: DataSource): readonly string[] {
  const absolute = (path: string) => (isUrl(path) ? path : resolve(path));
  if (data.kind === 'files') return data.files.map(absolute);
  return data.kind === 'zarr' ? [absolute(data.store)] : [];
}
